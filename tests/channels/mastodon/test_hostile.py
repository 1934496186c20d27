"""Whatever a server sends: happenings or Unreadable, and nothing else."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from netcenter.channels.contract import Raw, Unreadable
from netcenter.channels.mastodon.channel import CHANNEL
from netcenter.channels.mastodon.html import text_of
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


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="<>/apbr \"'=hrefclass…lime&;\n", max_size=200))
def test_html_of_any_shape_has_a_text(html):
    assert isinstance(text_of(html), str)


def test_links_are_whole_and_lists_are_lines():
    assert text_of('<p>a <a href="https://x.test/long">x.test/lo…</a></p><ul><li>uno</li><li>dos</li></ul>') == (
        "a https://x.test/long\n\n- uno\n\n- dos"
    )
    assert (
        text_of('<a href="https://x.test">aquí</a> <a href="https://y.test">y.te')
        == "aquí (https://x.test) https://y.test"
    )
