"""Signing in at Google, rights, and the hub that announces new videos.

https://developers.google.com/youtube/v3/guides/auth/server-side-web-apps
https://developers.google.com/youtube/v3/guides/push_notifications
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import orjson
from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    Answered,
    Api,
    ChannelError,
    Check,
    Connection,
    Consent,
    Grant,
    Granted,
    checks_of,
    failure_of,
    loose,
    signing,
)
from netcenter.channels.youtube import options, wire

DIALOG, TOKENS = "https://accounts.google.com/o/oauth2/v2/auth", "https://oauth2.googleapis.com"
HUB, TOPIC = "https://pubsubhubbub.appspot.com", "https://www.youtube.com/feeds/videos.xml"
LEASE = 864_000  # seconds, the most that the hub grants; the house asks anew every day
CHANNEL = {"part": "id,snippet,contentDetails,statistics"}


class Tokens(Api):
    """Google's own: {"error", "error_description"}."""

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        if answered.status < 300:
            return None
        try:
            told = loose.within(orjson.loads(answered.body))
        except orjson.JSONDecodeError:
            told = {}
        why, more = loose.text(told.get("error"), 100), loose.text(told.get("error_description"), 300)
        if why in ("invalid_grant", "invalid_token", "unauthorized_client", "invalid_client"):
            return ChannelError(f"{why}: {more}".strip(": "), reason="token")
        return failure_of(method, answered, f"{why}: {more}".strip(": "))


# --- Signing in -----------------------------------------------------------------------------------


def authorize(connection: Connection, redirect_uri: str, state: str) -> Consent:
    """Google's own page. Offline access, or the account would fall silent within the hour."""
    verifier = secrets.token_urlsafe(48)
    query = {
        "client_id": _client(connection), "redirect_uri": redirect_uri, "response_type": "code", "state": state,
        "scope": options.SCOPES, "access_type": "offline", "prompt": "consent", "include_granted_scopes": "true",
        "code_challenge": signing.s256(verifier), "code_challenge_method": "S256",
    }  # fmt: skip
    return Consent(f"{connection.base(DIALOG, 'dialog_url')}?{urlencode(query)}", {"verifier": verifier})


def exchange(
    connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
) -> tuple[Grant, ...]:  # fmt: skip
    """A grant for each channel of whoever signed in; Google lets choose one."""
    if not told.get("code"):
        said = told.get("error_description") or told.get("error") or "no code came back"
        raise ChannelError(f"the sign-in was not finished: {said}"[:300], permanent=True, reason="right")
    form = {
        "grant_type": "authorization_code", "code": told["code"], "redirect_uri": redirect_uri,
        "code_verifier": keep.get("verifier", ""),
    }  # fmt: skip
    grant = _granted(connection, form)
    signed_in = Connection(
        connection.key, "", "", dict(connection.config), dict(grant.secrets), budget=connection.budget
    )
    mine = wire.YouTube(signed_in).asked("channels", {**CHANNEL, "mine": "true"})
    return tuple(_grant_of(one, grant) for one in loose.objects(mine.get("items")))


def _grant_of(channel: Mapping[str, Any], grant: Grant) -> Grant:
    snippet = loose.within(channel, "snippet")
    config = {**grant.config, "own_id": loose.name(channel.get("id"))}
    address = loose.text(snippet.get("customUrl"), 100) or config["own_id"]
    return Grant(grant.secrets, config, grant.expires_at, address, loose.text(snippet.get("title"), 200) or address)


def refresh(connection: Connection) -> Grant:
    """The refresh token stays the same."""
    if not (kept := connection.secrets.get("refresh_token")):
        raise ChannelError("there is nothing to renew the token with: sign in again", reason="token")
    return _granted(connection, {"grant_type": "refresh_token", "refresh_token": kept})


def _granted(connection: Connection, form: Mapping[str, str]) -> Grant:
    api = Tokens(connection.base(TOKENS, "token_url"))
    proof = {"client_id": _client(connection), "client_secret": connection.secrets.get("client_secret", "")}
    told = loose.within(api.json(api.call("POST", "token", form={**form, **proof})))
    if not (token := loose.text(told.get("access_token"), 4000)):
        raise ChannelError("Google granted no token", unknown=True)
    again, lasts = loose.text(told.get("refresh_token"), 4000), loose.count(told.get("expires_in"))
    ends = wire.now() + timedelta(seconds=min(lasts, 10**8)) if lasts else None
    sealed = {"token": token, **({"refresh_token": again} if again else {})}
    scope = loose.text(told.get("scope"), 2000)
    return Grant(sealed, {"scope": scope} if scope else {}, ends)


def _client(connection: Connection) -> str:
    return str(connection.config.get("client_id") or "").strip()


# --- How the account stands -------------------------------------------------------------------------


def granted(connection: Connection) -> Granted:
    """https://developers.google.com/identity/protocols/oauth2 – what Google says of the token."""
    api = Tokens(connection.base(TOKENS, "token_url"))
    told = loose.within(api.get("tokeninfo", {"access_token": connection.secrets.get("token", "")}))
    lasts = loose.text(told.get("expires_in"), 12) or str(told.get("expires_in") or "")
    ends = wire.now() + timedelta(seconds=int(lasts)) if lasts.isdigit() and len(lasts) < 9 else None
    return Granted(frozenset(loose.text(told.get("scope"), 4000).split()), ends)


def health(connection: Connection) -> Iterator[Check]:
    """The token, whose channel it is, what it may do, and whether comments can be read."""
    label, advice = _("Google accepts the sign-in"), _("Sign in again.")
    try:
        held = granted(connection).rights
    except ChannelError as error:
        yield Check(label, False, str(error), advice)
        return
    yield Check(label, True)
    yield from checks_of(options.RIGHTS, held)
    youtube = wire.YouTube(connection)
    try:
        mine = loose.objects(youtube.asked("channels", {**CHANNEL, "mine": "true"}).get("items"))
    except ChannelError as error:
        yield Check(_("The channel is there"), False, str(error), _("Enable the YouTube Data API in the project."))
        return
    names = [loose.text(loose.within(one, "snippet").get("title"), 200) for one in mine]
    is_ours = any(one.get("id") == youtube.own for one in mine)
    yield Check(
        _("The channel is there"), is_ours, ", ".join(names),
        "" if is_ours else _("Whoever signed in has another channel: sign in again and choose the right one."),
    )  # fmt: skip
    try:
        query = {"part": "id", "allThreadsRelatedToChannelId": youtube.own, "maxResults": 1}
        youtube.asked("commentThreads", query)
    except ChannelError as error:
        yield Check(_("Comments can be read"), False, str(error), _("Allow comments in YouTube Studio."))
    else:
        yield Check(_("Comments can be read"), True)


# --- The hub ----------------------------------------------------------------------------------------


def topic(connection: Connection) -> str:
    return f"{TOPIC}?channel_id={connection.config.get('own_id') or ''}"


def mark(connection: Connection) -> str:
    """What the hub brings back when it asks whether it was we: nobody else can make us end a subscription."""
    return signing.hmac_hex(connection.secrets.get("hub_secret", ""), b"netcenter hub")[:40]


def subscribe(connection: Connection, hook: str, mode: str = "subscribe") -> None:
    """The hub asks at once, at the hook, whether it was we. https://www.w3.org/TR/websub/#subscriber-sends-subscription-request"""
    secret = connection.secrets.get("hub_secret", "")
    if not secret or not connection.config.get("own_id"):
        raise ChannelError("new videos cannot be announced: sign in first", permanent=True)
    form = {
        "hub.callback": hook, "hub.mode": mode, "hub.topic": topic(connection), "hub.verify": "async",
        "hub.verify_token": mark(connection), "hub.secret": secret, "hub.lease_seconds": LEASE,
    }  # fmt: skip
    hub = Api(connection.base(HUB, "hub_url"))
    hub.call("POST", "subscribe", form=form)
