"""Trying an account's connection: each check is told as it is known, and all end within a time."""

import queue
import threading
import time
from collections.abc import Iterator

from django.db import connection as database
from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Channel, ChannelError, Check, Connection
from netcenter.setup.failing import advice

LONGEST = 45.0  # seconds for all checks together


def checks(channel: Channel, connection: Connection, longest: float = LONGEST) -> Iterator[Check]:
    """The channel's checks, as each is known. One that hangs or breaks becomes a failed check, never an error page."""
    told: queue.Queue[Check | None] = queue.Queue()
    deadline = time.monotonic() + longest

    def examine() -> None:
        try:
            for check in channel.health(connection):
                told.put(check)
        except ChannelError as error:  # a channel that tells no more than that it does not work
            told.put(Check(_("The network lets us in"), False, str(error), advice(error)))
        except Exception as error:  # a bug of the channel must not leave the person without an answer
            told.put(Check(_("The test itself"), False, str(error) or repr(error), _("Report this to the developers.")))
        finally:
            told.put(None)
            database.close()

    threading.Thread(target=examine, name="connection-test", daemon=True).start()
    while True:
        try:
            check = told.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            yield Check(_("In time"), False, "", _("The server does not answer. A firewall may be in the way."))
            return
        if check is None:
            return
        yield check
