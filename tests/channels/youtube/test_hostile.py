"""Whatever YouTube, or somebody in its name, sends: happenings or Unreadable, and nothing else."""

import contextlib
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from netcenter.channels.contract import Raw, Unreadable
from netcenter.channels.youtube.channel import CHANNEL
from tests.channels import keeping

FOLDER = keeping.ROOT / CHANNEL.kind
SEEDS = [json.loads(f.body) for f in keeping.fixtures_of(FOLDER) if f.body.startswith(b"{")]
JUNK = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2) | st.floats()


@st.composite
def spoilt(draw):
    """A fixture with something else in one or two of its places."""
    told = json.loads(json.dumps(draw(st.sampled_from(SEEDS))))
    for _time in range(draw(st.integers(1, 2))):
        at = told
        while isinstance(at, dict) and at:
            key = draw(st.sampled_from(list(at)))
            if isinstance(at[key], dict) and at[key] and draw(st.booleans()):
                at = at[key]
                continue
            at[key] = draw(JUNK)
            break
    return told


@settings(max_examples=60, deadline=None)
@given(spoilt(), st.sampled_from([{}, {"video": 7, "to": "x", "subscribers": "many"}, {"to": {"id": 7}, "video": "v"}]))
def test_spoilt_payloads_are_read_or_unreadable(told, meta):
    meta = {"received_at": "2026-03-02T09:00:00+00:00", **meta}
    try:
        body = json.dumps(told, allow_nan=False).encode()
    except ValueError:
        return  # nothing that JSON can hold
    try:
        found = CHANNEL.parse(Raw(body, "x", meta), keeping.connection_of(FOLDER))
    except Unreadable as error:
        found = error.readable
    for each in found:
        keeping.assert_sane(each)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='<>/feed:entry xmlns="ytvideoId&;!DOCTYPE[]\n', max_size=200))
def test_feeds_of_any_shape_are_read_or_unreadable(text):
    with contextlib.suppress(Unreadable):
        CHANNEL.parse(Raw(f"<{text}".encode(), "x"), keeping.connection_of(FOLDER))


def test_a_bomb_in_another_alphabet_is_no_feed_either():
    bomb = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    for body in (bomb.encode("utf-16"), bomb.encode()):
        try:
            CHANNEL.parse(Raw(body, "x"), keeping.connection_of(FOLDER))
        except Unreadable:
            continue
        raise AssertionError("it was read")
