"""Whose screen a browser's cookie is, and what that person may follow."""

import time
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from importlib import import_module

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from netcenter.lib.threads import Pool
from netcenter.live.rules import topics_of
from netcenter.people.permissions import brand_ids

FRESH = 60.0  # seconds for which a session is believed
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Seat:
    """A person in front of a screen, and the topics that they may follow."""

    person_id: int
    topics: tuple[str, ...]


class Seats:
    """Sessions looked up in threads and remembered for a minute."""

    def __init__(self) -> None:
        self.pool = Pool("live", 2, limit=20_000)
        self._known: dict[str, tuple[float, Seat | None]] = {}

    async def of(self, cookie: str, *, fresh: bool = False) -> Seat | None:
        """Who this is; None for a stranger."""
        key = session_key(cookie)
        if not key:
            return None
        until, seat = self._known.get(key, (0.0, None))
        if fresh or until < time.monotonic():
            seat = await self.pool.run(look, key)
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = (time.monotonic() + FRESH, seat)
        return seat

    def forget(self) -> None:
        """Believe nobody any more: rights have changed."""
        self._known.clear()


def session_key(cookie: str) -> str:
    try:
        morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def look(key: str) -> Seat | None:
    """By Django's own rules: a session that ended, or whose password changed since, is nobody's."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)  # type: ignore[assignment]
    person = get_user(request)
    if not person.is_authenticated or not person.is_active:
        return None
    return Seat(person.pk, topics_of(person.pk, brand_ids(person)))  # type: ignore[arg-type]
