"""Telling Telegram where to push, and whether everything is well."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import ChannelError, Check, Connection, Granted, checks_of, loose
from netcenter.channels.telegram import options
from netcenter.channels.telegram.reading import KINDS
from netcenter.channels.telegram.wire import Bot

PORTS = (None, 443, 80, 88, 8443)  # https://core.telegram.org/bots/api#setwebhook


def subscribe(connection: Connection, hook: str) -> None:
    """Have it push, where it can; where it cannot, nothing is set, and we ask."""
    bot = Bot(connection)
    parts = urlsplit(hook)
    if connection.config.get("receive") != "ask" and parts.scheme == "https" and parts.port in PORTS:
        secret = connection.secrets.get("webhook_secret", "")
        try:
            bot.do("setWebhook", {"url": hook, "secret_token": secret, "allowed_updates": list(KINDS)})
        except ChannelError as error:
            if error.reason != "unfit":  # "bad webhook: …": an address that it cannot reach
                raise
        else:
            return
    bot.do("deleteWebhook", {"drop_pending_updates": False})


def unsubscribe(connection: Connection) -> None:
    """What waits there waits on, for a day."""
    Bot(connection).do("deleteWebhook", {"drop_pending_updates": False})


def granted(connection: Connection) -> Granted:
    """https://core.telegram.org/bots/api#getme"""
    own = loose.within(Bot(connection).do("getMe"))
    return Granted(frozenset(right.name for right in options.RIGHTS if own.get(right.name) is True))


def health(connection: Connection) -> Iterator[Check]:
    """Who the bot is, what it hears, and how it comes in."""
    try:
        bot = Bot(connection)
        own = loose.within(bot.do("getMe"))
    except ChannelError as error:
        yield Check(_("The token is accepted"), False, str(error), _("Ask BotFather for the token: /token"))
        return
    name = f"@{loose.text(own.get('username'), 64)}"
    yield Check(_("The token is accepted"), True, name)
    given = connection.address.strip().rpartition("/")[2].lstrip("@").lower()
    yield Check(
        _("It is the bot that you named"), f"@{given}" == name.lower(), name,
        _("The token belongs to another bot. Write the name of this one, or paste the other's token."),
    )  # fmt: skip
    yield from checks_of(options.RIGHTS, (right.name for right in options.RIGHTS if own.get(right.name) is True))
    if connection.config.get("groups", "all") != "none":
        yield Check(
            _("It hears all that is written in groups"), own.get("can_read_all_group_messages") is True, "/setprivacy",
            _("Tell BotFather: /setprivacy → Disable, then add it to the group anew. If customers write in private "
              "alone, choose that nothing comes in from groups."),
        )  # fmt: skip
    yield from _how_it_comes_in(bot, connection)


def _how_it_comes_in(bot: Bot, connection: Connection) -> Iterator[Check]:
    try:
        told = loose.within(bot.do("getWebhookInfo"))
    except ChannelError as error:
        yield Check(_("Telegram calls us"), False, str(error), _("Try again in a moment."))
        return
    url = loose.text(told.get("url"), 1000)
    if not url:
        yield Check(_("We ask Telegram"), True, "", _("It calls only addresses with https that everybody can reach."))
        return
    ours = url.endswith(f"/hooks/{connection.key}")
    yield Check(
        _("Telegram calls us"), ours, urlsplit(url).hostname or "",
        "" if ours else _("Another program receives what customers write to this bot. Disconnect it there first."),
    )  # fmt: skip
    waiting, said = loose.count(told.get("pending_update_count")) or 0, loose.text(told.get("last_error_message"), 300)
    yield Check(
        _("It reaches us"), waiting < 100, f"{waiting} {said}".strip(),
        _("Messages are waiting at Telegram: see what it says, and whether our address can be reached from outside."),
    )  # fmt: skip
