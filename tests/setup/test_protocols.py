"""The settings of protocols: manuals, forms, versions, previews, and whose answers are approved."""

import pytest
from django.test import Client
from django.urls import reverse

from netcenter.people.models import Person
from netcenter.protocols.content import read
from netcenter.protocols.known import approval_rule
from netcenter.protocols.models import Protocol, Version
from netcenter.setup.protocol_form import initial

pytestmark = pytest.mark.django_db
FORM = {
    "seen": "0", "title_es": "No anda la app", "kinds": ["complaint"], "words": "no anda\nno abre", "crisis": "0",
    "never": "reinicie el teléfono", "never_grade": "warn", "steps_es": "Mirar el estado\nDar otra vía",
    "steps_en": "See the state\nGive another way", "say1_name": "Mientras vuelve", "say1_es": "Vuelve a las {{hora}}.",
}  # fmt: skip


@pytest.fixture
def charlie(company) -> Client:
    Person.objects.update(language="en")
    client = Client()
    client.force_login(Person.objects.get(pk=company.charlie.pk))
    return client


def content(protocol: Protocol):
    return read(Version.objects.get(protocol=protocol, number=protocol.number).content)


def test_a_manual_is_brought_in_with_the_one_for_everybody(charlie):
    assert "Begin with the manual" in charlie.get(reverse("setup:protocols")).content.decode()
    charlie.post(reverse("setup:protocol_install"), {"manual": "retail"})
    assert Protocol.objects.count() == 12
    page = charlie.get(reverse("setup:protocols")).content.decode()
    assert "Order that does not arrive" in page and "Complaint, Claim" in page
    charlie.post(reverse("setup:protocol_install"), {"manual": "nonsense"})
    assert Protocol.objects.count() == 12


def test_what_is_opened_and_saved_unchanged_says_the_same(charlie):
    charlie.post(reverse("setup:protocol_install"), {"manual": "common"})
    kept = Protocol.objects.get(came_from="common/abuse")
    before = content(kept)
    url = reverse("setup:protocol", args=[kept.pk])
    assert 'value="Insults or threats"' in charlie.get(url).content.decode()
    told = {name: value for name, value in initial(kept, before, "en").items() if value not in (None, False)}
    assert charlie.post(url, told).status_code == 302
    kept.refresh_from_db()
    assert kept.number == 2 and content(kept) == before, "steps keep their keys, names their languages"


def test_it_is_written_in_a_form_with_each_line_a_step(charlie):
    assert charlie.post(reverse("setup:protocol_add"), FORM).status_code == 302
    made = content(Protocol.objects.get())
    assert [s.texts for s in made.steps] == [
        {"es": "Mirar el estado", "en": "See the state"}, {"es": "Dar otra vía", "en": "Give another way"},
    ]  # fmt: skip
    assert (made.when.words, made.never, made.never_grade) == (
        ("no anda", "no abre"), ("reinicie el teléfono",), "warn",
    )  # fmt: skip
    assert made.words[0].texts == {"es": "Vuelve a las {{hora}}."}


@pytest.mark.parametrize(("change", "told"), [
    ({"kinds": [], "words": ""}, "it would fit everything"), ({"title_es": ""}, "Give it a name"),
    ({"steps_es": "", "steps_en": ""}, "at least one step"), ({"steps_en": "Only one"}, "the same number of lines"),
])  # fmt: skip
def test_what_is_missing_is_said(charlie, change, told):
    answer = charlie.post(reverse("setup:protocol_add"), FORM | change)
    assert answer.status_code == 422 and told in answer.content.decode()
    assert not Protocol.objects.exists()


def test_the_preview_tries_it_on_past_cases(charlie, company):
    company.deliver(company.said("La app no anda hace horas"), company.said("¿Abren hoy?", by="eva"))
    from netcenter.cases.models import Case

    Case.objects.filter(customer__name="Dana").update(kind="complaint")
    page = charlie.post(reverse("setup:protocol_preview"), FORM).content.decode()
    assert "It would have fitted 1 case" in page and "Dana" in page and "Eva" not in page
    assert "Tick what it applies to" in charlie.post(reverse("setup:protocol_preview"), {}).content.decode()


def test_it_is_switched_off_brought_back_and_removed(charlie):
    charlie.post(reverse("setup:protocol_add"), FORM)
    kept = Protocol.objects.get()
    charlie.post(reverse("setup:protocol", args=[kept.pk]), FORM | {"seen": "1", "title_es": "Otra"})
    assert "Let it count again" in charlie.get(reverse("setup:protocol", args=[kept.pk])).content.decode()
    charlie.post(reverse("setup:protocol_act", args=[kept.pk]), {"version": "1"})
    kept.refresh_from_db()
    assert kept.number == 3 and content(kept).titles == {"es": "No anda la app"}
    stale = charlie.post(reverse("setup:protocol", args=[kept.pk]), FORM | {"seen": "1"})
    assert stale.status_code == 422 and "meanwhile" in stale.content.decode()
    charlie.post(reverse("setup:protocol_act", args=[kept.pk]), {"on": "no"})
    assert not Protocol.objects.get().is_on
    charlie.post(reverse("setup:protocol_remove", args=[kept.pk]))
    assert charlie.get(reverse("setup:protocol", args=[kept.pk])).status_code == 404


def test_who_is_approved_is_set(charlie):
    page = charlie.get(reverse("setup:approval")).content.decode()
    assert "Who may approve now: Charlie" in page
    charlie.post(reverse("setup:approval"), {"crisis_from": "1", "topics": ["safety"]})
    rule = approval_rule()
    assert (rule.trainees, rule.crisis_from, rule.topics) == (False, 1, ["safety"])
