"""The ports that channels keep open themselves, such as one that takes mail: stored before the sender hears "yes"."""

import logging
import os
from collections.abc import Callable

from django.db import close_old_connections

from netcenter.accounts.models import Account
from netcenter.channels.contract import Listener, Raw
from netcenter.channels.registry import channels
from netcenter.intake.commit import store_now
from netcenter.lib import clock

log = logging.getLogger(__name__)


class Ports:
    """Opens every channel's port once; one that is taken is tried again."""

    def __init__(self) -> None:
        self._open: dict[str, Listener | None] = {}

    def step(self) -> None:
        for kind, network in channels().items():
            if kind in self._open:
                continue
            prefix = f"NETCENTER_{kind.upper()}_"
            wishes = {k.removeprefix(prefix).lower(): v for k, v in os.environ.items() if k.startswith(prefix)}
            try:
                self._open[kind] = network.listen(accept_for(kind), knows_of(kind), wishes)
            except OSError as error:
                log.warning("the port of %s cannot be opened: %s", kind, error)

    def stop(self) -> None:
        """Close them; what is being received is stored first."""
        for listener in self._open.values():
            if listener is not None:
                listener.stop()
        self._open.clear()


def accept_for(kind: str) -> Callable[[str, list[Raw]], None]:
    """Stores what comes for an address of this kind of channel; raises when it cannot, so that the sender keeps it."""

    def accept(address: str, raws: list[Raw]) -> None:
        close_old_connections()
        account = Account.objects.get(channel=kind, address__iexact=address, enabled=True)
        store_now(account.pk, raws, clock.now())

    return accept


def knows_of(kind: str) -> Callable[[str], bool]:
    """Whether an address is one of ours."""

    def knows(address: str) -> bool:
        close_old_connections()
        return Account.objects.filter(channel=kind, address__iexact=address, enabled=True).exists()

    return knows
