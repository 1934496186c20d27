"""Whatever a network or somebody else sends: happenings or Unreadable, and nothing else."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcenter.channels.appstore.channel import CHANNEL as APPLE
from netcenter.channels.contract import Raw, Unreadable
from netcenter.channels.google import api
from netcenter.channels.googlebusiness import reading as business
from netcenter.channels.googlebusiness.channel import CHANNEL as BUSINESS
from netcenter.channels.googleplay.channel import CHANNEL as PLAY
from netcenter.channels.reviews import told
from netcenter.channels.trustpilot.channel import CHANNEL as TRUST
from tests.channels import keeping

CHANNELS = {channel.kind: channel for channel in (APPLE, BUSINESS, PLAY, TRUST)}
SEEDS = [
    (kind, json.loads(fixture.body), dict(fixture.want.get("meta", {})))
    for kind in CHANNELS
    for fixture in keeping.fixtures_of(keeping.ROOT / kind)
    if fixture.want.get("happenings")
]
CONNECTIONS = {kind: keeping.connection_of(keeping.ROOT / kind) for kind in CHANNELS}
JUNK = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2)
    | st.dictionaries(st.text(), st.text(), max_size=2)
)  # fmt: skip


@st.composite
def spoilt(draw):
    """A fixture with something else in one or two of its places."""
    kind, seed, meta = draw(st.sampled_from(SEEDS))
    body = json.loads(json.dumps(seed))
    for _time in range(draw(st.integers(1, 2))):
        at = body
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
    return kind, body, meta


@settings(max_examples=80, deadline=None)
@given(spoilt())
def test_spoilt_payloads_are_read_or_unreadable(sent):
    kind, body, meta = sent
    try:
        found = CHANNELS[kind].parse(Raw(json.dumps(body).encode(), "x", meta), CONNECTIONS[kind])
    except Unreadable as error:
        found = error.readable
    for each in found:
        keeping.assert_sane(each)


@pytest.mark.parametrize(
    ("comment", "words", "translation"),
    [
        ("Hola", "Hola", ""),
        ("(Translated by Google) Hi\n\n(Original)\nHola", "Hola", "Hi"),
        ("Hola\n\n(Translated by Google)\nHi", "Hola", "Hi"),
        ("Dice (Original) en la caja", "Dice (Original) en la caja", ""),
        ("(Translated by Google) sin original", "(Translated by Google) sin original", ""),
        ("", "", ""),
    ],
)
def test_the_customer_s_own_words_are_found(comment, words, translation):
    assert business.original(comment) == (words, translation)


def test_names_belong_to_one_review_whatever_they_are_of():
    for name in ("11/AbFvOq=", "gp:AOq.x-1", "00000045-1ae1"):
        assert told.review_of(told.wording(name, "a1")) == told.review_of(told.answer(name, "b2")) == name
        assert told.review_of(name) == name
    assert told.star_line(None) == "" and told.star_line(9.0) == "★★★★★"
    assert told.epoch("12x") is None and told.epoch(True) is None


def test_what_google_says_of_an_error_may_be_anything():
    for body in (b"", b"[]", b'"no"', b'{"error": 7}', b'{"error": {"message": 7, "status": []}}'):
        assert all(isinstance(part, str) for part in api.told_in(body))
