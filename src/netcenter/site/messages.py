"""Translations: compiled without GNU gettext, and checked against what the house really says."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

HOUSE = Path(__file__).resolve().parent.parent
LANGUAGES = ("es", "pt_BR")

KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
_SKIPPED = ("migrations", "vendor", "fixtures", "node_modules")
Msgid = tuple[str | None, str]
"""(context or None, the English words)."""


def compile_all() -> list[str]:
    """Make every .mo that is missing or older than its .po; returns what could not be made, as sentences."""
    problems = []
    for po in sorted(HOUSE.glob("**/locale/*/LC_MESSAGES/*.po")):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        try:
            compiled = BytesIO()
            with po.open("rb") as file:
                write_mo(compiled, read_po(file, abort_invalid=True))
            fresh = mo.with_suffix(".mo.new")
            fresh.write_bytes(compiled.getvalue())
            fresh.replace(mo)
        except (OSError, PoFileError, ValueError) as error:
            problems.append(f"{po.relative_to(HOUSE)}: {error}")
    return problems


def missing() -> list[str]:
    """ "room language: file:line: words" for everything that is said and not translated in the room's own files."""
    lines: list[str] = []
    for room, folder in _rooms():
        said = dict(_said(folder))
        for language in LANGUAGES:
            known = _known(folder / "locale" / language / "LC_MESSAGES", room, language, lines)
            lines += [
                f"{room} {language}: {where}: {words[1]!r}" for words, where in said.items() if words not in known
            ]
    return lines


def contradictions() -> list[str]:
    """ "language: words: room says this, room says that": all rooms share one catalogue, in which one of them wins."""
    lines: list[str] = []
    for language in LANGUAGES:
        found: dict[tuple[Msgid, int], dict[tuple[str, ...], str]] = {}
        for room, folder in _rooms():
            for words, told in _known(folder / "locale" / language / "LC_MESSAGES", room, language, []).items():
                found.setdefault((words, len(told)), {}).setdefault(told, room)
        for (words, _forms), by in found.items():
            if len(by) > 1:
                said = ", ".join(f"{room} says {' / '.join(told)!r}" for told, room in by.items())
                lines.append(f"{language}: {words[1]!r}: {said}")
    return lines


def _rooms() -> Iterator[tuple[str, Path]]:
    """Every folder that keeps translations of its own: rooms, and the channels within theirs."""
    for folder in sorted(HOUSE.iterdir()):
        if folder.is_dir() and folder.name != "__pycache__":
            if folder.name == "channels":
                yield from ((f"channels/{c.name}", c) for c in sorted(folder.iterdir()) if (c / "__init__.py").exists())
            yield folder.name, folder


def _known(folder: Path, room: str, language: str, lines: list[str]) -> dict[Msgid, tuple[str, ...]]:
    """What the room's files translate wholly, in all its forms; fuzzy guesses do not count."""
    known: dict[Msgid, tuple[str, ...]] = {}
    for po in sorted(folder.glob("*.po")):
        try:
            with po.open("rb") as file:
                catalog = read_po(file, abort_invalid=True)
        except (PoFileError, ValueError) as error:
            lines.append(f"{room} {language}: {po.name} cannot be read: {error}")
            continue
        for message in catalog:
            told = tuple(message.string) if isinstance(message.string, list | tuple) else (message.string or "",)
            if message.id and all(told) and not message.fuzzy:
                known[message.context, message.id if isinstance(message.id, str) else message.id[0]] = told
    return known


def _said(folder: Path) -> Iterator[tuple[Msgid, str]]:
    """What the room's code and pages say, and where."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        nested = folder.name == "channels" and len(inside.parts) > 1  # a channel is asked by itself
        if not path.is_file() or nested or any(part in _SKIPPED for part in inside.parts):
            continue
        for method, options in _methods(path, inside):
            found = extract_from_file(method, path, keywords=KEYWORDS, options=options, strip_comment_tags=False)
            for line, words, _comments, context in found:
                msgid = words if isinstance(words, str) else words[0]
                if msgid:
                    yield (context, msgid), f"{inside}:{line}"


def _methods(path: Path, inside: Path) -> Iterator[tuple[str, dict[str, str]]]:
    if path.suffix == ".py":
        yield "python", {"encoding": "utf-8"}
    elif path.suffix == ".js" and not path.name.endswith(".min.js"):
        yield "javascript", {"encoding": "utf-8"}
    elif "django_templates" in inside.parts:
        yield "netcenter.site.messages:django_template", {}
    elif "templates" in inside.parts and path.suffix in (".html", ".txt", ".svg"):
        yield "jinja2", {"encoding": "utf-8", "silent": "false", "extensions": "jinja2.ext.do"}


def django_template(fileobj, keywords, comment_tags, options):  # type: ignore[no-untyped-def]
    """Extract from a Django template, by Django's own translation of templates into something like Python."""
    from babel.messages.extract import extract_python
    from django.utils.translation.template import templatize

    source = templatize(fileobj.read().decode())
    yield from extract_python(BytesIO(source.encode()), keywords, comment_tags, {"encoding": "utf-8"})
