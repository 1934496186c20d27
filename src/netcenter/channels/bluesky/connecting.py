"""Whether everything is well, and which rights there are."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from netcenter.channels.bluesky import chat, oauth, options, sessions
from netcenter.channels.contract import ChannelError, Check, Connection, Grant, Granted, checks_of

ALL = frozenset(right.name for right in options.RIGHTS)
# What sessions from passwords may do: https://atproto.com/specs/xrpc#app-passwords
_SCOPES = {
    "com.atproto.access": ALL,
    "com.atproto.appPassPrivileged": ALL,
    "com.atproto.appPass": ALL - {"transition:chat.bsky"},
}


def refresh(connection: Connection) -> Grant:
    return oauth.refresh(connection) if connection.secrets.get("dpop_key") else sessions.refresh(connection)


def granted(connection: Connection) -> Granted:
    """As the session itself says; asked of the network whether it is still good."""
    api = sessions.pds(connection)
    api.query("com.atproto.server.getSession")
    told = _SCOPES.get(api.scope, frozenset(api.scope.split()) & ALL)
    return Granted(told, sessions.ends_at(api.token))


def health(connection: Connection) -> Iterator[Check]:
    """Signing in, each right, notifications, and the chat where it is wanted."""
    try:
        held = granted(connection).rights
    except ChannelError as error:
        yield Check(
            _("Signing in"), False, str(error),
            _("Make a new app password and paste it here. It looks like xxxx-xxxx-xxxx-xxxx."),
        )  # fmt: skip
        return
    yield Check(_("Signing in"), True, connection.address)
    yield from checks_of(options.RIGHTS, held)
    api = sessions.pds(connection)
    try:
        api.query("app.bsky.notification.listNotifications", {"limit": 1})
        yield Check(_("Mentions and answers can be read"), True)
    except ChannelError as error:
        yield Check(_("Mentions and answers can be read"), False, str(error), _("Try again later."))
    if not chat.is_on(connection):
        return
    try:
        api.query("chat.bsky.convo.listConvos", {"limit": 1}, headers=chat.headers(connection))
        yield Check(_("Private messages can be read"), True)
    except ChannelError as error:
        yield Check(
            _("Private messages can be read"), False, str(error),
            _("Make an app password with “Allow access to your direct messages” ticked, or turn private messages off."),
        )  # fmt: skip
