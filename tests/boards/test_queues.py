"""The board of queues: figures that are right, in few queries, however much waits."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from netcenter.boards.queues import lines, page
from netcenter.cases.models import Case
from netcenter.lib import clock
from netcenter.people.models import Person
from netcenter.routing.actions import take
from netcenter.routing.models import OverflowStep, Queue
from netcenter.routing.switchboard import ring
from tests.company import Company
from tests.desk.test_size import many

pytestmark = pytest.mark.django_db


def written(company: Company, by: str, minutes: float, kind: str = "question") -> Case:
    now = clock.now()
    company.deliver(company.said("Hola", by=by, at=now - timedelta(minutes=minutes)), at=now)
    case = Case.objects.get(customer__name=by.title())
    Case.objects.filter(pk=case.pk).update(kind=kind)
    return case


def test_each_figure_says_what_is_there(company):
    now = clock.now()
    written(company, "dana", 1)
    written(company, "erik", 20, "complaint")
    written(company, "frida", 300, "complaint")
    held = written(company, "gus", 2)
    take(held.pk, company.bob, now)
    company.available(company.alice, at=now)
    OverflowStep.objects.create(queue=Queue.objects.get(), after_seconds=1800, kind="everybody")
    (line,) = lines(now)
    assert (line.waiting, line.ringing, line.held, line.able, line.free) == (3, 0, 1, 1, 1)
    assert line.ages == [1, 0, 1, 0, 1] and line.kinds[0] == ("complaint", 2)
    assert line.age in ("4 h 59", "5 h 00") and abs((line.next_at - now).total_seconds() - 600) < 5
    ring(now)
    (line,) = lines(now)
    assert (line.waiting, line.ringing, line.free) == (3, 1, 0)


def test_a_figure_leads_to_its_cases(company):
    now = clock.now()
    old = written(company, "frida", 300, "complaint")
    new = written(company, "dana", 1)
    brand = company.brand.pk
    assert [c.pk for c in page(brand, 4, "", now)] == [old.pk]
    assert [c.pk for c in page(brand, 0, "", now)] == [new.pk]
    assert [c.pk for c in page(brand, None, "complaint", now)] == [old.pk]
    assert {c.pk for c in page(brand, None, "", now)} == {old.pk, new.pk}


def supervisor(company: Company) -> Client:
    client = Client()
    client.force_login(company.charlie)
    return client


def test_many_cases_cost_no_more_queries_and_little_time(company, django_assert_max_num_queries):
    many(company, 20_000)
    client = supervisor(company)
    client.get(reverse("boards:queues"))
    with django_assert_max_num_queries(30):
        answer = client.get(reverse("boards:queues"))
    assert answer.status_code == 200
    spent = []
    for _again in range(5):
        began = time.thread_time()  # others share the machine
        lines(clock.now())
        spent.append(time.thread_time() - began)
    assert min(spent) < 0.1, spent


def test_a_queue_is_paused_and_resumed_from_the_board(company):
    Person.objects.update(language="en")
    client, queue = supervisor(company), Queue.objects.get()
    refused = client.post(reverse("boards:queue_pause", args=[queue.pk]), {"reason": "", "hours": "0"})
    assert refused.status_code == 422 and "Say why" in refused.content.decode()
    assert (
        client.post(reverse("boards:queue_pause", args=[queue.pk]), {"reason": "Drill", "hours": "1"}).status_code
        == 204
    )
    queue.refresh_from_db()
    assert queue.pause_reason == "Drill" and queue.paused_until - queue.paused_at == timedelta(hours=1)
    assert "Drill" in client.get(reverse("boards:queues")).content.decode()
    alice = Client()
    alice.force_login(company.alice)
    assert "Drill" in alice.get(reverse("desk:pauses")).content.decode()
    assert client.post(reverse("boards:queue_resume", args=[queue.pk])).status_code == 204
    assert "Drill" not in alice.get(reverse("desk:pauses")).content.decode()


def test_a_crisis_is_declared_on_the_board_with_a_reason_and_every_desk_reads_it(company):
    Person.objects.update(language="en")
    client, queue = supervisor(company), Queue.objects.get()
    asked = reverse("boards:queue_crisis", args=[queue.pk])
    assert 'value="3"' in client.get(asked).content.decode()
    refused = client.post(asked, {"level": "2", "reason": ""})
    assert refused.status_code == 422 and "Say why" in refused.content.decode()
    assert client.post(asked, {"level": "x", "reason": "Fire"}).status_code == 422
    assert client.post(asked, {"level": "2", "reason": "A photo goes round"}).status_code == 204
    alice = Client()
    alice.force_login(company.alice)
    for shown in (client.get(reverse("boards:queues")), alice.get(reverse("desk:pauses"))):
        told = shown.content.decode()
        assert "A photo goes round" in told and "orange" in told and "Charlie" in told
    assert client.post(reverse("boards:queue_calm", args=[queue.pk])).status_code == 204
    assert "A photo" not in alice.get(reverse("desk:pauses")).content.decode()


def test_the_expected_wait_is_told_apart(company):
    client, url = supervisor(company), reverse("boards:queue_expected", args=[company.brand.pk])
    assert "<dd>–</dd>" in client.get(url).content.decode()
    company.available(company.alice, at=clock.now())
    answer = client.get(url).content.decode()
    assert "title=" in answer and "–" not in answer
