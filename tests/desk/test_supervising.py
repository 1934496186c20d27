"""What a supervisor does beside somebody's shoulder, and what the operator knows of it."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from netcenter.accounts.models import Organisation
from netcenter.cases.drafts import draft_of, save_draft, start_writing
from netcenter.cases.models import Case, Message, Note
from netcenter.desk import watching
from netcenter.events.models import Event
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.people.models import Person
from netcenter.routing.actions import take
from netcenter.routing.models import Offer, Pin
from netcenter.routing.pausing import next_end, pin, unpin_due
from netcenter.routing.switchboard import ring
from tests.company import Company

pytestmark = pytest.mark.django_db
HX = {"HTTP_HX_REQUEST": "true"}


def at(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def case(company: Company) -> Case:
    """Alice has it."""
    now = clock.now()
    company.deliver(company.said("¿Abren el domingo?", at=now))
    company.available(company.alice, at=now)
    take(Case.objects.get().pk, company.alice, now)
    return Case.objects.select_related("account", "brand").get()


def beside(case: Case, person: Person) -> str:
    return at(person).get(reverse("desk:beside", args=[case.pk]), **HX).content.decode()


def test_who_answers_is_told_who_watches_and_what_they_see(company, case):
    Person.objects.update(language="en")
    page = at(company.charlie).get(reverse("desk:watch", args=[case.pk]), **HX).content.decode()
    assert "¿Abren el domingo?" in page and 'id="reply"' not in page
    told = beside(case, company.alice)
    assert "Charlie is watching" in told and "seen once it is sent" in told
    Organisation.objects.update(shows_drafts=True)
    assert "seen before it is sent" in beside(case, company.alice)
    assert [e.kind for e in Event.objects.filter(kind__startswith="case.w", operator_id=company.alice.pk)] == [
        "case.watched"
    ]
    at(company.charlie).post(reverse("desk:unwatch"), **HX)
    assert "watching" not in beside(case, company.alice)


def test_a_draft_is_seen_only_when_the_company_says_so(company, case):
    now = clock.now()
    start_writing(case.pk, company.alice, now)
    save_draft(case.pk, company.alice, "Sí, de ocho", now)
    seen = watching.seen(case, now)
    assert seen.writes and seen.draft is None and seen.length == 11
    watched = reverse("desk:watched", args=[case.pk])
    assert "de ocho" not in at(company.charlie).get(watched, **HX).content.decode()
    Organisation.objects.update(shows_drafts=True)
    assert "de ocho" in at(company.charlie).get(watched, **HX).content.decode()


def test_only_supervisors_watch_whisper_and_take_over(company, case):
    for name in ("watch", "watched", "barge", "pin", "who"):
        assert at(company.bob).get(reverse(f"desk:{name}", args=[case.pk]), **HX).status_code == 403
    for name in ("whisper", "barge", "pin"):
        assert (
            at(company.bob)
            .post(reverse(f"desk:{name}", args=[case.pk]), {"text": "x", "reason": "x"}, **HX)
            .status_code
            == 403
        )


def test_a_whisper_stands_beside_the_composer_and_never_goes_out(company, case):
    said = at(company.charlie).post(reverse("desk:whisper", args=[case.pk]), {"text": "Ofrécele el 10 %"}, **HX)
    assert said.status_code == 204
    assert "Ofrécele el 10 %" in beside(case, company.alice)
    assert "Ofrécele" not in beside(case, company.bob)
    assert Note.objects.get().text == "Ofrécele el 10 %" and not Message.objects.filter(direction="out").exists()
    assert Event.objects.get(kind="case.whispered").operator_id == company.alice.pk
    at(company.alice).post(reverse("desk:whisper_read", args=[Note.objects.get().pk]), **HX)
    assert "Ofrécele" not in beside(case, company.alice)


def test_nobody_can_be_whispered_to_when_nobody_has_it(company):
    company.deliver(company.said("Hola"))
    with pytest.raises(Refused):
        watching.whisper(Case.objects.get(), "psst", company.charlie, clock.now())


def test_taking_over_tells_why_and_keeps_the_draft(company, case):
    now = clock.now()
    save_draft(case.pk, company.alice, "Sí, de ocho", now)
    refused = at(company.charlie).post(reverse("desk:barge", args=[case.pk]), {"reason": " "}, **HX)
    assert refused.status_code == 422
    done = at(company.charlie).post(reverse("desk:barge", args=[case.pk]), {"reason": "Es un tema legal"}, **HX)
    assert done.status_code == 204
    case.refresh_from_db()
    assert case.holder == company.charlie
    assert "Es un tema legal" in beside(case, company.alice) and "legal" not in beside(case, company.bob)
    assert draft_of(case.pk, company.alice) == "Sí, de ocho"
    held = Offer.objects.filter(case=case, state__in=Offer.LIVE).values_list("operator_id", flat=True)
    assert list(held) == [company.charlie.pk]


def test_pinned_it_waits_for_one_and_after_its_time_rings_elsewhere(company):
    now = clock.now()
    company.deliver(company.said("Hola", at=now))
    company.available(company.alice, company.bob, at=now)
    case = Case.objects.get()
    pin(case.pk, company.bob, "knows it", company.charlie, now, minutes=10)
    Offer.objects.all().delete()
    Person.objects.get(pk=company.bob.pk)
    from netcenter.people.models import Desk

    Desk.objects.filter(person=company.bob).update(state="busy")
    ring(now)
    assert not Offer.objects.exists()
    assert next_end() == now + timedelta(minutes=10)
    assert unpin_due(now + timedelta(minutes=9)) == 0
    assert unpin_due(now + timedelta(minutes=10)) == 1
    Desk.objects.filter(person=company.alice).update(seen_at=now + timedelta(minutes=10))
    ring(now + timedelta(minutes=10))
    assert Offer.objects.get().operator == company.alice


def test_an_old_pin_does_not_touch_a_newer_matter(company):
    now = clock.now()
    company.deliver(company.said("Hola", at=now))
    case = Case.objects.get()
    pin(case.pk, company.bob, "", company.charlie, now, minutes=10)
    Case.objects.filter(pk=case.pk).update(waiting_since=now + timedelta(minutes=5))  # answered, and written again
    assert unpin_due(now + timedelta(minutes=11)) == 0 and not Pin.objects.exists()
    case.refresh_from_db()
    assert case.pinned_to == company.bob


def test_asking_who_would_get_it_changes_nothing(company, case):
    client = at(company.charlie)
    url = reverse("desk:who", args=[case.pk])
    client.get(url, **HX)
    ignored = {"Session"}
    before = {m: m.objects.count() for m in apps.get_models() if m.__name__ not in ignored}
    asked = {"ask": 1, "available": [company.bob.pk, company.alice.pk], "queue": "paused", "lower": "on", "level": "2"}
    assert client.get(url, asked, **HX).status_code == 200
    made_up = {"ask": 1, "brand": company.brand.pk, "channel": "webchat", "kind": "complaint", "language": "es",
               "available": company.bob.pk}  # fmt: skip
    answer = client.get(reverse("desk:who_anything"), made_up, **HX).content.decode()
    assert f'data-rings-at="{company.bob.pk}"' in answer
    assert {m: m.objects.count() for m in before} == before


def test_why_it_waits_stands_on_the_case(company):
    company.deliver(company.said("Hola", at=clock.now()))
    case = Case.objects.get()
    Person.objects.update(language="en")
    page = at(company.alice).get(reverse("desk:why", args=[case.pk]), **HX).content.decode()
    assert "nobody is at their desk" in page and "What if" not in page
    assert "What if" in at(company.charlie).get(reverse("desk:why", args=[case.pk]), **HX).content.decode()
