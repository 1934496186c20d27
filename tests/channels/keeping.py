"""What every channel must keep. Each check takes a folder, or a folder and one of its fixtures.

How a fixture is written stands in src/netcenter/channels/README.md.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import random
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import get_args
from unittest import mock

import polib
import pytest

from netcenter import channels as house
from netcenter.channels import contract
from netcenter.channels.contract import (
    Answer,
    Attachment,
    Author,
    Capabilities,
    Channel,
    Connection,
    Happening,
    Inbound,
    Outbound,
    Raw,
    Request,
    ThreadRef,
    Unreadable,
)

ROOT = Path(house.__file__).parent
FOLDERS = sorted(path.parent for path in ROOT.glob("*/channel.py"))
FAMILIES = sorted(
    path.parent
    for path in ROOT.glob("*/__init__.py")
    if not (path.parent / "channel.py").exists() and path.parent.name != "contract"
)
PURE = {f"netcenter.lib.{name}" for name in ("http", "signature", "text")}  # keep nothing, and know no network
DAMAGED_COPIES = 12  # of each fixture
MAX_FIXTURE_DAMAGED = 200_000  # bytes: larger ones are only cut
PROOF = re.compile(r"sign|token|secret|auth|hmac|digest")  # headers that prove something
TEXTS = (
    "",
    "Hola",
    "¿Qué tal?",
    "a" * 50,
    "👩‍👩‍👧 🇪🇸 e\u0301",
    "mire https://example.com/" + "x" * 80,
    "一二三",
    "\r\n",
)
SOMEBODY = Author("somebody")


@dataclass(frozen=True)
class Fixture:
    """Bytes as a network delivers them, and what they mean."""

    folder: Path
    name: str

    @property
    def want(self) -> dict:
        return json.loads((self.folder / "fixtures" / f"{self.name}.expected.json").read_text())

    @property
    def body(self) -> bytes:
        found = [p for p in (self.folder / "fixtures").glob(f"{self.name}.*") if not p.name.endswith(".expected.json")]
        assert len(found) == 1, f"{self.name} needs exactly one body beside it"
        return found[0].read_bytes()

    @property
    def raw(self) -> Raw:
        return Raw(self.body, "fixture", self.want.get("meta", {}))

    def request(self, **other: object) -> Request:
        told = self.want["request"]
        asked = Request(
            told.get("method", "POST"), told.get("headers", {}), told.get("query", ""), self.body,
            told.get("url", ""), told.get("at", time.time()),
        )  # fmt: skip
        return dataclasses.replace(asked, **other)

    @property
    def is_accepted(self) -> bool:
        """Whether it is a delivery that the door takes."""
        answer = self.want.get("answer", {})
        posted = self.want.get("request", {}).get("method", "POST") == "POST"
        return "request" in self.want and posted and answer.get("store", True) and answer.get("status", 200) < 300


def fixtures_of(folder: Path) -> list[Fixture]:
    names = sorted(p.name.removesuffix(".expected.json") for p in (folder / "fixtures").glob("*.expected.json"))
    return [Fixture(folder, name) for name in names]


@cache
def channel_in(folder: Path) -> Channel:
    return import_module(f"netcenter.channels.{folder.name}.channel").CHANNEL


def connection_of(folder: Path) -> Connection:
    path = folder / "fixtures" / "connection.json"
    told = json.loads(path.read_text()) if path.exists() else {}
    default = {"key": "fixture", "address": "care@lab.test", "name": "Care", "config": {}, "secrets": {}}
    return Connection(**(default | told))


# --- What fixtures mean ---------------------------------------------------------------------------


def reads_what_the_network_wrote(fixture: Fixture) -> None:
    channel, connection, want = channel_in(fixture.folder), connection_of(fixture.folder), fixture.want
    assert want.get("why"), "a fixture says why it is there"
    if "request" in want:
        answer = channel.verify(fixture.request(), connection)
        assert isinstance(answer, Answer)
        json.dumps(dict(answer.meta))
        assert_matches(want["answer"], plain(answer), "answer")
    if want.get("unreadable"):
        with pytest.raises(Unreadable):
            channel.parse(fixture.raw, connection)
        return
    if "happenings" not in want:
        assert "request" in want, "neither happenings nor an answer is expected"
        return
    got = parse(fixture)
    for happening in got:
        assert_sane(happening)
    assert_matches(want["happenings"], plain(got), "happenings")


def parse_is_pure(fixture: Fixture) -> None:
    """The same bytes give the same, tomorrow, and without any network."""
    if fixture.want.get("unreadable") or "happenings" not in fixture.want:
        return
    before = parse(fixture)
    shut = mock.Mock(side_effect=AssertionError("parse asked the network"))
    tomorrow = time.time() + 86400
    with mock.patch.object(socket, "socket", shut), mock.patch.object(socket, "getaddrinfo", shut):
        with mock.patch.object(time, "time", lambda: tomorrow):
            assert parse(fixture) == before


def damaged_bytes_are_read_or_unreadable_and_nothing_else(fixture: Fixture) -> None:
    channel, connection, meta = channel_in(fixture.folder), connection_of(fixture.folder), fixture.raw.meta
    for damaged in _damaged(fixture.body):
        try:
            got = channel.parse(Raw(damaged, "damaged", meta), connection)
        except Unreadable as error:
            got = error.readable
        for happening in got:
            assert_sane(happening)


def what_is_not_the_network_s_is_refused(fixture: Fixture) -> None:
    """Without its proof, with one letter of it changed, with other words, or under another secret."""
    if not fixture.is_accepted:
        return
    channel, connection, request = channel_in(fixture.folder), connection_of(fixture.folder), fixture.request()
    forged = [("nothing proves it", dataclasses.replace(request, headers={}, query=""), connection)]
    for name, value in request.headers.items():
        if PROOF.search(name):
            flipped = value[:-1] + ("0" if value[-1:] != "0" else "1")
            headers = {**request.headers, name: flipped}
            forged.append((f"{name} is changed", dataclasses.replace(request, headers=headers), connection))
    if fixture.want["request"].get("signs", "body") == "body":
        other = request.body.replace(b"a", b"e", 1) if b"a" in request.body else request.body + b" "
        forged.append(("the words are changed", dataclasses.replace(request, body=other), connection))
    wrong = dict.fromkeys(connection.secrets, "another secret of another house")
    forged.append(("it is another's", request, dataclasses.replace(connection, secrets=wrong)))
    for why, asked, account in forged:
        answer = channel.verify(asked, account)
        assert not answer.store and answer.status in (401, 403), f"{fixture.name} is taken although {why}"


FIXTURE_CHECKS = (
    reads_what_the_network_wrote,
    parse_is_pure,
    damaged_bytes_are_read_or_unreadable_and_nothing_else,
    what_is_not_the_network_s_is_refused,
)


# --- What a channel says of itself ----------------------------------------------------------------


def every_body_has_its_meaning_written_beside_it(folder: Path) -> None:
    here = folder / "fixtures"
    names = {fixture.name for fixture in fixtures_of(folder)}
    bodies = {path.stem for path in here.iterdir() if not path.name.endswith(("connection.json", ".expected.json"))}
    assert names == bodies
    assert names, "a channel without fixtures is not tested"
    if channel_in(folder).pushes:
        assert any(fixture.is_accepted for fixture in fixtures_of(folder)), "no fixture is signed well"


def every_kind_is_listed_with_its_page(folder: Path) -> None:
    """The README's table of what the network may tell: | kind | supported or ignored: why | fixtures | page |"""
    rows = kinds_in((folder / "README.md").read_text())
    assert rows, "the README has no table with the columns kind, fixtures and page"
    named = set()
    for kind, state, shown, page in rows:
        assert re.match(r"supported\b|ignored: \S", state), f"{kind}: {state!r} is neither supported nor ignored: why"
        assert re.search(r"https://\S+", page), f"{kind}: from which page of the documentation?"
        mentioned = set(re.findall(r"`([^`]+)`", shown))
        assert mentioned or state.startswith("ignored"), f"{kind} is supported, but no fixture shows it"
        named |= mentioned
        for name in mentioned if state.startswith("ignored") else ():
            assert not Fixture(folder, name).want.get("happenings"), f"{name} is ignored, but something happens"
    assert named == {fixture.name for fixture in fixtures_of(folder)}


def declares_what_the_house_asks(folder: Path) -> None:
    channel = channel_in(folder)
    assert isinstance(channel, Channel)
    assert channel.kind == folder.name
    assert channel.name and channel.glyph
    names = [field.name for field in channel.fields]
    assert len(names) == len(set(names))
    for field in channel.fields:
        assert field.label
        assert field.secret == (field.kind == "secret"), f"{field.name}: kind and secret disagree"
        assert (field.kind == "choice") == bool(field.choices)
        if field.choices and field.default != "":
            assert field.default in [value for value, _label in field.choices]
    asked = {name for step in channel.steps for name in step.fields}
    assert asked <= set(names), "a step asks for a field that is none"
    if channel.steps:
        needed = {f.name for f in channel.fields if f.required and not f.generated and f.default == ""}
        assert needed <= asked, "no step asks for what is required"


def can_do_what_it_says(folder: Path) -> None:
    """Capabilities and methods agree, both ways."""
    channel = channel_in(folder)
    able, can = channel.capabilities, channel.can
    assert isinstance(able, Capabilities)
    assert 0 < able.weight <= 100
    assert able.places and set(able.places) <= set(get_args(contract.Place))
    assert channel.pushes == can("verify")
    assert channel.polls == can("poll")
    assert able.reply == can("send") and (not able.reply or can("find")), "what is sent must be found again"
    assert bool(able.acts) == can("act")
    assert able.acts <= set(get_args(contract.Verb))
    assert set(able.acts_in) <= set(able.places) and all(acts <= able.acts for acts in able.acts_in.values())
    assert "call" not in able.acts or can("find_act"), "a call is not made twice"
    assert bool(able.reactions) == ("react" in able.acts)
    assert able.templates == can("templates")
    assert not able.private_reply or "public" in able.places
    assert can("authorize") == can("exchange") == any(step.consent for step in channel.steps)
    assert can("subscribe") == can("unsubscribe")
    assert not channel.rights or can("granted")
    assert all(bucket.most > 0 and bucket.seconds > 0 for bucket in channel.buckets)
    assert set(able.hours) <= set(get_args(contract.Limit)) and all(hours > 0 for hours in able.hours.values())
    assert set(able.lengths) <= {*able.places, "private"}
    assert able.attachments or not (able.sizes or able.max_attachments or able.fetches_files)


def shows_what_it_says(folder: Path) -> None:
    """What a channel claims to be told, a fixture shows; what a fixture shows, the channel claims."""
    channel, happened = channel_in(folder), list(everything_in(folder))
    able, kinds = channel.capabilities, {type(one).__name__ for one in happened}
    said = [one for one in happened if isinstance(one, Inbound)]
    assert able.quick_replies == any(one.choice for one in said)
    assert able.edits == ("Edited" in kinds)
    assert able.deletes == ("Deleted" in kinds)
    assert able.echoes == ("Echo" in kinds)
    assert not able.read_receipts or any(getattr(one, "state", "") == "read" for one in happened)
    assert {one.thread.place for one in said} <= set(able.places)
    assert channel.can("follow") == ("Pointer" in kinds)
    assert channel.can("hears") == ("Forward" in kinds)
    files = [file for one in said for file in one.attachments]
    files += [one.recording for one in happened if isinstance(one, contract.Called) and one.recording]
    assert channel.can("fetch") == any(file.reference for file in files)


def lengths_are_respected(folder: Path) -> None:
    channel = channel_in(folder)
    for place in channel.capabilities.places:
        measured = [channel.length(text, place) for text in TEXTS]
        assert measured[0] == 0 and all(isinstance(each, int) and each >= 0 for each in measured)
        most = channel.capabilities.longest(place)
        if most is None or not channel.capabilities.reply:
            continue
        outbound = Outbound("key", ThreadRef("thread", place), SOMEBODY, "a" * most)
        assert channel.unfit(outbound) == "", "the longest text that it allows does not fit"
        assert channel.unfit(dataclasses.replace(outbound, text="a" * (most + 1))), "a text that is too long fits"


def imports_nothing_of_the_house_but_the_contract(folder: Path) -> None:
    """And of networks only its own folder, and families: folders without a channel, which several networks share."""
    own = f"netcenter.channels.{folder.name}"
    families = {f"netcenter.channels.{family.name}" for family in FAMILIES}
    for path in folder.rglob("*.py"):
        for module in _imported(path):
            if not module.startswith("netcenter"):
                assert not module.startswith(("django.db", "django.conf", "street")), f"{path.name} imports {module}"
                continue
            ours = any(module == each or module.startswith(f"{each}.") for each in (own, *families))
            assert ours or module in {"netcenter.channels.contract", *PURE}, f"{path.name} imports {module}"


def is_documented(folder: Path) -> None:
    text = (folder / "README.md").read_text()
    assert text.startswith("# ")
    assert "https://" in text, "links to the network's documentation"
    for field in channel_in(folder).fields:
        assert field.label.lower() in text.lower(), f"{field.name} ({field.label}) is not in the README"
    for right in channel_in(folder).rights:
        assert right.name in text, f"the right {right.name} is not in the README"


def its_strings_are_translated(folder: Path) -> None:
    for language in ("es", "pt_BR"):
        po = polib.pofile(str(folder / "locale" / language / "LC_MESSAGES" / "django.po"))
        translated = {entry.msgid for entry in po if entry.translated() and not entry.fuzzy}
        missing = _msgids(folder) - translated
        assert not missing, f"no {language} for {sorted(missing)}"


def names_its_limits(folder: Path) -> None:
    """For the account's page, where there are several to tell apart."""
    buckets = channel_in(folder).buckets
    assert len(buckets) < 2 or all(bucket.label for bucket in buckets), "a limit without a name for people"


FOLDER_CHECKS = (
    every_body_has_its_meaning_written_beside_it,
    every_kind_is_listed_with_its_page,
    declares_what_the_house_asks,
    can_do_what_it_says,
    shows_what_it_says,
    lengths_are_respected,
    imports_nothing_of_the_house_but_the_contract,
    is_documented,
    its_strings_are_translated,
    names_its_limits,
)


# --- Judging --------------------------------------------------------------------------------------


def parse(fixture: Fixture) -> list[Happening]:
    return channel_in(fixture.folder).parse(fixture.raw, connection_of(fixture.folder))


def everything_in(folder: Path) -> Iterator[Happening]:
    """All that happens in the fixtures of a channel."""
    for fixture in fixtures_of(folder):
        if "happenings" in fixture.want or fixture.want.get("unreadable"):
            try:
                yield from parse(fixture)
            except Unreadable as error:
                yield from error.readable


def kinds_in(readme: str) -> list[tuple[str, str, str, str]]:
    """The rows of the table whose head names kind, fixtures and page."""
    found, inside = [], False
    for line in readme.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if [cells[n] for n in (0, 2, 3)] == ["kind", "fixtures", "page"] if len(cells) == 4 else False:
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not set(line) <= set("|-: "):
            assert len(cells) == 4, f"four cells, please: {line}"
            found.append(tuple(cells))
    return found


def assert_sane(happening: object) -> None:
    """What the house relies on, whatever was in the bytes."""
    assert isinstance(happening, Happening)
    for name in ("external_id", "reference", "to"):
        if hasattr(happening, name) and isinstance(named := getattr(happening, name), str):
            assert named and len(named) <= (2000 if name == "reference" else 500), f"{name}: {named!r}"
    for name in ("at", "sent_at", "until"):
        if hasattr(happening, name):
            at = getattr(happening, name)
            assert isinstance(at, datetime) and at.tzinfo is not None, f"{name} without a zone"
    for text in _strings(happening):
        assert "\x00" not in text, "PostgreSQL cannot keep NUL"
        text.encode()  # no lone surrogates
    for each in _values(happening):
        _assert_value_sane(each)


def _assert_value_sane(each: object) -> None:
    if isinstance(each, Attachment):
        assert each.name and "/" not in each.name
        ways = [bool(each.content or each.blob), bool(each.reference), bool(each.missing)]
        assert sum(ways) == 1, f"{each.name}: bytes, a reference, or why there are none"
    elif isinstance(each, Author):
        assert each.external_id and len(each.external_id) <= 500
        json.dumps(dict(each.profile))
    elif isinstance(each, ThreadRef):
        assert each.external_id and len(each.external_id) <= 500
        assert each.place in get_args(contract.Place)
    elif isinstance(each, contract.Post):
        assert each.external_id
    elif isinstance(each, contract.Review):
        assert each.stars is None or 1 <= each.stars <= 5
    elif isinstance(each, Inbound):
        assert each.form in get_args(contract.Form)
        json.dumps(dict(each.extra))
    elif isinstance(each, Raw):
        assert each.dedupe
        json.dumps(dict(each.meta))


def _values(value: object) -> Iterator[object]:
    """The value and every value within it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield value
        for field in dataclasses.fields(value):
            yield from _values(getattr(value, field.name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _values(each)


def plain(value: object) -> object:
    """As JSON would hold it: names instead of types, ISO times, lengths for bytes."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"type": type(value).__name__} | fields
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def assert_matches(want: object, got: object, where: str) -> None:
    if isinstance(want, dict) and isinstance(got, str) and set(want) <= {"contains", "absent"}:
        for part in _listed(want.get("contains", [])):
            assert part in got, f"{where}: {part!r} is not in {got!r}"
        for part in _listed(want.get("absent", [])):
            assert part not in got, f"{where}: {part!r} is in {got!r}"
    elif isinstance(want, dict):
        assert isinstance(got, dict), f"{where}: {got!r} is no object"
        for key, each in want.items():
            assert key in got, f"{where}: no {key}"
            assert_matches(each, got[key], f"{where}.{key}")
    elif isinstance(want, list):
        assert isinstance(got, list) and len(want) == len(got), f"{where}: wanted {len(want)}, got {got!r}"
        for n, (one, other) in enumerate(zip(want, got, strict=True)):
            assert_matches(one, other, f"{where}[{n}]")
    else:
        assert want == got, f"{where}: wanted {want!r}, got {got!r}"


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [text for field in dataclasses.fields(value) for text in _strings(getattr(value, field.name))]
    if isinstance(value, dict):
        return [text for pair in value.items() for each in pair for text in _strings(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in _strings(each)]
    return []


def _damaged(body: bytes) -> list[bytes]:
    """Cut short, and with bytes overwritten; the same ones at every run."""
    chance = random.Random(len(body))
    copies = [body[: len(body) * n // DAMAGED_COPIES] for n in range(DAMAGED_COPIES)]
    for _copy in range(DAMAGED_COPIES if len(body) <= MAX_FIXTURE_DAMAGED else 0):
        broken = bytearray(body)
        for _byte in range(max(1, len(body) // 40)):
            broken[chance.randrange(len(body))] = chance.randrange(256)
        copies.append(bytes(broken))
    return copies


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import"
            named = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from named if node.module in ("netcenter.channels", "netcenter.lib") else [node.module or ""]


def _msgids(folder: Path) -> set[str]:
    """The literals given to _() or ngettext() in this folder."""
    calls = [
        node
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "ngettext")
    ]
    return {call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)}
