"""Who we are on the network: a session from an app password, or what OAuth granted.

https://docs.bsky.app/docs/advanced-guides/api-directory, https://atproto.com/specs/oauth
"""

from __future__ import annotations

import hashlib
import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.utils.translation import gettext_noop as _

from netcenter.channels.bluesky import options
from netcenter.channels.bluesky.wire import Pds
from netcenter.channels.contract import ChannelError, Connection, Grant, loose

EARLY = 60  # seconds before its end a session is not used any more

# A session is good for hours and may be asked for 300 times a day: those that the house does not keep yet, by account
# and password.
_open: dict[tuple[str, str, str], tuple[str, str, str]] = {}
_lock = threading.Lock()


def pds(connection: Connection) -> Pds:
    """Our server, signed in. Raises ChannelError(reason="token") when a person must act, or `refresh` be called."""
    did, base = str(connection.config.get("did") or ""), str(connection.config.get("pds") or "")
    token, key = connection.secrets.get("access", ""), connection.secrets.get("dpop_key", "")
    if not (token and did and base and _lasts(token)):
        if key:
            raise ChannelError("the session has ended", reason="token")
        did, base, token = _kept(connection)
    return Pds(base, token, connection.budget, key=key, did=did, scope=scope_of(token, connection))


def forget(connection: Connection) -> None:
    """The next call signs in anew."""
    with _lock:
        _open.pop(_name(connection), None)


def refresh(connection: Connection) -> Grant:
    """By the refresh token, which ends with it; by the app password where that is refused."""
    token, base = connection.secrets.get("refresh", ""), str(connection.config.get("pds") or "")
    if token and base:
        try:
            return grant_of(Pds(base, token, connection.budget).procedure("com.atproto.server.refreshSession"), base)
        except ChannelError as error:
            if error.reason != "token":
                raise
    return grant_of(create(connection), connection.base(options.REAL))


def create(connection: Connection) -> Mapping[str, Any]:
    """com.atproto.server.createSession"""
    handle = str(connection.config.get("handle") or connection.address).strip().removeprefix("@")
    password = connection.secrets.get("password", "")
    if not handle or not password:
        raise ChannelError(_("there is neither an app password nor a sign-in"), reason="token")
    connection.budget.spend("sessions")
    connection.budget.spend("sessions_day")
    anybody = Pds(connection.base(options.REAL), "", connection.budget)
    told = {"identifier": handle, "password": password}
    return anybody.procedure("com.atproto.server.createSession", told)


def grant_of(session: Mapping[str, Any], base: str) -> Grant:
    access, did = loose.text(session.get("accessJwt"), 8000), loose.text(session.get("did"), 250)
    if not access or not did:
        raise ChannelError("the server gave no session", reason="token")
    refresh_token, handle = loose.text(session.get("refreshJwt"), 8000), loose.text(session.get("handle"), 250)
    config = {"did": did, "pds": endpoint_of(loose.within(session, "didDoc")) or base}
    return Grant({"access": access, "refresh": refresh_token}, config, _ends(access), f"@{handle}" if handle else "")


def endpoint_of(document: Mapping[str, Any]) -> str:
    """The server that holds an account, as its DID document tells: https://atproto.com/specs/did"""
    for service in loose.objects(document.get("service")):
        if loose.text(service.get("id"), 300).endswith("#atproto_pds"):
            address = loose.text(service.get("serviceEndpoint"), 500)
            return address.rstrip("/") if address.startswith(("https://", "http://")) else ""
    return ""


def scope_of(token: str, connection: Connection) -> str:
    return loose.text(_claims(token).get("scope"), 1000) or str(connection.config.get("scope") or "")


def expiry(session: Mapping[str, Any]) -> datetime | None:
    """When what OAuth granted ends."""
    seconds = loose.count(session.get("expires_in"))
    return None if seconds is None else datetime.fromtimestamp(time.time() + min(seconds, 10**8), UTC)


def ends_at(token: str) -> datetime | None:
    return _ends(token)


def _kept(connection: Connection) -> tuple[str, str, str]:
    with _lock:
        name = _name(connection)
        if name not in _open or not _lasts(_open[name][2]):
            granted = grant_of(create(connection), connection.base(options.REAL))
            _open[name] = (str(granted.config["did"]), str(granted.config["pds"]), granted.secrets["access"])
        return _open[name]


def _name(connection: Connection) -> tuple[str, str, str]:
    proof = hashlib.sha256(connection.secrets.get("password", "").encode()).hexdigest()
    return connection.key, connection.base(options.REAL), proof


def _lasts(token: str) -> bool:
    ends = _claims(token).get("exp")
    return not isinstance(ends, int | float) or ends > time.time() + EARLY


def _ends(token: str) -> datetime | None:
    ends = _claims(token).get("exp")
    return datetime.fromtimestamp(ends, UTC) if isinstance(ends, int) and 0 < ends < 2**40 else None


def _claims(token: str) -> Mapping[str, Any]:
    """What a token of ours says; nobody but its server can and need judge it."""
    try:
        part = token.split(".")[1]
        return loose.within(orjson.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4))))
    except (IndexError, ValueError):
        return {}
