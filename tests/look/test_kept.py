"""What is kept is drawn from its values alone, for whoever reads it."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import timezone, translation

from netcenter.boards.seats import SEATS
from netcenter.boards.waits import WAITS
from netcenter.desk.rows import ROWS, Moving, Row
from netcenter.look.kept import Kept
from netcenter.people.models import Person

HOUSE = Path(__file__).parents[2] / "src/netcenter"
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
ROW = Row(7, "api", "Dana", "normal", "", "Hola", NOON, NOON.replace(hour=13), None, None, NOON, None, None)
CLOCK = r"now\(\)|\|\s*(ago|left|moment|stamp|day|clock)\b|\bdrain\(|\bpromise\(|\buntil\(|\bpromised_by\("
BEYOND = r"\brequest\b|\bperson\b|\bcsrf|preference\(|flashes\(|nav_items\("


class Channel:
    glyph, name = "code", "API"


def draw(row: Row = ROW, group: str = "waiting", moving: Moving | None = None) -> str:
    return ROWS.reader()(row, group, moving or Moving("running", 50, "30:00"), Channel)


@pytest.mark.parametrize("kept", Kept.all, ids=lambda kept: kept.template)
def test_a_kept_piece_looks_neither_at_the_clock_nor_at_who_asks(kept):
    source = (HOUSE / kept.template.split("/")[0] / "templates" / kept.template).read_text()
    source = re.sub(r"\{#.*?#\}", "", source)
    assert not re.findall(CLOCK, source) and not re.findall(BEYOND, source)
    assert {ROWS, SEATS, WAITS} <= set(Kept.all)


def test_it_is_drawn_once_for_the_same_values():
    first, (hits, drawn) = draw(), ROWS.counts()
    assert draw() == first and ROWS.counts() == (hits + 1, drawn)


@pytest.mark.parametrize("change", [
    {"name": "Diana"}, {"preview": "Hola <b>"}, {"urgency": "high"}, {"closed_at": ROW.last_at}, {"pk": 8},
    {"due_at": datetime(2026, 3, 4, 14, tzinfo=UTC)},
])  # fmt: skip
def test_whatever_changes_is_drawn_anew(change):
    assert draw(ROW._replace(**change)) != draw()
    assert "<b>" not in draw(ROW._replace(preview="Hola <b>"))


def test_each_reads_it_in_their_own_language_and_zone():
    told = {}
    for language in ("es", "en", "pt-br"):
        for zone in ("UTC", "America/Bogota", "Asia/Tokyo"):
            with translation.override(language), timezone.override(zone):
                told[language, zone] = (draw(ROW._replace(name="")), draw(ROW._replace(name="")))
    assert all(first == second for first, second in told.values())
    assert len({first for first, _second in told.values()}) == 9


def test_models_are_no_values():
    with pytest.raises(TypeError, match="kept by values"):
        ROWS.reader()(Person(pk=1), "waiting", Moving(), Channel)
