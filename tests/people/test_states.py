"""Wrap-up, breaks, "no more": what a desk goes through, and what is on the record of it."""

from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.utils import translation

from netcenter import flow
from netcenter.cases.arrivals import Arrival
from netcenter.cases.models import Case
from netcenter.cases.record import record
from netcenter.channels.contract import Author, Inbound, ThreadRef
from netcenter.events.models import Event
from netcenter.lib.refused import Refused
from netcenter.outbox.actions import Reply
from netcenter.people import actions, breaks
from netcenter.people.breaks import BreakDetails
from netcenter.people.models import BreakReason, Desk
from netcenter.routing import actions as routing
from netcenter.routing import presence, switchboard
from netcenter.routing.models import Offer, Queue
from netcenter.routing.state import desks, settings_now
from tests.company import NOON

pytestmark = pytest.mark.django_db


def later(seconds: float = 0, minutes: float = 0):
    return NOON + timedelta(seconds=seconds, minutes=minutes)


def desk(person) -> Desk:
    return Desk.objects.get(person=person)


def states_of(person) -> list[tuple[str, str, float]]:
    moves = Event.objects.filter(kind="desk.state", operator_id=person.pk).order_by("id")
    return [(e.data["was"], e.data["state"], e.data["seconds"]) for e in moves]


@pytest.fixture
def resting(company):
    """Half a minute of wrap-up after each case."""
    Queue.objects.update(wrap_up_seconds=30)
    return company


def held(company, by="dana", person=None, at=NOON) -> Case:
    """A case that Alice, or somebody else, has picked up."""
    company.deliver(company.said("¿Abren el domingo?", by=by, at=at))
    case = Case.objects.get(customer__name=by.title())
    routing.take(case.pk, person or company.alice, at)
    return case


def reply(case, person, at, **more):
    words = Reply("Sí, de 8 a 13.", str(uuid4()), case.threads.get().pk, None)
    flow.answer(Case.objects.get(pk=case.pk), words, person, at, **more)


# --- Wrap-up ----------------------------------------------------------------------------------------------------------


def test_after_an_answer_nothing_rings_until_the_wrap_up_ends_by_itself(resting):
    resting.available(resting.alice)
    reply(held(resting), resting.alice, later(60))
    there = desk(resting.alice)
    assert (there.state, there.wrap_up_until, there.load) == ("wrap_up", later(90), 0)
    resting.deliver(resting.said("¿Y el lunes?", by="eva", at=later(61)))
    switchboard.ring(later(62))
    assert not Offer.objects.filter(state="ringing").exists()
    assert actions.next_wrap_up() == later(90)
    assert actions.end_wrap_ups(later(89.99)) == 0
    assert actions.end_wrap_ups(later(90)) == 1
    assert (desk(resting.alice).state, desk(resting.alice).idle_since) == ("available", later(90))
    switchboard.ring(later(90))
    assert Offer.objects.get(state="ringing").operator == resting.alice


@pytest.mark.parametrize("end", ["close", "dispose", "pass"])
def test_each_way_to_finish_a_case_is_followed_by_wrap_up(resting, end):
    resting.available(resting.alice)
    case = held(resting)
    if end == "dispose":
        flow.dispose(case, "thanks", "", None, resting.alice, later(60))
    elif end == "pass":
        routing.transfer(case.pk, resting.bob, "", resting.alice, later(60))
    else:
        reply(case, resting.alice, later(10), close=True)
    assert desk(resting.alice).state == "wrap_up"


@pytest.mark.parametrize("end", ["snooze", "taken over", "deactivated", "offline"])
def test_what_somebody_else_ends_or_is_not_finished_has_no_wrap_up(resting, end):
    resting.available(resting.alice)
    case = held(resting)
    if end == "snooze":
        flow.snooze(case, later(minutes=60), "waits for the oven", resting.alice, later(60))
    elif end == "taken over":
        routing.take(case.pk, resting.charlie, later(60))
    elif end == "offline":
        presence.set_state(resting.alice, "offline", later(60), resting.alice)
    else:
        routing.let_go(case.pk, "deactivated", later(60), resting.charlie.actor)
    assert desk(resting.alice).state == ("offline" if end == "offline" else "available")


def test_no_wrap_up_where_the_queue_has_none(company):
    company.available(company.alice)
    reply(held(company), company.alice, later(60))
    assert desk(company.alice).state == "available"


def test_who_is_busy_or_on_a_break_stays_so_after_a_case(resting):
    resting.available(resting.alice)
    case = held(resting)
    presence.set_state(resting.alice, "busy", later(5), resting.alice)
    reply(case, resting.alice, later(60))
    assert desk(resting.alice).state == "busy"


def test_ready_ends_it_early(resting):
    resting.available(resting.alice)
    reply(held(resting), resting.alice, later(60))
    presence.set_state(resting.alice, "available", later(65), resting.alice)
    assert (desk(resting.alice).state, desk(resting.alice).wrap_up_until) == ("available", None)
    assert actions.end_wrap_ups(later(90)) == 0


def test_it_is_prolonged_once_with_a_reason(resting):
    resting.available(resting.alice)
    reply(held(resting), resting.alice, later(60))
    with pytest.raises(Refused) as refused:
        actions.extend_wrap_up(resting.alice, "  ", later(70))
    assert refused.value.code == "no_reason"
    actions.extend_wrap_up(resting.alice, "Pedido en el otro sistema", later(70))
    with pytest.raises(Refused):
        actions.extend_wrap_up(resting.alice, "Y otro", later(80))
    there = desk(resting.alice)
    assert (there.wrap_up_until, there.reason) == (later(150), "Pedido en el otro sistema")
    told = Event.objects.get(kind="desk.extended")
    assert (told.actor, told.data["reason"]) == (resting.alice.actor, "Pedido en el otro sistema")
    with pytest.raises(Refused):
        actions.extend_wrap_up(resting.bob, "I have none", later(80))


def test_a_second_case_that_ends_meanwhile_begins_it_anew(resting):
    resting.available(resting.alice)
    one, other = held(resting), held(resting, by="eva")
    reply(one, resting.alice, later(60))
    actions.extend_wrap_up(resting.alice, "notes", later(61))
    reply(other, resting.alice, later(70))
    there = desk(resting.alice)
    assert (there.wrap_up_until, there.since) == (later(150), later(60))  # never shortened
    assert there.reason == ""  # so it may be prolonged once more
    assert [(was, state) for was, state, _seconds in states_of(resting.alice)][-1] == ("available", "wrap_up")


def test_what_rings_when_the_wrap_up_begins_rings_elsewhere(resting):
    resting.available(resting.alice)
    case = held(resting)
    resting.deliver(resting.said("¿Y el lunes?", by="eva", at=later(61)))
    switchboard.ring(later(62))
    assert Offer.objects.filter(state="ringing", operator=resting.alice).exists()
    resting.available(resting.bob, at=later(63))
    reply(case, resting.alice, later(64))
    switchboard.ring(later(64))
    assert Offer.objects.get(state="ringing").operator == resting.bob


def test_a_chat_keeps_its_hold_after_an_answer_and_wraps_up_when_it_ends(resting):
    resting.available(resting.alice)
    said = Inbound("m-1", Author("visitor"), ThreadRef("t-1"), NOON, "Hola")
    record([Arrival(resting.chat, said, NOON)], NOON)
    case = Case.objects.get()
    routing.take(case.pk, resting.alice, NOON)
    reply(case, resting.alice, later(10))
    assert desk(resting.alice).state == "available"
    assert presence.end_idle(later(minutes=20), timedelta(minutes=10)) == 1
    there = desk(resting.alice)
    assert (there.state, there.wrap_up_until) == ("wrap_up", later(minutes=20.5))


def test_nothing_but_the_row_is_needed_to_end_it(resting):
    """Who is set to wrap-up by a process that dies is ended by any other; without a time it ends at once."""
    resting.available(resting.alice)
    Desk.objects.filter(person=resting.alice).update(state="wrap_up", wrap_up_until=None)
    assert actions.end_wrap_ups(later(1)) == 1


def test_wrap_up_cannot_be_chosen(company):
    with pytest.raises(Refused):
        presence.set_state(company.alice, "wrap_up", NOON, company.alice)


# --- Breaks -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def lunch(company):
    return breaks.save_break(None, BreakDetails("Almuerzo", 60), NOON, "test")


def test_a_break_ends_when_its_reason_says(company, lunch):
    presence.set_state(company.alice, "break", NOON, company.alice, "Almuerzo")
    assert desk(company.alice).break_until == later(minutes=60)
    presence.set_state(company.alice, "break", later(minutes=5), company.alice, "Otra cosa")
    assert desk(company.alice).break_until is None


def test_who_closes_the_laptop_on_a_break_is_on_the_same_break_again(company, lunch):
    company.available(company.alice)
    presence.set_state(company.alice, "break", NOON, company.alice, "Almuerzo")
    assert actions.leave_gone(later(60)) == [company.alice.pk]
    assert list(actions.gone()) == [desk(company.alice)]
    actions.seen([company.alice.pk], later(minutes=30))
    there = desk(company.alice)
    assert (there.state, there.reason, there.break_until) == ("break", "Almuerzo", later(minutes=60))
    assert not actions.gone()


def test_a_new_name_is_told_of_those_who_are_on_that_break(company, lunch):
    presence.set_state(company.alice, "break", NOON, company.alice, "Almuerzo")
    breaks.save_break(lunch, BreakDetails("Comida", 45), later(60), "test")
    there = desk(company.alice)
    assert (there.reason, there.break_until) == ("Comida", later(minutes=60))


def test_each_reason_has_its_own_name_and_place(company, lunch):
    pause = breaks.save_break(None, BreakDetails("Pausa", 15), NOON, "test")
    with pytest.raises(Refused):
        breaks.save_break(None, BreakDetails("Almuerzo"), NOON, "test")
    breaks.move_break(pause, True, NOON, "test")
    assert [r.name for r in breaks.break_reasons()] == ["Pausa", "Almuerzo"]
    breaks.move_break(pause, True, NOON, "test")  # it is the first already
    breaks.remove_break(lunch, NOON, "test")
    assert [r.name for r in breaks.break_reasons()] == ["Pausa"]


def test_the_usual_reasons_are_added_once(company, lunch):
    with translation.override("es"):
        breaks.add_usual_breaks(NOON, "test")
        breaks.add_usual_breaks(NOON, "test")
    names = list(BreakReason.objects.values_list("name", flat=True))
    assert names[:2] == ["Almuerzo", "Pausa"]  # in the words of the language that is spoken
    assert len(names) == len(set(names)) == len(breaks.USUAL)


def test_who_misses_three_rings_is_away_for_that_reason_alone(company, settings):
    company.available(company.alice)
    for _ring in range(settings.MISSES_UNTIL_AWAY):
        actions.missed(company.alice.pk, later(60))
    there = desk(company.alice)
    assert (there.state, there.reason, there.missed_in_row) == ("break", actions.MISSED, settings.MISSES_UNTIL_AWAY)
    assert states_of(company.alice)[-1] == ("available", "break", 60)
    actions.leave_gone(later(minutes=5))
    actions.seen([company.alice.pk], later(minutes=6))
    assert desk(company.alice).reason == actions.MISSED  # a lost network does not make it forgotten


# --- No more ----------------------------------------------------------------------------------------------------------


def test_what_is_held_goes_on_and_nothing_new_rings(company):
    company.available(company.alice)
    case = held(company)
    presence.set_no_more(company.alice, True, later(5), company.alice)
    company.deliver(company.said("¿Y el lunes?", by="eva", at=later(6)))
    switchboard.ring(later(7))
    assert not Offer.objects.filter(state="ringing").exists()
    assert Case.objects.get(pk=case.pk).holder == company.alice
    reply(case, company.alice, later(8))
    assert desk(company.alice).state == "available"


def test_what_rings_at_that_moment_rings_elsewhere(company):
    company.available(company.alice)
    company.deliver(company.said("¿Abren?", by="eva"))
    switchboard.ring(NOON)
    company.available(company.bob, at=later(1))
    presence.set_no_more(company.alice, True, later(2), company.alice)
    switchboard.ring(later(2))
    assert Offer.objects.get(state="ringing").operator == company.bob


@pytest.mark.parametrize(("state", "kept"), [("available", False), ("offline", False), ("break", True), ("busy", True)])
def test_it_is_over_when_they_go_or_choose_to_be_available(company, state, kept):
    company.available(company.alice)
    presence.set_no_more(company.alice, True, later(1), company.alice)
    presence.set_no_more(company.alice, True, later(2), company.alice)  # a second key press
    presence.set_state(company.alice, state, later(5), company.alice)
    assert desk(company.alice).no_more is kept
    said = [e.data["on"] for e in Event.objects.filter(kind="desk.no_more").order_by("id")]
    assert said == ([True] if kept else [True, False])


def test_a_colleague_cannot_say_it_for_somebody_but_a_supervisor_can(company):
    with pytest.raises(Refused):
        presence.set_no_more(company.alice, True, NOON, company.bob)
    presence.set_no_more(company.alice, True, NOON, company.charlie)
    assert desk(company.alice).no_more


def test_a_ring_astray_at_a_desk_that_takes_no_more_is_taken_back(company):
    company.available(company.alice)
    company.deliver(company.said("¿Abren?", by="eva"))
    switchboard.ring(NOON)
    Desk.objects.filter(person=company.alice).update(no_more=True, seen_at=later(60))  # in the middle of the ring
    presence.release_gone(later(1))
    assert not Offer.objects.filter(state="ringing").exists()


# --- The record -------------------------------------------------------------------------------------------------------


def test_time_in_each_state_follows_from_the_record(company, lunch, settings):
    """Each move says from where and after how long: a day adds up, without a gap, whoever moved the desk."""
    Queue.objects.update(wrap_up_seconds=30)
    presence.set_state(company.alice, "available", NOON, company.alice)
    reply(held(company, at=later(100)), company.alice, later(200))
    actions.end_wrap_ups(later(230))
    presence.set_state(company.alice, "break", later(300), company.charlie, "Almuerzo", note="the ovens are off")
    actions.leave_gone(later(400))
    actions.seen([company.alice.pk], later(500))
    presence.set_state(company.alice, "offline", later(600), company.alice)
    assert states_of(company.alice) == [
        ("offline", "available", 0), ("available", "wrap_up", 200), ("wrap_up", "available", 30),
        ("available", "break", 70), ("break", "offline", 100), ("offline", "break", 100), ("break", "offline", 100),
    ]  # fmt: skip
    moves = states_of(company.alice)
    assert all(one[1] == following[0] for one, following in pairwise(moves))
    by_charlie = Event.objects.get(kind="desk.state", actor=company.charlie.actor)
    assert by_charlie.data["note"] == "the ovens are off"
    back = Event.objects.filter(kind="desk.state").order_by("-id")[1]
    assert (back.data["reason"], back.data["was_reason"]) == ("back", "Almuerzo")


def test_the_router_sees_nobody_who_wraps_up(resting):
    resting.available(resting.alice, resting.bob)
    reply(held(resting), resting.alice, later(60))
    ready = [s.person_id for s in desks(settings_now(later(61))) if s.operator and s.operator.ready]
    assert ready == [resting.bob.pk]
