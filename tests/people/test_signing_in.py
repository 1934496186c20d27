"""Signing in and losing one's password, and what a stranger learns of it."""

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from netcenter.people import staff
from netcenter.people.models import Person
from netcenter.people.staff import Details
from tests.company import NOON

pytestmark = pytest.mark.django_db
RESET = "account_reset_password"


@pytest.fixture(autouse=True)
def _nobody_guessed_before():
    cache.clear()
    yield
    cache.clear()


def signs_in(email: str, password: str = "correct horse") -> bool:
    client = Client()
    client.post(reverse("account_login"), {"login": email, "password": password})
    return "_auth_user_id" in client.session


def test_who_forgot_the_password_gets_a_link_and_a_stranger_gets_nothing(company):
    answers = [Client().post(reverse(RESET), {"email": who}) for who in ("alice@example.com", "eve@evil.example")]
    assert [a.headers["Location"] for a in answers] == [reverse("account_reset_password_done")] * 2
    assert [m.to for m in mail.outbox] == [["alice@example.com"]]


def test_a_silent_mail_server_does_not_tell_who_works_here(company, monkeypatch):
    def refused(*_args: object, **_more: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refused)
    client = Client(raise_request_exception=False)
    answers = [client.post(reverse(RESET), {"email": who}) for who in ("alice@example.com", "eve@evil.example")]
    assert [a.status_code for a in answers] == [302, 302]


def test_an_address_that_an_administrator_took_away_opens_nothing_any_more(company):
    assert signs_in("bob@example.com")
    Client().post(reverse(RESET), {"email": "bob@example.com"})
    mail.outbox.clear()
    staff.change(company.bob, Details("Bob", "robert@example.com"), NOON, "system")
    assert not signs_in("bob@example.com") and signs_in("robert@example.com")
    Client().post(reverse(RESET), {"email": "bob@example.com"})
    assert not mail.outbox


def test_nobody_takes_an_address_by_themselves(company):
    client = Client()
    client.force_login(company.alice)
    client.post("/account/email/", {"action_add": "", "email": "alice@evil.example"})
    assert not signs_in("alice@evil.example") and Person.objects.get(pk=company.alice.pk).email == "alice@example.com"
