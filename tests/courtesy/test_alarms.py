"""Administrators are told that an account is in trouble, once a day, and not when it is well again."""

from datetime import timedelta

import pytest
from django.core import mail

from netcenter.accounts import actions as accounts
from netcenter.courtesy import alarms
from netcenter.courtesy.handing_on import send_letters
from netcenter.people.models import Letter, Person
from tests.company import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def frank(company) -> Person:
    return Person.objects.create_user(
        "frank@example.com", "correct horse", name="Frank", role="administrator", language="en"
    )


def test_a_token_that_ended_is_told_at_once_and_once(company, frank):
    accounts.fared_ill(company.api.pk, "the token expired", True, NOON)
    assert alarms.tell(NOON) == 1
    assert alarms.tell(NOON + timedelta(minutes=1)) == 0
    send_letters(NOON)
    (letter,) = mail.outbox
    assert letter.to == ["frank@example.com"] and "Web shop does not work" in letter.subject
    assert "the token expired" in letter.body and f"/settings/accounts/{company.api.pk}/" in letter.body
    assert alarms.tell(NOON + timedelta(days=1)) == 1


def test_a_single_failure_is_no_alarm_and_a_silence_is(company, frank):
    accounts.fared_ill(company.api.pk, "timed out", False, NOON)
    assert alarms.tell(NOON) == 0
    accounts.fared_well(company.api.pk, NOON)
    accounts.silent(company.api.pk, NOON - timedelta(days=2), NOON)
    assert alarms.tell(NOON) == 1
    send_letters(NOON)
    assert "unusually silent" in mail.outbox[0].subject


def test_what_was_mended_before_the_mail_left_is_not_told(company, frank):
    accounts.fared_ill(company.api.pk, "the token expired", True, NOON)
    alarms.tell(NOON)
    accounts.fared_well(company.api.pk, NOON)
    send_letters(NOON)
    assert mail.outbox == [] and Letter.objects.get().due_at is None
