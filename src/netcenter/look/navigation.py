"""Where the top bar leads. A room adds itself: `navigation.register(...)` in its AppConfig.ready()."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

Allowed = Callable[[Any], bool] | str | None


@dataclass(frozen=True)
class Link:
    """One entry. `label` is a lazy msgid; `allowed` a predicate on the user or a Django permission."""

    label: Any
    url_name: str
    icon: str
    order: int = 50
    allowed: Allowed = None
    section: str = "main"


@dataclass(frozen=True)
class Item:
    label: Any
    href: str
    icon: str
    is_current: bool


_links: dict[tuple[str, str], Link] = {}


def register(label: Any, url_name: str, icon: str, **more: Any) -> None:
    """Adds a link; `more` is order, allowed, section ("main" is the top bar, "settings" the settings column, …)."""
    link = Link(label, url_name, icon, **more)
    _links[link.section, url_name] = link


def nav_items(request: HttpRequest | None, section: str = "main") -> list[Item]:
    """The links this person may follow, in order; none for somebody not signed in."""
    user = getattr(request, "user", None) if request else None
    if not request or user is None or not user.is_authenticated:
        return []
    chosen = [link for link in _links.values() if link.section == section and _may(user, link.allowed)]
    paths = {link: reverse(link.url_name) for link in sorted(chosen, key=lambda link: link.order)}
    inside = [path for path in paths.values() if path != "/" and request.path.startswith(path)]
    here = max(inside, key=len, default="/" if request.path == "/" else None)
    return [Item(link.label, path, link.icon, path == here) for link, path in paths.items()]


def _may(user: Any, allowed: Allowed) -> bool:
    if allowed is None:
        return True
    return user.has_perm(allowed) if isinstance(allowed, str) else allowed(user)
