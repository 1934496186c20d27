"""Presence: who can be rung, and how full their desk is. The only writer of desks.

Each change of state is on the record with the one before it and since when, so that time in each can be reckoned.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from netcenter.events.actions import SYSTEM, event, record
from netcenter.lib import wakeup
from netcenter.lib.prepared import Update, prepared, prepared_update
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import atomic
from netcenter.people.breaks import minutes_of
from netcenter.people.models import Desk, Person
from netcenter.people.rules import breaks_until, rests_until

State = Desk.State
GONE = "gone"  # on the record: their last screen vanished
MISSED = "missed"  # the reason of somebody set away by the house
CHOOSABLE = frozenset(State.values) - {State.WRAP_UP}  # wrap-up begins by itself, after a case
MORE_TIME = timedelta(seconds=60)


def desk_of(person: Person) -> Desk:
    """The person's desk, made at its first use."""
    for desk in _desk(person.pk):
        desk.person = person
        return desk
    return Desk.objects.get_or_create(person=person)[0]


@prepared
def _desk(person_id: int) -> QuerySet[Desk]:
    return Desk.objects.filter(pk=person_id)


@atomic
def set_state(person: Person, state: str, now: datetime, actor: str, reason: str = "", note: str = "") -> None:
    """Change somebody's presence; becoming available starts their idle time anew. `note` is for the record only."""
    if state not in CHOOSABLE:
        raise Refused("unknown_state", state=state)
    desk_of(person)
    desk = Desk.objects.select_for_update(no_key=True).get(person=person)
    if desk.no_more and state in (State.AVAILABLE, State.OFFLINE):
        _no_more(desk.pk, False, now, actor)
    if (desk.state, desk.reason, desk.back_to) == (state, reason, ""):
        return
    fresh = {"idle_since": now, "missed_in_row": 0, "seen_at": now} if state == State.AVAILABLE else {}
    over = breaks_until(now, minutes_of(reason)) if state == State.BREAK else None
    Desk.objects.filter(pk=desk.pk).update(
        state=state, reason=reason, since=now, back_to="", wrap_up_until=None, break_until=over, **fresh
    )
    _moved(desk, state, reason, now, actor, note)


def _moved(desk: Desk, state: str, reason: str, now: datetime, actor: str = SYSTEM, note: str = "") -> None:
    """Record a change; `desk` is as it was before."""
    since = desk.since or now
    record(event("desk.state", now, actor, operator_id=desk.pk, state=state, reason=reason, note=note[:300],
                 was=desk.state, was_reason=desk.reason, since=since.isoformat(),
                 seconds=round((now - since).total_seconds(), 3)))  # fmt: skip
    wakeup.wake("routing", "desks")


@atomic
def seen(person_ids: Iterable[int], now: datetime) -> None:
    """These people have a live screen. Who had only lost the network is back in the state they had.

    A desk that somebody has in hand is left out: whoever waits for one while holding others may wait for ever, and the
    screen says again in some seconds that it is there.
    """
    desks = Desk.objects.filter(person_id__in=list(person_ids)).order_by("pk")
    ids = list(desks.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
    Desk.objects.filter(person_id__in=ids).update(seen_at=now)
    for desk in gone().filter(person_id__in=ids):
        back = gone().filter(pk=desk.pk, back_to=desk.back_to)
        if back.update(state=desk.back_to, back_to="", since=now, idle_since=now):
            _moved(desk, desk.back_to, "back", now)


@atomic
def leave_gone(now: datetime) -> list[int]:
    """Set offline everybody whose last screen has been gone for the grace period; returns who they are.

    Their reason, the end of their break and "no more" wait for them to come back.
    """
    limit = now - timedelta(seconds=settings.GRACE_SECONDS)
    left = []
    silent = Desk.objects.exclude(state=State.OFFLINE).filter(Q(seen_at__lt=limit) | Q(seen_at=None))
    for desk in silent.order_by("pk").select_for_update(skip_locked=True, no_key=True):
        still = Desk.objects.filter(pk=desk.pk, state=desk.state).filter(Q(seen_at__lt=limit) | Q(seen_at=None))
        if still.update(state=State.OFFLINE, back_to=desk.state, since=now):
            left.append(desk.pk)
            _moved(desk, State.OFFLINE, GONE, now)
    return left


def gone() -> QuerySet[Desk]:
    """The desks of those who left without a word."""
    return Desk.objects.filter(state=State.OFFLINE).exclude(back_to="")


# --- No more ----------------------------------------------------------------------------------------------------------


@atomic
def set_no_more(person: Person, on: bool, now: datetime, actor: str, note: str = "") -> None:
    """ "Finish what I have, give me no more": what is held goes on, nothing new rings."""
    desk_of(person)
    _no_more(person.pk, on, now, actor, note)


def _no_more(person_id: int, on: bool, now: datetime, actor: str, note: str = "") -> None:
    if Desk.objects.filter(person_id=person_id, no_more=not on).update(no_more=on):
        record(event("desk.no_more", now, actor, operator_id=person_id, on=on, note=note[:300]))
        wakeup.wake("routing")


# --- Wrap-up ----------------------------------------------------------------------------------------------------------


@atomic
def wrap_up(person_id: int, seconds: int, now: datetime) -> None:
    """After a case: for so long nothing rings. Only for somebody who would be rung otherwise."""
    there = Desk.objects.select_for_update(no_key=True).filter(person_id=person_id)
    desk = there.filter(state__in=[State.AVAILABLE, State.WRAP_UP]).first()
    if desk is None:
        return
    again = desk.state == State.WRAP_UP
    until = rests_until(now, seconds, desk.wrap_up_until if again else None)
    since = desk.since if again else now
    Desk.objects.filter(pk=desk.pk).update(state=State.WRAP_UP, reason="", since=since, wrap_up_until=until)
    if not again:
        _moved(desk, State.WRAP_UP, "", now)
    else:
        record(event("desk.extended", now, operator_id=person_id, until=until.isoformat(), reason=""))
        wakeup.wake("desks")


@atomic
def extend_wrap_up(person: Person, reason: str, now: datetime) -> None:
    """A minute more, once in a wrap-up, with the reason on the record. Raises Refused."""
    reason = " ".join(reason.split())[:80]
    if not reason:
        raise Refused("no_reason", _("Say what you need the time for."))
    desk = Desk.objects.filter(person=person, state=State.WRAP_UP, reason="", wrap_up_until__gt=now)
    if not desk.update(reason=reason, wrap_up_until=F("wrap_up_until") + MORE_TIME):
        raise Refused("no_more_time", _("The time is over, or was prolonged already."))
    until = Desk.objects.values_list("wrap_up_until", flat=True).get(person=person)
    told = until.isoformat() if until else ""
    record(event("desk.extended", now, person.actor, operator_id=person.pk, until=told, reason=reason))
    wakeup.wake("desks")


def end_wrap_ups(now: datetime) -> int:
    """Whose time is over is available again; returns how many are."""
    over = Q(state=State.WRAP_UP) & (Q(wrap_up_until__lte=now) | Q(wrap_up_until=None))
    return sum(_end_wrap_up(pk, over, now) for pk in Desk.objects.filter(over).values_list("pk", flat=True))


@atomic
def _end_wrap_up(person_id: int, over: Q, now: datetime) -> bool:
    desk = Desk.objects.select_for_update(no_key=True, skip_locked=True).filter(over, pk=person_id).first()
    if desk is None:
        return False
    Desk.objects.filter(pk=person_id).update(
        state=State.AVAILABLE, reason="", since=now, idle_since=now, wrap_up_until=None
    )
    _moved(desk, State.AVAILABLE, "", now)
    return True


def next_wrap_up() -> datetime | None:
    """When the next wrap-up ends."""
    running = Desk.objects.filter(state=State.WRAP_UP, wrap_up_until__isnull=False).order_by("wrap_up_until")
    return running.values_list("wrap_up_until", flat=True).first()


# --- How full ---------------------------------------------------------------------------------------------------------


def lock_desks(person_ids: Sequence[int]) -> dict[int, int]:
    """Their available desks, locked until the end of the transaction, and how many percent are free of each.

    Nobody is waited for: a desk that somebody else has in hand is left out.
    """
    return {pk: capacity - load for pk, capacity, load in _free(person_ids)}


@prepared
def _free(person_ids: Sequence[int]) -> QuerySet[Desk, tuple[int, int, int]]:
    there = Desk.objects.filter(person_id__in=person_ids, state=State.AVAILABLE, no_more=False).order_by("pk")
    return there.select_for_update(skip_locked=True, no_key=True).values_list("pk", "capacity", "load")


def fill(weights: Mapping[int, int]) -> None:
    """Take so many percent of each of these locked desks, which have that much room."""
    for weight in sorted(set(weights.values())):
        _fill([person_id for person_id, each in weights.items() if each == weight], weight)


@prepared_update
def _fill(person_ids: Sequence[int], weight: int) -> Update:
    return Desk.objects.filter(person_id__in=person_ids), {"load": F("load") + weight}


def force_fill(person_id: int, weight: int) -> None:
    """Take `weight` of a desk whatever its state: somebody took or was given a case by hand."""
    if not _force_fill(person_id, weight):
        Desk.objects.get_or_create(person_id=person_id)
        _force_fill(person_id, weight)


@prepared_update
def _force_fill(person_id: int, weight: int) -> Update:
    return Desk.objects.filter(person_id=person_id), {"load": F("load") + weight}


def empty(person_id: int, weight: int, now: datetime, idle: bool = True) -> None:
    """Give `weight` back; with `idle`, the desk starts waiting for its next ring now."""
    if idle:
        _empty_idle(person_id, weight, now)
    else:
        _empty(person_id, weight)


@prepared_update
def _empty(person_id: int, weight: int) -> Update:
    return Desk.objects.filter(person_id=person_id), {"load": Greatest(F("load") - weight, Value(0))}


@prepared_update
def _empty_idle(person_id: int, weight: int, now: datetime) -> Update:
    rows = Desk.objects.filter(person_id=person_id)
    return rows, {"load": Greatest(F("load") - weight, Value(0)), "idle_since": now}


def missed(person_id: int, now: datetime) -> None:
    """Somebody let a ring pass; after settings.MISSES_UNTIL_AWAY in a row they are set away, and told."""
    Desk.objects.filter(person_id=person_id).update(missed_in_row=F("missed_in_row") + 1)
    # The row is ours since that update: what is read of it stays true until the commit.
    away = Desk.objects.filter(
        person_id=person_id, state=State.AVAILABLE, missed_in_row__gte=settings.MISSES_UNTIL_AWAY
    )
    desk = away.first()
    if desk is not None and away.update(state=State.BREAK, reason=MISSED, since=now, break_until=None):
        _moved(desk, State.BREAK, MISSED, now)


def picked_up(person_id: int) -> None:
    """They are there: the row of missed rings is over."""
    _picked_up(person_id)


@prepared_update
def _picked_up(person_id: int) -> Update:
    return Desk.objects.filter(person_id=person_id), {"missed_in_row": 0}
