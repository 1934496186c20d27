"""Telegram's Bot API on the street, as strict as https://core.telegram.org/bots/api describes it.

updates   what is told: kept for a day, pushed to a webhook in order or asked for, never both
people    what people do: write, edit, react, press, block; groups, topics, channels with comments, business accounts
bot       BotApi: the calls of the bot, and every way in which they are refused
"""

from netcenter.street.networks.telegram.bot import BotApi

__all__ = ["BotApi"]
