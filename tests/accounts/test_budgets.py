"""What a network allows is kept by all processes together."""

from dataclasses import replace
from datetime import timedelta

import pytest

from netcenter.accounts import budgets
from netcenter.accounts.budgets import Shared
from netcenter.channels.contract import Bucket, Channel, ChannelError
from netcenter.lib import clock
from tests.company import NOON

pytestmark = pytest.mark.django_db
BUCKETS = (Bucket("calls", 3, 60.0),)


@pytest.fixture
def two(company, monkeypatch):
    """Two processes that spend from one account's budget."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return Shared(company.api.pk, BUCKETS), Shared(company.api.pk, BUCKETS)


def test_two_processes_never_spend_more_than_one_may(two, monkeypatch):
    one, other = two
    one.spend("calls", 2)
    other.spend("calls")
    with pytest.raises(ChannelError) as spent:
        one.spend("calls")
    assert spent.value.reason == "rate" and NOON < spent.value.retry_at <= NOON + timedelta(seconds=62)
    monkeypatch.setattr(clock, "now", lambda: spent.value.retry_at)
    other.spend("calls")


def test_what_the_network_says_is_left_counts_for_all(two, monkeypatch):
    one, other = two
    resets = NOON + timedelta(minutes=5)
    one.told("calls", 1, resets)
    other.spend("calls")
    with pytest.raises(ChannelError) as spent:
        one.spend("calls")
    assert spent.value.retry_at == resets
    one.told("undeclared", 0, resets)
    with pytest.raises(ChannelError):
        other.spend("undeclared")
    monkeypatch.setattr(clock, "now", lambda: resets)
    other.spend("calls")


def test_people_see_how_much_is_spent(company, two, monkeypatch):
    class Network(Channel):
        buckets = BUCKETS

    monkeypatch.setattr(budgets, "engine", lambda: type("Engine", (), {"hears_others": True}))
    two[0].spend("calls", 2)
    assert [(b.name, n) for b, n in budgets.spent(company.api, Network())] == [("calls", 2)]


def test_an_account_that_was_given_more_may_spend_more_at_once(company, monkeypatch):
    """Somebody changes the settings; what was spent before stays spent."""

    class Network(Channel):
        buckets = BUCKETS

        def allowed(self, config):
            return (replace(BUCKETS[0], most=int(config["calls"])),)

    monkeypatch.setattr(budgets, "engine", lambda: type("Engine", (), {"hears_others": False}))
    company.api.key, company.api.config = "given-more", {"calls": 2}
    budgets.budget(company.api, Network()).spend("calls", 2)
    with pytest.raises(ChannelError):
        budgets.budget(company.api, Network()).spend("calls")
    company.api.config = {"calls": 5}
    budgets.budget(company.api, Network()).spend("calls", 3)
    assert [(b.most, n) for b, n in budgets.spent(company.api, Network())] == [(5, 5)]
