"""What the JSON of the api channel means, and what is said of it when it is wrong."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcenter.channels.api import wire
from netcenter.channels.contract import Deleted, Edited, Inbound, Receipt

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
GOOD = {"type": "message", "id": "m1", "thread": {"id": "t1"}, "author": {"id": "u1"}, "text": "Hola"}


def read(told, **more):
    return wire.read(orjson.dumps(told), NOW, **more)


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        ({"type": "massage"}, "/type", "message, edited, deleted or receipt"),
        ({"id": ""}, "/id", "required"),
        ({"id": None}, "/id", "required"),
        ({"id": True}, "/id", "required"),
        ({"id": 1.5}, "/id", "required"),
        ({"id": "x" * 256}, "/id", "255"),
        ({"id": "\u0000"}, "/id", "required"),
        ({"thread": "t1"}, "/thread", "object"),
        ({"thread": {}}, "/thread/id", "required"),
        ({"thread": {"id": "t1", "place": "secret"}}, "/thread/place", "private or public"),
        ({"author": None}, "/author", "object"),
        ({"author": {"name": "Dana"}}, "/author/id", "required"),
        ({"text": ""}, "/text", "required"),
        ({"text": " \u0000\n"}, "/text", "required"),
        ({"text": ["Hola"]}, "/text", "string"),
        ({"text": "x" * 200_001}, "/text", "200000"),
        ({"sent_at": "yesterday"}, "/sent_at", "RFC 3339"),
        ({"sent_at": "2026-03-02T09:00:00"}, "/sent_at", "RFC 3339"),
        ({"sent_at": 1772442000}, "/sent_at", "RFC 3339"),
        ({"sent_at": "0001-01-01T00:00:00+14:00"}, "/sent_at", "RFC 3339"),
    ],
)
def test_what_a_message_cannot_do_without_is_demanded_by_path(change, path, says):
    reading = read(GOOD | change)
    assert reading.happenings == []
    [error] = reading.errors
    assert error["path"] == path
    assert says in error["problem"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"author": {"id": "u", "phone": "600 111"}}, "/author/phone"),
        ({"author": {"id": "u", "email": "dana"}}, "/author/email"),
        ({"author": {"id": "u", "language": "Spanish, please"}}, "/author/language"),
        ({"author": {"id": "u", "name": {"first": "D"}}}, "/author/name"),
        ({"author": {"id": "u", "name": "D" * 201}}, "/author/name"),
        ({"html": 5}, "/html"),
        ({"attachments": "a.png"}, "/attachments"),
        ({"attachments": ["a.png"]}, "/attachments/0"),
        ({"attachments": [{"name": "a"}]}, "/attachments/0/content"),
        ({"attachments": [{"content": "AAAA"}] * 51}, "/attachments"),
        ({"in_reply_to": 7}, "/in_reply_to"),
        ({"extra": []}, None),
        ({"extra": [1]}, "/extra"),
        ({"extra": {"a": {"b": 1}}}, "/extra"),
    ],
)
def test_what_is_only_nice_to_have_never_costs_the_message(change, path):
    reading = read(GOOD | change)
    assert len(reading.happenings) == 1
    assert reading.errors == []
    assert [warning["path"] for warning in reading.warnings] == ([path] if path else [])


def test_a_file_too_large_is_missing_and_the_words_are_kept():
    fat = "A" * (wire.LARGEST_ATTACHMENT * 4 // 3 + 8)
    [message] = read(GOOD | {"attachments": [{"name": "film.mp4", "content": fat}]}).happenings
    assert message.text == "Hola"
    assert (message.attachments[0].content, message.attachments[0].missing) == (b"", "too large")


def test_files_alone_are_a_message():
    [message] = read(GOOD | {"text": None, "attachments": [{"content": "aGk="}]}).happenings
    assert (message.text, message.attachments[0].content, message.attachments[0].name) == ("", b"hi", "file-1")


def test_the_door_judges_without_decoding_files():
    reading = read(GOOD | {"attachments": [{"content": "%%%"}]}, files=False)
    assert (reading.errors, reading.warnings) == ([], [])


def test_one_bad_item_does_not_cost_the_good_ones():
    reading = read([GOOD, GOOD | {"id": ""}, {"type": "deleted", "id": "m0"}, 7])
    assert [type(h) for h in reading.happenings] == [Inbound, Deleted]
    assert [error["path"] for error in reading.errors] == ["/1/id", "/3"]
    assert reading.complaint.startswith("/1/id: is required")


@pytest.mark.parametrize("body", [b"", b"{", b"null", b"7", b'"x"', b"[]", b"\xff\xfe", b"{}", b"[[]]", b"[" * 3000])
def test_a_body_that_is_no_happening_is_an_error_and_nothing_else(body):
    reading = wire.read(body, NOW)
    assert reading.errors
    assert reading.happenings == []


def test_it_takes_five_hundred_at_once_and_not_one_more():
    assert len(read([GOOD] * 500).happenings) == 500
    assert "500" in read([GOOD] * 501).errors[0]["problem"]


def test_times_are_told_or_the_time_of_receipt():
    told = [
        {"type": "edited", "id": "1", "text": "x"},
        {"type": "deleted", "id": "1", "at": "2026-03-02T10:00:00+02:00"},
        {"type": "receipt", "id": "1", "state": "failed", "detail": "no such number"},
    ]
    assert read(told).happenings == [
        Edited("1", "x", NOW),
        Deleted("1", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        Receipt("1", "failed", NOW, "no such number"),
    ]


def test_a_clock_that_runs_fast_cannot_postpone_a_promise():
    reading = read(GOOD | {"sent_at": "2031-01-01T00:00:00Z"})
    assert reading.happenings[0].sent_at == NOW
    assert "future" in reading.warnings[0]["problem"]


@given(st.binary(max_size=300) | st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20) | st.sampled_from(["message", "edited", "receipt", "sent", "private"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["type", "id", "thread", "author", "text", "at", "sent_at", "attachments", "extra", "content",
                         "in_reply_to", "state", "place", "email"]), inner, max_size=8),
    max_leaves=25,
).map(orjson.dumps))  # fmt: skip
def test_no_bytes_make_it_stumble(body):
    reading = wire.read(body, NOW)
    assert reading.happenings or reading.errors
