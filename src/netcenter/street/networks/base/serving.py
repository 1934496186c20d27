"""The front of a simulated network: HTTP on loopback. What it does not know, it refuses."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from netcenter.street.networks.base.access import Left, Limits, Rate, Token, Tokens
from netcenter.street.networks.base.calls import Asked, Refused, Route, Said, Why, read
from netcenter.street.networks.base.pushing import Pusher
from netcenter.street.networks.base.shapes import Misfit
from netcenter.street.networks.base.truth import Truth
from netcenter.street.networks.base.weather import Weather

STATUSES: dict[Why, int] = {
    "route": 404, "method": 405, "type": 415, "body": 400, "unknown": 400, "missing": 400, "bad": 400, "no token": 401,
    "bad token": 401, "expired": 401, "right": 403, "rate": 429, "storm": 503, "out": 503, "other": 400,
}  # fmt: skip


class Network:
    """A network of the street. Subclasses have routes, and say no in the network's own words."""

    rates: ClassVar[Mapping[str, Rate]] = {}

    def __init__(self, now: Callable[[], float] = time.time, weather: Weather | None = None) -> None:
        self.now, self.weather = now, weather or Weather()
        self.tokens, self.limits, self.truth = Tokens(), Limits(self.rates, now), Truth(now)
        self.pusher = Pusher(now, self.weather)
        self.answered: Counter[int] = Counter()  # by status
        self.calls: list[tuple[str, str]] = []  # method and path of every call, in order
        self.lock = threading.RLock()  # held while a call is obeyed
        named = (getattr(type(self), name, None) for name in dir(type(self)))
        routes = {id(one): one for each in named for one in getattr(each, "routes", [])}.values()
        self._routes = [(one.expression, one) for one in sorted(routes, key=lambda one: one.path.count("{"))]
        self._front: Any = None

    # --- what subclasses say in the network's own words -------------------------------------------

    def credential(self, asked: Asked) -> str:
        """The token of a call, from wherever this network wants it."""
        kind, _space, value = asked.headers.get("authorization", "").partition(" ")
        return value if kind.lower() == "bearer" else ""

    def caller(self, asked: Asked) -> str:
        """Who is counted by the rates."""
        return asked.token.of or asked.token.value if asked.token else ""

    def judge(self, asked: Asked, route: Route) -> None:
        """What else is refused before the fields are looked at: proofs, versions. Raises Refused."""

    def refusal(self, refused: Refused) -> Said:
        """How this network says no."""
        return Said(STATUSES[refused.why], {"error": str(refused)})

    def limit_headers(self, left: list[Left]) -> dict[str, str]:
        """What this network's headers tell of its rates."""
        return {}

    def push(self, item: Any) -> None:
        self.pusher.push(item)

    # --- serving ----------------------------------------------------------------------------------

    def answer(self, asked: Asked) -> Said | None:
        """What a call gets; None: the line breaks. It may have been obeyed all the same."""
        if self.weather.is_out(asked.at):
            return None
        try:
            if storm := self.weather.storm(asked.at):
                raise Refused("storm", str(storm.status))
            with self.lock:
                said = self._obey(asked)
        except Refused as refused:
            said = refused.said or self.refusal(refused)
            if refused.why == "storm":
                said.status = int(refused.detail)
        except Misfit as misfit:
            why: Why = misfit.kind if misfit.kind in ("unknown", "missing") else "bad"  # type: ignore[assignment]
            said = self.refusal(Refused(why, str(misfit)))
        said.headers = {**self.limit_headers(asked.left), **said.headers}
        is_lost = asked.method != "GET" and said.status < 300 and self.weather.strikes(self.weather.lost)
        return None if is_lost else said

    def _obey(self, asked: Asked) -> Said:
        found = self._find(asked)
        if not found.open:
            asked.token = self._admit(asked)
            if missing := set(found.rights) - asked.token.rights:
                raise Refused("right", ", ".join(sorted(missing)))
        if found.bucket:
            left = self.limits.spend(found.bucket, self.caller(asked))
            asked.left.append(left)
            if left.is_over:
                raise Refused("rate", found.bucket, left=left)
        self.judge(asked, found)
        read(asked, found)
        said = found.act(self, asked)
        return said if isinstance(said, Said) else Said(body=said)

    def _find(self, asked: Asked) -> Route:
        path = asked.url.partition("?")[0]
        matches = [(hit, one) for expression, one in self._routes if (hit := expression.fullmatch(path))]
        for hit, one in matches:
            if one.method == asked.method:
                asked.path = hit.groupdict()
                return one
        raise Refused("method" if matches else "route", f"{asked.method} {path}")

    def _admit(self, asked: Asked) -> Token:
        if not (value := self.credential(asked)):
            raise Refused("no token")
        token = self.tokens.get(value)
        if token is None or token.is_revoked:
            raise Refused("bad token")
        if not token.is_good(asked.at):
            raise Refused("expired")
        return token

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._front.server_port}"

    def start(self) -> Self:
        from netcenter.street.networks.base.front import Front

        self._front = Front(self)
        return self

    def stop(self) -> None:
        """Nothing listens and no thread runs afterwards. Idempotent."""
        self.pusher.stop()
        if self._front:
            self._front.close()
            self._front = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()
