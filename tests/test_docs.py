"""The documents say what the code does: every channel, dependency, setting, event, link and command."""

import ast
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from netcenter.site.command import OWN

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "netcenter"
ELSEWHERE = {".venv", ".git", "build", "data", "node_modules", ".hypothesis", ".pytest_cache"}
PAPERS = sorted(p for p in ROOT.rglob("*.md") if not ELSEWHERE & set(p.relative_to(ROOT).parts))
VARIABLE = re.compile(r"NETCENTER_[A-Z]+(?:_[A-Z]+)*\b(?!_)")
COLUMNS = {"case_id", "operator_id", "brand_id", "actor"}  # of an event, beside its data


def read(path: str) -> str:
    return (ROOT / path).read_text()


def rows(path: str) -> dict[str, str]:
    """First cell, without its backticks, to the whole row, of every table in a document."""
    found = re.findall(r"^\|\s*`([^`|]+)`[^|]*\|.*$", read(path), re.MULTILINE)
    lines = re.findall(r"^\|\s*`[^`|]+`[^|]*\|.*$", read(path), re.MULTILINE)
    assert len(found) == len(set(found)), f"{path} names something twice"
    return dict(zip(found, lines, strict=True))


def paper_id(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- Channels and rooms ---------------------------------------------------------------------------


@pytest.mark.parametrize("module", settings.CHANNELS)
def test_every_channel_says_how_to_connect_it(module: str) -> None:
    folder = ROOT / "src" / module.replace(".", "/")
    assert (folder / "README.md").is_file()
    assert f"src/{module.replace('.', '/')}/README.md" in read("README.md")


@pytest.mark.parametrize("readme", ["README.md", "README.es.md"])
def test_every_room_is_on_the_map(readme: str) -> None:
    rooms = {p.parent.name for p in SOURCE.glob("*/__init__.py")}
    told = set(re.findall(r"`(\w+)/`", read(readme)))
    assert rooms - told == set()


def test_the_spanish_readme_keeps_up_with_the_english_one() -> None:
    english, spanish = (read(name) for name in ("README.md", "README.es.md"))
    assert english.count("\n## ") == spanish.count("\n## ")
    assert english.count("```") == spanish.count("```")


# --- Dependencies ---------------------------------------------------------------------------------


def packages() -> set[str]:
    """What pyproject.toml asks for, and what the repository holds of others."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    asked = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    for extra in project["project"]["optional-dependencies"].values():
        asked += extra
    python = {re.match(r"[\w.-]+", one)[0].lower() for one in asked}  # type: ignore[index]
    vendored = json.loads(read("src/netcenter/look/static/look/vendor.json")).values()
    front = {name.strip() for one in vendored for name in one["package"].split(",")}
    return python | front | {p.name for p in (ROOT / "tests" / "vendor").iterdir()}


def test_every_direct_dependency_has_its_line_and_no_other() -> None:
    assert {name.lower() for name in rows("docs/dependencies.md")} == packages()


# --- Settings -------------------------------------------------------------------------------------


def variables(*paths: Path) -> set[str]:
    return {name for path in paths for name in VARIABLE.findall(path.read_text())}


def test_every_setting_is_told() -> None:
    used = variables(*SOURCE.rglob("*.py"))
    assert used - set(rows("docs/settings.md")) == set()


def test_no_setting_is_told_that_does_not_exist() -> None:
    code = [*SOURCE.rglob("*.py"), *(ROOT / "tests").rglob("*.py"), ROOT / "Makefile"]
    used = variables(*(path for path in code if path != Path(__file__)))
    assert {name for name in rows("docs/settings.md") if name.startswith("NETCENTER_")} - used == set()


# --- Events ---------------------------------------------------------------------------------------


def literals(node: ast.expr) -> list[str] | None:
    """The texts that an expression can be; None when it is no literal and no choice between literals."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        one, other = literals(node.body), literals(node.orelse)
        return None if one is None or other is None else one + other
    return None


def named(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def calls(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call) and named(node) == name)


def data_of(call: ast.Call) -> set[str]:
    return {word.arg for word in call.keywords if word.arg} - COLUMNS


@cache
def passing_on(tree: ast.Module) -> dict[str, ast.Call]:
    """The functions that take an event's kind as their first parameter, and where they pass it on."""
    return {
        f.name: call
        for f in ast.walk(tree)
        if isinstance(f, ast.FunctionDef) and f.args.args
        for call in calls(f, "event")
        if call.args and isinstance(call.args[0], ast.Name) and call.args[0].id == f.args.args[0].arg
    }


def recorded() -> dict[str, set[str]]:
    """Kind to the names of its data, of everything that the house records: each `event("…")`.

    A function may take the kind as its first parameter and pass it on; then its own callers are asked.
    """
    found: dict[str, set[str]] = defaultdict(set)
    trees = {path: ast.parse(path.read_text()) for path in SOURCE.rglob("*.py") if "migrations" not in path.parts}
    passing = {path: passing_on(tree) for path, tree in trees.items()}
    everywhere = {name: call for some in passing.values() for name, call in some.items()}
    for path, tree in trees.items():
        asked: list[tuple[ast.Call, set[str]]] = [
            (call, set()) for call in calls(tree, "event") if call not in passing[path].values()
        ]
        imported = {one.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for one in node.names}
        for name, inner in ({n: everywhere[n] for n in imported & everywhere.keys()} | passing[path]).items():
            asked += [(call, data_of(inner)) for call in calls(tree, name)]
        for call, also in asked:
            kinds = literals(call.args[0]) if call.args else None
            assert kinds is not None, f"{path}:{call.lineno}: write the kind of the event as a literal"
            for kind in kinds:
                found[kind] |= data_of(call) | also
    return found


def test_every_event_is_told_and_no_other() -> None:
    assert set(rows("docs/events.md")) == set(recorded())


def test_every_event_is_told_with_its_data() -> None:
    told = rows("docs/events.md")
    missing = {
        kind: {name for name in data if f"`{name}`" not in told.get(kind, "")} for kind, data in recorded().items()
    }
    assert {kind: names for kind, names in missing.items() if names} == {}


# --- Links and commands ---------------------------------------------------------------------------


def anchors(path: Path) -> set[str]:
    """The headings of a document as addresses, the way code hosts write them."""
    heads = re.findall(r"^#+\s+(.+)$", path.read_text(), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", head).lower()) for head in heads)
    return {head.strip().replace(" ", "-") for head in plain}


@pytest.mark.parametrize("paper", PAPERS, ids=paper_id)
def test_every_link_leads_somewhere(paper: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]+`", "", paper.read_text(), flags=re.DOTALL)
    for link in [*re.findall(r"\]\(([^)\s]+)\)", prose), *re.findall(r'(?:src|href)="([^"]+)"', prose)]:
        if re.match(r"[a-z]+:", link):
            continue
        target, _hash, anchor = link.partition("#")
        place = (paper.parent / target) if target else paper
        assert place.exists(), f"{link} leads nowhere"
        if anchor and place.suffix == ".md":
            assert anchor in anchors(place), f"{link}: there is no such heading"


def spoken(word: str) -> set[str]:
    """What the documents tell people to type after `make` or `netcenter`."""
    said = set()
    for paper in PAPERS:
        for code in re.findall(r"```.*?```|`[^`\n]+`", paper.read_text(), re.DOTALL):
            said |= set(re.findall(rf"(?:^|[\s`/=]){word} ([a-z_]+)", code, re.MULTILINE))
    return said


def test_every_make_target_that_is_told_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert {"run", "test"} <= spoken("make") <= targets


def test_every_command_that_is_told_exists() -> None:
    known = OWN | set(get_commands()) | {"help"}
    assert {"serve", "doctor"} <= spoken("netcenter") <= known


# --- The laws -------------------------------------------------------------------------------------


def test_what_keeps_the_laws_exists() -> None:
    """Constraints and tests that ARCHITECTURE.md names."""
    told = set(re.findall(r"`((?:one|test|ledger|closed)_\w+)`", read("ARCHITECTURE.md")))
    code = "".join(
        p.read_text() for folder in ("src", "tests") for p in (ROOT / folder).rglob("*.py") if p != Path(__file__)
    )
    assert len(told) > 10
    assert {name for name in told if not re.search(rf"\b{name}\b", code)} == set()
