"""The words of the house: all are found, all are translated, and none contradicts another room's."""

import ast
from pathlib import Path

import pytest

from netcenter.site import messages

GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext"}


def catalog(house: Path, room: str, *entries: str) -> None:
    """A Spanish catalogue of one room; each entry is what follows the header."""
    folder = house / room / "locale" / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'
    (folder / "django.po").write_text("\n\n".join((header, *entries)) + "\n", "utf-8")


def test_no_room_translates_what_another_room_translates_otherwise():
    assert messages.contradictions() == []


@pytest.mark.parametrize("other, contradicts", [
    ('msgid "Pause"\nmsgstr "Pausar"', False), ('msgid "Pause"\nmsgstr "Descanso"', True),
    ('msgctxt "a break"\nmsgid "Pause"\nmsgstr "Descanso"', False),  # told apart
    ('msgid "Pause"\nmsgid_plural "Pauses"\nmsgstr[0] "Descanso"\nmsgstr[1] "Descansos"', False),  # apart in gettext
    ('#, fuzzy\nmsgid "Pause"\nmsgstr "Descanso"', False),  # never shown
])  # fmt: skip
def test_one_word_with_two_meanings_is_found(tmp_path, monkeypatch, other, contradicts):
    monkeypatch.setattr(messages, "HOUSE", tmp_path)
    catalog(tmp_path, "api", 'msgid "Pause"\nmsgstr "Pausar"')
    catalog(tmp_path, "desk", other)
    found = ["es: 'Pause': api says 'Pausar', desk says 'Descanso'"]
    assert messages.contradictions() == (found if contradicts else [])


def test_no_words_hide_in_an_f_string_where_they_are_not_looked_for():
    hidden = [
        f"{path}:{call.lineno}"
        for path in messages.HOUSE.rglob("*.py")
        for joined in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(joined, ast.JoinedStr)
        for call in ast.walk(joined)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in GETTEXT
    ]
    assert hidden == []
