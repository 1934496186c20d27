"""What the switchboard reads: waiting cases, desks and settings, as the router wants them. Writes nothing.

A ring is felt in milliseconds. Compiling these statements through the ORM takes several times longer than running them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection

from netcenter.cases.models import Case
from netcenter.channels.registry import channels
from netcenter.people.models import Desk
from netcenter.routing import scene
from netcenter.routing.models import Need
from netcenter.routing.rules import Operator, Waiting
from netcenter.routing.scene import AT_DESK, Asked

MOST_IDS = 500  # of one statement
PAGE = 20_000  # cases read at once when all are

_PASSED = "p.case_id = c.id AND p.state IN ('declined', 'missed') AND p.ended_at > %s"
_BEFORE = f"""b.customer_id = c.customer_id AND b.brand_id = c.brand_id AND b.id < c.id AND b.last_at >= %s
    AND b.kind NOT IN ({", ".join(f"'{kind}'" for kind in scene.NO_TROUBLE)})"""
_WAITING = f"""
    SELECT c.id, c.brand_id, a.channel, c.language, c.kind, c.due_at, c.waiting_since, c.pinned_to_id,
        c.last_operator_id, c.snoozed_until, o.operator_id, o.state, o.weight, k.promised_at, m.until,
        EXISTS (SELECT 1 FROM routing_need n WHERE n.case_id = c.id),
        EXISTS (SELECT 1 FROM routing_offer p WHERE {_PASSED}),
        EXISTS (SELECT 1 FROM cases_thread t WHERE t.case_id = c.id AND t.place = 'public'),
        EXISTS (SELECT 1 FROM cases_case b WHERE {_BEFORE})
            OR EXISTS (SELECT 1 FROM cases_message e WHERE e.case_id = c.id AND e.state = 'waiting'
                AND e.account_id <> c.account_id),
        EXISTS (SELECT 1 FROM cases_identity i WHERE i.customer_id = c.customer_id
            AND CAST(i.profile AS TEXT) LIKE '%%"reach"%%'),
        c.customer_id,
        (SELECT MAX(r.arousal) FROM cases_message w JOIN understanding_reading r ON r.message_id = w.id
            WHERE w.case_id = c.id AND w.state = 'waiting'),
        EXISTS (SELECT 1 FROM cases_message l WHERE l.case_id = c.id AND l.state = 'waiting'
            AND CAST(l.extra AS TEXT) LIKE '%%"live": true%%')
    FROM cases_case c JOIN accounts_account a ON a.id = c.account_id
    LEFT JOIN routing_offer o ON o.case_id = c.id AND o.state IN ('ringing', 'accepted')
    LEFT JOIN routing_acknowledgement k ON k.case_id = c.id AND k.ended_at IS NULL
    LEFT JOIN routing_menuasked m ON m.case_id = c.id AND m.ended_at IS NULL
    WHERE c.waiting_since IS NOT NULL AND c.holder_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM routing_referral f WHERE f.case_id = c.id AND f.ended_at IS NULL)
"""  # noqa: S608
_DESKS = """
    SELECT d.person_id, d.state, d.no_more, d.capacity, d.load, d.idle_since, o.case_id, o.weight
    FROM people_desk d LEFT JOIN routing_offer o ON o.operator_id = d.person_id AND o.state = 'ringing'
"""


class Row(NamedTuple):
    """One waiting case as it was read."""

    case_id: int
    brand_id: int
    channel: str
    language: str
    kind: str
    due_at: datetime | None
    waiting_since: datetime | None
    pinned_to: int | None
    last_operator: int | None
    snoozed_until: datetime | None
    at: int | None  # where it rings, or who holds it
    state: str | None
    load: int | None
    promised_at: datetime | None
    menu_until: datetime | None
    has_needs: bool
    was_let_pass: bool
    is_public: bool
    wrote_again: bool
    may_reach_far: bool
    customer_id: int
    arousal: float | None
    on_line: bool


@dataclass(frozen=True, slots=True)
class Here:
    """One case that waits: not before `later` if that is set; if it rings, where and how heavily."""

    waiting: Waiting
    later: float | None = None
    rings_at: int | None = None
    load: int = 0


@dataclass(frozen=True, slots=True)
class Seat:
    """One desk: `operator` is None while nobody sits there. What rings there, if anything."""

    person_id: int
    operator: Operator | None
    rings: int | None = None
    load: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """What each brand asks and what each operator may and can, whatever happens now."""

    asked: Mapping[int, Asked]
    operators: Mapping[int, Operator]


def settings_now(now: datetime) -> Settings:
    """Read them anew."""
    everybody = scene.people(now)
    return Settings(scene.queues(everybody), {s.person.pk: s.operator for s in everybody})


def desks(settings: Settings, person_ids: Collection[int] | None = None) -> list[Seat]:
    """These desks (None: all), as they are now; who may not answer has none."""
    rows = _rows(_DESKS) if person_ids is None else _rows_of(_DESKS + "WHERE d.person_id IN ", [], person_ids)
    return [_seat(settings, *row) for row in rows]


def _seat(
    settings: Settings, person_id: int, state: str, no_more: bool, capacity: int, load: int,
    idle_since: datetime | None, rings: int | None, weight: int | None,
) -> Seat:  # fmt: skip
    known = settings.operators.get(person_id)
    if known is None or state not in AT_DESK:
        return Seat(person_id, None)
    ready = state == Desk.State.AVAILABLE and not no_more and rings is None
    idle = _aware(idle_since)
    operator = replace(
        known,
        room=max(capacity - load, 0),
        capacity=capacity,
        ready=ready,
        idle_since=idle.timestamp() if idle else 0.0,
    )
    return Seat(person_id, operator, rings, weight or 0)


def waiting(settings: Settings, case_ids: Collection[int], now: datetime) -> list[Here]:
    """Those of these cases that wait and that nobody holds."""
    return _cases(settings, _rows_of(_WAITING + "AND c.id IN ", _since(now), case_ids), now)


def all_waiting(settings: Settings, brand_ids: Collection[int] | None, now: datetime) -> Iterable[list[Here]]:
    """All that waits for these brands (None: for all), page by page."""
    last, more, values = 0, "", []
    if brand_ids is not None:
        more, values = f"AND c.brand_id IN ({_marks(brand_ids)})", list(brand_ids)
    while True:
        rows = _rows(f"{_WAITING} {more} AND c.id > %s ORDER BY c.id LIMIT {PAGE}", [*_since(now), *values, last])
        yield _cases(settings, rows, now)
        if len(rows) < PAGE:
            return
        last = rows[-1][0]


def first_due(limit: int) -> list[int]:
    """Cases that wait, the first to break its promise first."""
    cases = Case.objects.filter(waiting_since__isnull=False, holder=None).order_by("due_at", "id")
    return list(cases.values_list("pk", flat=True)[:limit])


def _cases(settings: Settings, rows: Sequence[tuple], now: datetime) -> list[Here]:
    found = [row for row in map(Row._make, rows) if row.channel in channels()]  # a network may have been taken out
    needs: dict[int, dict[str, int]] = defaultdict(dict)
    if having := [r.case_id for r in found if r.has_needs]:
        rows_of = Need.objects.filter(case__in=having).values_list("case_id", "skill__code", "level")
        for case_id, code, level in rows_of:
            needs[case_id][code] = level
    far = [r.customer_id for r in found if r.may_reach_far]
    reach = scene.reach_of(far) if far else {}
    declined, missed = scene.let_pass([r.case_id for r in found if r.was_let_pass], now)
    return [
        _here(r, settings.asked.get(r.brand_id) or Asked(None), needs.get(r.case_id, {}), now,
              declined=declined.get(r.case_id, {}), missed=missed.get(r.case_id, {}),
              reach=reach.get(r.customer_id, 0.0))
        for r in found if r.state != "accepted"
    ]  # fmt: skip


def _here(row: Row, asked: Asked, more: Mapping[str, int], now: datetime, **passed: Any) -> Here:
    since = _aware(row.waiting_since) or now
    dues = [at for at in (_aware(row.due_at), _aware(row.promised_at)) if at is not None]
    case = scene.waiting_of(
        asked, more, case_id=row.case_id, brand_id=row.brand_id, channel=row.channel, language=row.language,
        kind=row.kind, since=since.timestamp(), due_at=min(dues).timestamp() if dues else None,
        pinned_to=row.pinned_to, prefers=row.last_operator, public=bool(row.is_public), again=bool(row.wrote_again),
        arousal=row.arousal or 0.0, on_line=bool(row.on_line), **passed,
    )  # fmt: skip
    laters = [at.timestamp() for at in (_aware(row.snoozed_until), _aware(row.menu_until)) if at and at > now]
    return Here(case, max(laters, default=None), row.at, row.load or 0)


def _since(now: datetime) -> list[Any]:
    spans = (max(scene.DECLINED_FOR, scene.MISSED_FOR), scene.AGAIN_WITHIN)
    return [connection.ops.adapt_datetimefield_value(now - span) for span in spans]


def _aware(at: datetime | None) -> datetime | None:
    """SQLite keeps times without a zone, in UTC."""
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at


def _marks(values: Collection[Any]) -> str:
    return ",".join(["%s"] * len(values)) or "NULL"


def _rows_of(sql: str, values: list[Any], ids: Collection[int]) -> list[tuple]:
    every, found = list(ids), []
    for start in range(0, len(every), MOST_IDS):
        some = every[start : start + MOST_IDS]
        found += _rows(f"{sql} ({_marks(some)})", [*values, *some])
    return found


def _rows(sql: str, values: Sequence[Any] = ()) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
