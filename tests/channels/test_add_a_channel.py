"""docs/add-a-channel.md builds a whole network: its files are extracted and must keep the contract."""

import importlib
import json
import re
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from netcenter import channels as house
from netcenter.channels.contract import Act, Author, ChannelError, Connection, Outbound, ThreadRef
from netcenter.lib import http
from tests.channels import keeping

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "add-a-channel.md"
FILES = re.findall(r"\*\*`toy/(.+?)`\*\*\n\n```\w+\n(.*?)```\n", DOCUMENT.read_text(), re.DOTALL)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """The document's folder, as if it stood beside the other networks."""
    beside = tmp_path_factory.mktemp("channels")
    for name, text in [("__init__.py", ""), *FILES]:
        path = beside / "toy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    house.__path__.append(str(beside))
    importlib.invalidate_caches()
    yield beside / "toy"
    house.__path__.remove(str(beside))
    for name in [name for name in sys.modules if name.startswith("netcenter.channels.toy")]:
        del sys.modules[name]


def test_it_takes_less_than_two_hundred_lines():
    assert {"channel.py", "README.md", "fixtures/connection.json"} <= {name for name, _text in FILES}
    assert sum(text.count("\n") for _name, text in FILES) < 200


@pytest.mark.parametrize("check", keeping.FOLDER_CHECKS, ids=lambda check: check.__name__)
def test_it_keeps_what_every_channel_keeps(toy, check):
    check(toy)


@pytest.mark.parametrize("check", keeping.FIXTURE_CHECKS, ids=lambda check: check.__name__)
def test_its_fixtures_mean_what_they_say(toy, check):
    assert len(keeping.fixtures_of(toy)) == 3
    for fixture in keeping.fixtures_of(toy):
        check(fixture)


class Wire:
    """The network's servers, as far as this test needs them: what was asked, and what they answer."""

    def __init__(self, *answers: http.Answered) -> None:
        self.asked: list[tuple[str, str, bytes, dict]] = []
        self.answers = list(answers)

    def request(self, method, url, *, body=b"", headers=None, **_bounds):
        self.asked.append((method, url, body, dict(headers or {})))
        return self.answers.pop(0)


def said(status: int, told: object = None, **headers: str) -> http.Answered:
    return http.Answered(status, headers, json.dumps(told).encode() if told is not None else b"")


@pytest.fixture
def wired(toy, monkeypatch):
    def answer(*answers: http.Answered) -> tuple[object, Connection, Wire]:
        wire = Wire(*answers)
        monkeypatch.setattr(http, "request", wire.request)
        here = {"base_url": "https://toy.test/v1"}
        return keeping.channel_in(toy), replace(keeping.connection_of(toy), config=here), wire

    return answer


OUTBOUND = Outbound("k-1", ThreadRef("p1/dana", "public"), Author("dana"), "Sí, hasta las 8", target="c1")


def test_it_sends_with_our_key_and_finds_it_again(wired):
    channel, connection, wire = wired(said(200, {"id": "c9"}), said(200, {"messages": [{"id": "c9"}]}))
    assert channel.send(OUTBOUND, connection).external_id == "c9"
    assert channel.find(OUTBOUND, connection).external_id == "c9"
    (method, url, body, headers), (_get, looked, *_rest) = wire.asked
    assert (method, url, json.loads(body)["key"]) == ("POST", "https://toy.test/v1/messages", "k-1")
    assert headers["authorization"] == "Bearer made-up-too"
    assert looked == "https://toy.test/v1/messages?key=k-1"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (said(401), {"permanent": False, "unknown": False, "reason": "token"}),
        (said(403), {"permanent": True, "unknown": False, "reason": "right"}),
        (said(404), {"permanent": True, "unknown": False, "reason": "gone"}),
        (said(422), {"permanent": True, "unknown": False, "reason": ""}),
        (said(429, **{"retry-after": "60"}), {"permanent": False, "unknown": False, "reason": "rate"}),
        (said(500), {"permanent": False, "unknown": True, "reason": ""}),
        (said(503), {"permanent": False, "unknown": False, "reason": ""}),
    ],
    ids=lambda value: str(getattr(value, "status", "")),
)
def test_it_says_what_kind_of_failure_it_was(wired, answer, expected):
    channel, connection, _wire = wired(answer)
    with pytest.raises(ChannelError) as failed:
        channel.send(OUTBOUND, connection)
    assert {name: getattr(failed.value, name) for name in expected} == expected
    assert (failed.value.retry_at is not None) == (answer.status == 429)


def test_it_hides_and_reconciles_page_by_page_with_the_proof(wired):
    event = {"type": "message", "id": "c1", "from": {"id": "dana", "name": "Dana"}, "text": "Hola", "at": 1}
    channel, connection, wire = wired(
        said(200), said(200, {"events": [event], "next": "x", "days": {"2026-03-02": 7}}), said(200, {"events": []})
    )
    assert channel.act(Act("k", "hide", "c1", OUTBOUND.thread), connection).external_id == "c1"
    first = channel.reconcile(connection, NOON, NOON, {})
    assert [one.external_id for one in channel.parse(first.raws[0], connection)] == ["c1"]
    assert (first.more, first.counts[0].messages) == (True, 7)
    last = channel.reconcile(connection, NOON, NOON, first.cursor)
    assert not last.more and "after=x" in wire.asked[-1][1]
