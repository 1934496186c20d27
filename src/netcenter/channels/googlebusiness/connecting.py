"""Signing in with Google, tokens, and the notices that it pushes through Pub/Sub.

https://developers.google.com/identity/protocols/oauth2/web-server
https://developers.google.com/my-business/reference/notifications/rest/v1/accounts/updateNotificationSetting
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import ChannelError, Connection, Consent, Grant, Granted, loose, signing
from netcenter.channels.googlebusiness.client import NOTICES, account_of, accounts, api
from netcenter.channels.googlebusiness.reading import OF_REVIEWS
from netcenter.channels.reviews import google

DIALOG = "https://accounts.google.com"
SCOPE = "https://www.googleapis.com/auth/business.manage"


def dialog(connection: Connection, redirect_uri: str, state: str) -> Consent:
    """Google's own page. `prompt=consent`: only then it gives a token that can be renewed, each time."""
    verifier = secrets.token_urlsafe(48)
    query = {
        "client_id": _client(connection), "redirect_uri": redirect_uri, "response_type": "code", "scope": SCOPE,
        "access_type": "offline", "prompt": "consent", "state": state, "code_challenge": signing.s256(verifier),
        "code_challenge_method": "S256",
    }  # fmt: skip
    return Consent(f"{connection.base(DIALOG)}/o/oauth2/v2/auth?{urlencode(query)}", {"verifier": verifier})


def exchanged(
    connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
) -> tuple[Grant, ...]:  # fmt: skip
    """A grant for every account that this person manages. Raises ChannelError."""
    if not told.get("code"):
        said = told.get("error") or "no code"
        raise ChannelError(f"the sign-in was not finished: {said}"[:300], permanent=True, reason="token")
    found = google.fresh_token(connection, {
        **_app(connection), "grant_type": "authorization_code", "code": told["code"], "redirect_uri": redirect_uri,
        "code_verifier": keep.get("verifier", ""),
    })  # fmt: skip
    if not (renewal := loose.text(found.get("refresh_token"), 2000)):
        raise ChannelError("Google gave no token that can be renewed: sign in once more", permanent=True)
    token, now = str(found["access_token"]), time.time()
    kept = {"token": token, "refresh_token": renewal, "push_keys": google.push_keys(connection)}
    return tuple(
        Grant(kept, {"account": name}, google.ends_at(found, now), name, loose.text(one.get("accountName"), 200))
        for one in accounts(connection, token)
        if (name := loose.text(one.get("name"), 100))
    )


def refreshed(connection: Connection) -> Grant:
    """An hour's token, and the keys with which Google signs its pushes."""
    if not (kept := connection.secrets.get("refresh_token")):
        raise ChannelError(_("nobody has signed in yet"), reason="token")
    now = time.time()
    found = google.fresh_token(
        connection, {**_app(connection), "grant_type": "refresh_token", "refresh_token": kept}
    )  # fmt: skip
    made = {"token": str(found["access_token"]), "push_keys": google.push_keys(connection)}
    if renewal := loose.text(found.get("refresh_token"), 2000):
        made["refresh_token"] = renewal
    return Grant(made, expires_at=google.ends_at(found, now))


def granted(connection: Connection) -> Granted:
    """What Google says of our token. Raises ChannelError."""
    asked = {"access_token": connection.secrets.get("token", "")}
    told = loose.within(google.Google(connection.base(google.TOKENS)).get("tokeninfo", asked))
    ends = told.get("exp")
    seconds = int(ends) if isinstance(ends, int | str) and str(ends).isdigit() and len(str(ends)) < 12 else 0
    return Granted(
        frozenset(loose.text(told.get("scope")).split()), datetime.fromtimestamp(seconds, UTC) if seconds else None
    )


def subscribe(connection: Connection, topic: str) -> None:
    """Have Google tell of reviews on this topic; an account has one such setting."""
    name = f"{account_of(connection)}/notificationSetting"
    kinds: list[str] = list(OF_REVIEWS) if topic else []
    setting: dict[str, Any] = {"name": name, "pubsubTopic": topic, "notificationTypes": kinds}
    query = {"updateMask": "pubsubTopic,notificationTypes"}
    api(connection, NOTICES).call("PATCH", f"v1/{name}", query=query, data=setting)


def _client(connection: Connection) -> str:
    return str(connection.config.get("client_id") or "").strip()


def _app(connection: Connection) -> dict[str, str]:
    return {"client_id": _client(connection), "client_secret": connection.secrets.get("client_secret", "")}
