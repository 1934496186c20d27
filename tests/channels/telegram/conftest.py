"""A bot on the street, and its house."""

from datetime import UTC, datetime

import pytest

from netcenter.channels.telegram import wire
from netcenter.channels.telegram.channel import CHANNEL
from netcenter.street.networks.base import Clock
from netcenter.street.networks.telegram import BotApi
from tests.channels.telegram.house import HOOK, NOW, House


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def network(clock, settings, monkeypatch):
    settings.ALLOW_PRIVATE_HTTP = True
    monkeypatch.setattr(wire, "now", lambda: datetime.fromtimestamp(clock(), UTC))
    with BotApi(clock) as one:
        yield one


@pytest.fixture
def house(network, clock):
    """Told by polling."""
    return House(network, clock)


@pytest.fixture
def pushed(network, house):
    """Told by its webhook."""
    network.door = house.door
    CHANNEL.subscribe(house.connection, HOOK)
    return house


@pytest.fixture
def dana(network):
    return network.person("Dana", last_name="López", username="dana_l")
