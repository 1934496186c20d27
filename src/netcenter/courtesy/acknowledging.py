"""Acknowledgements: who waits and cannot be rung is told so, once, with an honest time; and what was told is kept.

A case is looked at without a lock, its wait estimated and its words composed; then, under its lock and in the
transaction that queues the words, everything is asked again. So whoever picks up meanwhile is first.
"""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from netcenter.cases import actions as cases
from netcenter.cases.models import Case, Message, Thread
from netcenter.channels.registry import channel
from netcenter.courtesy.composing import Told, compose
from netcenter.events.actions import event, record
from netcenter.lib import clock, wakeup
from netcenter.lib.loops import Loop
from netcenter.lib.prepared import prepared
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import atomic
from netcenter.outbox.actions import say_by_itself
from netcenter.routing.models import Acknowledgement, MenuAsked, Offer, Queue, Referral
from netcenter.routing.paces import Waits
from netcenter.routing.queries import waiting_cases
from netcenter.standards.rules import Hours, is_open, next_opening
from netcenter.understanding.models import Reading

log = logging.getLogger(__name__)

KIND = "acknowledgement"
Kind = Acknowledgement.Kind
QUIET = ("praise", "thanks", "spam")  # nobody is told to wait who asked for nothing
GRACE = timedelta(seconds=2)  # within which what can ring has begun to ring
TOO_LATE = timedelta(days=4)  # a long weekend; whoever has waited longer wants an answer, not a notice
BATCH = 200  # cases looked at at a time
MOST_TOLD = 20  # at a time
MOST_BATCHES = 25
RARELY = 10  # the loop rests so many times longer than it worked
BUSY = 1  # the same while there are more to tell: whoever is at a desk goes before


# --- Whom ---------------------------------------------------------------------------------------


def untold(now: datetime) -> QuerySet[Case]:
    """The cases that wait where nothing rings and nobody is asked, and whose customers were never told."""
    mine = {"case": OuterRef("pk")}
    speaks = Message.objects.filter(**mine, state=Message.State.WAITING).exclude(
        Exists(Reading.objects.filter(message=OuterRef("pk"), kind__in=QUIET))
    )
    return waiting_cases(now).filter(Exists(speaks), waiting_since__gt=now - TOO_LATE).exclude(
        Exists(Acknowledgement.objects.filter(**mine))
        | Exists(Offer.objects.filter(**mine, state__in=Offer.LIVE))
        | Exists(MenuAsked.objects.filter(**mine, ended_at=None, until__gt=now))
        | Exists(Referral.objects.filter(**mine, ended_at=None))
    )  # fmt: skip


def verdict(case: Case, queue: Queue, hours: Hours, now: datetime) -> str:
    """What to tell it now: "busy", "closed", or "" (nothing yet, or nothing at all)."""
    since = case.waiting_since
    if since is None:
        return ""
    opened = next_opening(since, hours)  # itself, when it came within the hours
    came_in_time = opened == since
    busy_after = timedelta(seconds=queue.busy_after_seconds)
    if not is_open(now, hours):
        waits = now - since >= (busy_after if came_in_time else GRACE)
        return Kind.CLOSED if queue.tells_closed and waits and next_opening(now, hours) else ""
    waits = opened is not None and now - opened >= busy_after
    return Kind.BUSY if queue.tells_busy and waits else ""


def _patience(queue: Queue, waits: Waits, now: datetime) -> timedelta:
    """How long a case waits at least before anything is said; next to nothing while some of its hours are over."""
    closed = queue.tells_closed and any(not is_open(now, hours) for hours in waits.all_hours(queue.brand_id))
    return GRACE if closed else timedelta(seconds=queue.busy_after_seconds)


def _looked_at(queue: Queue, waits: Waits, now: datetime) -> Iterator[tuple[Case, str]]:
    """The queue's cases whose time has come, with what to tell them; page by page, so that none hides another."""
    after = 0
    due = untold(now).filter(brand=queue.brand_id, waiting_since__lte=now - _patience(queue, waits, now))
    for _page in range(MOST_BATCHES):
        rows = list(due.filter(pk__gt=after).select_related("account", "brand", "customer").order_by("pk")[:BATCH])
        for case in rows:
            if told := verdict(case, queue, waits.hours(case), now):
                yield case, told
        if len(rows) < BATCH:
            return
        after = rows[-1].pk


# --- Telling ------------------------------------------------------------------------------------


def place_for(case: Case) -> Thread | None:
    """Where to say it: where the customer waits, or in private with them where the network can do both."""
    waiting = Message.objects.filter(case=case, state=Message.State.WAITING).order_by("-sent_at", "-pk")
    last = waiting.select_related("thread__account").first()
    if last is None:
        return None
    thread = last.thread
    able = channel(thread.account.channel).capabilities
    if thread.place == "public" and "private" in able.places:
        private = Thread.objects.filter(account=thread.account_id, identity=thread.identity_id, place="private")
        return private.select_related("account").order_by("-pk").first() or thread
    return thread


def acknowledge(told: Told, now: datetime) -> bool:
    """Say it, unless somebody was quicker in any way. What its network cannot take is written down as not told."""
    try:
        with transaction.atomic():
            return _acknowledge(told, now)
    except IntegrityError:
        return False  # another process has told them


def _acknowledge(told: Told, now: datetime) -> bool:
    case = cases.lock(told.case.pk)
    thread = place_for(case) if untold(now).filter(pk=case.pk).exists() else None
    if thread is None:
        return False
    kept = Acknowledgement(
        case=case, kind=told.kind, told_at=now, promised_at=told.promised_at, basis=_basis(told, now),
        expected_seconds=round(told.expected.estimate.median) if told.expected.estimate else None,
    )  # fmt: skip
    try:
        with transaction.atomic():
            kept.message = say_by_itself(case.pk, thread, told.text, KIND, now)
    except Refused as refused:
        log.warning("case %s cannot be told that it waits: %s", case.pk, refused)
        kept.promised_at, kept.basis = None, {"refused": refused.code}
    kept.save(force_insert=True)
    record(event(
        "acknowledgement.told" if kept.message else "acknowledgement.refused", now, case_id=case.pk,
        brand_id=case.brand_id, told=told.kind, until=kept.promised_at.isoformat() if kept.promised_at else "",
        basis=kept.basis,
    ))  # fmt: skip
    if kept.promised_at and (case.due_at is None or kept.promised_at < case.due_at):
        wakeup.wake("routing")  # it has a nearer deadline now
    return kept.message is not None


def _basis(told: Told, now: datetime) -> dict[str, object]:
    found: dict[str, object] = dict(told.expected.basis)
    estimate, latest = told.expected.estimate, told.expected.latest_at
    if estimate is not None and latest is not None:  # no night in between: the two clocks are the same
        found["straight"] = latest - now < timedelta(seconds=estimate.p80 + 60)
    return found


@atomic
def answered(case_id: int, now: datetime) -> None:
    """A person has answered: how right it was is known. Called in the transaction of the answer."""
    if not _open(case_id):
        return  # as almost always
    told = Acknowledgement.objects.filter(case=case_id)
    told.filter(answered_at=None).update(answered_at=now)
    open_ = told.filter(ended_at=None, promised_at__isnull=False)
    open_.filter(promised_at__gte=now).update(ended_at=now, outcome="kept")
    open_.filter(promised_at__lt=now).update(ended_at=now, outcome="broken")


@prepared
def _open(case_id: int) -> QuerySet[Acknowledgement, tuple[int]]:
    return Acknowledgement.objects.filter(Q(answered_at=None) | Q(ended_at=None), case_id=case_id).values_list("pk")


@atomic
def let_off(case_id: int, now: datetime) -> None:
    """It was closed without an answer: nothing is promised any more."""
    if not _open(case_id):
        return
    Acknowledgement.objects.filter(case=case_id, ended_at=None).update(ended_at=now, outcome="void")


@transaction.atomic
def announce_broken(now: datetime) -> datetime | None:
    """Put on the record that answers did not come when they were said to; returns when to look again."""
    running = Acknowledgement.objects.filter(ended_at=None, promised_at__isnull=False)
    due = running.select_for_update(of=("self",), skip_locked=True).filter(promised_at__lte=now)
    broken = []
    for told in due.select_related("case").order_by("promised_at")[:BATCH]:
        waits = told.case.waiting_since is not None
        told.ended_at, told.outcome = now, "broken" if waits else "void"
        told.save(update_fields=["ended_at", "outcome"])
        if waits and told.promised_at is not None:
            broken.append(event(
                "acknowledgement.broken", now, case_id=told.case_id, operator_id=told.case.holder_id,
                brand_id=told.case.brand_id, until=told.promised_at.isoformat(),
            ))  # fmt: skip
    record(*broken)
    if broken:
        wakeup.wake("routing")
    following = running.filter(promised_at__gt=now).order_by("promised_at").values_list("promised_at", flat=True)
    return now if len(broken) == BATCH else following.first()


# --- By itself ----------------------------------------------------------------------------------


def tell_waiting(now: datetime) -> int:
    """Tell those whose time has come, at most a batch; returns how many. A case that cannot be told hides no other."""
    waits, count, failed = Waits(now), 0, None
    for queue in Queue.objects.select_related("brand").filter(Q(tells_busy=True) | Q(tells_closed=True)):
        for case, kind in _looked_at(queue, waits, now):
            try:
                count += acknowledge(compose(case, queue, kind, waits, now), now)
            except Exception as error:
                log.exception("case %s could not be told that it waits", case.pk)
                failed = failed or error
            if count >= MOST_TOLD:
                return count
    if failed is not None and not count:
        raise failed
    return count


def next_to_tell(now: datetime) -> datetime | None:
    """When the next waiting case has waited long enough; what rings or opens meanwhile wakes us by itself."""
    times, waits = [], Waits(now)
    for queue in Queue.objects.filter(Q(tells_busy=True) | Q(tells_closed=True)):
        patience = _patience(queue, waits, now)
        fresh = untold(now).filter(brand=queue.brand_id, waiting_since__gt=now - patience)
        since = fresh.aggregate(first=Min("waiting_since"))["first"]
        if since is not None:
            times.append(since + patience)
    return min(times, default=None)


class Teller:
    """Steps of the loop; woken at every arrival, it still looks at most twice a second, and rests as it worked."""

    def __init__(self) -> None:
        self._rests_until = 0.0

    def step(self) -> float | None:
        """Tell whom it is time to tell; returns when to look again."""
        if (left := self._rests_until - time.monotonic()) > 0:
            return left
        began = time.monotonic()
        now = clock.now()
        count = tell_waiting(now)
        following = [at for at in (announce_broken(now), next_to_tell(now)) if at is not None]
        worked = time.monotonic() - began
        if count:
            self._rests_until = time.monotonic() + BUSY * worked
            return BUSY * worked
        self._rests_until = time.monotonic() + max(0.25, RARELY * worked)
        pause = min((at - clock.now()).total_seconds() for at in following) if following else 2.0
        return max(0.05, min(2.0, pause))


LOOPS = [Loop("courtesy.acknowledging", Teller().step, topics=("routing",), every=2.0, alone=True)]
