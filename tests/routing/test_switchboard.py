"""The switchboard follows what happens, rings by what waiting costs, and is taken over when its process dies."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from netcenter.accounts.models import Brand
from netcenter.cases.models import Case, Identity, Message
from netcenter.events.models import Event
from netcenter.lib.models import Lease
from netcenter.lib.refused import Refused
from netcenter.people.models import Capacity, Desk, PersonSkill, Skill, Team
from netcenter.routing import crises, leading, pausing, scene, state, words
from netcenter.routing.actions import decline, miss_overdue
from netcenter.routing.cost import CostOfDelay
from netcenter.routing.leading import LEASE, Leading
from netcenter.routing.models import MenuAsked, Need, Offer, OverflowStep, Queue
from netcenter.routing.rules import Waiting
from netcenter.routing.switchboard import Switchboard, ring
from tests.company import NOON, Company

pytestmark = pytest.mark.django_db


def at(seconds: float):
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def board(company: Company):
    board = Switchboard()
    board.step(NOON)
    yield board
    board.stop()


def ringing() -> list[tuple[str, str]]:
    rings = Offer.objects.filter(state="ringing").order_by("id")
    return [(o.case.customer.name, o.operator.name) for o in rings.select_related("case__customer", "operator")]


def test_it_follows_what_happens_without_reading_everything_again(company, board):
    company.deliver(company.said("¿Abren el domingo?", at=at(1)))
    assert board.step(at(1)).rang == 0  # nobody is here
    company.available(company.alice, at=at(2))
    assert board.step(at(2)).rang == 1 and ringing() == [("Dana", "Alice")]
    decline(Offer.objects.get().pk, company.alice, "later", at(3))
    assert board.step(at(3)).rang == 0
    company.available(company.bob, at=at(4))
    assert board.step(at(4)).rang == 1 and ringing() == [("Dana", "Bob")]
    miss_overdue(at(30))
    assert board.step(at(30)).rang == 1 and ringing() == [("Dana", "Bob")]  # Alice said "not now": again, at Bob
    assert board.next_at() == at(63).timestamp()  # then her "not now" is forgotten
    miss_overdue(at(64))
    assert board.step(at(64)).rang == 1 and ringing() == [("Dana", "Alice")]


def test_what_waiting_costs_decides_not_who_came_first(company, board):
    company.deliver(company.said("¿A qué hora abren?", by="eve", at=at(0)))
    company.deliver(company.said("Es una vergüenza, me cobraron dos veces y nadie responde", by="dana", at=at(60)))
    Case.objects.filter(customer__name="Dana").update(kind="complaint")
    company.available(company.alice, at=at(90))
    board.step(at(90))
    assert ringing() == [("Dana", "Alice")]


def test_changed_settings_count_from_the_next_second(company, board):
    skill = Skill.objects.create(code="billing", name="Billing")
    company.available(company.alice, company.bob, at=at(1))
    Queue.objects.get().requirements.create(skill=skill, level=2)
    PersonSkill.objects.create(person=company.alice, skill=skill, level=1)
    PersonSkill.objects.create(person=company.bob, skill=skill, level=3)
    board._forget_settings()  # what the topic "people" does
    company.deliver(company.said("¿Y mi factura?", at=at(3)))
    board.step(at(3))
    assert ringing() == [("Dana", "Bob")]


def test_a_paused_queue_rings_nowhere_and_then_again(company, board):
    company.available(company.alice, at=at(1))
    pausing.pause(Queue.objects.get(), "fire drill", company.charlie, at(2))
    company.deliver(company.said("¿Abren?", at=at(3)))
    assert board.step(at(3)).rang == 0
    pausing.resume(Queue.objects.get(), at(10), company.charlie.actor)
    assert board.step(at(10)).rang == 1


def test_a_crisis_is_seen_by_the_router_with_its_next_step_and_until_it_is_over(company, board):
    other = Brand.objects.create(name="Horno", language="es")
    queue = Queue.objects.create(name="Horno", brand=other, needs_language=False)
    company.alice.brands.add(other)
    company.deliver(company.said("¿Abren?", by="dana", at=at(1)), company.said("¿Abren?", by="eve", at=at(2)))
    Case.objects.filter(customer__name="Eve").update(brand=other)
    board._forget_settings()
    board.step(at(3))
    crises.declare(queue, 3, "Se incendió el horno", at(5), company.charlie)
    company.available(company.alice, at=at(5))
    assert board.step(at(5)).rang == 1 and ringing() == [("Eve", "Alice")]
    told = words.why_here(Offer.objects.get().why, words.Names())
    assert "crisis" in told.lower()
    crises.calm(queue, at(7), company.charlie)
    board.step(at(7))
    miss_overdue(at(30))
    board.step(at(30))
    assert ringing() == [("Dana", "Alice")]
    assert {h.case.crisis for h in board.router.cases.values()} == {0}


def test_a_crisis_needs_a_level_and_a_reason_and_is_on_the_record(company):
    queue = Queue.objects.get()
    for level, reason in ((0, "x"), (4, "x"), (2, "  ")):
        with pytest.raises(Refused):
            crises.declare(queue, level, reason, NOON, company.charlie)
    crises.declare(queue, 2, "Todos hablan de lo mismo", NOON)  # a watcher
    crises.declare(queue, 2, "Todos hablan de lo mismo", at(1))  # nothing new
    assert crises.calm(queue, at(2), company.charlie) and not crises.calm(queue, at(3), company.charlie)
    told = Event.objects.filter(kind="queue.crisis").order_by("id").values_list("actor", "data__level", "brand_id")
    assert list(told) == [("system", 2, company.brand.pk), (company.charlie.actor, 0, company.brand.pk)]
    with pytest.raises(IntegrityError), transaction.atomic():
        Queue.objects.update(crisis=1, crisis_reason="")


def seen(now) -> dict[int, Waiting]:
    """What the switchboard reads of all that waits; "why" must read the same."""
    found = {
        h.waiting.case_id: h.waiting for page in state.all_waiting(state.settings_now(now), None, now) for h in page
    }
    cases = Case.objects.filter(pk__in=found).select_related("account")
    assert {w.case_id: w for w in scene.waiting(list(cases), scene.queues(scene.people(now)), now)} == found
    return found


def test_who_had_to_write_before_or_writes_elsewhere_too_is_more_urgent(company):
    company.deliver(company.said("¿Y mi pedido?", at=NOON))
    first = Case.objects.get()
    Case.objects.filter(pk=first.pk).update(kind="complaint")
    assert not seen(at(1))[first.pk].again
    second = Case.objects.create(
        brand=first.brand, customer=first.customer, account=first.account, kind="question", opened_at=at(50),
        last_at=at(50), waiting_since=at(50),
    )  # fmt: skip
    assert [seen(at(60))[case.pk].again for case in (first, second)] == [False, True]
    earlier = Case.objects.filter(pk=first.pk)
    earlier.update(kind="praise")
    assert not seen(at(60))[second.pk].again, "praise is no trouble"
    earlier.update(kind="complaint", last_at=NOON - timedelta(days=8))
    assert not seen(at(60))[second.pk].again, "too long ago"
    earlier.update(last_at=NOON, brand=Brand.objects.create(name="Horno", language="es"))
    assert not seen(at(60))[second.pk].again, "another brand is another matter"
    Message.objects.filter(case=first).update(account=company.chat)
    assert seen(at(60))[first.pk].again, "waits elsewhere too"


def test_how_far_its_customer_carries_is_read_from_what_the_network_told(company):
    company.deliver(company.said("¿Abren?", by="dana", at=NOON), company.said("¿Abren?", by="eve", at=at(1)))
    Identity.objects.filter(name="Eve").update(profile={"reach": {"followers": 1_000_000}, "handle": "@eve"})
    Identity.objects.filter(name="Dana").update(profile={"bio": "reach"})
    far = {Case.objects.get(pk=pk).customer.name: w.reach for pk, w in seen(at(2)).items()}
    assert far == {"Dana": 0.0, "Eve": 1.0}
    company.available(company.alice, at=at(3))
    ring(at(3))
    assert ringing() == [("Eve", "Alice")] and Offer.objects.get().why["weighs"] == ["reach"]


def test_a_caller_on_the_line_is_rung_first_and_no_more_once_they_hung_up(company, board):
    company.deliver(company.said("¿Abren?", by="dana", at=NOON), company.said("Es una vergüenza", by="eve", at=at(1)))
    dana, eve = (Case.objects.get(customer__name=name) for name in ("Dana", "Eve"))
    Case.objects.filter(pk=eve.pk).update(kind="complaint")
    for is_live, first in ((True, [dana.pk, eve.pk]), (False, [eve.pk, dana.pk])):
        call = {"form": "call", "call": {"live": is_live, "talked": False}}
        Message.objects.filter(case=dana).update(extra=call)
        assert {pk: w.on_line for pk, w in seen(at(2)).items()} == {dana.pk: is_live, eve.pk: False}
        settings = state.settings_now(at(2))
        read = [here.waiting for here in state.waiting(settings, [dana.pk, eve.pk], at(2))]
        policy = CostOfDelay()
        read.sort(key=lambda one: -policy.place(one, at(2).timestamp()).urgency)
        assert [one.case_id for one in read] == first
    Message.objects.filter(case=dana).update(extra={"form": "call", "call": {"live": True, "talked": False}})
    company.available(company.alice, at=at(3))
    ring(at(3))
    assert ringing() == [("Dana", "Alice")] and Offer.objects.get().why["weighs"] == ["on_line"]


def test_a_case_widens_at_its_second(company, board):
    other = Team.objects.create(name="Horno")
    other.members.add(company.bob)
    queue = Queue.objects.get()
    queue.team = Team.objects.get(name="Mostrador")
    queue.team.members.set([company.alice])
    queue.save()
    OverflowStep.objects.create(queue=queue, after_seconds=120, kind="team", team=other)
    board._forget_settings()
    company.available(company.bob, at=at(1))
    company.deliver(company.said("¿Abren?", at=at(2)))
    assert board.step(at(3)).rang == 0
    assert board.next_at() == at(122).timestamp()
    assert board.step(at(121)).rang == 0
    assert board.step(at(122)).rang == 1 and ringing() == [("Dana", "Bob")]


def test_an_open_menu_is_waited_for_and_no_longer(company, board):
    company.available(company.alice, at=at(1))
    company.deliver(company.said("Hola", at=at(2)))
    MenuAsked.objects.create(case=Case.objects.get(), asked_at=at(2), until=at(62))
    assert board.step(at(3)).rang == 0
    assert board.next_at() == at(62).timestamp()
    assert board.step(at(62)).rang == 1


def test_what_one_case_needs_is_asked_for_it_alone(company, board):
    skill = Skill.objects.create(code="cakes", name="Cakes")
    PersonSkill.objects.create(person=company.bob, skill=skill, level=2)
    board._forget_settings()
    company.available(company.alice, company.bob, at=at(1))
    company.deliver(company.said("Una torta", by="dana", at=at(2)), company.said("¿Abren?", by="eve", at=at(3)))
    Need.objects.create(case=Case.objects.get(customer__name="Dana"), skill=skill)
    board.step(at(4))
    assert sorted(ringing()) == [("Dana", "Bob"), ("Eve", "Alice")]


def test_nobody_is_rung_for_a_channel_that_is_not_theirs(company, board):
    Capacity.objects.create(person=company.alice, channel="api", most=0)
    board._forget_settings()
    company.available(company.alice, at=at(1))
    company.deliver(company.said("¿Abren?", at=at(2)))
    assert board.step(at(3)).rang == 0
    company.available(company.bob, at=at(4))
    board.step(at(4))
    assert ringing() == [("Dana", "Bob")]


def test_no_more_means_no_ring(company, board):
    company.available(company.alice, at=at(1))
    Desk.objects.filter(person=company.alice).update(no_more=True)
    company.deliver(company.said("¿Abren?", at=at(2)))
    assert Switchboard().step(at(2)).rang == 0


# --- Several processes ------------------------------------------------------------------------------------------------


class Process(Leading):
    """One of several on a database, with a clock of its own."""

    is_alone = False  # type: ignore[assignment]

    def __init__(self, name: str) -> None:
        self.time = 0.0
        super().__init__(name, lambda: self.time)

    def leads(self, seconds: float) -> frozenset[int] | None:
        self.time = seconds
        return self.brands(at(seconds))


def test_one_leads_and_another_takes_over_within_three_seconds(company):
    first, second = Process("first"), Process("second")
    mine = frozenset({company.brand.pk})
    assert first.leads(0) == mine and second.leads(0.1) == frozenset()
    for tenth in range(1, 30):
        assert first.leads(tenth * 0.7) == mine and second.leads(tenth * 0.7 + 0.1) == frozenset()
    died = 29 * 0.7
    took_over = next(s for s in range(100) if second.leads(died + s * 0.3) == mine) * 0.3
    assert LEASE.total_seconds() - 0.1 <= took_over <= 3
    assert first.leads(died + took_over + 1) == frozenset()  # it was only asleep, and finds itself replaced


def test_reading_everything_may_take_longer_than_a_lease(company, monkeypatch):
    first, renewed = Process("first"), threading.Event()
    first.leads(0)
    monkeypatch.setattr(leading, "RENEW", 0.01)
    monkeypatch.setattr(first, "_renew", lambda now: renewed.set())
    with first.kept():
        assert renewed.wait(20)
    renewed.clear()
    assert not renewed.wait(0.1)  # afterwards, only who goes on stepping keeps it


def test_who_leads_nothing_keeps_nothing(company, monkeypatch):
    first, second = Process("first"), Process("second")
    first.leads(0)
    second.leads(0.1)
    monkeypatch.setattr(second, "_keep", lambda over: pytest.fail("it keeps what is not its own"))
    with second.kept():
        assert not [t for t in threading.enumerate() if t.name == "routing.keep"]


def test_who_ends_in_good_order_is_followed_at_once(company):
    first, second = Process("first"), Process("second")
    first.leads(0)
    assert second.leads(0.1) == frozenset()
    first.leave()
    assert not Lease.objects.filter(name__startswith="ring:").exists()
    assert second.leads(0.8) == {company.brand.pk}


def test_two_lead_a_brand_each_and_nobody_is_rung_twice(company):
    other = Brand.objects.create(name="Horno")
    other.people.add(company.alice)
    first, second = Process("first"), Process("second")
    Lease.objects.create(name=f"ring:{company.brand.pk}", holder="first", until=at(2))
    Lease.objects.create(name=f"ring:{other.pk}", holder="second", until=at(2))
    boards = [Switchboard(first), Switchboard(second)]
    company.available(company.alice, at=at(0.1))
    company.deliver(company.said("¿Abren?", by="dana", at=at(0.2)), company.said("¿Abren?", by="eve", at=at(0.2)))
    Case.objects.filter(customer__name="Eve").update(brand=other)
    rang = [b.step(at(0.5)).rang for b in boards]
    assert rang == [1, 0] and ringing() == [("Dana", "Alice")]
    decline(Offer.objects.get(state="ringing").pk, company.alice, "", at(1))
    rang = [b.step(at(1)).rang for b in boards]
    assert rang == [0, 1] and ringing() == [("Eve", "Alice")]
    for board in boards:
        board.stop()
