"""Signing in at Google, and what it says of a token.

https://developers.google.com/identity/protocols/oauth2/web-server
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import ChannelError, Connection, Consent, Granted, loose, signing
from netcenter.channels.google.api import Google

DIALOG, TOKENS = "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com"
LONGEST = 10**8  # seconds that a token may be said to last


def dialog(address: str, connection: Connection, scope: str, redirect_uri: str, state: str) -> Consent:
    """Google's own page. Only with `prompt=consent` it gives, each time, a token that can be renewed."""
    verifier = secrets.token_urlsafe(48)
    query = {
        "client_id": _app(connection)["client_id"], "redirect_uri": redirect_uri, "response_type": "code",
        "scope": scope, "access_type": "offline", "prompt": "consent", "state": state,
        "code_challenge": signing.s256(verifier), "code_challenge_method": "S256",
    }  # fmt: skip
    return Consent(f"{address}?{urlencode(query)}", {"verifier": verifier})


def exchanged(
    tokens: str, connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
) -> Mapping[str, Any]:  # fmt: skip
    """What Google gives to the person who came back. Raises ChannelError. `tokens`: where it gives them out."""
    if not told.get("code"):
        said = told.get("error_description") or told.get("error") or "no code came back"
        raise ChannelError(f"the sign-in was not finished: {said}"[:300], permanent=True, reason="right")
    return fresh_token(tokens, {
        **_app(connection), "grant_type": "authorization_code", "code": told["code"], "redirect_uri": redirect_uri,
        "code_verifier": keep.get("verifier", ""),
    })  # fmt: skip


def renewed(tokens: str, connection: Connection) -> Mapping[str, Any]:
    """An hour's token; the one that renews it mostly stays the same. Raises ChannelError."""
    if not (kept := connection.secrets.get("refresh_token")):
        raise ChannelError(_("nobody has signed in yet"), reason="token")
    return fresh_token(tokens, {**_app(connection), "grant_type": "refresh_token", "refresh_token": kept})


def fresh_token(tokens: str, form: Mapping[str, str]) -> Mapping[str, Any]:
    """Ask for a token. Raises ChannelError."""
    api = Google(tokens)
    found = loose.within(api.json(api.call("POST", "token", form=form)))
    if not loose.text(found.get("access_token")):
        raise ChannelError("Google gave no token", reason="token")
    return found


def sealed(found: Mapping[str, Any]) -> dict[str, str]:
    """The tokens, as an account keeps them."""
    again = loose.text(found.get("refresh_token"), 4000)
    return {"token": loose.text(found["access_token"], 4000), **({"refresh_token": again} if again else {})}


def ends_at(found: Mapping[str, Any], now: datetime | None = None) -> datetime:
    """When a token that was given out now ends."""
    seconds = min(loose.count(found.get("expires_in")) or 3600, LONGEST)
    return (now or datetime.now(UTC)) + timedelta(seconds=seconds)


def granted(tokens: str, connection: Connection) -> Granted:
    """What Google says of our token. Raises ChannelError."""
    told = loose.within(Google(tokens).get("tokeninfo", {"access_token": connection.secrets.get("token", "")}))
    ends = str(told.get("exp") or "")
    at = datetime.fromtimestamp(int(ends), UTC) if ends.isdigit() and len(ends) < 12 else None
    return Granted(frozenset(loose.text(told.get("scope"), 4000).split()), at)


def _app(connection: Connection) -> dict[str, str]:
    client = str(connection.config.get("client_id") or "").strip()
    return {"client_id": client, "client_secret": connection.secrets.get("client_secret", "")}
