"""The channels this installation knows: those named in settings.CHANNELS, and no others."""

from functools import cache
from importlib import import_module

from django.conf import settings

from netcenter.channels.contract import Channel


@cache
def channels() -> dict[str, Channel]:
    """Every channel by kind, in the order of the settings. A name that cannot be imported is an error, loudly."""
    found = {}
    for module in settings.CHANNELS:
        channel = import_module(f"{module}.channel").CHANNEL
        found[channel.kind] = channel
    return found


def channel(kind: str) -> Channel:
    """The channel of this kind. Raises KeyError for a kind that is not installed."""
    return channels()[kind]
