"""Whatever Reddit sends: happenings or Unreadable, and nothing else."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from netcenter.channels.contract import Raw, Unreadable
from netcenter.channels.reddit.channel import CHANNEL
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


@settings(max_examples=80, deadline=None)
@given(spoilt(), st.sampled_from([{}, {"found": 7, "to": "x"}, {"to": {"id": 7}, "found": "own"}]))
def test_spoilt_payloads_are_read_or_unreadable(told, meta):
    try:
        body = json.dumps(told, allow_nan=False).encode()
    except ValueError:
        return  # nothing that JSON can hold
    try:
        found = CHANNEL.parse(Raw(body, "x", {"seen_at": 1772442000.0, **meta}), keeping.connection_of(FOLDER))
    except Unreadable as error:
        found = error.readable
    for each in found:
        keeping.assert_sane(each)
