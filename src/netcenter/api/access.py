"""Who may call: a key and its scopes, how often, and in which language they are answered."""

import time
import zoneinfo
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone, translation
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle

from netcenter.api import tokens
from netcenter.api.models import ApiToken
from netcenter.lib import clock
from netcenter.people.permissions import May, may

PER_MINUTE = 600  # requests of one key, in one process


class Key(HttpBearer):
    """`Authorization: Bearer nct_…` with a key that has the scope; the request then acts as its person."""

    def __init__(self, scope: ApiToken.Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        found = tokens.known(token, clock.now())
        if found is None:
            return None
        _speak_as(found.person)
        if self.scope not in found.scopes or not may(found.person, May.ANSWER):
            raise PermissionDenied(self.scope)
        return found


class PerKey(BaseThrottle):
    """So many requests a minute for each key. Ninja's own throttles keep state on themselves: not for threads."""

    def allow_request(self, request: HttpRequest) -> bool:
        key = f"api:{request.auth.pk}:{int(time.time() // 60)}"  # type: ignore[attr-defined]
        cache.add(key, 0, 120)
        try:
            return cache.incr(key) <= PER_MINUTE
        except ValueError:  # forgotten in between
            return True

    def wait(self) -> float:
        return 60 - time.time() % 60


READ, WRITE = Key(ApiToken.Scope.READ), Key(ApiToken.Scope.WRITE)


def _speak_as(person: Any) -> None:
    if person.language in dict(settings.LANGUAGES):
        translation.activate(person.language)
    try:
        timezone.activate(zoneinfo.ZoneInfo(person.timezone))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        timezone.activate(zoneinfo.ZoneInfo("UTC"))
