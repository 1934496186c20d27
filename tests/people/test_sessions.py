"""Who asks is looked up by queries that are compiled once; a session ends as ever."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore as Djangos
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from netcenter.lib import clock
from netcenter.people.models import Person
from netcenter.people.sessions import SessionStore

pytestmark = pytest.mark.django_db


def test_it_reads_what_djangos_own_wrote_and_the_other_way_round():
    for writes, reads in ((Djangos, SessionStore), (SessionStore, Djangos)):
        session = writes()
        session["x"] = "y"
        session.save()
        assert reads(session.session_key)["x"] == "y"


def test_what_ended_or_never_was_is_nobodys(company):
    client = Client()
    client.force_login(company.alice)
    assert client.get(reverse("desk:lists")).status_code == 200
    Session.objects.update(expire_date=clock.now() - timedelta(seconds=1))
    assert client.get(reverse("desk:lists")).status_code == 302
    stranger = SessionStore("0" * 32)
    assert stranger.get("x") is None and stranger.session_key is None


def test_whoever_was_let_go_is_out_at_once(company):
    client = Client()
    client.force_login(company.alice)
    assert client.get(reverse("desk:lists")).status_code == 200
    Person.objects.filter(pk=company.alice.pk).update(is_active=False)
    assert client.get(reverse("desk:lists")).status_code == 302


def test_people_of_a_team_are_asked_for_within_it(company):
    """The short way by number is Django's for everybody, not for a relation's own people."""
    assert Person.objects.get(pk=company.bob.pk) == company.bob
    with pytest.raises(Person.DoesNotExist):
        Person.objects.get(pk=10**6)
    company.brand.people.remove(company.bob)
    with pytest.raises(Person.DoesNotExist):
        company.brand.people.get(pk=company.bob.pk)
    assert company.brand.people.get(pk=company.alice.pk) == company.alice
