"""The settings page: saved, tested, the key never shown."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from netcenter.assistant.models import Assistant
from netcenter.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(company) -> Client:
    frank = Person.objects.create_user("frank@example.com", "correct horse", name="Frank", role="administrator")
    client = Client()
    client.force_login(frank, settings.AUTHENTICATION_BACKENDS[0])
    return client


def test_it_is_set_up_tested_and_switched_off(admin, company, endpoint):
    page = reverse("setup:assistant")
    told = {"base_url": endpoint.base, "model": "gpt-street", "key": "sk-street", "brands": [company.brand.pk],
            "sends": ["words"]}  # fmt: skip
    assert admin.post(page, told).status_code == 302
    row = Assistant.objects.get()
    assert (row.sends_words, row.sends_history, row.sends_name) == (True, False, False)
    shown = admin.get(page).content.decode()
    assert "sk-street" not in shown and "nunca se vuelve a mostrar" in shown
    assert "Escribe borradores para Aurora." in shown
    endpoint.says = lambda _m: "yes"
    assert "Responde." in admin.post(reverse("setup:assistant_test")).content.decode()
    assert not [m for m in endpoint.heard[0]["messages"] if "Aurora" in m["content"]]
    assert admin.post(page, {**told, "key": "", "brands": []}).status_code == 302
    assert list(row.brands.all()) == []
    assert "Está apagado: nada sale de la casa." in admin.get(page).content.decode()


def test_what_cannot_work_is_said_beside_its_field(admin, company, endpoint):
    page = reverse("setup:assistant")
    for wrong in ({"base_url": "ftp://x.example"}, {"base_url": "https://u:p@x.example/v1"}, {"model": ""},
                  {"key": "with space\r\nx: y"}):  # fmt: skip
        told = {"base_url": endpoint.base, "model": "m", "brands": [company.brand.pk], **wrong}
        assert admin.post(page, told).status_code == 422, wrong
    assert "Guarde primero" in admin.post(reverse("setup:assistant_test")).content.decode()
