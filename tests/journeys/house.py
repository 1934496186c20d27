"""The house of a journey: everything runs by itself, on a clock that can be moved."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from netcenter.site.server import house_loops
from tests.serving import served

ASKED_BY_HAND = ("intake.listen", "intake.reconcile", "intake.keep_up", "intake.ports")


@pytest.fixture
def travel():
    with time_machine.travel(datetime.now(UTC), tick=True) as travel:
        yield travel


@pytest.fixture
def house(company, travel, settings, request) -> Iterator[str]:
    """All that runs by itself, but for what would ask the network unbidden: that is done when something was said."""
    settings.ALLOW_PRIVATE_HTTP = True
    asked = () if "mail" in request.keywords else ASKED_BY_HAND
    with served([loop for loop in house_loops() if loop.name not in asked]) as address:
        settings.PUBLIC_URL = address
        yield address
