"""Who waits is told so once, honestly, in their language; and nobody who should not be."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from netcenter import flow
from netcenter.accounts.models import Organisation
from netcenter.cases import ledger
from netcenter.cases.models import Case, Message
from netcenter.cases.queries import story
from netcenter.channels.registry import channel
from netcenter.courtesy import acknowledging
from netcenter.courtesy.acknowledging import acknowledge, announce_broken, next_to_tell, tell_waiting, untold
from netcenter.courtesy.composing import compose
from netcenter.events.models import Event
from netcenter.lib.refused import Refused
from netcenter.outbox.actions import Reply
from netcenter.outbox.models import Dispatch
from netcenter.people.models import Area
from netcenter.routing import actions as routing
from netcenter.routing import switchboard
from netcenter.routing.models import Acknowledgement, Menu, MenuAsked, Queue, Referral
from netcenter.routing.paces import Waits
from netcenter.standards.models import Calendar, Standard
from netcenter.understanding.models import Reading
from tests.company import NOON, found

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
SPANISH, PORTUGUESE = "¿A qué hora abren el sábado?", "Bom dia, vocês abrem no sábado? Obrigada"


def told() -> list[str]:
    return list(Message.objects.filter(direction="out").order_by("id").values_list("text", flat=True))


def busy(company, *texts: str) -> None:
    """Alice is the only one at a desk, which is full of chats; these wait."""
    company.available(company.alice)
    for i in range(6):
        company.deliver(company.said("Hola", by=f"full{i}"))
        routing.take(Case.objects.latest("id").pk, company.alice, NOON)
    for i, text in enumerate(texts):
        company.deliver(company.said(text, by=("dana", "eva", "flor", "gil")[i], id=f"w{i}"))


def office_hours(opens="09:00", closes="18:00") -> None:
    week = {str(day): [[opens, closes]] for day in range(5)}
    office = Calendar.objects.create(name="Oficina", hours=week)
    Standard.objects.update(calendar=office)


def test_who_waits_while_everybody_is_busy_is_told_once_how_long(company):
    busy(company, SPANISH)
    before = ledger.equation()
    assert tell_waiting(NOON + 119 * SECOND) == 0
    assert next_to_tell(NOON + 119 * SECOND) == NOON + 120 * SECOND
    assert tell_waiting(NOON + 120 * SECOND) == 1
    assert tell_waiting(NOON + 121 * SECOND) == 0 and tell_waiting(NOON + 900 * SECOND) == 0
    [text] = told()
    assert text.startswith("Hola, Dana. Recibimos tu mensaje.") and "en unos" in text and "automático" in text
    kept = Acknowledgement.objects.get()
    assert kept.kind == "busy" and kept.basis["people"] == 1 and kept.basis["free"] == 0
    assert kept.promised_at > kept.told_at + timedelta(seconds=kept.expected_seconds)
    assert ledger.equation() == before and Case.objects.get(pk=kept.case_id).waiting_since == NOON
    assert Event.objects.get(kind="acknowledgement.told").data["basis"] == kept.basis


def test_each_is_told_in_their_own_language(company):
    Queue.objects.update(texts={"busy": {"es": "Propio: {{ wait }}"}})
    busy(company, SPANISH, PORTUGUESE, "Hello, what time do you open on Saturday, please?")
    tell_waiting(NOON + 200 * SECOND)
    texts = dict(Message.objects.filter(direction="out").values_list("case__language", "text"))
    assert texts["es"].startswith("Propio: en unos")
    assert texts["pt"].startswith("Olá, Eva.") and "em cerca de" in texts["pt"]
    assert texts["en"].startswith("Hello, Flor.") and "in about" in texts["en"]


def test_where_nothing_is_promised_a_time_is_read_on_the_company_s_clock(company):
    Organisation.objects.update(timezone="America/Argentina/Buenos_Aires")
    busy(company, SPANISH)
    Standard.objects.all().delete()
    hours = Waits(NOON).expect(Case.objects.latest("id")).hours
    assert hours.always and hours.zone.key == "America/Argentina/Buenos_Aires"


def test_a_greeting_never_repeats_what_is_no_name(company):
    busy(company)
    company.deliver(company.said(SPANISH, author={"name": "http://evil.example {{ wait }}"}))
    tell_waiting(NOON + 200 * SECOND)
    assert told()[0].startswith("Hola. ")


def test_out_of_hours_the_next_opening_is_named_at_once(company):
    office_hours()
    night = datetime(2026, 3, 6, 20, 0, tzinfo=UTC)  # a Friday
    company.deliver(company.said(SPANISH, at=night))
    assert next_to_tell(night + SECOND) == night + 2 * SECOND
    assert tell_waiting(night + SECOND) == 0 and tell_waiting(night + 2 * SECOND) == 1
    [text] = told()
    assert "fuera de horario" in text and "abrimos el lunes a las 9:00" in text
    kept = Acknowledgement.objects.get()
    assert kept.kind == "closed" and kept.promised_at is None
    assert tell_waiting(datetime(2026, 3, 9, 12, 0, tzinfo=UTC)) == 0  # and never a second time


def test_out_of_hours_a_time_for_the_answer_is_the_standards(company):
    office_hours()
    Queue.objects.update(texts={"closed": {"es": "Abrimos {{ opens }}; contestamos {{ wait }}."}})
    night = datetime(2026, 3, 3, 20, 0, tzinfo=UTC)
    company.deliver(company.said(SPANISH, at=night))
    tell_waiting(night + 5 * SECOND)
    assert "contestamos mañana antes de las 13:00" in told()[0]
    assert Acknowledgement.objects.get().promised_at == Case.objects.get().due_at


def test_who_writes_just_before_closing_is_told_when_it_is_over(company):
    office_hours()
    last = datetime(2026, 3, 3, 17, 59, 30, tzinfo=UTC)
    company.deliver(company.said(SPANISH, at=last))
    assert tell_waiting(last + 119 * SECOND) == 0 and tell_waiting(last + 120 * SECOND) == 1
    assert "mañana a las 9:00" in told()[0]


def test_the_night_is_no_waiting(company):
    office_hours()
    Queue.objects.update(tells_closed=False)
    company.deliver(company.said(SPANISH, at=datetime(2026, 3, 3, 20, 0, tzinfo=UTC)))
    morning = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
    assert tell_waiting(morning + 60 * SECOND) == 0 and tell_waiting(morning + 120 * SECOND) == 1


def test_who_has_waited_for_days_wants_an_answer_and_no_notice(company):
    company.deliver(company.said(SPANISH))
    assert tell_waiting(NOON + timedelta(days=4)) == 0 < tell_waiting(NOON + timedelta(days=3))


def test_nobody_here_means_no_time(company):
    company.deliver(company.said(SPANISH))
    tell_waiting(NOON + 3 * MINUTE)
    assert "en cuanto alguien quede libre" in told()[0]
    assert Acknowledgement.objects.get().promised_at is None


@pytest.mark.parametrize("text", ["¡Gracias, excelente atención, los felicito!", "Muchas gracias"])
def test_praise_and_thanks_are_left_in_peace(company, text):
    company.deliver(company.said(text))
    assert Reading.objects.get().kind in ("praise", "thanks")
    assert tell_waiting(NOON + 30 * MINUTE) == 0


def test_a_machine_is_told_nothing(company):
    company.deliver(company.said(SPANISH, automatic="auto_reply"))
    Message.objects.filter(direction="in").update(automatic="auto_reply")
    waits = Case.objects.filter(waiting_since__isnull=False).exists()
    assert tell_waiting(NOON + 30 * MINUTE) == (1 if waits else 0)


def rings(company, case):
    company.available(company.alice, at=NOON + MINUTE)
    switchboard.ring(NOON + MINUTE)


def held(company, case):
    routing.take(case.pk, company.alice, NOON + MINUTE)


def away(company, case):
    Case.objects.update(snoozed_until=NOON + 60 * MINUTE)


def asked_a_menu(company, case):
    menu = Menu.objects.create(account=company.api)
    MenuAsked.objects.create(case=case, menu=menu, asked_at=NOON, until=NOON + 60 * MINUTE)


def handed_on(company, case):
    Referral.objects.create(case=case, area=Area.objects.create(name="Horno"), owner=company.charlie,
                            operator=company.alice, at=NOON, due_at=NOON + 60 * MINUTE)  # fmt: skip


def answered(company, case):
    routing.take(case.pk, company.alice, NOON)
    say(company, case)


def disposed(company, case):
    flow.dispose(case, "spam", "", None, company.charlie, NOON + MINUTE)


def switched_off(company, case):
    Queue.objects.update(tells_busy=False)


SILENT = [rings, held, away, asked_a_menu, handed_on, answered, disposed, switched_off]


def say(company, case, now=NOON + MINUTE):
    shown = story(case)
    reply = Reply("A las ocho.", f"reply-{now.timestamp()}", shown.messages[-1].thread_id, shown.seen_id)
    flow.answer(case, reply, company.alice, now)


@pytest.mark.parametrize("becomes", SILENT)
def test_it_says_nothing_where_somebody_is_at_it(company, becomes):
    company.deliver(company.said(SPANISH))
    becomes(company, Case.objects.get())
    assert tell_waiting(NOON + 3 * MINUTE) == 0 and not Message.objects.filter(direction="out", automatic__gt="")


@pytest.mark.parametrize("becomes", SILENT[:-1])
def test_it_says_nothing_when_that_happens_while_the_words_are_composed(company, becomes):
    company.deliver(company.said(SPANISH))
    now, queue = NOON + 130 * SECOND, Queue.objects.select_related("brand").get()
    case = untold(now).select_related("account", "brand", "customer").get()
    composed = compose(case, queue, "busy", Waits(now), now)
    becomes(company, Case.objects.get())
    assert not acknowledge(composed, now)
    assert not Acknowledgement.objects.exists() and not Message.objects.filter(direction="out", automatic__gt="")


def test_a_public_place_is_spared_where_a_private_one_is_open(company):
    assert set(channel("api").capabilities.places) == {"private", "public"}
    post = company.said(SPANISH, thread="post-1", id="p1")
    post["thread"]["place"] = "public"
    company.deliver(post)
    case = Case.objects.get()
    assert acknowledging.place_for(case).place == "public"  # there is no other place with this person
    company.deliver(company.said("Les escribo por privado", thread="dm-1", id="p2", at=NOON + SECOND))
    private = acknowledging.place_for(Case.objects.earliest("id"))
    assert (private.place, private.external_id) == ("private", "dm-1")


def test_what_a_network_cannot_take_is_no_endless_loop(company, monkeypatch):
    company.deliver(company.said(SPANISH))

    def refuse(*args, **kwargs):
        raise Refused("too_long", "Too long")

    monkeypatch.setattr(acknowledging, "say_by_itself", refuse)
    assert tell_waiting(NOON + 3 * MINUTE) == 0
    kept = Acknowledgement.objects.get()
    assert kept.message is None and kept.basis == {"refused": "too_long"}
    assert Event.objects.filter(kind="acknowledgement.refused").count() == 1
    assert not untold(NOON + 4 * MINUTE).exists()


def test_a_case_that_cannot_be_told_hides_no_other(company, monkeypatch):
    for who in ("dana", "eva"):
        company.deliver(company.said(SPANISH, by=who))
    first, real = Case.objects.earliest("id"), acknowledging.compose

    def broken(case, *args):
        if case.pk == first.pk:
            raise RuntimeError("a bug")
        return real(case, *args)

    monkeypatch.setattr(acknowledging, "compose", broken)
    assert tell_waiting(NOON + 3 * MINUTE) == 1
    with pytest.raises(RuntimeError):  # alone, it is loud
        tell_waiting(NOON + 3 * MINUTE)


def test_a_flood_is_told_in_batches_and_nobody_is_left_out(company, monkeypatch):
    monkeypatch.setattr(acknowledging, "MOST_TOLD", 7)
    company.deliver(*(company.said(SPANISH, by=f"c{i}", id=f"f{i}") for i in range(20)))
    assert [tell_waiting(NOON + 3 * MINUTE) for _ in range(4)] == [7, 7, 6, 0]
    assert Acknowledgement.objects.count() == Dispatch.objects.count() == 20


def test_an_answer_in_time_keeps_what_was_said(company):
    busy(company, SPANISH)
    tell_waiting(NOON + 2 * MINUTE)
    case = Acknowledgement.objects.get().case
    routing.take(case.pk, company.charlie, NOON + 3 * MINUTE)
    say(company, case, NOON + 4 * MINUTE)
    kept = Acknowledgement.objects.get()
    assert (kept.answered_at, kept.ended_at, kept.outcome) == (NOON + 4 * MINUTE, NOON + 4 * MINUTE, "kept")
    assert announce_broken(NOON + 600 * MINUTE) is None and not Event.objects.filter(kind="acknowledgement.broken")


def test_a_broken_word_is_on_the_record_once(company):
    busy(company, SPANISH)
    tell_waiting(NOON + 2 * MINUTE)
    kept = Acknowledgement.objects.get()
    assert announce_broken(kept.promised_at - SECOND) == kept.promised_at
    for late in (0, 1, 2):
        announce_broken(kept.promised_at + late * SECOND)
    assert Event.objects.get(kind="acknowledgement.broken").case_id == kept.case_id
    routing.take(kept.case_id, company.alice, kept.promised_at + MINUTE)
    say(company, kept.case, kept.promised_at + MINUTE)
    kept.refresh_from_db()
    assert kept.outcome == "broken" and kept.answered_at == kept.promised_at + MINUTE


def test_what_needed_no_answer_broke_no_word(company):
    busy(company, SPANISH)
    tell_waiting(NOON + 2 * MINUTE)
    kept = Acknowledgement.objects.get()
    flow.dispose(kept.case, "spam", "", None, company.charlie, NOON + 3 * MINUTE)
    announce_broken(kept.promised_at + SECOND)
    assert Acknowledgement.objects.get().outcome == "void"
    assert not Event.objects.filter(kind="acknowledgement.broken")


@pytest.mark.django_db(transaction=True)
def test_four_threads_that_compose_the_same_say_it_once():
    company = found()
    company.deliver(*(company.said(SPANISH, by=f"c{i}", id=f"r{i}") for i in range(5)))
    now, queue = NOON + 3 * MINUTE, Queue.objects.select_related("brand").get()
    composed = [compose(c, queue, "busy", Waits(now), now)
                for c in untold(now).select_related("account", "brand", "customer")]  # fmt: skip
    ready, wins = threading.Barrier(4), []

    def tell():
        try:
            ready.wait()
            wins.append([acknowledge(each, now) for each in composed])
        finally:
            connection.close()

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(composed) == 5 and [sum(column) for column in zip(*wins, strict=True)] == [1] * 5
    assert Message.objects.filter(direction="out").count() == Acknowledgement.objects.count() == 5
