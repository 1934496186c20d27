"""The ledger balances, whatever is done, and its entries can be folded."""

import random
import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netcenter import flow
from netcenter.cases import actions, ledger
from netcenter.cases.models import Case, Message, Tally
from netcenter.cases.queries import story
from netcenter.cases.search import find
from netcenter.outbox.actions import Reply
from netcenter.routing import actions as routing
from tests.company import NOON, found

pytestmark = pytest.mark.django_db

VERBS = ["write", "write", "answer", "dispose", "bounce", "retry", "fold", "close"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(VERBS), max_size=25), st.integers())
def test_it_balances_after_any_history(db, verbs, seed):
    from django.db import transaction

    with transaction.atomic():
        _live_through(verbs, random.Random(seed))
        transaction.set_rollback(True)


def _live_through(verbs, dice):
    company = found()
    for i, verb in enumerate(verbs):
        now = NOON + timedelta(minutes=i)
        if verb == "write":
            who = f"customer-{dice.randrange(3)}"
            company.deliver(company.said(f"mensaje {i}", by=who, at=now))
        elif verb == "fold":
            ledger.fold()
        elif verb in ("bounce", "retry"):
            sent = Message.objects.filter(direction="out").order_by("?").first()
            if sent:
                (actions.failed(sent, "bounced", now) if verb == "bounce" else actions.retrying(sent, now))
        elif (case := Case.objects.filter(waiting_since__isnull=verb == "close").first()) is not None:
            if verb == "close":
                flow.close(case, company.charlie, now)
            elif verb == "dispose":
                flow.dispose(case, "thanks", "", None, company.charlie, now)
            else:
                routing.take(case.pk, company.charlie, now)
                shown = story(case)
                thread = shown.messages[-1].thread_id
                flow.answer(case, Reply("Hola", uuid.uuid4().hex, thread, shown.seen_id), company.charlie, now)
        equation = ledger.equation()
        assert equation.balances and equation == ledger.audit(NOON + timedelta(days=2))
        for case in Case.objects.all():
            waits = Message.objects.filter(case=case, state="waiting").order_by("sent_at").first()
            assert case.waiting_since == (waits.sent_at if waits else None)


def test_it_folds_entries_without_changing_the_sums():
    company = found()
    for i in range(6):
        company.deliver(company.said(f"hola {i}", at=NOON + timedelta(minutes=i)))
    before = ledger.equation()
    assert ledger.fold() == 5
    assert Tally.objects.count() == 1 and ledger.equation() == before


@pytest.mark.parametrize("words", ["panaderia", "PANADERÍA", "ñandu", "dana@example", "medialun", "dana panaderia"])
def test_it_finds_a_case_without_accents(words):
    company = found()
    company.deliver(company.said("La panadería del Ñandú: medialunas", author={"email": "dana@example.com"}))
    company.deliver(company.said("Otra cosa", by="erika"))
    assert find(words) == [Case.objects.get(customer__name="Dana").pk]


@pytest.mark.parametrize("words", ["", "   ", "'; drop table", '"', "*", "a" * 5000, "AND OR NOT", "\x00", "(((", "%"])
def test_no_search_words_can_break_it(words):
    assert isinstance(find(words), list)


def test_it_finds_a_case_by_its_number():
    company = found()
    company.deliver(company.said("Hola"))
    number = Case.objects.get().pk
    assert find(f"#{number}")[0] == number and find(str(number))[0] == number
