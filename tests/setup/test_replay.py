"""The last day again: what a change of a queue's settings would have meant, and nothing is changed by asking."""

import time
from datetime import timedelta

import pytest
from django.apps import apps
from django.urls import reverse

from netcenter.lib import clock
from netcenter.people.models import Person, PersonSkill, Skill
from netcenter.routing.actions import accept
from netcenter.routing.models import Offer, Queue
from netcenter.routing.rules import Operator, Step, Waiting
from netcenter.routing.switchboard import ring
from netcenter.setup.queue_replay import MOST
from netcenter.setup.replay import Arrival, Day, Replay, Turn

HOUR = 3600.0


def arrivals(times, work=60.0, **more) -> list[Arrival]:
    return [Arrival(Waiting(i, 1, waiting_since=at, due_at=at + HOUR, **more), work) for i, at in enumerate(times)]


def day(**more) -> Day:
    operators = {1: Operator(1, skills={"billing": 2}), 2: Operator(2)}
    turns = [Turn(0, 1, True), Turn(0, 2, True)]
    return Day(operators, more.pop("turns", turns), 0, 10 * HOUR, pick_up=0.0, **more)


def test_two_at_their_desks_answer_two_at_once_and_the_third_waits():
    found = Replay(day(), arrivals([10, 10, 10]), 20, 0).play()
    assert sorted(found.waits) == [0, 0, 60] and found.share == 1.0 and found.open == 0
    assert (found.quantile(0.5), found.quantile(0.9)) == (0, 0) and found.quantile(1.0) == 60


def test_wrap_up_makes_who_comes_next_wait_longer():
    found = Replay(day(), arrivals([10, 10, 10]), 20, 120).play()
    assert max(found.waits) == 180


def test_a_skill_that_one_of_two_has_makes_a_line():
    found = Replay(day(), arrivals([10, 10], needs={"billing": 2}), 20, 0).play()
    assert sorted(found.waits) == [0, 60]
    nobody = Replay(day(), arrivals([10, 10], needs={"billing": 3}), 20, 0).play()
    assert nobody.open == 2 and nobody.quantile(0.5) is None and nobody.share == 0.0


def test_overflow_comes_in_time():
    steps = (Step(10 + 600.0, needs={"billing": 1}),)
    found = Replay(day(), arrivals([10], needs={"billing": 3}, steps=steps), 20, 0).play()
    assert found.waits == [600]


def test_who_leaves_finishes_and_gets_no_more():
    turns = [Turn(0, 2, True), Turn(30, 2, False), Turn(7200, 2, True)]
    found = Replay(day(turns=turns), arrivals([10, 40]), 20, 0).play()
    assert found.waits == [0, 7160] and found.within == 1


def test_missed_rings_cost_the_time_that_they_rang():
    found = Replay(day(missed=0.5), arrivals(range(0, 6000, 60)), 20, 0).play()
    assert 20 < found.missed < 80 and found.open == 0 and max(found.waits) >= 20


def test_a_busy_day_is_played_in_a_moment():
    began = time.thread_time()
    operators = {i: Operator(i, capacity=100) for i in range(20)}
    turns = [Turn(0, i, True) for i in operators]
    busy = Day(operators, turns, 0, 24 * HOUR)
    found = Replay(busy, arrivals([i * 24 * HOUR / MOST for i in range(MOST)], work=800.0), 20, 0).play()
    assert found.cases == MOST and time.thread_time() - began < 3


@pytest.mark.django_db
def test_the_form_is_compared_with_what_is_saved_and_nothing_changes(company, supervisor):
    Person.objects.update(language="en")
    now = clock.now()
    past = now - timedelta(hours=5)
    billing = Skill.objects.create(code="billing", name="Billing")
    PersonSkill.objects.create(person=company.alice, skill=billing, level=1)
    company.available(company.alice, at=past)
    for i in range(12):
        at = past + timedelta(minutes=10 * i)
        company.deliver(company.said(f"Hola {i}", by=f"c{i}", at=at))
    ring(past)
    offer = Offer.objects.first()
    accept(offer.pk, company.alice, past + timedelta(seconds=4))
    url = reverse("setup:queue_replay", args=[company.brand.pk])
    before = {m: m.objects.count() for m in apps.get_models()}
    same = supervisor.post(url, {"ring_seconds": 20, "wrap_up_seconds": 0}).content.decode()
    assert "12 waits" in same
    expert = {"ring_seconds": 20, "wrap_up_seconds": 0, f"skill_{billing.pk}": 3}
    nobody = supervisor.post(url, expert).content.decode()
    assert "100" in nobody and ">0%" in nobody.replace("\xa0", "").replace(" ", "").replace("<strong>", "")
    assert {m: m.objects.count() for m in apps.get_models()} == before
    assert Queue.objects.get().requirements.count() == 0


@pytest.mark.django_db
def test_without_traffic_it_says_so(company, supervisor):
    Person.objects.update(language="en")
    url = reverse("setup:queue_replay", args=[company.brand.pk])
    assert "Nothing came in" in supervisor.post(url, {"ring_seconds": 20}).content.decode()
