"""What the chat server writes down, and what it means when it is read again."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcenter.channels.contract import Inbound, Raw, Receipt, Unreadable
from netcenter.channels.webchat import wire
from netcenter.channels.webchat.channel import CHANNEL
from netcenter.channels.webchat.sites import Sites

AT = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
DANA = wire.Visitor(wire.visitor_hash("key", "t" * 43), "Dana", "dana@example.com", "es")
PHOTO = wire.File("a" * 64, "tarta.png", "image/png", 1234)


def test_it_reads_back_what_a_visitor_said():
    raw = wire.said(DANA, "cid-00000001", "Hola", AT, files=[PHOTO], page="https://aurora.example/tienda")
    [said] = wire.happenings(raw.body)
    assert isinstance(said, Inbound)
    assert (said.text, said.sent_at, said.thread.external_id) == ("Hola", AT, DANA.hash)
    assert (said.author.name, said.author.email, said.author.confirmed) == ("Dana", "dana@example.com", False)
    assert [(f.name, f.blob, f.content) for f in said.attachments] == [("tarta.png", "a" * 64, b"")]
    assert said.extra == {"cid": "cid-00000001", "page": "https://aurora.example/tienda"}


def test_the_same_client_id_is_the_same_delivery_and_message_but_not_another_visitors():
    first = wire.said(DANA, "cid-00000001", "Hola", AT)
    again = wire.said(DANA, "cid-00000001", "Hola", AT.replace(minute=5))
    bob = wire.said(wire.Visitor("b" * 64), "cid-00000001", "Hola", AT)
    assert first.dedupe == again.dedupe != bob.dedupe
    ids = [wire.happenings(raw.body)[0].external_id for raw in (first, again, bob)]
    assert ids[0] == ids[1] != ids[2]


def test_an_introduction_is_a_message_that_says_who_it_is():
    [said] = wire.happenings(wire.introduced(DANA, "cid-00000002", AT).body)
    assert isinstance(said, Inbound)
    assert said.text == "Dana · dana@example.com"
    assert said.extra["about"] is True


def test_reading_is_a_receipt_for_each_message():
    receipts = wire.happenings(wire.has_read(DANA, ["k1", "k2"], AT).body)
    assert receipts == [Receipt("k1", "read", AT), Receipt("k2", "read", AT)]


GOOD = json.loads(wire.said(DANA, "cid-00000001", "Hola", AT).body)


@pytest.mark.parametrize(
    "broken",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000,
        {"v": 2}, {"type": "shout"}, {"type": None}, {"visitor": ""}, {"visitor": 5}, {"cid": None}, {"text": ["Hola"]},
        {"at": "yesterday"}, {"at": "2026-03-04T12:00:00"}, {"at": 5}, {"files": {}}, {"files": ["x"]},
        {"type": "read", "read": [1]}, {"type": "read", "read": "k1"}, {"email": {}},
    ],
)  # fmt: skip
def test_it_calls_unreadable_what_it_cannot_read(broken):
    body = broken if isinstance(broken, bytes) else json.dumps({**GOOD, **broken}).encode()
    with pytest.raises(Unreadable):
        CHANNEL.parse(Raw(body, "d"), None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "read", "page"]), json_values, max_size=4))
def test_whatever_is_changed_it_reads_or_refuses(changes):
    try:
        happened = wire.happenings(json.dumps({**GOOD, **changes}).encode())
    except Unreadable:
        return
    assert all(isinstance(h, Inbound | Receipt) for h in happened)


@given(text=st.text(max_size=300), name=st.text(max_size=40))
def test_every_text_survives_the_wire(text, name):
    text, name = (s.encode("utf-8", "replace").decode() for s in (text, name))
    [said] = wire.happenings(wire.said(wire.Visitor("d" * 64, name), "cid-00000001", text, AT).body)
    assert (said.text, said.author.name) == (text, name)


@pytest.mark.parametrize(
    ("sites", "origin", "allowed"),
    [
        ("", "https://anything.example", True),
        ("", "null", True),
        ("aurora.example", "https://aurora.example", True),
        ("https://Aurora.example/tienda", "https://aurora.example", True),
        ("aurora.example", "https://www.aurora.example", False),
        ("*.aurora.example", "https://www.aurora.example", True),
        ("*.aurora.example", "https://aurora.example", False),
        ("*.aurora.example", "https://evilaurora.example", False),
        ("aurora.example, otra.example", "http://otra.example", True),
        ("aurora.example", "https://aurora.example.evil.example", False),
        ("localhost:3000", "http://localhost:3000", True),
        ("localhost:3000", "http://localhost:3001", False),
        ("localhost:443", "https://localhost", True),
        ("aurora.example", "null", False),
        ("aurora.example", "", False),
        ("aurora.example", "file://aurora.example", False),
        ("aurora.example", "https://[", False),
        ("???", "https://aurora.example", False),
        ("aurora.example", "https://chat.example", True),  # ours
    ],
)
def test_it_knows_on_which_sites_it_may_stand(sites, origin, allowed):
    assert Sites.of(sites).allow(origin, own="chat.example") is allowed
