"""Making promises, keeping them, and announcing them before they break (law 5)."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import F, Min, QuerySet

from netcenter.cases.models import Case, Message, Thread
from netcenter.events.actions import event, record_all
from netcenter.lib import wakeup
from netcenter.lib.bulk import insert_many, update_many
from netcenter.lib.prepared import prepared
from netcenter.lib.rows import fresh
from netcenter.lib.transactions import atomic
from netcenter.standards import windows
from netcenter.standards.models import WINDOW, Calendar, Promise, Standard
from netcenter.standards.queries import hours_of, standards
from netcenter.standards.rules import add_open_time, most_specific, next_warning, share_passed

Measure = Standard.Measure
RESPONSE = [Measure.FIRST, Measure.NEXT]
ANSWERING = [*RESPONSE, WINDOW]  # what an answer ends
UNREAD = "question"  # the kind that counts while a case has no reading

# minutes by kind, for a new installation
DEFAULTS = {"complaint": 60, "claim": 60, "": 240, "praise": 1440, "suggestion": 1440, "thanks": 1440}
LONGEST_WARN_BATCH = 500


@atomic
def install_defaults(timezone: str = "UTC") -> Calendar:
    """The standards of a new installation: the company's time, around the clock until somebody says otherwise."""
    calendar, _new = Calendar.objects.get_or_create(name="24×7", defaults={"always": True, "timezone": timezone})
    for kind, minutes in DEFAULTS.items():
        for measure in (Measure.FIRST, Measure.NEXT):
            if not Standard.objects.filter(brand=None, channel="", kind=kind, measure=measure).exists():
                Standard.objects.create(kind=kind, measure=measure, minutes=minutes, calendar=calendar)
    return calendar


@atomic
def promise(messages: Sequence[Message], now: dt.datetime) -> None:
    """Start the promises of every case that these messages made wait. One that already runs goes on, unless what
    was said now must be answered sooner: a complaint behind a greeting, or words that arrived late.

    The cases are locked by the transaction that recorded the messages or changed what waits in them.
    """
    first: dict[int, Message] = {}
    for message in messages:
        if not message.automatic:
            first.setdefault(message.case_id, message)
    rulebook = _Rulebook(now)
    running = {p.case_id: p for p in _responses(list(first))}
    wanted = []
    for case_id, message in first.items():
        usual = Measure.NEXT if message.case.last_operator_id else Measure.FIRST
        found = running.get(case_id) or fresh(Promise, case=message.case, measure=usual)
        if rulebook.promises_sooner(found, message, message.sent_at):
            found.message = message
            message.case.due_at = found.due_at
            wanted.append(found)
    update_many([p.message.case for p in wanted], ["due_at"])
    if rulebook.resolves:
        wanted += _resolutions(first, rulebook)
    _write(wanted)
    for moved in windows.promise(messages):
        _set_due(moved.case_id)


class _Rulebook:
    """The standards with their hours, read once for many messages."""

    def __init__(self, now: dt.datetime) -> None:
        self.rules = standards()
        self.hours = {c.pk: hours_of(c, now) for c in {r.calendar_id: r.calendar for r in self.rules}.values()}
        self._found: dict[tuple[int, str, str, str], Standard | None] = {}
        self.resolves = any(r.measure == Measure.RESOLUTION for r in self.rules)

    def promises_sooner(self, found: Promise, message: Message, start: dt.datetime) -> bool:
        """Set the promise by the standard that counts for the message; False when it is no sooner than it was."""
        case = message.case
        rule = self._rule((case.brand_id, case.account.channel, case.kind or UNREAD, str(found.measure)))
        due = add_open_time(start, rule.minutes, self.hours[rule.calendar_id]) if rule else None
        if rule is None or due is None or (found.pk and found.due_at <= due):
            return False
        warning = next_warning(start, due, 0)
        found.case, found.standard = case, rule
        found.started_at, found.due_at, found.warned = start, due, 0
        found.warn_at = warning[1] if warning else None
        return True

    def _rule(self, asked: tuple[int, str, str, str]) -> Standard | None:
        """The rule for a brand, a channel, a kind and a measure, looked for once."""
        if asked not in self._found:
            self._found[asked] = most_specific(self.rules, *asked)
        return self._found[asked]


def _running(case_ids: Iterable[int], measures: Sequence[str]) -> QuerySet[Promise]:
    return Promise.objects.filter(case_id__in=list(case_ids), ended_at=None, measure__in=measures)


def _resolutions(first: dict[int, Message], rulebook: _Rulebook) -> list[Promise]:
    """That each case will be closed: from its opening, and on from there when it is opened anew."""
    _run_on(first)
    known = {p.case_id: p for p in Promise.objects.filter(case_id__in=list(first), measure=Measure.RESOLUTION)}
    wanted = []
    for case_id, message in first.items():
        found = known.get(case_id)
        if found is None and message.sent_at <= message.case.opened_at:  # what is older than the standard is spared
            found = Promise(case=message.case, measure=Measure.RESOLUTION, message=message)
        if found is not None and rulebook.promises_sooner(found, message, message.case.opened_at):
            wanted.append(found)
    return wanted


def _run_on(case_ids: Iterable[int]) -> None:
    """These cases are open again: what was promised of their end runs on as if they had never been closed."""
    ended = Promise.objects.filter(case_id__in=list(case_ids), measure=Measure.RESOLUTION, ended_at__isnull=False)
    again = list(ended)
    for one in again:
        warning = next_warning(one.started_at, one.due_at, one.warned)
        one.ended_at, one.outcome, one.warn_at = None, "", warning[1] if warning else None
    update_many(again, ["ended_at", "outcome", "warn_at"])


def _set_due(case_id: int) -> None:
    """The case knows the next response to be late, so that lists are sorted by an index."""
    Case.objects.filter(pk=case_id).update(due_at=_running([case_id], ANSWERING).aggregate(due=Min("due_at"))["due"])


def _write(promises: Sequence[Promise]) -> None:
    insert_many([p for p in promises if p.pk is None])
    moved = [p for p in promises if p.pk is not None]
    update_many(moved, ["message", "standard", "started_at", "due_at", "warned", "warn_at"])


@atomic
def keep(case: Case, now: dt.datetime, outcome: str = "") -> None:
    """The response promises of the locked case whose message no longer waits end: kept, late, or void (disposed). What
    still waits without one gets a new one.
    """
    running = _responses([case.pk])
    over = [p for p in running if p.state != Message.State.WAITING]  # type: ignore[attr-defined]
    _end(over, now, outcome)
    due = min((p.due_at for p in running if p not in over), default=None)
    if due != case.due_at:
        case.due_at = due
        update_many([case], ["due_at"])
    if case.waiting_since is not None:
        waiting = Message.objects.filter(case_id=case.pk, state=Message.State.WAITING).order_by("sent_at", "id")
        promise(list(waiting[:1]), now)


def _reopen(case_id: int) -> Message | None:
    """What waits longest in the locked case that had been answered; what was promised of its end runs on."""
    waiting = Message.objects.filter(case_id=case_id, state=Message.State.WAITING).order_by("sent_at", "id").first()
    if waiting is not None:
        _run_on([case_id])
        windows.promise([waiting])
    return waiting


@atomic
def promise_anew(case_id: int, now: dt.datetime) -> None:
    """What had been answered in the locked case waits again, because we took the answer back: its clock starts now.

    What was kept stays kept: the answer was there in time.
    """
    if (waiting := _reopen(case_id)) is None:
        return
    found = fresh(Promise, case=waiting.case, measure=Measure.NEXT)
    if not _running([case_id], RESPONSE).exists() and _Rulebook(now).promises_sooner(found, waiting, now):
        found.message = waiting
        _write([found])
    _set_due(case_id)


@atomic
def resolve(case_id: int, now: dt.datetime) -> None:
    """The case is closed: what was promised of its end is kept or late; void when nothing in it needed an answer."""
    running = _resolutions_of(case_id)
    if running:
        answered = Message.objects.filter(case_id=case_id, state=Message.State.ANSWERED).exists()
        _end(running, now, "" if answered else "void")


@prepared
def _responses(case_ids: list[int]) -> QuerySet[Promise]:
    running = Promise.objects.filter(case_id__in=case_ids, ended_at=None, measure__in=ANSWERING)
    return running.annotate(state=F("message__state"))


@prepared
def _resolutions_of(case_id: int) -> QuerySet[Promise]:
    return Promise.objects.filter(case_id=case_id, ended_at=None, measure=Measure.RESOLUTION)


def _end(running: Sequence[Promise], now: dt.datetime, outcome: str = "") -> None:
    """With the lock of their case: who warns of one meanwhile warns of what has just ended."""
    for one in running:
        one.ended_at, one.outcome, one.warn_at = now, outcome or ("kept" if one.due_at >= now else "late"), None
    update_many(running, ["ended_at", "outcome", "warn_at"])


@atomic
def run_again(case_id: int, now: dt.datetime) -> None:
    """The answer never arrived: the promises it had ended run again, on the customer's clock."""
    if (waiting := _reopen(case_id)) is None:
        return
    if _running([case_id], RESPONSE).exists():
        return
    ended = Promise.objects.filter(case_id=case_id, message__state=Message.State.WAITING, measure__in=RESPONSE)
    again = ended.order_by("due_at", "-id").first()
    if again is None:
        promise([waiting], now)
        return
    warning = next_warning(again.started_at, again.due_at, again.warned)
    Promise.objects.filter(pk=again.pk).update(ended_at=None, outcome="", warn_at=warning[1] if warning else None)
    _set_due(case_id)


@atomic
def said_when(case_id: int, at: dt.datetime) -> None:
    """The customer was told that they hear from us until then: what was promised for later is promised for that."""
    running = [one for one in _responses([case_id]) if one.started_at < at < one.due_at]
    if running:
        _write([windows.until(one, at) for one in running])
        _set_due(case_id)
        wakeup.wake("routing")


@atomic
def opened(thread: Thread, until: dt.datetime) -> None:
    """The network lets us write there until then."""
    if windows.opened(thread, until):
        _set_due(thread.case_id)


@atomic
def warn(now: dt.datetime) -> dt.datetime | None:
    """Announce the promises that passed 50, 75, 90 or 100 % of their time; returns when the next one is due."""
    due = Promise.objects.select_for_update(of=("self",), skip_locked=True).select_related("case")
    passed = list(due.filter(ended_at=None, warn_at__lte=now).order_by("warn_at")[:LONGEST_WARN_BATCH])
    happened = []
    for p in passed:
        share = share_passed(p.started_at, p.due_at, now)
        following = next_warning(p.started_at, p.due_at, share)
        p.warned, p.warn_at = share, following[1] if following else None
        happened.append(event(
            "promise.broken" if share == 100 else "promise.near", now, case_id=p.case_id,
            operator_id=p.case.holder_id, brand_id=p.case.brand_id, promise=p.pk, measure=p.measure, percent=share,
            due_at=p.due_at.isoformat(),
        ))  # fmt: skip
    update_many(passed, ["warned", "warn_at"])
    record_all(happened)
    if happened:
        wakeup.wake("routing")
    nearest = Promise.objects.filter(ended_at=None, warn_at__isnull=False).order_by("warn_at")
    return nearest.values_list("warn_at", flat=True).first()
