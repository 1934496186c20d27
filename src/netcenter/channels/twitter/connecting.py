"""Signing in, rights, and the hook of the app.

https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/authorization-code
https://docs.x.com/x-api/webhooks/introduction
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import ChannelError, Connection, Consent, Grant, Granted, Right, signing
from netcenter.channels.twitter.client import X, basic, keys_of, own_id
from netcenter.channels.twitter.people import SITE
from netcenter.channels.twitter.values import listed, name, within, words

READS = frozenset({"tweet.read", "users.read", "like.read"})
WRITES = READS | {"tweet.write", "tweet.moderate.write", "like.write", "media.write"}
LEVELS = {  # of OAuth 1.0a, whose keys never run out
    "read": READS, "read-write": WRITES,
    "read-write-directmessages": WRITES | {"dm.read", "dm.write"},
    "read-write-privatemessages": WRITES | {"dm.read", "dm.write"},
}  # fmt: skip
LASTING = "offline.access"  # X tells it of no token; a refresh token proves it


# --- Signing in -------------------------------------------------------------------------------------


def dialog(connection: Connection, redirect_uri: str, state: str, rights: Iterable[Right]) -> Consent:
    """X's own page; the verifier proves later that who comes back is who left (PKCE). With keys, straight back."""
    if keys_of(connection) is not None:
        return Consent(f"{redirect_uri}?{urlencode({'state': state})}")
    if not _client(connection):
        raise ChannelError(_("the client ID is missing"), permanent=True, reason="right")
    verifier = secrets.token_urlsafe(48)
    query = {
        "response_type": "code", "client_id": _client(connection), "redirect_uri": redirect_uri, "state": state,
        "scope": " ".join(right.name for right in rights), "code_challenge": signing.s256(verifier),
        "code_challenge_method": "S256",
    }  # fmt: skip
    page = f"{connection.base(SITE, 'dialog_url')}/i/oauth2/authorize"
    return Consent(f"{page}?{urlencode(query)}", {"verifier": verifier})


def exchanged(
    connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
) -> Grant:  # fmt: skip
    if keys_of(connection) is not None:
        return _ours({}, who_we_are(X(connection)))
    if not told.get("code"):
        said = told.get("error_description") or told.get("error") or "no code"
        raise ChannelError(f"the sign-in was not finished: {said}"[:300], permanent=True, reason="token")
    form = {
        "grant_type": "authorization_code", "code": told["code"], "redirect_uri": redirect_uri,
        "code_verifier": keep.get("verifier", ""),
    }  # fmt: skip
    grant = _granted(connection, form)
    config = {k: v for k, v in connection.config.items() if k not in ("user_id", "handle")}
    signed_in = Connection(connection.key, "", "", config, {"token": grant.secrets["token"]}, budget=connection.budget)
    return _ours(grant.secrets, who_we_are(X(signed_in)), grant.config, grant.expires_at)


def _ours(
    kept: Mapping[str, str], me: Mapping[str, Any], config: Mapping[str, Any] | None = None,
    ends: datetime | None = None,
) -> Grant:  # fmt: skip
    handle = words(me.get("username"))
    told = {**(config or {}), "user_id": name(me.get("id")), "handle": handle}
    return Grant(kept, told, ends, f"@{handle}", words(me.get("name")))


def refreshed(connection: Connection) -> Grant:
    """A refresh token serves once. Keys of OAuth 1.0a never run out."""
    if keys_of(connection) is not None:
        return Grant()
    if not (kept := connection.secrets.get("refresh_token")):
        raise ChannelError("there is nothing to renew the token with: sign in again", reason="token")
    return _granted(connection, {"grant_type": "refresh_token", "refresh_token": kept})


def _granted(connection: Connection, form: Mapping[str, str]) -> Grant:
    """A confidential client proves itself by a header, a public one names itself in the form."""
    client, secret = _client(connection), connection.secrets.get("client_secret", "")
    headers = {"authorization": basic(client, secret)} if secret else {}
    form = dict(form) if secret else {**form, "client_id": client}
    x = X(connection, "nobody")
    try:
        told = x.json(x.call("POST", "2/oauth2/token", form=form, headers=headers))
    except ChannelError as error:
        if error.permanent:  # such a grant is over, for good: whoever waits leaves after signing in again
            raise ChannelError(str(error), reason="token") from error
        raise
    token, again, lasts = (within(told, one) for one in ("access_token", "refresh_token", "expires_in"))
    if not isinstance(token, str) or not token:
        raise ChannelError("X granted no token", unknown=True)
    sealed = {"token": token, **({"refresh_token": again} if isinstance(again, str) and again else {})}
    ends = datetime.now(UTC) + timedelta(seconds=lasts) if isinstance(lasts, int) and 0 < lasts < 10**9 else None
    return Grant(sealed, {"scope": words(within(told, "scope"))}, ends)


# --- Rights -----------------------------------------------------------------------------------------


def who_we_are(x: X) -> Mapping[str, Any]:
    told = x.get("2/users/me", {"user.fields": "id,name,username"}, bucket="me")
    found = within(told, "data")
    if not isinstance(found, Mapping):
        raise ChannelError("X does not say whose token this is")
    return found


def granted(connection: Connection) -> Granted:
    """X says whether the token is good, and of OAuth 1.0a what it may; scopes of OAuth 2.0 it told with the token."""
    x = X(connection)
    who_we_are(x)
    if x.keys is not None:
        return Granted(LEVELS.get(x.level, WRITES) | {LASTING})
    rights = set(str(connection.config.get("scope") or "").split())
    return Granted(frozenset(rights | ({LASTING} if connection.secrets.get("refresh_token") else set())))


# --- The hook ---------------------------------------------------------------------------------------


def subscribe(connection: Connection, hook: str) -> None:
    """The app's hook is made if it is not there, and checked anew if it is; then this account is subscribed to it."""
    app, person = X(connection, "app"), X(connection)
    known = _hook(app, hook)
    if known is None:
        told = app.post("2/webhooks", {"url": hook})
        id = name(within(told, "data", "id") or within(told, "id"))
    else:
        id = name(known["id"])
        if known.get("valid") is not True:
            app.call("PUT", f"2/webhooks/{id}")
    path = f"2/account_activity/webhooks/{id}/subscriptions/all"
    if within(person.get(path), "data", "subscribed") is not True:
        person.call("POST", path)


def unsubscribe(connection: Connection, hook: str) -> None:
    """This account only: the hook stays, for others of the app are told through it."""
    app = X(connection, "app")
    if (known := _hook(app, hook)) is None:
        return
    try:
        app.call("DELETE", f"2/account_activity/webhooks/{name(known['id'])}/subscriptions/{own_id(connection)}/all")
    except ChannelError as error:
        if error.reason != "gone":
            raise


def _hook(app: X, hook: str) -> Mapping[str, Any] | None:
    return next((one for one in listed(within(app.get("2/webhooks"), "data")) if one.get("url") == hook), None)


def _client(connection: Connection) -> str:
    return str(connection.config.get("client_id") or "").strip()
