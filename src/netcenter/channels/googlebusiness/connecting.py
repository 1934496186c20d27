"""Signing in with Google, tokens, and the notices that it pushes through Pub/Sub.

https://developers.google.com/identity/protocols/oauth2/web-server
https://developers.google.com/my-business/reference/notifications/rest/v1/accounts/updateNotificationSetting
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from netcenter.channels.contract import ChannelError, Connection, Consent, Grant, Granted, loose
from netcenter.channels.google import pushing, signing_in
from netcenter.channels.googlebusiness.client import NOTICES, account_of, accounts, api
from netcenter.channels.googlebusiness.reading import OF_REVIEWS

SCOPE = "https://www.googleapis.com/auth/business.manage"


def dialog(connection: Connection, redirect_uri: str, state: str) -> Consent:
    """Google's own page."""
    here = urlsplit(signing_in.DIALOG)
    address = f"{connection.base(f'{here.scheme}://{here.netloc}')}{here.path}"
    return signing_in.dialog(address, connection, SCOPE, redirect_uri, state)


def exchanged(
    connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
) -> tuple[Grant, ...]:  # fmt: skip
    """A grant for every account that this person manages. Raises ChannelError."""
    found = signing_in.exchanged(_tokens(connection), connection, told, redirect_uri, keep)
    kept = signing_in.sealed(found)
    if "refresh_token" not in kept:
        raise ChannelError("Google gave no token that can be renewed: sign in once more", permanent=True)
    kept["push_keys"] = pushing.push_keys(connection)
    return tuple(
        Grant(kept, {"account": name}, signing_in.ends_at(found), name, loose.text(one.get("accountName"), 200))
        for one in accounts(connection, kept["token"])
        if (name := loose.text(one.get("name"), 100))
    )


def refreshed(connection: Connection) -> Grant:
    """An hour's token, and the keys with which Google signs its pushes."""
    found = signing_in.renewed(_tokens(connection), connection)
    made = {**signing_in.sealed(found), "push_keys": pushing.push_keys(connection)}
    return Grant(made, expires_at=signing_in.ends_at(found))


def granted(connection: Connection) -> Granted:
    """What Google says of our token. Raises ChannelError."""
    return signing_in.granted(_tokens(connection), connection)


def _tokens(connection: Connection) -> str:
    return connection.base(signing_in.TOKENS)


def subscribe(connection: Connection, topic: str) -> None:
    """Have Google tell of reviews on this topic; an account has one such setting."""
    name = f"{account_of(connection)}/notificationSetting"
    kinds: list[str] = list(OF_REVIEWS) if topic else []
    setting: dict[str, Any] = {"name": name, "pubsubTopic": topic, "notificationTypes": kinds}
    query = {"updateMask": "pubsubTopic,notificationTypes"}
    api(connection, NOTICES).call("PATCH", f"v1/{name}", query=query, data=setting)
