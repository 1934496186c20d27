import pytest

from netcenter.channels.youtube import wire
from netcenter.street.networks.base import Clock
from netcenter.street.networks.youtube import YouTube
from tests.channels.meta.house import moment
from tests.channels.youtube.street import NOW, House, connected


@pytest.fixture
def clock(monkeypatch):
    clock = Clock(NOW)
    monkeypatch.setattr(wire, "now", lambda: moment(clock()))
    return clock


@pytest.fixture
def network(clock, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with YouTube(clock) as street:
        yield street


@pytest.fixture
def house(network, clock):
    """Connected, and has looked once."""
    one = House(network, connected(network), clock)
    one.poll()
    return one


@pytest.fixture
def dana(network):
    return network.person("@dana", subscribers=1200)


@pytest.fixture
def video(network):
    return network.publishes("Pan de masa madre")
