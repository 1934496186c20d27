"""The queues' pages: one place for who is rung, how it widens, and what who waits is told."""

from datetime import timedelta

import pytest
from django.urls import reverse

from netcenter.cases.models import Case
from netcenter.lib import clock
from netcenter.people.models import PersonSkill, Skill, Team
from netcenter.routing.models import Acknowledgement, Offer, OverflowStep, Queue
from netcenter.routing.queues import QueueDetails
from netcenter.routing.switchboard import ring
from netcenter.setup.consequences import consequences
from netcenter.standards.models import Calendar, Standard

pytestmark = pytest.mark.django_db


def form(**more) -> dict:
    return {"needs_language": "on", "ring_seconds": "20", "wrap_up_seconds": "0", "busy_after_seconds": "120",
            "tells_busy": "on", "tells_closed": "on", **more}  # fmt: skip


def post(client, company, **more):
    return client.post(reverse("setup:queue", args=[company.brand.pk]), form(**more))


def test_the_whole_queue_is_set_on_one_page(admin, company):
    billing = Skill.objects.create(code="billing", name="Invoices")
    team = Team.objects.create(name="Cocina")
    response = post(
        admin, company, team=team.pk, ring_seconds="45", wrap_up_seconds="30", busy_after_seconds="90",
        after_0="60", kind_0="level", after_1="120", kind_1="team", team_1=Team.objects.get(name="Mostrador").pk,
        busy_es="Hola {{ customer.first_name }}: {{ wait }}", **{f"skill_{billing.pk}": "2"},
    )  # fmt: skip
    assert response.status_code == 302
    queue = Queue.objects.get()
    assert (queue.team, queue.ring_seconds, queue.wrap_up_seconds) == (team, 45, 30)
    assert (queue.busy_after_seconds, queue.tells_busy) == (90, True)
    assert list(queue.requirements.values_list("skill__code", "level")) == [("billing", 2)]
    assert list(queue.overflow.values_list("after_seconds", "kind")) == [(60, "level"), (120, "team")]
    assert queue.texts["busy"] == {"es": "Hola {{ customer.first_name }}: {{ wait }}"}
    shown = admin.get(reverse("setup:queue", args=[company.brand.pk])).content.decode()
    assert 'value="45"' in shown and "Hola {{ customer.first_name }}: {{ wait }}" in shown


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"after_0": "60", "kind_0": "level", "after_1": "30", "kind_1": "everybody"}, "after_1"),
        ({"after_3": "60", "kind_3": "team"}, "team_3"),
        ({"after_0": "60", "kind_0": "level", "after_1": "90", "kind_1": "level"}, "kind_1"),
        ({"busy_pt": "Oi {{ nome }}"}, "busy_pt"),
        ({"closed_en": "{{ opens"}, "closed_en"),
        ({"ring_seconds": "1"}, "ring_seconds"),
        ({"busy_after_seconds": "0"}, "busy_after_seconds"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field_and_nothing_is_saved(admin, company, values, field):
    response = post(admin, company, **{"wrap_up_seconds": "77", **values})
    assert response.status_code == 422
    assert f'id="id_{field}"' in response.content.decode() and "field-error" in response.content.decode()
    assert Queue.objects.get().wrap_up_seconds == 0 and not OverflowStep.objects.exists()


def test_an_unknown_variable_is_called_by_its_name(admin, company):
    html = post(admin, company, busy_pt="Oi {{ nome }}").content.decode()
    assert "Nothing fills {{nome}}." in html


def test_the_preview_says_what_customers_would_read_now(admin, company):
    company.available(company.alice, at=clock.now())
    office = Calendar.objects.create(name="Office", hours={"0": [["09:00", "09:01"]]})
    Standard.objects.update(calendar=office)
    path = reverse("setup:queue_preview", args=[company.brand.pk])
    html = admin.post(path, form(busy_es="Son {{ wait }}, {{ customer.first_name }}")).content.decode()
    assert "Son en unos" in html or "Son el lunes" in html or "Son " in html
    assert "Dana" in html and "abrimos" in html and "abrimos {{" not in html and "Olá, Dana" in html
    assert "Alice" in html and "Bob" in html  # who would be rung


def test_the_preview_says_who_would_no_longer_be_rung(admin, company):
    skill = Skill.objects.create(code="billing", name="Invoices")
    PersonSkill.objects.create(person=company.alice, skill=skill, level=2)
    path = reverse("setup:queue_preview", args=[company.brand.pk])
    html = admin.post(path, form(**{f"skill_{skill.pk}": "2"})).content.decode()
    assert "1 person is rung: Alice" in html and "2 people would no longer be rung" in html


def test_a_brand_without_accounts_has_no_preview(admin, company):
    company.brand.accounts.update(enabled=False)
    assert "Connect an account" in admin.get(reverse("setup:queue", args=[company.brand.pk])).content.decode()


def test_saving_a_brand_leaves_its_queue_alone(admin, company):
    post(admin, company, ring_seconds="45", after_0="60", kind_0="everybody")
    admin.post(reverse("setup:brand", args=[company.brand.pk]), {
        "name": "Aurora", "language": "es", "colour": "#0f766e", "people": [company.alice.pk]})  # fmt: skip
    queue = Queue.objects.get()
    assert queue.ring_seconds == 45 and queue.overflow.count() == 1


def waiting_case(company) -> Case:
    company.deliver(company.said("Cobraron mal", at=clock.now() - timedelta(minutes=3)))
    return Case.objects.get()


def test_the_estimate_shows_what_it_rests_on(admin, company):
    case = waiting_case(company)
    path = reverse("setup:queue_waits", args=[company.brand.pk])
    html = admin.get(path).content.decode()
    assert "Nobody who could answer is at a desk" in html and "as soon as somebody is free" in html
    company.available(company.alice, at=clock.now())
    html = admin.get(path, {"case": f"#{case.pk}"}).content.decode()
    assert f"Case #{case.pk} is answered" in html and "1 person" in html and "in about" in html
    assert "No such case" in admin.get(path, {"case": "99999"}).content.decode()
    assert admin.get(path, {"case": "x" * 300}).status_code == 200


def test_how_right_it_was_is_counted_with_its_doubt(admin, company):
    now = clock.now()
    for i in range(5):
        company.deliver(company.said("Cobraron mal", by=f"c{i}", at=now - timedelta(hours=2)))
    for i, case in enumerate(Case.objects.all()):
        told_at = now - timedelta(hours=2)
        late = 5 if i else 50
        Acknowledgement.objects.create(
            case=case, kind="busy", told_at=told_at, promised_at=told_at + timedelta(minutes=20),
            answered_at=told_at + timedelta(minutes=late), basis={"raw": 900.0},
        )  # fmt: skip
    html = admin.get(reverse("setup:queue_waits", args=[company.brand.pk])).content.decode()
    assert "Of 5 that were said" in html and "4 were kept: 80%" in html
    assert "38%" in html and "96%" in html and html.count("<circle") >= 4


@pytest.mark.parametrize("name", ["queues", "queue", "queue_waits"])
def test_operators_have_no_business_here(client, company, name):
    client.force_login(company.alice)
    args = [] if name == "queues" else [company.brand.pk]
    assert client.get(reverse(f"setup:{name}", args=args)).status_code == 403


def test_pages_do_not_ask_more_for_more_brands(admin, company, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        admin.get(reverse("setup:queues"))


def test_it_says_what_happens_to_a_language_that_nobody_speaks(company):
    told = " ".join(words for _tone, words in consequences([company.alice.pk], QueueDetails()))
    assert "Nobody of them speaks" in told and "rings for all of them" in told
    company.available(company.alice, at=clock.now())
    Queue.objects.update(needs_language=True)
    company.deliver(company.said("Hello, do you deliver wedding cakes on Sundays, please?", at=clock.now()))
    ring(clock.now())
    assert Case.objects.get().language == "en" and Offer.objects.get().operator == company.alice
