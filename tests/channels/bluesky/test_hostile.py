"""Whatever Bluesky sends: happenings or Unreadable, and nothing else."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from netcenter.channels.bluesky.channel import CHANNEL
from netcenter.channels.contract import Raw, Unreadable
from tests.channels import keeping

FOLDER = keeping.ROOT / CHANNEL.kind
SEEDS = [json.loads(f.body) for f in keeping.fixtures_of(FOLDER) if f.want.get("happenings")]
JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.lists(st.text(), max_size=2)
    | st.dictionaries(st.text(), st.text(), max_size=2)
)


@st.composite
def spoilt(draw):
    """A fixture with something else in one or two of its places."""
    told = json.loads(json.dumps(draw(st.sampled_from(SEEDS))))
    for _time in range(draw(st.integers(1, 2))):
        at = told
        while True:
            keys = list(at) if isinstance(at, dict) else list(range(len(at)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(at[key], dict | list) and at[key] and draw(st.booleans()):
                at = at[key]
                continue
            at[key] = draw(JUNK)
            break
    return told


@settings(max_examples=150, deadline=None)
@given(spoilt(), st.booleans())
def test_spoilt_payloads_are_read_or_unreadable(told, knows_when):
    meta = {"received_at": "2026-03-02T09:00:00+00:00"} if knows_when else {"root": 7}
    try:
        found = CHANNEL.parse(Raw(json.dumps(told).encode(), "x", meta), keeping.connection_of(FOLDER))
    except Unreadable as error:
        found = error.readable
    for each in found:
        keeping.assert_sane(each)
