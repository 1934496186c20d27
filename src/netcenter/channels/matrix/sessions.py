"""Signing in, by name and password, by a token, or on the server's own page; and new tokens for old ones.

https://spec.matrix.org/latest/client-server-api/#client-authentication. We are always the same device: another sign-in
ends its older tokens, and a message sent twice with one key is one message for one device only.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import ChannelError, Connection, Consent, Grant, loose
from netcenter.channels.matrix import wire
from netcenter.channels.matrix.wire import V3, Server

DEVICE = "Netcenter"


def authorize(connection: Connection, redirect_uri: str, state: str) -> Consent:
    """With a token or a password nobody needs to be sent anywhere: they come straight back."""
    anybody = wire.server(_found(connection), "")
    kept = {"server": anybody.base, "device": f"NETCENTER{secrets.token_hex(4).upper()}"}
    back = f"{redirect_uri}?{urlencode({'state': state})}"
    if connection.secrets.get("token") or connection.secrets.get("password"):
        return Consent(back, kept)
    flows = loose.objects(loose.within(anybody.get(f"{V3}/login")).get("flows"))
    if not any(flow.get("type") == "m.login.sso" for flow in flows):
        raise ChannelError(
            _("this server has no page to sign in: a password is needed"), permanent=True, reason="right"
        )
    return Consent(f"{anybody.base}/{V3}/login/sso/redirect?{urlencode({'redirectUrl': back})}", kept)


def exchange(connection: Connection, told: Mapping[str, str], keep: Mapping[str, str]) -> tuple[Grant, ...]:
    """Who we are there, and with what we go on."""
    anybody = Server(keep["server"], {}, connection.budget)
    if token := connection.secrets.get("token", ""):
        return (_granted({"access_token": token}, anybody, keep["device"]),)
    return (_granted(_login(anybody, connection, keep["device"], told.get("loginToken", "")), anybody, keep["device"]),)


def refresh(connection: Connection) -> Grant:
    """By the refresh token, which ends with it; by the password where that is refused, as after a soft logout."""
    anybody, device = wire.server(connection, ""), str(connection.config.get("device_id") or "")
    if old := connection.secrets.get("refresh", ""):
        try:
            told = loose.within(anybody.post(f"{V3}/refresh", {"refresh_token": old}))
            return _granted({"refresh_token": old, **told}, anybody, device)
        except ChannelError as error:
            if error.reason not in ("token", "right"):
                raise
    if not connection.secrets.get("password"):
        raise ChannelError("the sign-in has ended, and there is no password: sign in again", reason="token")
    return _granted(_login(anybody, connection, device), anybody, device)


def _login(anybody: Server, connection: Connection, device: str, login_token: str = "") -> Mapping[str, Any]:
    """https://spec.matrix.org/latest/client-server-api/#post_matrixclientv3login"""
    name = str(connection.config.get("user") or connection.address or "").strip()
    told: dict[str, Any] = {"device_id": device, "initial_device_display_name": DEVICE, "refresh_token": True}
    if login_token:
        told |= {"type": "m.login.token", "token": login_token}
    elif name and connection.secrets.get("password"):
        who = {"type": "m.id.user", "user": name}
        told |= {"type": "m.login.password", "identifier": who, "password": connection.secrets["password"]}
    else:
        raise ChannelError(_("name and password are needed"), reason="token")
    try:
        return loose.within(anybody.post(f"{V3}/login", told))
    except ChannelError as error:
        if error.reason in ("right", "blocked"):  # M_FORBIDDEN: the password is wrong
            raise ChannelError(str(error), reason="token") from error
        raise


def _granted(told: Mapping[str, Any], anybody: Server, device: str) -> Grant:
    access, again = loose.text(told.get("access_token"), 8000), loose.text(told.get("refresh_token"), 8000)
    if not access:
        raise ChannelError("the server gave no token", reason="token")
    mine = Server(anybody.base, {"authorization": f"Bearer {access}"}, anybody.budget)
    who = loose.within(mine.get(f"{V3}/account/whoami"))
    user = loose.text(who.get("user_id"), 255)
    if not user.startswith("@"):
        raise ChannelError("the server does not say who we are", permanent=True)
    config = {"server": anybody.base, "user_id": user, "device_id": loose.text(who.get("device_id"), 255) or device}
    return Grant({"access": access, "refresh": again}, config, _ends(told), user, profile_name(mine, user))


def profile_name(api: Server, user: str) -> str:
    """How somebody calls themselves; "" when they do not."""
    try:
        told = loose.within(api.get(f"{V3}/profile/{wire.quoted(user)}"))
    except ChannelError as error:
        if not error.permanent:
            raise
        return ""
    return loose.text(told.get("displayname"), 200)


def _ends(told: Mapping[str, Any]) -> datetime | None:
    thousandths = loose.count(told.get("expires_in_ms"))
    return None if thousandths is None else wire.now() + timedelta(milliseconds=min(thousandths, 10**11))


def _found(connection: Connection) -> Connection:
    """The server that a domain names for its accounts: https://spec.matrix.org/latest/client-server-api/#well-known-uri"""
    base = connection.base("")
    if not base:
        raise ChannelError("no server is configured", permanent=True)
    parts = urlsplit(base)
    try:
        anybody = Server(f"{parts.scheme}://{parts.netloc}", {}, connection.budget)
        told = loose.within(anybody.get(".well-known/matrix/client"), "m.homeserver")
        found = loose.text(told.get("base_url"), 500).rstrip("/")
    except ChannelError:
        found = ""
    good = found.startswith("https://") or (found.startswith("http://") and parts.scheme == "http")
    return replace(connection, config={**connection.config, "server": found if good else base})
