"""What deliveries say: each parsed by its channel, then the words of a whole batch read at once.

A part of the journey (`flow.take_in`), before the transaction that records them: what cannot be understood is listed,
and stops no other.
"""

import logging
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from netcenter import telling
from netcenter.accounts.queries import connection_of, enabled
from netcenter.cases import told
from netcenter.cases.arrivals import Arrival
from netcenter.channels.contract import (
    Connection,
    Deleted,
    Echo,
    Edited,
    Forward,
    Happening,
    Inbound,
    Pointer,
    Raw,
    Receipt,
    Unreadable,
)
from netcenter.channels.registry import channel
from netcenter.intake import actions as intake
from netcenter.intake.asking import stored
from netcenter.intake.models import Delivery
from netcenter.lib.text import clean
from netcenter.understanding import actions as understanding
from netcenter.understanding.rules import Read, with_verdict

log = logging.getLogger(__name__)


@dataclass
class Parsed:
    """A delivery and what it says."""

    delivery: Delivery
    arrivals: list[Arrival] = field(default_factory=list)
    others: list[tuple[telling.Happened, telling.Files]] = field(default_factory=list)
    beside: list[told.Told] = field(default_factory=list)
    pointers: list[Pointer] = field(default_factory=list)
    forwards: list[tuple[int, Raw]] = field(default_factory=list)  # account, what of it is said to that one
    stands_at: datetime | None = None  # when the network listed it: its words are those that stand there
    reads: list[Read] = field(default_factory=list)
    flaw: str = ""  # what of it could not be understood: it stays listed although the rest is recorded


def parse(delivery: Delivery, connections: dict[int, Connection], now: datetime) -> Parsed | None:
    """What the delivery says, with files stored; None when it cannot be understood."""
    account = delivery.account
    try:
        if account.pk not in connections:
            connections[account.pk] = connection_of(account)
        flaw = ""
        try:
            happened = channel(account.channel).parse(intake.raw_of(delivery), connections[account.pk])
        except Unreadable as error:
            happened, flaw = error.readable, str(error) or repr(error)
        if flaw and not happened:
            intake.unreadable(delivery, flaw, now)
            return None
        parsed = _sort(delivery, happened)
        parsed.flaw = " ".join(filter(None, (flaw, parsed.flaw)))
    except OSError:
        log.exception("delivery %s could not be read now", delivery.pk)
        intake.push_forward(delivery, traceback.format_exc(), now)  # a full disk, say: no fault of the delivery
        return None
    except Exception:
        log.exception("channel %s cannot parse delivery %s", account.channel, delivery.pk)
        intake.unreadable(delivery, traceback.format_exc(), now)
        return None
    return parsed


def read(parsed: Sequence[Parsed], now: datetime) -> list[Parsed]:
    """What all of them say, at once: a batch costs far less than its messages one by one. Returns what was read."""
    try:
        _read_together(parsed)
        return list(parsed)
    except Exception:
        log.exception("a batch of %d deliveries could not be read; reading them one by one", len(parsed))
    done = []
    for one in parsed:
        try:
            _read_together([one])
            done.append(one)
        except Exception:
            log.exception("the words of delivery %s cannot be read", one.delivery.pk)
            intake.unreadable(one.delivery, traceback.format_exc(), now)
    return done


def _read_together(parsed: Sequence[Parsed]) -> None:
    reads = iter(understanding.read([_words(a.said) for p in parsed for a in p.arrivals]))
    for one in parsed:
        one.reads = [_verdict(next(reads), a.said) for a in one.arrivals]


def _verdict(read: Read, said: Inbound) -> Read:
    """What stands beside the words counts with them: a review's stars; and who calls asks for somebody."""
    if said.form == "call" and not said.text:
        return replace(read, kind="question")
    return read if said.review is None else with_verdict(read, said.review.stars, said.review.recommends)


def _words(said: Inbound) -> str:
    above = said.review.title if said.review is not None else said.thread.subject
    return clean(f"{above}\n{said.text}" if above else said.text)


def _sort(delivery: Delivery, happened: Sequence[Happening]) -> Parsed:
    parsed = Parsed(delivery, stands_at=intake.stands_at(delivery))
    for one in happened:
        if isinstance(one, Inbound):
            files = tuple(stored(f) for f in one.attachments)
            said = replace(one, attachments=())  # a batch of photographs would fill the memory
            parsed.arrivals.append(Arrival(delivery.account, said, delivery.received_at, delivery.pk, files))
        elif isinstance(one, Edited | Echo):
            files = tuple(stored(f) for f in one.attachments or ())
            parsed.others.append((replace(one, attachments=()), files))
        elif isinstance(one, Deleted | Receipt):
            parsed.others.append((one, ()))
        elif isinstance(one, Pointer):
            parsed.pointers.append(one)
            if not channel(delivery.account.channel).can("follow"):
                parsed.flaw = f"it points at {one.reference[:200]}, which nobody can follow"
        elif isinstance(one, Forward):
            addressee = _addressee(delivery, one.to)
            if addressee is None:
                parsed.flaw = f"it speaks to {one.to[:200]}, which is none of our accounts"
            else:
                parsed.forwards.append((addressee, one.raw))
        else:
            parsed.beside.append(one)
    return parsed


def _addressee(delivery: Delivery, name: str) -> int | None:
    """Which other account of the channel the network calls so."""
    network = channel(delivery.account.channel)
    others = (a for a in enabled() if a.channel == network.kind and a.pk != delivery.account_id)
    return next((a.pk for a in others if name in network.hears(connection_of(a))), None)
