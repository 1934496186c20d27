"""The demo begins in an empty installation, and its street sees what the company does."""

from datetime import UTC, datetime

import pytest

from netcenter.accounts import actions as accounts
from netcenter.accounts.models import Account, Organisation
from netcenter.people.models import Desk, Person
from netcenter.street import company

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)


@pytest.fixture
def furnished(settings):
    settings.DEMO = True
    assert company.install(NOW, stories=3)


def test_a_failed_start_leaves_nothing_behind(settings, monkeypatch):
    settings.DEMO = True

    def fail(*_arguments):
        raise RuntimeError("the power went")

    monkeypatch.setattr(company.past, "live_through", fail)
    with pytest.raises(RuntimeError):
        company.install(NOW)
    assert not Organisation.objects.exists()
    assert not Person.objects.exists()


def test_no_citizen_comes_to_somebody_s_real_installation(settings):
    settings.DEMO = True
    accounts.found("Real", "es", "UTC", NOW, "setup")
    assert company.open_street("http://127.0.0.1:9", NOW) is None
    assert not Account.objects.exists()


def test_no_street_opens_outside_the_demo(settings):
    settings.DEMO = False
    assert company.open_street("http://127.0.0.1:9", NOW) is None
    assert not Organisation.objects.exists()


def test_the_street_sees_who_is_there_and_what_they_speak(furnished):
    assert company.attendance() == frozenset()
    bruno = Person.objects.get(email="bruno@demo.netcenter.example")
    Desk.objects.filter(person=bruno).update(state=Desk.State.AVAILABLE)
    assert company.attendance() == {"pt", "es"}
    Desk.objects.filter(person=bruno).update(state=Desk.State.BREAK)
    assert company.attendance() == frozenset()


def test_nobody_comes_when_enough_is_waiting(furnished, monkeypatch):
    Desk.objects.filter(person__role="supervisor").update(state=Desk.State.AVAILABLE)
    assert company.attendance()
    monkeypatch.setattr(company, "MOST_WAITING", 3)
    assert company.attendance() == frozenset()
