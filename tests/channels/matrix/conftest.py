"""An account on the street's Matrix, and what Dana asked."""

import pytest

from netcenter.street.networks.matrix import HOME, MatrixServer
from tests.channels.matrix.house import signed_in

DANA = f"@dana:{HOME}"


@pytest.fixture
def network(settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with MatrixServer() as one:
        yield one


@pytest.fixture
def house(network):
    return signed_in(network.url, network.care, network.password)


@pytest.fixture
def room(network):
    """Dana's room, to which we are invited."""
    return network.room(DANA, network.care)


@pytest.fixture
def asked(network, house, room):
    network.say(room, DANA, "¿Abren hoy?")
    house.poll(2)
    return house.heard()[0]
