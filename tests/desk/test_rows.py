"""Rows are shared by all who would see the same and by nobody else; changes show at once; queries are compiled once."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from netcenter.accounts.actions import connect
from netcenter.accounts.models import Account, Brand
from netcenter.cases.models import Case, Customer
from netcenter.desk.rows import ROWS
from netcenter.lib import clock
from netcenter.people.models import Person
from netcenter.routing.actions import take
from tests.company import NOON, Company

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}


def at(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def lists(client: Client, **query: str) -> str:
    return client.get(reverse("desk:lists"), query, **HX).content.decode()


def waits(company: Company, name: str, account: Account | None = None, **more) -> Case:
    now, account = clock.now(), account or company.api
    return Case.objects.create(
        brand=account.brand, account=account, customer=Customer.objects.create(name=name, created_at=now),
        preview=f"{name} pregunta", opened_at=now, last_at=now, waiting_since=now, due_at=now + timedelta(days=3),
        **more,
    )  # fmt: skip


@pytest.fixture
def elsewhere(company) -> Account:
    other = Brand.objects.create(name="Borealis")
    return connect(other, "api", "Other", "other", {"webhook_url": "https://o.example/h"}, NOON, "system")


def test_what_one_may_see_is_not_shown_to_another_though_it_is_drawn_already(company, elsewhere):
    mine, secret = waits(company, "Ana"), waits(company, "Beatriz", elsewhere)
    everything, some = at(company.charlie), at(company.alice)
    for _again in range(2):
        page = lists(everything)
        assert "Ana pregunta" in page and "Beatriz pregunta" in page
        page = lists(some)
        assert "Ana pregunta" in page and "Beatriz" not in page
        assert "Beatriz" not in lists(some, q=f"#{secret.pk}") and "Ana" in lists(some, q=f"#{mine.pk}")
    elsewhere.brand.people.add(company.alice)
    assert "Beatriz pregunta" in lists(some)
    elsewhere.brand.people.remove(company.alice)
    assert "Beatriz" not in lists(some)
    Person.objects.filter(pk=company.charlie.pk).update(role="operator")
    assert "Beatriz" not in lists(everything)


def test_each_reads_in_their_own_language(company):
    waits(company, "", urgency="high")
    told = {}
    for person, language in ((company.alice, "es"), (company.bob, "en"), (company.charlie, "pt-br")):
        Person.objects.filter(pk=person.pk).update(language=language, timezone="America/Bogota")
        told[language] = re.search(r'row-who truncate">([^<]+)<', lists(at(person)))[1]
    assert len(set(told.values())) == 3 and told["en"] == "Somebody without a name"


def test_a_change_shows_at_once_to_all(company):
    case = waits(company, "Ana")
    seats = [at(company.alice), at(company.bob), at(company.charlie)]
    for change, seen in (
        ({"preview": "Sigo esperando"}, "Sigo esperando"), ({"urgency": "high"}, "#flag"),
        ({"snoozed_until": clock.now() + timedelta(hours=1)}, "#clock"),
        ({"due_at": clock.now() - timedelta(hours=5)}, "−5 h 00"),
    ):  # fmt: skip
        assert all(seen not in lists(seat) for seat in seats)
        Case.objects.filter(pk=case.pk).update(**change)
        assert all(seen in lists(seat) for seat in seats), change
    Customer.objects.filter(pk=case.customer_id).update(name="Ana María")
    assert all("Ana María" in lists(seat) for seat in seats)
    Case.objects.filter(pk=case.pk).update(holder=company.bob)
    assert "Bob · " in lists(seats[0]) or "Ana María" in lists(seats[0])
    Person.objects.filter(pk=company.bob.pk).update(name="Roberto Paz")
    Case.objects.filter(pk=case.pk).update(waiting_since=None, due_at=None)
    assert "Roberto · " in lists(seats[0]) and "Roberto · " not in lists(seats[1])


def test_a_second_viewer_costs_no_drawing(company):
    for name in ("Ana", "Bea", "Cora"):
        waits(company, name)
    lists(at(company.alice))
    _hits, drawn = ROWS.counts()
    page = lists(at(company.bob))
    assert page.count("desk-row") == 3 and ROWS.counts()[1] == drawn


class Compiled:
    """How many queries were compiled meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []
        compile_ = SQLCompiler.as_sql

        def as_sql(compiler: SQLCompiler, *args, **more):
            self.names.append(compiler.query.model._meta.label)
            return compile_(compiler, *args, **more)

        monkeypatch.setattr(SQLCompiler, "as_sql", as_sql)


def test_the_second_call_compiles_nothing_and_asks_little(company, elsewhere, monkeypatch):
    company.deliver(company.said("¿A qué hora abren el domingo?", at=clock.now()))
    case = Case.objects.get()
    pages = {
        reverse("desk:lists"): 14, reverse("desk:ring"): 6, reverse("desk:case", args=[case.pk]): 36,
        reverse("desk:lists") + "?q=domingo": 6,
    }  # fmt: skip
    seats = [at(company.alice), at(company.charlie)]
    for path in pages:
        for seat in seats:
            seat.get(path, **HX)
    compiled = Compiled(monkeypatch)
    for path, most in pages.items():
        for seat in seats:
            with CaptureQueriesContext(connection) as asked:
                assert seat.get(path, **HX).status_code == 200
            assert not compiled.names, (path, compiled.names)
            assert len(asked) <= most, (path, len(asked), [q["sql"][:150] for q in asked])


def test_who_has_no_name_is_called_by_what_is_known_of_them(company):
    known = {"mail": {"email": "dana@example.com"}, "phone": {"phone": "+541155550000"}, "handle": {}}
    cases = {what: waits(company, "") for what in known}
    for what, values in known.items():
        cases[what].customer.identities.create(channel="api", external_id=f"dana_{what}", **values)
    waits(company, "")  # a visitor of whom nothing is known
    hidden = waits(company, "").customer
    hidden.identities.create(channel="webchat", external_id="0123456789abcdef0123456789abcdef")
    client = at(company.alice)
    names = re.findall(r'class="row-who truncate">([^<]*)<', lists(client))
    assert sorted(names) == sorted(
        ["dana@example.com", "+541155550000", "dana_handle", "Alguien sin nombre", "Alguien sin nombre"]
    )
    take(cases["mail"].pk, company.alice, clock.now())
    page = client.get(reverse("desk:case", args=[cases["mail"].pk])).content.decode()
    assert '<h1 class="truncate">dana@example.com</h1>' in page and "dana@example.com · Netcenter" in page
    assert "Alguien sin nombre" not in page.partition('id="side"')[2]
