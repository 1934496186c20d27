"""Signing in, tokens and subscriptions.

https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
https://developers.facebook.com/docs/graph-api/webhooks/subscriptions-edge
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import ChannelError, Connection, Consent, Grant, Granted, Right
from netcenter.channels.meta.graph import VERSION, Graph
from netcenter.channels.meta.options import DIALOG

PAGE_FIELDS = (
    "feed", "mention", "ratings", "messages", "message_echoes", "message_edits", "message_reactions",
    "message_deliveries", "message_reads", "messaging_postbacks", "messaging_referrals", "messaging_policy_enforcement",
    "standby",
)  # fmt: skip


def dialog(connection: Connection, redirect_uri: str, state: str, rights: Iterable[Right]) -> Consent:
    """Meta's own page, where the person chooses what to connect. With a token that was pasted, straight back."""
    if pasted(connection):
        return Consent(f"{redirect_uri}?{urlencode({'state': state})}")
    query = {
        "client_id": app_id(connection), "redirect_uri": redirect_uri, "state": state, "response_type": "code",
        "scope": ",".join(right.name for right in rights),
    }  # fmt: skip
    version = str(connection.config.get("version") or VERSION)
    return Consent(f"{connection.base(DIALOG, 'dialog_url')}/{version}/dialog/oauth?{urlencode(query)}")


def long_lived(connection: Connection, told: Mapping[str, str], redirect_uri: str) -> str:
    """The person's token of sixty days, for the code they came back with."""
    if not told.get("code"):
        said = told.get("error_description") or told.get("error") or _("the sign-in was not finished")
        raise ChannelError(said[:300], permanent=True, reason="token")
    query = {**_app(connection), "redirect_uri": redirect_uri, "code": told["code"]}
    first = Graph(connection, token="").get("oauth/access_token", query)
    return prolonged(connection, str(first["access_token"]))


def pasted(connection: Connection) -> str:
    """A system user's token, for an account that is not one yet: what exists (it has a key) holds the page's own."""
    return "" if connection.key else connection.secrets.get("token", "").strip()


def people_token(
    connection: Connection, told: Mapping[str, str], redirect_uri: str
) -> tuple[str, dict[str, str], datetime | None]:  # fmt: skip
    """With what the pages are listed, what of it is kept to renew theirs, and when it ends."""
    if mine := pasted(connection):
        return mine, {}, granted(connection, mine).expires_at
    user = long_lived(connection, told, redirect_uri)
    return user, {"user_token": user}, granted(connection, user).expires_at


def prolonged(connection: Connection, token: str) -> str:
    """A token of sixty days for one that still lives."""
    query = {**_app(connection), "grant_type": "fb_exchange_token", "fb_exchange_token": token}
    return str(Graph(connection, token="").get("oauth/access_token", query)["access_token"])


def refreshed(connection: Connection, page: str) -> Grant:
    """A page's token lives as long as the person's that it was made with; a system user's needs nothing."""
    if not (kept := connection.secrets.get("user_token")):
        return Grant(expires_at=granted(connection).expires_at)
    user = prolonged(connection, kept)
    told = Graph(connection, token=user).get(page, {"fields": "access_token"})
    ends = granted(connection, user).expires_at
    return Grant({"token": told["access_token"], "user_token": user}, expires_at=ends)


def granted(connection: Connection, token: str | None = None) -> Granted:
    """What Meta's debugger says of a token. Raises ChannelError(reason="token") for one that is no longer good."""
    asked = connection.secrets.get("token", "") if token is None else token
    told = app_graph(connection).get("debug_token", {"input_token": asked})["data"]
    if not told.get("is_valid"):
        said = (told.get("error") or {}).get("message", "")
        raise ChannelError(said[:300] or _("the token is no longer good"), reason="token")
    ends = [told.get(name) for name in ("expires_at", "data_access_expires_at")]
    ends = [one for one in ends if isinstance(one, int) and one > 0]  # 0: never
    expires_at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=min(ends)) if ends else None
    return Granted(frozenset(told.get("scopes", ())), expires_at)


def subscribe(connection: Connection, hook: str, what: str, fields: Iterable[str]) -> None:
    """Tell the app where to push. Without the app's id that is done in the dashboard."""
    if not app_id(connection):
        return
    form = {
        "object": what, "callback_url": hook, "verify_token": connection.secrets.get("verify_token", ""),
        "fields": ",".join(fields), "include_values": "true",
    }  # fmt: skip
    app_graph(connection).call("POST", f"{app_id(connection)}/subscriptions", form=form)


def subscribe_page(connection: Connection, page: str) -> None:
    """Have a page's app told. Each call names all fields: it takes the place of the one before."""
    Graph(connection).call("POST", f"{page}/subscribed_apps", form={"subscribed_fields": ",".join(PAGE_FIELDS)})


def app_graph(connection: Connection) -> Graph:
    """Graph as the app itself calls it."""
    return Graph(connection, token=f"{app_id(connection)}|{connection.secrets.get('app_secret', '')}")


def app_id(connection: Connection) -> str:
    return str(connection.config.get("app_id") or "").strip()


def _app(connection: Connection) -> dict[str, Any]:
    return {"client_id": app_id(connection), "client_secret": connection.secrets.get("app_secret", "")}
