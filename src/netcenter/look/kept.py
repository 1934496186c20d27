"""Pieces of pages that are drawn once for all who would see the same.

    ROWS = Kept("desk/rows.html", "row", 8000)

    draw = ROWS.reader()  # for whoever this page is made for: in their language and zone
    draw(row, "waiting")  # the macro `row` of the template, called with these values, or what it gave before

A piece is kept under all that it is drawn from: the values, the language, the time zone. So it can never be old, and it
tells nobody anything that they did not bring. For that the macro must draw from nothing else, nor look at the clock:
what moves with time (`now()`, `|ago`, `|left`…) is among the values, in words. tests/look/test_kept.py looks at every
template that is kept. Values are hashed: tuples, text, numbers, moments; models change and are refused.
"""

from collections.abc import Callable, Hashable
from functools import lru_cache, partial
from typing import Any

from django.db.models import Model
from django.template import engines
from django.utils import timezone, translation
from markupsafe import Markup


class Kept:
    """The macro of a template, with its last `most` different drawings."""

    all: list["Kept"] = []

    def __init__(self, template: str, macro: str, most: int) -> None:
        self.template, self.macro = template, macro
        self._drawn = lru_cache(most)(self._draw)
        self.all.append(self)

    def reader(self) -> Callable[..., Markup]:
        """What draws for the language and zone that are active in this thread."""
        return partial(self._drawn, translation.get_language(), timezone.get_current_timezone())

    def counts(self) -> tuple[int, int]:
        """How often a piece was there already, and how often it was drawn."""
        told = self._drawn.cache_info()
        return told.hits, told.misses

    def _draw(self, _language: Hashable, _zone: Hashable, *values: Any) -> Markup:
        if any(isinstance(value, Model) for value in values):
            raise TypeError(f"{self.macro} is kept by values; a model equals itself whatever has changed in it")
        template = engines["jinja2"].env.get_template(self.template)  # type: ignore[attr-defined]
        return getattr(template.module, self.macro)(*values)  # type: ignore[no-any-return]
