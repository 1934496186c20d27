"""The desk does not care how many cases there are: few queries, each by an index."""

import itertools
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from netcenter.cases import queries as cases
from netcenter.cases.models import Case, Customer, Identity, Message, Thread
from netcenter.desk import queries
from netcenter.lib import clock
from netcenter.people.models import Person
from tests.company import Company

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}
MANY = 20_000


def many(company: Company, count: int) -> None:
    """Cases of which one in ten waits and one in a hundred is held by somebody."""
    now = clock.now()
    customers = Customer.objects.bulk_create(Customer(name=f"C{i}", created_at=now) for i in range(50))
    names = itertools.cycle(customers)
    holders = itertools.cycle([company.alice, company.bob])
    made = []
    for i in range(count):
        waits, held = i % 10 == 0, i % 100 == 0
        since = now - timedelta(minutes=i) if waits else None
        made.append(Case(
            brand=company.brand, customer=next(names), account=company.api, preview=f"caso {i}", kind="question",
            opened_at=now, last_at=now - timedelta(minutes=i), waiting_since=since, last_operator=company.bob,
            due_at=now + timedelta(minutes=i) if waits else None, holder=next(holders) if held else None,
            closed_at=None if waits or held else now,
        ))  # fmt: skip
    Case.objects.bulk_create(made, batch_size=1000)


def at(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def chatter(company: Company, count: int) -> Case:
    for i in range(count):
        company.deliver(company.said(f"¿A qué hora abren el domingo? {i}", at=clock.now(), id=f"m{i}"))
    return Case.objects.get(customer__name="Dana")


def test_the_number_of_queries_does_not_grow_with_what_is_shown(company):
    many(company, 30)
    case = chatter(company, 3)
    client = at(company.alice)
    counts = {}
    for size in (3, 40):
        if size == 40:
            many(company, 300)
            chatter_more(company, case)
        for name, url in (
            ("home", reverse("desk:home")), ("lists", reverse("desk:lists")),
            ("case", reverse("desk:case", args=[case.pk])), ("story", reverse("desk:story", args=[case.pk])),
            ("side", reverse("desk:side", args=[case.pk])),
        ):  # fmt: skip
            client.get(url)
            with CaptureQueriesContext(connection) as seen:
                assert client.get(url, **({} if name in ("home", "case") else HX)).status_code == 200
            counts.setdefault(name, []).append(len(seen))
    assert all(few + 1 >= many_ for few, many_ in counts.values()), counts
    assert counts["case"][1] <= 48 and counts["lists"][1] <= 16 and counts["story"][1] <= 14, counts


def chatter_more(company: Company, case: Case) -> None:
    for i in range(40):
        company.deliver(company.said(f"¿Y a qué hora abren el lunes? {i}", at=clock.now(), id=f"n{i}"))
    assert case.messages.count() == 43


@pytest.mark.sqlite
def test_every_list_is_read_by_an_index(company):
    many(company, MANY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    case = Case.objects.first()
    brands = [company.brand.pk]
    mine, waiting, team, recent = (q.values_list("id") for q in (
        cases.held_by(company.alice.pk, brands), cases.waiting_in(brands[0]), cases.team(company.alice.pk, brands),
        cases.visible(company.alice).filter(brand=case.brand_id).order_by("-last_at"),
    ))  # fmt: skip
    history = cases.visible_along(company.alice)
    lists = {
        "mine": mine[:51],
        "waiting": waiting[:51],
        "team": team[:51],
        "similar": recent[:200],
        "waiting of all": cases.waiting(None).values_list("id")[:51],
        "history": history.filter(customer=case.customer).values_list("id").order_by("-last_at")[:20],
        "messages": Message.objects.filter(case=case).order_by("-sent_at", "-id")[:200],
        "threads": Thread.objects.filter(case=case),
        "identities": Identity.objects.filter(email__in=["a@b.example"]).exclude(email=""),
    }
    for name, rows in lists.items():
        plan = rows.explain()
        first = plan.splitlines()[0]
        assert "USING" in first and "INDEX" in first, f"{name}: {plan}"
        assert name == "team" or "TEMP B-TREE" not in plan, f"{name}: {plan}"  # of the team only what is held is sorted


def test_with_many_cases_the_lists_are_short(company):
    many(company, 2000)
    mine, waiting, team = queries.lists(company.alice)
    assert len(waiting.cases) == queries.SHOWN["waiting"] and waiting.more
    assert [c.due_at for c in waiting.cases] == sorted(c.due_at for c in waiting.cases)
    assert {c.holder_id for c in mine.cases} == {company.alice.pk}
    assert {c.holder_id for c in team.cases} == {company.bob.pk}
