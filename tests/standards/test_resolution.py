"""That a case will be closed: promised from its opening, batch by batch, beside the responses."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from netcenter import flow
from netcenter.cases.models import Case, Message
from netcenter.cases.queries import story
from netcenter.events.models import Event
from netcenter.outbox.actions import Reply
from netcenter.standards import actions as standards
from netcenter.standards.models import Calendar, Promise, Standard
from tests.company import NOON, Company

pytestmark = pytest.mark.django_db
COMPLAINT = "¡Esto es una vergüenza! Exijo que me devuelvan el dinero, es una estafa."


def later(**span) -> datetime:
    return NOON + timedelta(**span)


@pytest.fixture(autouse=True)
def standard(company) -> None:
    """Everything within a day, a complaint within eight hours."""
    always = Calendar.objects.get()
    Standard.objects.create(measure="resolution", minutes=24 * 60, calendar=always)
    Standard.objects.create(measure="resolution", minutes=8 * 60, kind="complaint", calendar=always)


def resolution() -> Promise:
    return Promise.objects.get(measure="resolution")


def answer(company: Company, at: datetime, close: bool = False) -> Case:
    case = Case.objects.get()
    thread = case.threads.get()
    reply = Reply("Se lo cambiamos.", f"key-{at.isoformat()}", thread.pk, story(case).seen_id)
    flow.answer(case, reply, company.alice, at, close=close)
    return Case.objects.get()


def test_it_runs_from_the_opening_until_the_case_is_closed(company):
    company.deliver(company.said("¿Hacen tortas?"))
    assert (resolution().started_at, resolution().due_at) == (NOON, later(hours=24))
    answer(company, later(minutes=5))
    assert resolution().ended_at is None
    assert Promise.objects.get(measure="first").outcome == "kept"
    flow.close(Case.objects.get(), company.alice, later(hours=3))
    assert (resolution().outcome, resolution().ended_at) == ("kept", later(hours=3))


def test_it_is_late_when_the_case_is_closed_too_late(company):
    company.deliver(company.said("¿Hacen tortas?"))
    answer(company, later(hours=25), close=True)
    assert resolution().outcome == "late"


def test_it_is_void_when_nothing_in_the_case_needed_an_answer(company):
    company.deliver(company.said("Compre seguidores baratos"))
    flow.dispose(Case.objects.get(), "spam", "", None, company.alice, later(hours=30))
    assert resolution().outcome == "void"


def test_thanks_after_an_answer_close_a_case_that_was_resolved(company):
    company.deliver(company.said("¿Hacen tortas?"))
    answer(company, later(minutes=5))
    company.deliver(company.said("Gracias", at=later(minutes=9)))
    flow.dispose(Case.objects.get(), "thanks", "", None, company.alice, later(minutes=10))
    assert resolution().outcome == "kept"


def test_a_case_that_is_opened_anew_runs_on_from_its_first_opening(company):
    company.deliver(company.said("¿Hacen tortas?"))
    answer(company, later(hours=1), close=True)
    company.deliver(company.said("¿Y sin azúcar?", at=later(days=3)))
    assert Case.objects.get().closed_at is None
    promise = resolution()
    assert (promise.ended_at, promise.outcome, promise.due_at) == (None, "", later(hours=24))
    answer(company, later(days=3, hours=1), close=True)
    assert resolution().outcome == "late"


def test_what_is_written_on_in_the_same_case_moves_it_only_when_it_must_be_sooner(company):
    company.deliver(company.said("Hola, ¿hacen tortas?"))
    company.deliver(company.said("¿Y pan?", at=later(minutes=10)))
    assert resolution().due_at == later(hours=24)
    company.deliver(company.said(COMPLAINT, at=later(minutes=20)))
    assert resolution().due_at == later(hours=8)


def test_lists_and_rings_go_by_the_response_not_by_the_resolution(company):
    company.deliver(company.said("¿Hacen tortas?"))
    assert Case.objects.get().due_at == later(hours=4)
    assert answer(company, later(minutes=5)).due_at is None
    company.deliver(company.said("¿Y sin azúcar?", at=later(hours=23)))
    assert Case.objects.get().due_at == later(hours=27)


def test_a_case_from_before_the_standard_is_spared(company):
    Standard.objects.filter(measure="resolution").delete()
    company.deliver(company.said("¿Hacen tortas?"))
    Standard.objects.create(measure="resolution", minutes=60, calendar=Calendar.objects.get())
    company.deliver(company.said("¿Hola?", at=later(hours=20)))
    assert not Promise.objects.filter(measure="resolution").exists()


def test_an_answer_that_never_arrived_lets_it_run_on(company):
    company.deliver(company.said("¿Hacen tortas?"))
    answer(company, later(minutes=5), close=True)
    sent = Message.objects.get(direction="out")
    flow.cases.failed(sent, "no such address", later(minutes=6))
    standards.run_again(sent.case_id, later(minutes=6))
    assert resolution().ended_at is None
    assert Promise.objects.filter(ended_at=None).count() == 2


def test_it_is_announced_as_what_it_is(company):
    company.deliver(company.said("¿Hacen tortas?"))
    answer(company, later(minutes=5))
    standards.warn(later(hours=25))
    told = Event.objects.get(kind="promise.broken")
    assert told.data["measure"] == "resolution"


def test_many_messages_ask_no_more_than_few(company):
    def queries(count: int, by: str) -> int:
        happenings = [company.said("¿Hacen tortas?", by=f"{by}{n}") for n in range(count)]
        company.deliver(*happenings)
        messages = list(
            Message.objects.filter(thread__identity__name__istartswith=by).select_related(
                "case__account", "account", "thread__account"
            )
        )
        Promise.objects.all().delete()
        with CaptureQueriesContext(connection) as asked:
            standards.promise(messages, NOON)
        assert Promise.objects.filter(measure="resolution").count() == count
        return len(asked)

    assert queries(20, "ana") == queries(3, "eva")


def test_the_case_shows_it(company):
    company.deliver(company.said("¿Hacen tortas?"))
    client = Client()
    client.force_login(company.alice)
    url = reverse("desk:case", args=[Case.objects.get().pk])
    assert "data-resolution" in client.get(url).content.decode()
    answer(company, later(minutes=5), close=True)
    assert "data-resolution" not in client.get(url).content.decode()
