"""Signing in at Google, rights, and the hub that announces new videos.

https://developers.google.com/youtube/v3/guides/auth/server-side-web-apps
https://developers.google.com/youtube/v3/guides/push_notifications
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    Api,
    ChannelError,
    Check,
    Connection,
    Consent,
    Grant,
    Granted,
    checks_of,
    loose,
    signing,
)
from netcenter.channels.google import signing_in
from netcenter.channels.youtube import options, wire

HUB, TOPIC = "https://pubsubhubbub.appspot.com", "https://www.youtube.com/feeds/videos.xml"
LEASE = 864_000  # seconds, the most that the hub grants; the house asks anew every day
CHANNEL = {"part": "id,snippet,contentDetails,statistics"}


# --- Signing in -----------------------------------------------------------------------------------


def authorize(connection: Connection, redirect_uri: str, state: str) -> Consent:
    """Google's own page."""
    address = connection.base(signing_in.DIALOG, "dialog_url")
    return signing_in.dialog(address, connection, options.SCOPES, redirect_uri, state)


def exchange(
    connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
) -> tuple[Grant, ...]:  # fmt: skip
    """A grant for each channel of whoever signed in; Google lets choose one."""
    grant = _granted(signing_in.exchanged(_tokens(connection), connection, told, redirect_uri, keep))
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
    return _granted(signing_in.renewed(_tokens(connection), connection))


def _granted(found: Mapping[str, Any]) -> Grant:
    scope = loose.text(found.get("scope"), 2000)
    return Grant(signing_in.sealed(found), {"scope": scope} if scope else {}, signing_in.ends_at(found, wire.now()))


def _tokens(connection: Connection) -> str:
    return connection.base(signing_in.TOKENS, "token_url")


# --- How the account stands -------------------------------------------------------------------------


def granted(connection: Connection) -> Granted:
    return signing_in.granted(_tokens(connection), connection)


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
