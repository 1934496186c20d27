"""Handing on to whoever is responsible: one is asked at a time, nothing rings meanwhile, and it climbs."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from netcenter import flow
from netcenter.cases.ledger import audit, equation
from netcenter.cases.models import Case, Message
from netcenter.events.models import Event
from netcenter.lib.refused import Refused
from netcenter.outbox.actions import Reply
from netcenter.outbox.dispatching import outbound_of
from netcenter.outbox.models import Dispatch
from netcenter.people.areas import AreaDetails, save_area
from netcenter.people.models import Area, Desk, Letter, Person
from netcenter.routing import actions as routing
from netcenter.routing import referrals, switchboard
from netcenter.routing.asked import asked_of, handed_on_by, lead_of, token_of
from netcenter.routing.climbing import LEAST, first_mark, marks_passed, next_asked, time_to_answer
from netcenter.routing.models import Offer, Referral
from netcenter.standards.models import Promise
from netcenter.standards.queries import running_promise
from tests.company import NOON, Company

MIN = timedelta(minutes=1)


# --- Rules ------------------------------------------------------------------------------------------------------------


def at(minute: float) -> datetime:
    return NOON + minute * MIN


@pytest.mark.parametrize(("area_due", "promised", "until"), [
    (60, None, 60), (60, 40, 40), (60, 90, 60), (60, 15, 15), (60, 14, 60), (60, -5, 60),
])  # fmt: skip
def test_time_to_answer_keeps_the_promise_while_it_can_be_kept(area_due, promised, until):
    assert timedelta(minutes=15) == LEAST
    assert time_to_answer(NOON, at(area_due), None if promised is None else at(promised)) == at(until)


@pytest.mark.parametrize(("reminders", "remind_at", "now", "passed", "following"), [
    (0, 50, 49, 0, 50), (0, 50, 50, 1, 90), (0, 50, 89, 1, 90), (0, 50, 90, 2, 100), (0, 50, 95, 2, 100),
    (1, 90, 89, 1, 90), (1, 90, 90, 2, 100), (1, 90, 99, 2, 100), (2, 100, 99, 2, 100),
    (0, 50, 100, 3, 100), (1, 90, 100, 3, 100), (2, 100, 130, 3, 100),
])  # fmt: skip
def test_marks_are_passed_once_each_and_late_ones_together(reminders, remind_at, now, passed, following):
    found = marks_passed(reminders, at(remind_at), at(100), at(now))
    assert found[0] == passed and abs(found[1] - at(following)) < timedelta(milliseconds=1)


def test_the_first_mark_is_half_way():
    assert first_mark(NOON, at(100)) == at(50)


@pytest.mark.parametrize(("tried", "above", "found"), [
    ({1}, False, (2, False)), ({1, 2}, False, (8, True)), ({1, 2, 8}, False, (9, True)), ({1, 2, 8}, True, None),
    ({1, 2, 8, 9}, False, None),
])  # fmt: skip
def test_it_climbs_to_the_deputies_then_to_one_supervisor(tried, above, found):
    assert next_asked([1, 2], [8, 9], tried, above) == found


# --- Verbs ------------------------------------------------------------------------------------------------------------


class Asked:
    """Dana complained, Alice picked it up; Olga is responsible for billing and Otto is her deputy."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.olga = person("Olga")
        self.otto = person("Otto")
        self.area = save_area(None, AreaDetails("Billing", "", 60, [self.olga.pk, self.otto.pk]), NOON, "test")
        company.available(company.alice)
        company.deliver(company.said("Me cobraron dos veces la torta, es un reclamo"))
        self.case = Case.objects.get()
        switchboard.ring(NOON)
        routing.accept(Offer.objects.get().pk, company.alice, NOON)

    def reply(self, text: str, key: str = "k") -> Reply:
        return Reply(text, key, self.case.threads.get().pk, Message.objects.filter(direction="in").latest("pk").pk)

    def hand_on(self, holding: str = "", now: datetime = NOON) -> Referral:
        reply = self.reply(holding, "holding") if holding else None
        return flow.hand_on(self.case, self.area, "¿Se cobró dos veces?", reply, self.company.alice, now)


def person(name: str, role: str = "owner") -> Person:
    return Person.objects.create_user(f"{name.lower()}@example.com", "correct horse", name=name, role=role)


@pytest.fixture
def asked(company: Company) -> Asked:
    return Asked(company)


def kinds() -> list[str]:
    return list(Event.objects.filter(kind__startswith="referral.").order_by("id").values_list("kind", flat=True))


def letters() -> list[tuple[str, str]]:
    return list(Letter.objects.order_by("id").values_list("person__name", "kind"))


pytestmark = pytest.mark.django_db


def test_a_holding_reply_leaves_the_message_waiting_and_the_promise_running(asked):
    before = running_promise(asked.case.pk)
    asked.hand_on("Lo estoy viendo con Facturación.", at(5))
    case = Case.objects.get()
    out = Message.objects.get(direction="out")
    assert case.waiting_since == NOON and case.holder is None and case.due_at == before.due_at
    assert (out.automatic, out.operator) == ("holding", asked.company.alice)
    assert Message.objects.get(direction="in").state == "waiting"
    assert running_promise(case.pk) == before and Promise.objects.count() == 1
    assert equation() == audit(at(5)) and equation().waiting == 1
    assert Desk.objects.get(person=asked.company.alice).load == 0
    assert not outbound_of(Dispatch.objects.get()).automatic  # a person's words: no machine's headers


def test_nothing_rings_while_somebody_responsible_is_asked(asked):
    referral = asked.hand_on()
    asked.company.available(asked.company.bob)
    assert switchboard.ring(at(1)).rang == 0
    asked.company.deliver(asked.company.said("¿Hola?", at=at(2)))
    assert switchboard.ring(at(2)).rang == 0
    referrals.give_back(referral.pk, asked.olga, "No es de mi área", at(3))
    assert switchboard.ring(at(3)).rang == 1
    assert Referral.objects.get().outcome == "given_back" and Case.objects.get().last_operator == asked.company.alice


def test_only_one_can_be_asked_and_a_second_asking_is_refused(asked):
    first = asked.hand_on()
    with pytest.raises(Refused) as refused:
        asked.hand_on()
    assert refused.value.code == "handed_on"
    with pytest.raises(IntegrityError), transaction.atomic():
        Referral.objects.create(case=asked.case, area=asked.area, owner=asked.otto, operator=asked.company.bob,
                                at=NOON, due_at=at(60))  # fmt: skip
    assert Referral.objects.get() == first and letters() == [("Olga", "asked")]


@pytest.mark.parametrize(("question", "code"), [("", "no_question"), ("  ", "no_question")])
def test_it_asks_for_a_question(asked, question, code):
    with pytest.raises(Refused) as refused:
        referrals.hand_on(asked.case.pk, asked.area, question, asked.company.alice, NOON)
    assert refused.value.code == code


def test_it_is_refused_where_nobody_is_responsible_nobody_waits_or_a_colleague_has_it(asked):
    company = asked.company
    with pytest.raises(Refused) as refused:
        referrals.hand_on(asked.case.pk, Area.objects.create(name="Empty"), "?", company.alice, NOON)
    assert refused.value.code == "no_owner"
    with pytest.raises(Refused) as refused:
        referrals.hand_on(asked.case.pk, asked.area, "?", company.bob, NOON)
    assert refused.value.code == "held"
    flow.answer(asked.case, asked.reply("Ya está, gracias."), company.alice, NOON)
    with pytest.raises(Refused) as refused:
        referrals.hand_on(asked.case.pk, asked.area, "?", company.alice, NOON)
    assert refused.value.code == "nothing_waits"


def test_a_blocked_holding_reply_hands_nothing_on(asked):
    with pytest.raises(Refused) as refused:
        asked.hand_on("Hola {{customer.name}}")
    assert refused.value.code == "blocked" and not Referral.objects.exists()
    assert Offer.objects.get().state == "accepted"


def test_the_owners_answer_reaches_the_customer_under_their_name_and_keeps_the_promise(asked):
    asked.hand_on("Un momento.")
    message = flow.answer(asked.case, asked.reply("Se devolvió hoy.", "k2"), asked.olga, at(20))
    referral = Referral.objects.get()
    assert (referral.outcome, referral.ended_at) == ("answered", at(20))
    assert message.operator == asked.olga and Message.objects.get(direction="in").answered_by == message
    assert Promise.objects.get().outcome == "kept" and Case.objects.get().waiting_since is None
    assert kinds() == ["referral.asked", "referral.answered"] and equation() == audit(at(20))


def test_telling_the_operator_leaves_a_note_and_rings_again(asked):
    referral = asked.hand_on()
    referrals.tell(referral.pk, asked.olga, "Ya se devolvió, sale mañana.", at(9))
    note = asked.case.notes.get()
    assert note.author == asked.olga and note.mention_set.get().person == asked.company.alice
    assert switchboard.ring(at(9)).rang == 1 and Referral.objects.get().outcome == "answered"


def test_others_neither_take_nor_dispose_nor_pass_on_what_is_asked_until_it_is_taken_back(asked):
    company = asked.company
    asked.hand_on()
    for verb in (
        lambda: routing.take(asked.case.pk, company.bob, at(1)),
        lambda: routing.take(asked.case.pk, company.charlie, at(1)),
        lambda: routing.transfer(asked.case.pk, company.bob, "", company.charlie, at(1)),
        lambda: flow.dispose(asked.case, "thanks", "", None, company.charlie, at(1)),
    ):
        with pytest.raises(Refused) as refused:
            verb()
        assert refused.value.code == "asked" and "Olga" in refused.value.message
    referrals.take_back(asked.case.pk, company.bob, at(2))
    assert Case.objects.get().holder == company.bob and Referral.objects.get().outcome == "taken_back"
    assert letters()[-1] == ("Olga", "taken_back")
    with pytest.raises(Refused) as refused:
        referrals.take_back(asked.case.pk, company.alice, at(3))
    assert refused.value.code == "over"


def test_it_reminds_at_50_and_90_percent_and_climbs_at_100_to_the_deputy_and_to_a_supervisor(asked):
    promise = running_promise(asked.case.pk).due_at
    assert promise == at(60)
    referral = asked.hand_on()
    assert (referral.due_at, referral.remind_at) == (at(60), at(30))
    assert referrals.remind(at(29.99)) == at(30)
    assert referrals.remind(at(30)) == at(54)
    referrals.remind(at(54))
    assert kinds().count("referral.reminded") == 2 and Referral.objects.get().owner == asked.olga
    assert referrals.remind(at(60)) == at(90)  # the promise cannot be kept any more: the area's own time
    referral.refresh_from_db()
    assert (referral.owner, referral.due_at, referral.reminders) == (asked.otto, at(120), 0)
    assert letters()[-2:] == [("Otto", "climbed"), ("Olga", "passed_on")]
    referrals.remind(at(120))
    referral.refresh_from_db()
    assert referral.owner == asked.company.charlie
    assert letters()[-2:] == [("Charlie", "climbed"), ("Otto", "passed_on")]
    assert switchboard.ring(at(121)).rang == 0
    assert referrals.remind(at(180)) is None
    referral.refresh_from_db()
    assert referral.ended_at == at(180) and kinds()[-1] == "referral.ran_out"
    asked.company.available(asked.company.bob, at=at(180))
    assert switchboard.ring(at(180)).rang == 1
    told = Event.objects.filter(kind__startswith="referral.", operator_id=asked.company.alice.pk)
    assert told.count() == 2 + 2 + 1  # every reminder, every climb, and that it ran out


def test_a_reminder_that_comes_late_is_one_and_who_is_gone_is_passed_over_at_once(asked):
    referral = asked.hand_on()
    referrals.remind(at(56))
    referrals.remind(at(56))
    assert kinds().count("referral.reminded") == 1 and Referral.objects.get().reminders == 2
    Person.objects.filter(pk=asked.olga.pk).update(is_active=False)
    referrals.remind(at(57))
    referral.refresh_from_db()
    assert referral.owner == asked.otto and referral.remind_at > at(57)


def test_who_hands_on_is_never_asked_themselves(asked):
    save_area(asked.area, AreaDetails("Billing", "", 60, [asked.company.alice.pk, asked.otto.pk]), NOON, "test")
    assert asked.hand_on().owner == asked.otto


def test_the_former_owner_can_neither_answer_nor_give_back_after_it_climbed(asked):
    referral = asked.hand_on()
    referrals.remind(at(60))
    for verb in (referrals.give_back, referrals.tell):
        with pytest.raises(Refused) as refused:
            verb(referral.pk, asked.olga, "No", at(61))
        assert refused.value.code == "not_yours" and "Otto" in refused.value.message


def test_lists_of_who_asked_and_who_is_asked(asked):
    referral = asked.hand_on()
    assert list(asked_of(asked.olga)) == [referral] and not asked_of(asked.otto)
    assert handed_on_by(asked.company.alice, at(1)) == [referral] and not handed_on_by(asked.company.bob, at(1))
    flow.answer(asked.case, asked.reply("Listo."), asked.olga, at(2))
    assert not asked_of(asked.olga) and handed_on_by(asked.company.alice, at(3)) == [referral]
    assert not handed_on_by(asked.company.alice, at(63))


def test_a_link_is_whole_fresh_and_for_one_case_and_person(asked, monkeypatch):
    referral = asked.hand_on()
    token = token_of(referral, asked.olga)
    assert lead_of(token).person_id == asked.olga.pk and lead_of(token).referral == referral
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), "x", "", token.replace(":", "")):
        with pytest.raises(Refused) as refused:
            lead_of(wrong)
        assert refused.value.code == "forged"
    import time as clock

    then = clock.time() + 7 * 24 * 3600 + 5
    monkeypatch.setattr("django.core.signing.time.time", lambda: then)
    with pytest.raises(Refused) as refused:
        lead_of(token)
    assert refused.value.code == "expired"
