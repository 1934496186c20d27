"""Sending what is due, and doing what is due on what is there already."""

import logging

from netcenter.lib import clock
from netcenter.lib.loops import Loop
from netcenter.lib.workers import Workers
from netcenter.outbox import dispatching, doing, receipts
from netcenter.outbox.models import Deed, Dispatch

log = logging.getLogger(__name__)


def deliver(dispatch: Dispatch) -> None:
    """Send one claimed dispatch and write down what became of it."""
    try:
        receipt = dispatching.send(dispatch, clock.now())
    except Exception as error:
        log.warning("dispatch %s to account %s failed: %r", dispatch.key, dispatch.account_id, error)
        receipts.went_wrong(dispatch, error, clock.now())
    else:
        receipts.sent(dispatch, receipt, clock.now())


def perform(deed: Deed) -> None:
    """Do one claimed deed and write down what became of it."""
    try:
        receipt = doing.perform(deed)
    except Exception as error:
        log.warning("deed %s on account %s failed: %r", deed.key, deed.account_id, error)
        doing.went_wrong(deed, error, clock.now())
    else:
        doing.done(deed, receipt, clock.now())


_words = Workers(
    "outbox", "outbox", dispatching.claim, deliver, dispatching.next_due, dispatching.is_due, dispatching.take_over
)
_deeds = Workers("deeds", "deeds", doing.claim, perform, doing.next_due, take_over=doing.take_over, threads=4)

LOOPS = [
    Loop("outbox.send", _words.step, topics=("outbox",), every=5.0),
    Loop("outbox.do", _deeds.step, topics=("deeds",), every=5.0),
]
