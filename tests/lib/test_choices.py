"""Indexes over a part of a table: what the house asks again and again reads no growing table from end to end."""

import re

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from netcenter.cases.models import Case
from netcenter.outbox.dispatching import UNSENT
from netcenter.outbox.models import Dispatch
from netcenter.routing.models import Offer
from netcenter.site import server
from tests.company import found

pytestmark = pytest.mark.django_db
GROWING = ("cases_case", "cases_customer", "cases_identity", "cases_message", "cases_thread", "events_event",
           "intake_delivery", "outbox_deed", "outbox_dispatch", "routing_offer", "standards_promise",
           "understanding_reading", "routing_acknowledgement")  # fmt: skip


def test_a_choice_stands_in_the_statement_and_anything_else_is_a_parameter():
    def where(rows) -> tuple[str, tuple]:
        sql, parameters = rows.query.sql_with_params()
        return sql.partition("WHERE")[2], parameters

    assert "\"state\" = 'ringing'" in where(Offer.objects.filter(state="ringing"))[0]
    assert "\"state\" IN ('queued', 'sending', 'unknown')" in where(Dispatch.objects.filter(state__in=UNSENT))[0]
    assert where(Offer.objects.filter(state="' OR 1=1 --"))[1] == ("' OR 1=1 --",)
    assert where(Case.objects.filter(language="es"))[1] == ("es",), "no field of choices"
    assert where(Offer.objects.filter(state__in=["ringing", "x"]))[1] == ("ringing", "x")
    assert not Offer.objects.filter(state__in=[]).exists()


ENDS = r"SCAN (\w+)(?:.* INDEX (\w+))?"  # from end to end, along an index or not


def whole_tables(statement: str) -> list[str]:
    """What of the plan reads a growing table from end to end, and not along the index of a part of it."""
    partial = {i.name for m in apps.get_models() for i in (*m._meta.indexes, *m._meta.constraints)
               if getattr(i, "condition", None) is not None}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}".replace("%", "%%"), ())
        plan = [row[3] for row in cursor.fetchall()]
    read = [told for line in plan if (told := re.match(ENDS, line)) and told[1] in GROWING]
    return [told[0] for told in read if told[2] not in partial | {"events_order"}]  # the last event: one row of it


@pytest.mark.sqlite  # PostgreSQL reads small tables from end to end, rightly
def test_no_loop_reads_a_growing_table_from_end_to_end():
    company = found()
    company.deliver(company.said("Hola"))
    asked = {}
    for loop in server.house_loops():
        with CaptureQueriesContext(connection) as seen:
            loop.step()
        told = [one["sql"] for one in seen if one["sql"].startswith(("SELECT", "UPDATE", "DELETE"))]
        asked |= {sql: (loop.name, read) for sql in told if (read := whole_tables(sql))}
    assert not asked
