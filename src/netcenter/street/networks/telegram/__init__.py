"""Telegram's Bot API on the street, as strict as https://core.telegram.org/bots/api describes it.

updates    what is told: kept for a day, pushed to a webhook in order or asked for, never both
people     what people do: write, edit, react, press, block; groups, topics, channels with comments, business accounts
calls      what every call of the bot stands on, and how Telegram says no
hearing    getUpdates, webhooks, buttons, files
speaking   messages, files, albums
acting     edits, deletions, reactions, members
"""

from netcenter.street.networks.telegram.acting import Acting
from netcenter.street.networks.telegram.hearing import Hearing
from netcenter.street.networks.telegram.speaking import Speaking


class BotApi(Hearing, Speaking, Acting):
    """The bot's side."""
