"""Icons from the vendored sprite, by name."""

import difflib
import re
from functools import cache, lru_cache
from pathlib import Path

from django.templatetags.static import static
from markupsafe import Markup

SPRITE = Path(__file__).parent / "static" / "look" / "sprite.svg"


@cache
def names() -> frozenset[str]:
    return frozenset(re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text()))


@lru_cache(2000)
def icon(name: str, label: str = "", css: str = "") -> Markup:
    """One icon; with a label it is read aloud, without one it is decoration. Raises LookupError for an unknown name."""
    if name not in names():
        near = ", ".join(difflib.get_close_matches(name, names())) or "see look/README.md"
        raise LookupError(f"no icon {name!r} in the sprite; {near}")
    classes = f"icon {css}".strip()
    told = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="{}" {}><use href="{}#{}"/></svg>').format(classes, told, static("look/sprite.svg"), name)
