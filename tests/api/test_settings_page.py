"""Settings → API and webhooks, as people see it."""

import pytest
from django.test import Client
from django.utils import translation

from netcenter.api import actions, tokens
from netcenter.api.models import ApiToken, WebhookDelivery, WebhookSubscription
from netcenter.people.models import Person
from tests.company import NOON

pytestmark = pytest.mark.django_db
PAGE = "/settings/api/"


def signed_in(role: str, language: str = "en") -> Client:
    person, _ = Person.objects.get_or_create(email=f"{role}@example.com", defaults={"name": role.title(), "role": role})
    Person.objects.filter(pk=person.pk).update(language=language)
    client = Client()
    client.force_login(person)
    client.person = person
    return client


def test_nobody_sees_it_without_signing_in():
    assert Client().get(PAGE).status_code == 302
    assert Client().post(f"{PAGE}keys/").status_code == 302
    assert not ApiToken.objects.exists()


def test_a_key_is_shown_once_and_opens_the_api():
    client = signed_in("operator")
    page = client.post(f"{PAGE}keys/", {"token-name": "shop", "token-scopes": ["read"]}).content.decode()
    text = page.split("data-secret>")[1].split("<")[0]
    assert text not in client.get(PAGE).content.decode()
    assert Client(headers={"authorization": f"Bearer {text}"}).get("/api/v1/me").json()["scopes"] == ["read"]


@pytest.mark.parametrize("told", [{}, {"token-name": "x"}, {"token-name": " ", "token-scopes": ["read"]},
                                  {"token-name": "x", "token-scopes": ["everything"]}])  # fmt: skip
def test_an_incomplete_key_is_asked_for_again(told):
    assert signed_in("operator").post(f"{PAGE}keys/", told).status_code == 422
    assert not ApiToken.objects.exists()


def test_somebody_has_at_most_twenty_keys():
    client = signed_in("operator")
    for i in range(tokens.MOST):
        tokens.make(client.person, f"k{i}", ["read"], NOON)
    page = client.post(f"{PAGE}keys/", {"token-name": "x", "token-scopes": ["read"]})
    assert (page.status_code, ApiToken.objects.count()) == (422, tokens.MOST)


def test_an_operator_sees_their_own_keys_and_an_administrator_all():
    tokens.make(signed_in("operator").person, "till", ["read"], NOON)
    tokens.make(signed_in("supervisor").person, "wallboard", ["read"], NOON)
    assert "wallboard" not in signed_in("operator").get(PAGE).content.decode()
    page = signed_in("administrator").get(PAGE).content.decode()
    assert "wallboard" in page and "till" in page
    token = ApiToken.objects.get(name="till")
    signed_in("administrator").post(f"{PAGE}keys/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_an_administrator_adds_pauses_renews_and_removes_a_webhook():
    client = signed_in("administrator")
    told = {"webhook-name": "Billing", "webhook-url": "https://billing.example/hook", "webhook-kinds": ["case.*"]}
    page = client.post(f"{PAGE}webhooks/", told).content.decode()
    assert "data-secret>" in page
    webhook = WebhookSubscription.objects.get()
    assert (webhook.kinds, webhook.enabled) == (["case.*"], True)
    client.post(f"{PAGE}webhooks/{webhook.pk}/pause/")
    assert "Paused" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}webhooks/{webhook.pk}/resume/")
    assert "data-secret>" in client.post(f"{PAGE}webhooks/{webhook.pk}/renew/").content.decode()
    client.post(f"{PAGE}webhooks/{webhook.pk}/remove/")
    assert not WebhookSubscription.objects.exists()


def test_others_neither_see_nor_touch_webhooks():
    made, _ = actions.subscribe(signed_in("administrator").person, "Billing", "https://b.example/", ["*"], NOON)
    client = signed_in("operator")
    assert "Billing" not in client.get(PAGE).content.decode()
    told = {"webhook-name": "Mine", "webhook-url": "https://m.example/", "webhook-kinds": ["*"]}
    for path in ("", f"{made.pk}/pause/", f"{made.pk}/remove/", f"{made.pk}/renew/"):
        assert client.post(f"{PAGE}webhooks/{path}", told).status_code == 403
    assert WebhookSubscription.objects.get().enabled


@pytest.mark.parametrize("language", ["en", "es", "pt-br"])
def test_dead_letters_are_listed_in_every_language_and_sent_again(language):
    client = signed_in("administrator", language)
    webhook, _ = actions.subscribe(client.person, "Billing", "https://b.example/", ["*"], NOON)
    dead = WebhookDelivery.objects.create(
        subscription=webhook, event_id=5, kind="case.closed", state="dead", due_at=NOON, created_at=NOON, ended_at=NOON,
        error="HTTP 404 no such <b>route</b>",
    )  # fmt: skip
    page = client.get(PAGE).content.decode()
    with translation.override(language):
        assert translation.gettext("Events that did not arrive") in page
    assert "&lt;b&gt;route" in page
    assert client.post(f"{PAGE}dead/{dead.pk}/again/").status_code == 302
    dead.refresh_from_db()
    assert (dead.state, dead.attempts) == ("queued", 0)
