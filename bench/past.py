"""A long past for an installation: a hundred thousand or a million cases, made inside the database in some minutes.

One in two hundred waits and was told so, a thousand were just picked up, the others are answered and closed; each with
its customer, thread, messages, reading, promise, ring, dispatch, sealed events, ledger entries, words to be found by.
A house that has run for a year is up to date: nothing of this is still to be done when it starts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Field, Model

HELD = 1000
WAITING_SHARE = 200  # one in so many
YEAR = 365 * 86_400  # seconds over which the cases are spread
TEXTS = (
    "Mi pedido llego roto y nadie me responde desde ayer", "A que hora abren el domingo en el centro",
    "Queria encomendar dos panes sin gluten para el sabado", "Riquisimas las medialunas los felicito a todos",
    "My cake never arrived and I want a refund please", "Me cobraron dos veces la misma compra que verguenza",
    "Onde fica a loja mais perto da estacao", "Quiero cambiar la direccion de entrega de mi encargo",
)  # fmt: skip


@dataclass
class Engine:
    """The few words in which the two databases differ."""

    name: str
    series: str  # a table `g(i)` of 1..N
    ago: Callable[[str], str]  # so many seconds before now


ENGINES = {
    "postgresql": Engine(
        "postgresql",
        "(SELECT generate_series(1::bigint, {n}) AS i)",
        lambda s: f"(now() - ({s}) * interval '1 second')",
    ),
    "sqlite": Engine(
        "sqlite", "(WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {n}) SELECT i FROM s)",
        lambda s: f"strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || ({s}) || ' seconds')",
    ),
}  # fmt: skip


class Filler:
    """Writes rows by INSERT … SELECT; columns that are not told get their model's default."""

    def __init__(self, cases: int) -> None:
        from django.db import connection

        self.connection, self.cases = connection, cases
        self.engine = ENGINES[connection.vendor]

    def run(self, sql: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)

    def rows(self, model: type[Model], told: Mapping[str, str], where: str = "", source: str = "") -> None:
        """One row of the model for each g.i, with these expressions as columns."""
        columns = dict(told)
        for field in model._meta.concrete_fields:
            automatic = field.primary_key and field.get_internal_type().endswith("AutoField")
            if field.column not in columns and not automatic and not field.has_db_default():
                columns[field.column] = self.literal(field)
        source = source or f"{self.engine.series.format(n=self.cases)} g"
        names, values = ",".join(columns), ",".join(columns.values())
        self.run(f"INSERT INTO {model._meta.db_table} ({names}) SELECT {values} FROM {source} {where}")
        self.settle(model)

    @staticmethod
    def literal(field: Field) -> str:
        """The field's default as SQL."""
        value = field.get_default()
        if isinstance(value, dict | list):
            value = json.dumps(value)
        if value is None or isinstance(value, bool | int | float):
            return "NULL" if value is None else str(value).upper() if isinstance(value, bool) else str(value)
        return "'" + str(value).replace("'", "''") + "'"

    def settle(self, model: type[Model]) -> None:
        """PostgreSQL goes on counting behind the ids that were given."""
        from django.core.management.color import no_style

        for statement in self.connection.ops.sequence_reset_sql(no_style(), [model]):
            self.run(statement)


def fill(cases: int, brands: Sequence[int], accounts: Sequence[int], operators: Sequence[int]) -> None:
    """Cases 1..N in an installation that has none; the newest have the highest numbers."""
    from netcenter.cases.models import Case, Customer, Disposition, Identity, Message, Tally, Thread
    from netcenter.events.actions import seal_next
    from netcenter.events.models import Event
    from netcenter.intake.models import Delivery
    from netcenter.lib import clock
    from netcenter.outbox.models import Dispatch
    from netcenter.routing.models import Acknowledgement, Offer
    from netcenter.standards.models import Promise
    from netcenter.understanding.models import Reading

    filler = Filler(cases)
    n, ago, row = cases, filler.engine.ago, filler.rows
    people, waiting = cases // 2, cases // WAITING_SHARE

    def pick(ids: Sequence[int]) -> str:
        return "CASE " + " ".join(f"WHEN i % {len(ids)} = {k} THEN {v}" for k, v in enumerate(ids)) + " END"

    def text(i: str = "i") -> str:
        return "CASE " + " ".join(f"WHEN {i} % {len(TEXTS)} = {k} THEN '{t}'" for k, t in enumerate(TEXTS)) + " END"

    is_waiting, is_held = f"i > {n - waiting}", f"i > {n - waiting - HELD} AND i <= {n - waiting}"
    is_open = f"i > {n - waiting - HELD}"
    spread = YEAR // n or 1
    opened, answered = ago(f"({n} - i) * {YEAR}.0 / {n} + 600"), ago(f"({n} - i) * {YEAR}.0 / {n} + 300")
    customer = f"1 + (i * 7919) % {people}"
    operator = pick(operators)
    row(Customer, {"id": "i", "name": "'Customer ' || i", "created_at": opened}, f"WHERE i <= {people}")
    row(Identity, {
        "id": "i", "customer_id": "i", "channel": "'api'", "external_id": "'past-' || i",
        "name": "'Customer ' || i", "email": "'c' || i || '@example.com'",
    }, f"WHERE i <= {people}")  # fmt: skip
    row(Case, {
        "id": "i", "brand_id": pick(brands), "customer_id": customer, "account_id": pick(accounts), "preview": text(),
        "language": "'es'", "kind": "'question'", "opened_at": opened, "last_at": opened,
        "waiting_since": f"CASE WHEN {is_open} THEN {opened} END",
        "due_at": f"CASE WHEN {is_held} THEN {ago('-7200')} WHEN {is_waiting} THEN "
                  f"{ago(f'({n} - i) * {spread} - 7200')} END",
        "holder_id": f"CASE WHEN {is_held} THEN {operator} END",
        "last_operator_id": f"CASE WHEN {is_waiting} THEN NULL ELSE {operator} END",
        "closed_at": f"CASE WHEN {is_open} THEN NULL ELSE {answered} END",
    })  # fmt: skip
    row(Thread, {"id": "i", "account_id": pick(accounts), "external_id": "'past-' || i", "identity_id": customer,
                 "case_id": "i"})  # fmt: skip
    common = {"thread_id": "i", "case_id": "i", "account_id": pick(accounts)}
    row(Message, {"id": "2 * i", **common, "direction": "'out'", "external_id": "'answer-' || i", "state": "'sent'",
                  "text": "'Gracias por escribirnos, lo miramos.'", "operator_id": operator, "sent_at": answered,
                  "received_at": answered}, f"WHERE NOT ({is_open}) AND i % 20 > 0")  # fmt: skip
    row(Disposition, {"id": "i", "case_id": "i", "reason": "'thanks'", "actor": "'system'", "at": answered},
        f"WHERE NOT ({is_open}) AND i % 20 = 0")  # fmt: skip
    row(Message, {  # ids rise with time, as they do
        "id": "2 * i - 1", **common, "direction": "'in'", "external_id": "'said-' || i", "identity_id": customer,
        "text": f"({text()}) || ' ' || i", "sent_at": opened, "received_at": opened,
        "state": f"CASE WHEN {is_open} THEN 'waiting' WHEN i % 20 > 0 THEN 'answered' ELSE 'disposed' END",
        "answered_by_id": f"CASE WHEN {is_open} OR i % 20 = 0 THEN NULL ELSE 2 * i END",
        "disposition_id": f"CASE WHEN NOT ({is_open}) AND i % 20 = 0 THEN i END", "delivery_id": "i",
    })  # fmt: skip
    row(Delivery, {"id": "i", "account_id": pick(accounts), "dedupe": "'past-' || i", "received_at": opened,
                   "body": "'{}'", "state": "'read'"})  # fmt: skip
    row(Reading, {"message_id": "2 * i - 1", "language": "'es'", "kind": "'question'", "mood": "'neutral'",
                  "engine": "'past'"})  # fmt: skip
    row(Promise, {
        "id": "i", "case_id": "i", "message_id": "2 * i - 1", "measure": "'first'", "started_at": opened,
        "due_at": answered,
        "ended_at": f"CASE WHEN {is_open} THEN NULL ELSE {answered} END",
        "outcome": f"CASE WHEN {is_open} THEN '' WHEN i % 10 = 0 THEN 'late' ELSE 'kept' END",
    })  # fmt: skip
    row(Offer, {
        "case_id": "i", "operator_id": operator, "weight": "20", "rang_at": opened, "until": answered,
        "accepted_at": f"CASE WHEN {is_held} THEN {ago('60')} ELSE {opened} END",
        "state": f"CASE WHEN {is_held} THEN 'accepted' ELSE 'ended' END",
        "ended_at": f"CASE WHEN {is_held} THEN NULL ELSE {answered} END",
    }, f"WHERE NOT ({is_waiting})")  # fmt: skip
    row(Acknowledgement, {"case_id": "i", "kind": "'busy'", "told_at": opened, "answered_at": answered,
                          "ended_at": answered}, f"WHERE {is_waiting}")  # fmt: skip
    row(Dispatch, {"message_id": "2 * i", "account_id": pick(accounts), "key": "'past-' || i", "state": "'sent'",
                   "due_at": answered, "created_at": answered, "sent_at": answered},
        f"WHERE NOT ({is_open}) AND i % 20 > 0")  # fmt: skip
    for kind, actor in (("message.received", "'customer:1'"), ("offer.accepted", "'person:1'"),
                        ("message.written", "'person:1'")):  # fmt: skip
        row(Event, {"kind": f"'{kind}'", "at": opened, "actor": actor, "case_id": "i", "brand_id": pick(brands),
                    "operator_id": operator})  # fmt: skip
    counted = "sum(CASE WHEN state = '{0}' THEN 1 ELSE 0 END)".format
    day = "date(received_at)" if filler.engine.name == "sqlite" else "(received_at AT TIME ZONE 'UTC')::date"
    row(Tally, {"account_id": "account_id", "day": day, "received": "count(*)", "answered": counted("answered"),
                "disposed": counted("disposed")}, f"WHERE direction = 'in' GROUP BY account_id, {day}",
        Message._meta.db_table)  # fmt: skip
    while seal_next(clock.now()):
        pass
    find(filler, text)
    loads = "SELECT 20 * count(*) FROM routing_offer o WHERE o.operator_id = person_id AND o.state = 'accepted'"
    filler.run(f"UPDATE people_desk SET load = ({loads})")
    filler.run("ANALYZE")


def find(filler: Filler, text: Callable[[], str]) -> None:
    """The words of each message, as cases/search.py folds them."""
    words = f"lower({text()}) || ' ' || i || ' customer past'"
    source = f"{filler.engine.series.format(n=filler.cases)} g"
    if filler.engine.name == "sqlite":
        filler.run(f"INSERT INTO cases_search (rowid, case_id, words) SELECT 2 * i - 1, i, {words} FROM {source}")
    else:
        filler.run(
            "INSERT INTO cases_search (id, case_id, words) "
            f"SELECT 2 * i - 1, i, to_tsvector('simple', {words}) FROM {source}"
        )
