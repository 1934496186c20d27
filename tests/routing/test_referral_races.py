"""Answer, take back and climb at the same moment: exactly one of them wins, whoever it is."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from netcenter import flow
from netcenter.cases.ledger import audit, equation
from netcenter.cases.models import Case, Message
from netcenter.desk.seat import _answer
from netcenter.events.models import Event
from netcenter.lib.refused import Refused
from netcenter.outbox.actions import Reply
from netcenter.people.areas import AreaDetails, save_area
from netcenter.people.models import Letter, Person
from netcenter.routing import referrals, switchboard
from netcenter.routing.models import Offer, Referral
from tests.company import NOON, found

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


def owner(name: str) -> Person:
    return Person.objects.create_user(f"{name.lower()}@example.com", "x" * 12, name=name, role="owner")


def together(*verbs: Callable[[], object]) -> list[object]:
    """Run them at once, each in a thread with a connection of its own; what each returned or was refused with."""
    gate, outcomes = threading.Barrier(len(verbs)), [None] * len(verbs)

    def run(i: int, verb: Callable[[], object]) -> None:
        gate.wait()
        try:
            outcomes[i] = verb() or True
        except Refused as refused:
            outcomes[i] = refused
        except OperationalError as error:
            outcomes[i] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one) for one in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not [o for o in outcomes if isinstance(o, OperationalError)], outcomes
    return outcomes


def test_answer_take_back_and_climb_race(monkeypatch):
    company = found()
    olga, otto = owner("Olga"), owner("Otto")
    area = save_area(None, AreaDetails("Billing", "", 60, [olga.pk, otto.pk]), NOON, "test")
    now = NOON + timedelta(hours=2)
    monkeypatch.setattr("netcenter.lib.clock.now", lambda: now)
    for i in range(ROUNDS):
        company.deliver(company.said("Me cobraron dos veces", by=f"dana{i}"))
        case = Case.objects.get(customer__name=f"Dana{i}")
        referral = flow.hand_on(case, area, "¿Dos veces?", None, company.alice, NOON)
        reply = Reply("Se devolvió.", f"key-{i}", case.threads.get().pk, case.messages.get().pk)
        together(
            lambda r=referral, a=reply: _answer(r, a, olga),
            lambda c=case: referrals.take_back(c.pk, company.bob, now),
            lambda: referrals.remind(now),
            lambda: referrals.remind(now),
        )
        referral.refresh_from_db()
        case.refresh_from_db()
        kinds = list(Event.objects.filter(case_id=case.pk, kind__startswith="referral.").values_list("kind", flat=True))
        ends = [k for k in kinds if k in ("referral.answered", "referral.taken_back", "referral.ran_out")]
        assert len(ends) == 1 and kinds.count("referral.climbed") <= 1, kinds
        assert referral.ended_at is not None
        assert (case.waiting_since is None) == (referral.outcome == "answered") == (case.holder_id is None)
        assert Message.objects.filter(case=case, direction="out").count() == (referral.outcome == "answered")
        climbed = Letter.objects.filter(kind="climbed", data__referral=referral.pk)
        assert climbed.count() == kinds.count("referral.climbed")
        assert Offer.objects.filter(case=case, state="accepted").count() == (referral.outcome == "taken_back")
    assert equation() == audit(now)


def test_two_who_hand_on_at_once_ask_once(monkeypatch):
    company = found()
    olga = owner("Olga")
    area = save_area(None, AreaDetails("Billing", "", 60, [olga.pk]), NOON, "test")
    company.deliver(company.said("Me cobraron dos veces"))
    case = Case.objects.get()
    people = (company.alice, company.bob, company.charlie)
    outcomes = together(*(lambda p=p: referrals.hand_on(case.pk, area, "¿?", p, NOON) for p in people))
    assert sum(isinstance(o, Referral) for o in outcomes) == 1
    assert {o.code for o in outcomes if isinstance(o, Refused)} == {"handed_on"}
    assert Referral.objects.count() == 1 and Letter.objects.count() == 1


def test_nothing_rings_that_is_handed_on_while_it_is_being_rung():
    company = found()
    olga = owner("Olga")
    area = save_area(None, AreaDetails("Billing", "", 60, [olga.pk]), NOON, "test")
    company.available(company.bob)
    for i in range(ROUNDS):
        company.deliver(company.said("¿Abren?", by=f"dana{i}"))
        case = Case.objects.get(customer__name=f"Dana{i}")
        together(
            lambda c=case: referrals.hand_on(c.pk, area, "¿?", company.charlie, NOON), lambda: switchboard.ring(NOON),
            lambda: switchboard.ring(NOON),
        )  # fmt: skip
        assert Referral.objects.filter(case=case, ended_at=None).count() == 1
        assert not Offer.objects.filter(case=case, state__in=Offer.LIVE).exists()
