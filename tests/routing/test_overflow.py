"""The chain of a queue, what waiting customers are told of it, and what is true when somebody waits."""

from datetime import timedelta

import pytest

from netcenter.cases.models import Case
from netcenter.events.models import Event
from netcenter.lib.refused import Refused
from netcenter.people.models import PersonSkill, Skill, Team
from netcenter.routing.actions import take
from netcenter.routing.models import Acknowledgement, Offer, OverflowStep, Queue
from netcenter.routing.overflow import MOST_STEPS, Wanted, Widening, chains, deadline, promised, set_chain
from netcenter.routing.paces import Waits, imagined, outcomes, told_lately
from netcenter.routing.presence import set_state
from netcenter.routing.queues import Honesty, QueueDetails, ensure_queue, rung_for, set_honesty, set_queue
from netcenter.routing.switchboard import ring
from tests.company import NOON

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def test_a_chain_is_kept_in_its_order(company):
    queue = Queue.objects.get()
    team = Team.objects.create(name="Cocina")
    set_chain(queue, [Wanted(60, "level"), Wanted(60, "team", team.pk), Wanted(300, "supervisors"),
                      Wanted(900, "everybody", team.pk)], NOON, "person:1")  # fmt: skip
    assert chains()[queue.pk] == (
        Widening(60, lowers=True), Widening(60, teams=frozenset({team.pk})), Widening(300, supervisors=True),
        Widening(900, everybody=True),
    )  # fmt: skip
    assert OverflowStep.objects.get(kind="everybody").team is None
    told = Event.objects.get(kind="queue.widened")
    assert [s["after"] for s in told.data["steps"]] == [60, 60, 300, 900]
    set_chain(queue, [], NOON, "person:1")
    assert chains([queue.pk]) == {}


def test_saving_the_same_chain_again_changes_nothing(company):
    queue = Queue.objects.get()
    first = set_chain(queue, [Wanted(60, "everybody")], NOON, "person:1")
    again = set_chain(queue, [Wanted(60, "everybody")], NOON, "person:1")
    assert [s.pk for s in again] == [s.pk for s in first] and Event.objects.filter(kind="queue.widened").count() == 1


@pytest.mark.parametrize(
    ("steps", "code", "step"),
    [
        ([Wanted(60, "level"), Wanted(30, "everybody")], "not_ascending", 1),
        ([Wanted(0, "level")], "bad_time", 0),
        ([Wanted(60, "level"), Wanted(10**7, "everybody")], "bad_time", 1),
        ([Wanted(60, "team")], "team_missing", 0),
        ([Wanted(60, "team", 10**6)], "team_missing", 0),
        ([Wanted(60, "fire")], "unknown_step", 0),
        ([Wanted(60, "level"), Wanted(70, "level")], "twice", 1),
        ([Wanted(i + 1, "level") for i in range(MOST_STEPS + 1)], "too_many", MOST_STEPS),
    ],
)
def test_a_chain_that_makes_no_sense_is_refused_whole(company, steps, code, step):
    queue = Queue.objects.get()
    set_chain(queue, [Wanted(5, "supervisors")], NOON, "person:1")
    with pytest.raises(Refused) as refused:
        set_chain(queue, steps, NOON, "person:1")
    assert (refused.value.code, refused.value.data["step"]) == (code, step)
    assert chains()[queue.pk] == (Widening(5, supervisors=True),)


def test_its_own_team_is_no_widening(company):
    team = Team.objects.get()
    queue = set_queue(company.brand, QueueDetails(team_id=team.pk), NOON, "person:1")
    with pytest.raises(Refused) as refused:
        set_chain(queue, [Wanted(60, "team", team.pk)], NOON, "person:1")
    assert refused.value.code == "own_team"


def test_a_queue_asks_for_levels(company):
    billing = Skill.objects.create(code="billing", name="Facturas")
    PersonSkill.objects.create(person=company.alice, skill=billing, level=3)
    PersonSkill.objects.create(person=company.bob, skill=billing, level=1)
    people = [company.alice.pk, company.bob.pk]
    assert [p.name for p in rung_for(people, QueueDetails(skills={billing.pk: 2}))] == ["Alice"]
    assert [p.name for p in rung_for(people, QueueDetails(skills=[billing.pk]))] == ["Alice", "Bob"]
    queue = set_queue(company.brand, QueueDetails(skills={billing.pk: 3}), NOON, "person:1")
    set_queue(company.brand, QueueDetails(skills={billing.pk: 2}), NOON, "person:1")
    assert list(queue.requirements.values_list("skill_id", "level")) == [(billing.pk, 2)]


def test_a_brand_that_is_renamed_keeps_its_queue(company):
    set_queue(company.brand, QueueDetails(ring_seconds=33), NOON, "person:1")
    company.brand.name = "Alba"
    assert ensure_queue(company.brand, NOON, "person:1").ring_seconds == 33
    assert Queue.objects.get().name == "Alba"


def test_words_with_an_unknown_variable_are_refused_by_name(company):
    queue = Queue.objects.get()
    with pytest.raises(Refused, match=r"\{\{nombre\}\}") as refused:
        set_honesty(queue, Honesty(texts={"busy": {"es": "Hola {{ nombre }}"}}), NOON, "person:1")
    assert refused.value.data == {"kind": "busy", "language": "es"}
    assert Queue.objects.get().texts == {}


def test_words_are_kept_by_kind_and_the_others_stay(company):
    Queue.objects.update(texts={"holding": {"es": "Consulto"}})
    queue = Queue.objects.get()
    set_honesty(queue, Honesty(texts={"busy": {"es": " Hola\x00 ", "pt": " "}}), NOON, "person:1")
    assert Queue.objects.get().texts == {"holding": {"es": "Consulto"}, "busy": {"es": "Hola"}}


def test_an_answer_that_was_promised_is_a_deadline(company):
    company.deliver(company.said("Cobraron mal"))
    case = Case.objects.get()
    told = Acknowledgement.objects.create(case=case, kind="busy", told_at=NOON, promised_at=NOON + 10 * MINUTE)
    assert promised([case.pk]) == {case.pk: NOON + 10 * MINUTE}
    assert deadline(case, promised([case.pk]).get(case.pk)) == NOON + 10 * MINUTE < case.due_at
    assert deadline(case, None) == case.due_at
    Acknowledgement.objects.filter(pk=told.pk).update(ended_at=NOON, outcome="kept")
    assert promised([case.pk]) == {}


def test_who_is_before_one_and_who_is_here_decide(company):
    for i in range(4):
        company.deliver(company.said("¿Abren hoy?", by=f"c{i}", at=NOON + i * MINUTE))
    now = NOON + 5 * MINUTE
    cases = list(Case.objects.select_related("account", "brand").order_by("due_at"))
    assert [Waits(now).line(c).ahead for c in cases] == [0, 1, 2, 3]
    assert Waits(now).expect(cases[3]).estimate is None  # nobody is at a desk
    company.available(company.alice, at=now)
    alone = Waits(now).expect(cases[3])
    assert alone.line.people == 1 and alone.line.free == alone.line.slots > 1
    ring(now)
    company.available(company.bob, at=now)
    both = Waits(now).line(cases[3])
    assert both.people == 2 and both.slots == 2 * alone.line.slots
    assert Waits(now).expect(cases[3]).latest_at > now


def test_a_complaint_that_comes_later_goes_first(company):
    company.deliver(company.said("¿Abren hoy?", at=NOON))
    company.deliver(company.said("Es una vergüenza, estoy furiosa", by="eva", at=NOON + MINUTE))
    question, complaint = Case.objects.select_related("account", "brand").order_by("id")
    waits = Waits(NOON + 2 * MINUTE)
    assert complaint.kind == "complaint" and waits.line(complaint).ahead == 0 and waits.line(question).ahead == 1
    assert waits.line(question).overtaking > 0 == waits.line(complaint).overtaking


def test_their_own_pace_counts_more_the_more_is_known(company):
    company.deliver(company.said("¿Abren hoy?"))
    case = Case.objects.select_related("account", "brand").get()
    company.available(company.alice)
    usual = Waits(NOON).line(case).handling
    take(case.pk, company.alice, NOON)
    set_state(company.alice, "offline", NOON + 2 * MINUTE, company.alice)
    assert Waits(NOON + 3 * MINUTE).line(case).handling == usual  # going home is not handling
    Offer.objects.update(reason="answered")
    known = Waits(NOON + 3 * MINUTE).line(case).handling
    assert known.seen == 1 and known.seconds < usual.seconds


def test_a_paused_queue_promises_nothing(company):
    company.deliver(company.said("¿Abren hoy?"))
    company.available(company.alice)
    Queue.objects.update(paused_at=NOON)
    assert Waits(NOON).expect(Case.objects.select_related("account", "brand").get()).estimate is None


def test_one_can_ask_for_a_case_that_is_not_there(company):
    company.available(company.alice)
    asked = imagined(company.brand, "complaint", NOON)
    assert Waits(NOON).expect(asked).latest_at > NOON and Case.objects.count() == 0


def test_what_is_still_open_is_no_success(company):
    for i in range(3):
        company.deliver(company.said("¿Abren hoy?", by=f"c{i}"))
    for i, case in enumerate(Case.objects.order_by("id")):
        Acknowledgement.objects.create(
            case=case, kind="busy", told_at=NOON, promised_at=NOON + 10 * MINUTE, basis={"raw": 500.0},
            answered_at=NOON + 5 * MINUTE if i == 0 else None, outcome="void" if i == 2 else "",
        )  # fmt: skip
    late = NOON + 60 * MINUTE
    assert [(o.raw, o.real) for o in outcomes(company.brand.pk, late)][::-1] in ([(500, 300), (500, 3600)],
                                                                               [(500, 3600), (500, 300)])  # fmt: skip
    assert len(told_lately(late)) == 2 and told_lately(NOON) == []
