"""What a widget may say: every frame is read or refused, and nothing else can happen."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcenter.helpcenter import frames
from netcenter.helpcenter.frames import BadFrame

TOKEN = "t" * 43
SAY = {"type": "say", "cid": "cid-00000001", "text": "Hola"}
FILE = {"blob": "a" * 64, "claim": "b" * 64, "name": "tarta.png", "mime": "image/png", "size": 10}


def read(**told):
    return frames.read(json.dumps(told))


def test_it_reads_every_kind_of_frame():
    assert read(type="hello", token=TOKEN, since=7, language="pt-BR") == frames.Hello(TOKEN, 7, "pt")
    assert read(type="hello", token=TOKEN, language="fr").language == ""
    assert read(**SAY, name=" Dana ", email="dana@example.com").name == "Dana"
    assert read(**SAY | {"text": "", "files": [FILE]}).files[0].name == "tarta.png"
    assert read(type="about", cid="cid-00000001", name="Dana") == frames.About("cid-00000001", "Dana", "")
    assert read(type="typing", on=True) == frames.Typing(True)
    assert read(type="typing", on="yes") == frames.Typing(False)
    assert read(type="read", id=9) == frames.Read(9)
    assert read(type="more", before=9) == frames.More(9)
    assert read(type="ping") == frames.Ping()


def test_the_page_is_kept_without_what_its_address_may_tell():
    assert read(**SAY, page="https://aurora.example/cart?email=dana#x").page == "https://aurora.example/cart"
    assert read(**SAY, page="javascript:alert(1)").page == ""


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("", "bad_frame"),
        ("{", "bad_frame"),
        ("[]", "bad_frame"),
        ("null", "bad_frame"),
        ("[" * 20_000, "bad_frame"),
        ('{"type":"say","cid":"cid-00000001","text":"' + "x" * 60_000 + '"}', "too_big"),
        ({"type": "dance"}, "unknown_type"),
        ({"type": ["say"]}, "unknown_type"),
        ({}, "unknown_type"),
        ({"type": "hello"}, "bad_token"),
        ({"type": "hello", "token": "short"}, "bad_token"),
        ({"type": "hello", "token": TOKEN, "since": -1}, "bad_frame"),
        ({"type": "hello", "token": TOKEN, "since": True}, "bad_frame"),
        ({"type": "hello", "token": TOKEN, "since": 2**60}, "bad_frame"),
        (SAY | {"cid": "short"}, "bad_frame"),
        (SAY | {"cid": "a b c d e f g"}, "bad_frame"),
        (SAY | {"cid": None}, "bad_frame"),
        (SAY | {"text": 5}, "bad_frame"),
        (SAY | {"text": "  \n "}, "empty"),
        (SAY | {"text": "x" * 4001}, "too_long"),
        (SAY | {"name": "x" * 201}, "too_long"),
        (SAY | {"email": "dana"}, "bad_email"),
        (SAY | {"email": "dana@example.com, bob@example.com"}, "bad_email"),
        (SAY | {"files": [FILE] * 11}, "too_many_files"),
        (SAY | {"files": ["x"]}, "bad_frame"),
        (SAY | {"files": [FILE | {"blob": "../../etc/passwd"}]}, "bad_file"),
        (SAY | {"files": [FILE | {"size": -1}]}, "bad_frame"),
        ({"type": "about", "cid": "cid-00000001"}, "empty"),
        ({"type": "read", "id": "9"}, "bad_frame"),
        ({"type": "more", "before": 1.5}, "bad_frame"),
    ],
)
def test_it_says_clearly_what_it_cannot_take(frame, code):
    with pytest.raises(BadFrame) as refused:
        frames.read(frame if isinstance(frame, str) else json.dumps(frame))
    assert refused.value.code == code
    assert str(refused.value)


def test_a_refused_message_is_named_so_that_the_widget_can_show_it():
    with pytest.raises(BadFrame) as refused:
        read(**SAY | {"text": "x" * 4001})
    assert refused.value.cid == "cid-00000001"


def test_it_refuses_binary_frames():
    with pytest.raises(BadFrame, match="not binary"):
        frames.read(None, b"\x00\x01")


def test_half_a_character_becomes_text_that_can_be_stored():
    said = frames.read('{"type":"say","cid":"cid-00000001","text":"a\\ud800b"}')
    assert said.text.encode()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
keys = st.sampled_from(
    ["token", "since", "language", "cid", "text", "files", "name", "email", "page", "on", "id", "before"]
)


@given(st.text(max_size=200))
def test_no_text_can_do_more_than_be_refused(text):
    with pytest.raises(BadFrame):
        frames.read(text)


@given(st.sampled_from([*frames._READERS]), st.dictionaries(keys, values, max_size=6))
def test_no_frame_can_do_more_than_be_read_or_refused(kind, told):
    try:
        frame = frames.read(json.dumps({"cid": "cid-00000001", "token": TOKEN, **told, "type": kind}))
    except BadFrame as refused:
        assert refused.code and str(refused)
    else:
        assert type(frame).__name__.lower() == kind
