"""Why a case rings where it rings, or waits: from the tables, by the router's own rules, in words, without a trace."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import translation

from netcenter.cases.models import Case
from netcenter.people.models import Capacity, Desk, Person, PersonSkill, Skill, Team
from netcenter.routing import state, words
from netcenter.routing.models import Acknowledgement, Offer, OverflowStep, Queue, QueueSkill
from netcenter.routing.rules import Operator, Pair, Wait, Waiting
from netcenter.routing.scene import Somebody
from netcenter.routing.switchboard import ring
from netcenter.routing.why import Candidate, Explanation, Imagined, Reason, WhatIf, explain, imagine
from netcenter.understanding.models import Reading
from tests.company import NOON, Company

NAMES = words.Names({"billing": "Billing", "language:pt": "Português"}, {1: "Ana", 2: "Bruno"})

WHYS = [
    ({"needs": ["billing", "language:es"], "levels": {"billing": 2}, "idle_since": NOON.timestamp() - 360,
      "because": "least_else", "kept": {"operator": 2, "for": ["language:pt"]}, "others": 1},
     "Billing level 2, Spanish, free for 6 min; Bruno stays free for Portuguese"),
    ({"needs": [], "because": "least_else", "kept": {"operator": 2, "for": []}}, "the others can do more besides"),
    ({"because": "pinned", "pinned": True}, "pinned to this desk"),
    ({"because": "knows_customer"}, "answered this customer last"),
    ({"because": "only", "others": 0}, "nobody else could take it"),
    ({"because": "again"}, "everybody else let it pass or cannot take it"),
    ({"because": "emptiest"}, "the emptiest desk"),
    ({"because": "longest_idle", "idle_since": (NOON - timedelta(minutes=2)).isoformat()},
     "free for 2 min; free the longest"),
    ({"because": "only", "weighs": ["crisis_3", "public", "again", "mood", "reach"]},
     "nobody else could take it; "
     "more urgent: crisis level red, in public, wrote again, very upset, many listen to them"),
    ({"taken": True}, "taken by hand"), ({"passed": True}, "passed on by hand"),
    ({"needs": ["language:es"], "others": 2, "idle_since": "x"}, "Spanish; free the longest"),  # as once recorded
    ({"others": 0}, "nobody else could take it"), ({}, ""),
]  # fmt: skip


@pytest.mark.parametrize("why, told", WHYS)
def test_every_reason_of_a_ring_has_its_words(why, told):
    with translation.override("en"):
        assert words.reasons_of(why, NAMES, NOON) == told
        expected = f"It rang at Ana's desk: {told}" if told else "It rang at Ana's desk"
        assert words.rang_at(why, NAMES, "Ana", NOON) == expected


def test_to_who_is_rung_it_is_a_sentence_of_its_own():
    with translation.override("en"):
        assert words.why_here(WHYS[0][0], NAMES, NOON) == f"{WHYS[0][1]}."
        assert words.why_here({"taken": True}, NAMES) == "You took it yourself."
        pinned = {"pinned": True, "because": "pinned", "needs": ["language:pt"]}
        assert words.why_here(pinned, NAMES) == "It was passed to you: Portuguese."
        assert words.why_here({"because": "emptiest"}, NAMES) == "The emptiest desk."
    with translation.override("es"):
        assert words.why_here(WHYS[0][0], NAMES, NOON) == (
            "Billing nivel 2, español, libre hace 6 min; Bruno queda libre para portugués."
        )


def told(wait: Wait, **more) -> str:
    waiting = Waiting(7, 1, waiting_since=NOON.timestamp())
    with translation.override("en"):
        return words.sentence(Explanation(waiting, wait, **more), NAMES, NOON + timedelta(minutes=4))


def test_every_wait_has_its_words():
    step = OverflowStep(after_seconds=600, kind="team", team=Team(name="B"))
    later = {"since": NOON, "next_step": step, "next_at": NOON + timedelta(minutes=10)}
    assert told(Wait(7, "full", (1, 2, 3)), **later) == (
        "Waits: 3 could, all busy; waiting for 4 min; after 10 min team B is rung too."
    )
    assert told(Wait(7, "full", (1,)), ahead=2) == "Waits: 1 could, and is busy; 2 more urgent cases before it."
    assert told(Wait(7, "nobody", missing=("billing", "language:pt"))) == (
        "Waits: nobody who is here speaks Portuguese and nobody who is here knows Billing well enough."
    )
    assert told(Wait(7, "nobody")) == "Waits: nobody who is here may and can take it."
    home = Somebody(Person(name="Ana"), "offline", "", None, False, None, Operator(1))
    lacking = Wait(7, "nobody", missing=("language:pt",))
    empty = told(lacking, candidates=(Candidate(home, False, False),))
    assert empty == "Waits: nobody is at their desk."
    here = replace(home, state="available")
    assert "nobody who is here speaks Portuguese" in told(lacking, candidates=(Candidate(here, False, False),))
    assert told(Wait(7, "let_pass", (1,))) == "Waits: everybody who is free let it pass a moment ago."
    assert told(Wait(7, "next", (1,))) == "Waits: its turn is next."
    assert told(Wait(7, "pinned", operator_id=1)) == "Waits: only Ana may be rung, to whom it is pinned."
    until = {"pinned_until": NOON + timedelta(minutes=30)}
    assert "pinned until" in told(Wait(7, "pinned", operator_id=1), **until)
    urgent = Explanation(Waiting(7, 1, waiting_since=NOON.timestamp(), again=True, crisis=2), Wait(7, "full", (1,)))
    with translation.override("en"):
        assert words.sentence(urgent, NAMES, NOON) == (
            "Waits: 1 could, and is busy; more urgent: crisis level orange, wrote again."
        )
    assert told(Wait(7, "paused")) == "Waits: the queue is paused."
    queue = Queue(paused_at=NOON, pause_reason="fire drill")
    assert "paused since" in told(Wait(7, "paused"), queue=queue) and "fire drill" in told(
        Wait(7, "paused"), queue=queue
    )
    first = told(Pair(7, 1, 10), before=Pair(9, 1, 10))
    assert first == "Waits: first Ana gets case #9, which is more urgent."
    for kind in OverflowStep.Kind.values:
        assert "1 h" in words.widening(OverflowStep(after_seconds=3600, kind=kind, team=Team(name="B")))


def test_every_hindrance_has_its_words():
    codes = ("brand", "team", "channel", "no_more", "rings", "declined", "missed", "pinned")
    with translation.override("en"):
        assert len({words.hindrance(Reason(code), NAMES) for code in codes}) == len(codes)
        lacking = Reason("skill", skill="billing", level=2)
        assert words.hindrance(lacking, NAMES) == "lacks Billing level 2"
        low = Reason("skill", skill="billing", level=2, has=1)
        assert words.hindrance(low, NAMES) == "has Billing only at level 1"
        assert "34 %" in words.hindrance(Reason("full", level=34, has=10), NAMES)
        for state in ("busy", "wrap_up", "break", "offline"):
            assert words.hindrance(Reason("state", state=state), NAMES) != state


# --- From the tables --------------------------------------------------------------------------------------------------


@pytest.fixture
def case(company: Company) -> Case:
    company.deliver(company.said("¿Abren el domingo?"))
    return Case.objects.select_related("account").get()


def billing(company: Company, **levels: int) -> Skill:
    skill = Skill.objects.create(code="billing", name="Billing")
    for name, level in levels.items():
        PersonSkill.objects.create(person=getattr(company, name), skill=skill, level=level)
    return skill


def by_name(found: Explanation) -> dict[str, object]:
    return {c.who.person.name: c for c in found.candidates}


@pytest.mark.django_db
def test_it_names_who_would_be_rung_and_it_is_who_is_rung(company, case):
    company.available(company.alice, company.bob)
    found = explain(case, NOON + timedelta(minutes=1))
    assert found.rings_at == company.alice.pk and by_name(found)["Alice"].is_first
    ring(NOON + timedelta(minutes=1))
    offer = Offer.objects.get()
    assert offer.operator_id == company.alice.pk
    after = explain(case, NOON + timedelta(minutes=2))
    assert after.stop.code == "ringing" and after.stop.person == company.alice


@pytest.mark.django_db
def test_what_is_explained_is_what_the_switchboard_sees(company, case):
    now = NOON + timedelta(minutes=1)
    message = case.messages.get()
    Reading.objects.update_or_create(message=message, defaults={"arousal": 0.9})
    Acknowledgement.objects.create(case=case, kind="busy", told_at=NOON, promised_at=NOON + timedelta(minutes=9))
    Case.objects.filter(pk=case.pk).update(pinned_to=company.bob, last_operator=company.alice)
    case.refresh_from_db()
    (seen,) = state.waiting(state.settings_now(now), [case.pk], now)
    assert seen.waiting.arousal == 0.9 and seen.waiting.due_at == (NOON + timedelta(minutes=9)).timestamp()
    assert explain(case, now).waiting == seen.waiting


@pytest.mark.django_db
def test_it_tells_of_everybody_what_keeps_them(company, case):
    skill = billing(company, alice=1, charlie=3)
    QueueSkill.objects.create(queue=Queue.objects.get(), skill=skill, level=2)
    company.available(company.alice)
    found = explain(case, NOON)
    reasons = {name: [(r.code, r.has) for r in c.reasons] for name, c in by_name(found).items()}
    assert reasons == {"Alice": [("skill", 1)], "Bob": [("skill", 0), ("state", 0)], "Charlie": [("state", 0)]}
    assert isinstance(found.verdict, Wait) and found.verdict.missing == ("billing",)
    Desk.objects.create(person=company.charlie, state="available", load=100)
    full = explain(case, NOON)
    assert full.verdict == Wait(case.pk, "full", could=(company.charlie.pk,))
    assert [r.code for r in by_name(full)["Charlie"].reasons] == ["full"]
    Desk.objects.filter(person=company.charlie).update(load=0, no_more=True)
    assert [r.code for r in by_name(explain(case, NOON))["Charlie"].reasons] == ["no_more"]
    Capacity.objects.create(person=company.charlie, channel="api", most=0)
    assert "channel" in [r.code for r in by_name(explain(case, NOON))["Charlie"].reasons]


@pytest.mark.django_db
def test_what_if_answers_and_leaves_no_trace(company, case, django_assert_num_queries):
    queue = Queue.objects.get()
    skill = billing(company, bob=2)
    before = {model: model.objects.count() for model in apps.get_models()}
    states = list(Desk.objects.values()), list(Queue.objects.values()), list(Case.objects.values())
    now = NOON + timedelta(minutes=1)
    assert explain(case, now).rings_at is None
    bob = frozenset({company.bob.pk})
    assert explain(case, now, WhatIf(available=bob)).rings_at == company.bob.pk
    both = bob | {company.alice.pk}
    assert explain(case, now, WhatIf(available=both, skills={skill.code: 2})).rings_at == company.bob.pk
    assert explain(case, now, WhatIf(available=both, skills={skill.code: 3})).rings_at is None
    assert explain(case, now, WhatIf(available=both, skills={skill.code: 3}, lower=True)).rings_at == company.bob.pk
    assert explain(case, now, WhatIf(available=both, away=bob)).rings_at == company.alice.pk
    assert explain(case, now, WhatIf(available=both, paused=True)).verdict.reason == "paused"
    made_up = Imagined(company.brand.pk, "webchat", 34, "es", "complaint")
    assert imagine(made_up, now, WhatIf(available=both)).rings_at in both
    assert imagine(made_up, now).verdict.reason == "nobody"
    assert {model: model.objects.count() for model in apps.get_models()} == before
    assert (list(Desk.objects.values()), list(Queue.objects.values()), list(Case.objects.values())) == states
    assert queue.paused_at is None


@pytest.mark.django_db
def test_a_more_urgent_case_goes_first(company, case):
    company.deliver(company.said("¡Esto es una vergüenza, quiero un reclamo!", by="erik", at=NOON - timedelta(hours=5)))
    urgent = Case.objects.exclude(pk=case.pk).get()
    Case.objects.filter(pk=urgent.pk).update(kind="complaint")
    found = explain(case, NOON, WhatIf(available=frozenset({company.alice.pk})))
    assert found.rings_at is None and found.before.case_id == urgent.pk and found.ahead == 1


@pytest.mark.django_db
def test_pinned_paused_and_put_away_are_told(company, case):
    company.available(company.alice, company.bob)
    Desk.objects.filter(person=company.bob).update(state="busy")
    Case.objects.filter(pk=case.pk).update(pinned_to=company.bob)
    case.refresh_from_db()
    found = explain(case, NOON)
    assert found.verdict.reason == "pinned" and found.verdict.operator_id == company.bob.pk
    assert [r.code for r in by_name(found)["Alice"].reasons] == ["pinned"]
    Case.objects.filter(pk=case.pk).update(pinned_to=None, snoozed_until=NOON + timedelta(hours=1))
    case.refresh_from_db()
    assert explain(case, NOON).stop.code == "snoozed"
    Case.objects.filter(pk=case.pk).update(snoozed_until=None)
    Queue.objects.update(paused_at=NOON, pause_reason="drill")
    case.refresh_from_db()
    assert explain(case, NOON).verdict.reason == "paused"
    assert explain(case, NOON, WhatIf(paused=False)).rings_at == company.alice.pk


@pytest.mark.django_db
def test_few_queries_however_many_wait(company, case, django_assert_max_num_queries):
    for i in range(30):
        company.deliver(company.said(f"Hola {i}", by=f"c{i}"))
    with django_assert_max_num_queries(30):
        explain(case, NOON)
