"""A paused queue rings nowhere and loses nothing."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from netcenter.cases.models import Case, Message
from netcenter.events.models import Event
from netcenter.lib.refused import Refused
from netcenter.routing.actions import accept
from netcenter.routing.models import Offer, Queue
from netcenter.routing.pausing import next_end, pause, resume, resume_due, stop_rings
from netcenter.routing.switchboard import ring
from netcenter.standards.models import Promise
from tests.company import NOON, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def ringing(company: Company) -> Offer:
    company.deliver(company.said("¿Abren el domingo?"))
    company.available(company.alice)
    ring(NOON)
    return Offer.objects.get()


def test_what_rings_is_withdrawn_and_what_is_held_stays(company, ringing):
    accept(ringing.pk, company.alice, NOON)
    company.available(company.bob)
    company.deliver(company.said("Hola", by="erik"))
    ring(NOON)
    pause(Queue.objects.get(), "Simulacro de incendio", company.charlie, NOON)
    assert sorted(Offer.objects.values_list("operator__name", "state")) == [("Alice", "accepted"), ("Bob", "withdrawn")]
    assert Event.objects.get(kind="queue.paused").data["reason"] == "Simulacro de incendio"


def test_everything_is_still_taken_in_and_promised(company, ringing):
    pause(Queue.objects.get(), "Simulacro", company.charlie, NOON)
    company.deliver(company.said("¡Esto es un reclamo!", by="erik"))
    assert Message.objects.filter(state="waiting").count() == 2
    assert Promise.objects.filter(ended_at=None).count() == 2
    assert Case.objects.filter(waiting_since__isnull=False).count() == 2


def test_it_resumes_when_told_or_when_its_time_is_over(company, ringing):
    queue = Queue.objects.get()
    pause(queue, "Simulacro", company.charlie, NOON, NOON + timedelta(hours=1))
    assert next_end() == NOON + timedelta(hours=1)
    assert resume_due(NOON + timedelta(minutes=59)) == 0
    assert resume_due(NOON + timedelta(hours=1)) == 1 and resume_due(NOON + timedelta(hours=1)) == 0
    assert not resume(queue, NOON, company.charlie.actor)
    pause(queue, "Otra vez", company.charlie, NOON)
    assert resume(queue, NOON, company.charlie.actor)
    assert Event.objects.filter(kind="queue.resumed").count() == 2
    queue.refresh_from_db()
    assert queue.paused_at is None and queue.pause_reason == ""


def test_a_pause_needs_a_right_a_reason_and_a_sensible_end(company, ringing):
    queue = Queue.objects.get()
    with pytest.raises(PermissionDenied):
        pause(queue, "Siesta", company.alice, NOON)
    with pytest.raises(Refused):
        pause(queue, "  ", company.charlie, NOON)
    with pytest.raises(Refused):
        pause(queue, "Ayer", company.charlie, NOON, NOON - timedelta(hours=1))
    pause(queue, "Simulacro", company.charlie, NOON)
    with pytest.raises(Refused):
        pause(queue, "Otra vez", company.charlie, NOON)


def test_a_ring_that_was_on_its_way_is_withdrawn_too(company, ringing):
    Queue.objects.update(paused_at=NOON, pause_reason="Simulacro")
    assert stop_rings(NOON) == 1 and stop_rings(NOON) == 0
    assert Offer.objects.get().state == "withdrawn"
