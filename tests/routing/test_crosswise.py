"""Two people who act on each other's cases at the same instant: both get their way, and law 3 holds."""

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.db import connection

from netcenter.cases.models import Case
from netcenter.people import actions as people
from netcenter.people.models import Desk, Person
from netcenter.routing import actions as routing
from netcenter.routing import presence
from netcenter.routing.models import Offer
from tests.company import NOON, found

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def eve(company) -> Person:
    return Person.objects.create_user("eve@example.com", "correct horse", name="Eve", role="supervisor")


@pytest.fixture
def company(transactional_db):
    return found()


@pytest.fixture
def held(company, eve) -> tuple[Case, Case]:
    """Charlie's case and Eve's."""
    company.deliver(company.said("¿Dónde está mi pan?"), company.said("¿Y el mío?", by="ana"))
    mine, theirs = Case.objects.order_by("pk")
    routing.take(mine.pk, company.charlie, NOON)
    routing.take(theirs.pk, eve, NOON)
    return mine, theirs


def at_once(monkeypatch, *acts: Callable[[], object]) -> list[Exception]:
    """Run the acts in threads that meet after the first change of a desk; returns what went wrong."""
    gate, wrong, met = threading.Barrier(len(acts)), [], threading.local()
    empty = people.empty

    def meet(*args, **more) -> None:
        empty(*args, **more)
        if not getattr(met, "once", False):
            met.once = True
            with suppress(threading.BrokenBarrierError):  # where writers come one after the other, they never meet
                gate.wait(1)

    def run(act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:
            wrong.append(error)
        finally:
            connection.close()

    monkeypatch.setattr(people, "empty", meet)
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return wrong


def test_two_supervisors_take_over_each_others_cases(company, eve, held, monkeypatch):
    mine, theirs = held
    wrong = at_once(
        monkeypatch,
        lambda: routing.take(theirs.pk, company.charlie, NOON),
        lambda: routing.take(mine.pk, eve, NOON),
    )
    assert not wrong
    assert dict(Case.objects.values_list("pk", "holder_id")) == {mine.pk: eve.pk, theirs.pk: company.charlie.pk}
    live = Offer.objects.filter(state__in=Offer.LIVE).values_list("case_id", "operator_id")
    assert dict(live) == {mine.pk: eve.pk, theirs.pk: company.charlie.pk}
    weights = {o.operator_id: o.weight for o in Offer.objects.filter(state__in=Offer.LIVE)}
    assert {d.person_id: d.load for d in Desk.objects.exclude(load=0)} == weights


def test_a_case_is_taken_over_while_its_holder_goes_home_with_two(company, eve, held, monkeypatch):
    mine, theirs = held
    routing.take(theirs.pk, company.charlie, NOON)
    wrong = at_once(
        monkeypatch,
        lambda: presence.set_state(company.charlie, "offline", NOON, company.charlie),
        lambda: routing.take(theirs.pk, eve, NOON),
    )
    assert not wrong
    assert dict(Case.objects.values_list("pk", "holder_id")) == {mine.pk: None, theirs.pk: eve.pk}
    assert Desk.objects.get(person=company.charlie).load == 0
