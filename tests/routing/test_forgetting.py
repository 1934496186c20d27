"""What was picked up and forgotten comes back in time; whoever is at it is left in peace."""

from datetime import datetime, timedelta

import pytest

from netcenter.cases.actions import note
from netcenter.cases.drafts import save_draft, start_writing
from netcenter.cases.models import Case
from netcenter.desk.queries import story
from netcenter.events.models import Event
from netcenter.routing import actions as routing
from netcenter.routing import presence, switchboard
from netcenter.routing.forgetting import is_forgotten
from netcenter.routing.models import Offer
from netcenter.standards.models import Standard
from tests.company import NOON, Company


def at(minute: float) -> datetime:
    return NOON + timedelta(minutes=minute)


@pytest.mark.parametrize(("promised", "active", "now", "forgotten"), [
    (60, 1, 49, False), (60, 1, 50, True),      # ten minutes before an hour is over
    (60, 45, 50, False), (60, 45, 55, True),    # just picked up: ten minutes of peace
    (60, 59, 60, False), (60, 59, 69, True),    # broken already, and still only just picked up
    (240, 1, 229, False), (240, 1, 230, True),
    (5, 0.3, 3.7, False), (5, 0.3, 3.75, True),  # a chat: a quarter of its time is left to answer elsewhere
    (5, 3, 3.75, False), (5, 3, 5, True),       # two minutes of peace in a chat
    (1, 0, 0.45, False), (1, 0, 0.5, True),
    (5, -30, 1, False), (5, -30, 3.75, True),   # held since long, but the customer wrote again only now
])  # fmt: skip
def test_it_is_taken_back_in_time_and_not_before(promised, active, now, forgotten):
    assert is_forgotten(at(now), NOON, at(promised), at(active)) is forgotten


@pytest.fixture
def held(company: Company) -> Case:
    """Dana asked; Alice picked it up at once; it is promised within an hour."""
    Standard.objects.update(minutes=60)
    company.available(company.alice)
    company.deliver(company.said("¿Abren el domingo?"))
    switchboard.ring(NOON)
    routing.accept(Offer.objects.get().pk, company.alice, NOON)
    return Case.objects.get()


@pytest.mark.django_db
def test_it_rings_again_before_its_promise_breaks_and_the_story_says_why(company, held):
    assert presence.take_back(at(49)) == 0
    assert presence.take_back(at(50)) == 1
    ended = Event.objects.get(kind="offer.ended")
    assert (ended.data["reason"], ended.data["minutes"]) == ("forgotten", 50)
    lines = [line.text for turn in story(held)[1] for line in turn.lines]
    assert any("Alice" in line and "50 min" in line for line in lines)
    company.available(company.bob, at=at(50))
    assert switchboard.ring(at(50)).rang == 1


@pytest.mark.django_db
@pytest.mark.parametrize("busy", ["writing", "draft", "note", "picked up"])
def test_whoever_is_at_it_keeps_it(company, held, busy):
    if busy == "writing":
        start_writing(held.pk, company.alice, at(59.9))
    elif busy == "draft":
        save_draft(held.pk, company.alice, "Sí, de 8", at(55))
    elif busy == "note":
        note(held.pk, company.alice, "Llamé al local", [], at(55))
    else:
        Offer.objects.update(accepted_at=at(55))
    assert presence.take_back(at(60)) == 0
    assert presence.take_back(at(66)) == 1


@pytest.mark.django_db
def test_a_live_chat_that_goes_on_is_not_torn_away_when_the_customer_writes_again(company):
    """Held for half an hour, everything answered, and then another question: the operator has its time."""
    Standard.objects.update(minutes=5)
    company.available(company.alice)
    company.deliver(company.said("¿Abren el domingo?", at=at(30)))
    switchboard.ring(at(30))
    routing.accept(Offer.objects.get().pk, company.alice, at(30))
    Offer.objects.update(accepted_at=NOON)
    assert presence.take_back(at(31)) == 0
    assert presence.take_back(at(33.8)) == 1


@pytest.mark.django_db
def test_the_words_of_a_colleague_are_no_excuse(company, held):
    save_draft(held.pk, company.bob, "Hola", at(55))
    assert presence.take_back(at(60)) == 1
