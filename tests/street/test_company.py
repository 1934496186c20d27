"""The demo's company: furnished once, by the house's own verbs, and never in somebody's real installation."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.test import override_settings

from netcenter.accounts.models import Account, Brand
from netcenter.accounts.queries import connection_of
from netcenter.cases import ledger
from netcenter.cases.models import Attachment, Case, Message
from netcenter.channels.email import options
from netcenter.events.models import Event
from netcenter.guard.rules import Draft, examine
from netcenter.intake.models import Delivery
from netcenter.outbox.models import Dispatch
from netcenter.people.models import Desk, Person
from netcenter.protocols.models import CannedAnswer
from netcenter.protocols.queries import VARIABLES, fill
from netcenter.routing.models import Offer
from netcenter.standards.models import Calendar, Promise
from netcenter.street import company

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def town(django_db_setup, django_db_blocker):
    """Furnished once for all of these tests; each undoes what it changes."""
    with django_db_blocker.unblock(), override_settings(DEMO=True):
        assert company.install(NOW, stories=25)
    yield
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def furnished(town, settings, db):
    settings.DEMO = True


def test_the_company_is_there_with_brands_accounts_and_people(furnished):
    assert [b.name for b in Brand.objects.all()] == ["Aurora", "Aurora Café"]
    assert sorted(Account.objects.values_list("channel", flat=True)) == ["api", "email", "webchat", "webchat"]
    assert Person.objects.filter(email__endswith="@demo.netcenter.example").count() == 12
    assert not any(p.has_usable_password() for p in Person.objects.all())
    assert {p.role for p in Person.objects.all()} == {"operator", "supervisor", "administrator", "owner"}
    assert not Desk.objects.exclude(state=Desk.State.OFFLINE).exists()
    assert not Desk.objects.filter(load__gt=0).exists()


def test_every_calendar_is_the_company_s_time(furnished):
    assert set(Calendar.objects.values_list("timezone", flat=True)) == {company.ZONE}


def test_every_customer_s_language_is_spoken_by_somebody(furnished):
    for code in ("es", "pt", "en"):
        assert Person.objects.filter(skills__code=f"language:{code}").count() >= 2


def test_the_past_is_true_to_the_ledger(furnished):
    equation = ledger.equation()
    assert equation.balances
    assert equation == ledger.audit(NOW)
    assert equation.answered > 10
    assert Case.objects.count() >= 23
    assert 5 <= Case.objects.filter(waiting_since__isnull=False).count() <= 15
    assert not Case.objects.filter(holder__isnull=False).exists()
    assert not Offer.objects.filter(state__in=Offer.LIVE).exists()


def test_nothing_of_the_past_leaves_again_or_lies_in_the_future(furnished):
    assert set(Dispatch.objects.values_list("state", flat=True)) == {"sent"}
    assert set(Delivery.objects.values_list("state", flat=True)) == {"read"}
    assert not Message.objects.filter(sent_at__gt=NOW).exists()
    assert not Message.objects.filter(sent_at__lt=NOW - timedelta(days=8)).exists()
    assert not Event.objects.filter(at__gt=NOW + timedelta(minutes=5)).exists()
    assert not Promise.objects.filter(ended_at=None, case__waiting_since=None).exists()


def test_messages_are_told_when_they_were_received(furnished):
    for one in Event.objects.filter(kind="message.received"):
        assert one.at == Message.objects.get(pk=one.data["message"]).received_at


def test_photographs_came_too(furnished):
    assert Attachment.objects.exclude(blob="").filter(mime="image/png").exists()


def test_furnishing_again_changes_nothing(furnished):
    before = (Case.objects.count(), Event.objects.count(), Person.objects.count())
    assert company.install(NOW)
    assert (Case.objects.count(), Event.objects.count(), Person.objects.count()) == before


def test_the_accounts_lead_to_the_citizens_of_today(furnished, monkeypatch):
    monkeypatch.setenv("NETCENTER_EMAIL_SMTP_PORT", "2525")
    for _start in range(2):
        opened = company.open_street("http://127.0.0.1:9", NOW)
        assert opened is not None
        mail = connection_of(Account.objects.get(channel="email"))
        server = options.outgoing(mail)
        assert server is not None and options.incoming(mail) is None
        assert server.port == opened.post.getsockname()[1]
        app = connection_of(Account.objects.get(channel="api"))
        assert app.config["webhook_url"].endswith(f":{opened.shop.getsockname()[1]}/")
        assert opened.house.hook_secret == app.secrets["secret"]
        assert opened.house.mail_port == int(os.environ["NETCENTER_EMAIL_SMTP_PORT"]) == 2525
        assert len(opened.house.chats) == 2
        opened.post.close()
        opened.shop.close()


def test_canned_answers_are_whole_in_three_languages(furnished):
    values = {name: "Dana" for name in VARIABLES}
    answers = CannedAnswer.objects.all()
    assert len(answers) == 12
    for answer in answers:
        assert set(answer.texts) == {"es", "en", "pt"}
        for text in answer.texts.values():
            assert not [f for f in examine(Draft(text=fill(text, values))) if f.severity != "inform"]
