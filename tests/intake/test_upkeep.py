"""An account stays connected by itself: credentials renewed, pushes asked for, rights watched, silence noticed."""

from datetime import timedelta

import pytest

from netcenter.accounts.actions import change
from netcenter.accounts.models import Account, Health
from netcenter.accounts.queries import connection_of
from netcenter.accounts.rules import refresh_at, silence_allowed
from netcenter.channels.contract import ChannelError, Grant, Granted, Right
from netcenter.channels.registry import channel
from netcenter.events.models import Event
from netcenter.intake import upkeep
from tests.company import NOON

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def network(company, monkeypatch):
    """The api channel's class, to be given methods of its own; the other account is out of the way."""
    Account.objects.exclude(pk=company.api.pk).update(enabled=False)
    upkeep._pauses.clear()
    kind = type(channel("api"))
    monkeypatch.setattr(kind, "pushes", True)
    return lambda **methods: [monkeypatch.setattr(kind, name, how) for name, how in methods.items()]


def test_credentials_are_renewed_before_they_end(company, network):
    network(refresh=lambda self, wire: Grant({"token": "new"}, {"page": "7"}, NOON + 60 * 24 * HOUR))
    Account.objects.filter(pk=company.api.pk).update(expires_at=NOON + 30 * 24 * HOUR, got_at=NOON)
    upkeep.keep_up(NOON)
    assert not Event.objects.filter(kind="account.renewed").exists(), "too early"
    Account.objects.filter(pk=company.api.pk).update(expires_at=NOON + HOUR, got_at=NOON - 9 * HOUR)
    upkeep.keep_up(NOON)
    upkeep.keep_up(NOON)
    kept = Account.objects.select_related("brand").get(pk=company.api.pk)
    assert (connection_of(kept).secrets["token"], kept.config["page"]) == ("new", "7")
    assert connection_of(kept).config["webhook_url"], "what was configured stays"
    assert Event.objects.filter(kind="account.renewed").count() == 1


def test_credentials_that_the_network_refuses_are_renewed_at_once_and_the_gap_looked_through(company, network):
    network(refresh=lambda self, wire: Grant({"token": "new"}))
    Health.objects.filter(account=company.api).update(permanent=True, failures_in_row=4)
    upkeep.keep_up(NOON)
    health = Health.objects.get(account=company.api)
    assert (health.permanent, health.failures_in_row, health.gap_at) == (False, 0, NOON)


def test_a_refresh_that_fails_waits_and_is_announced(company, network):
    asked = []

    def refresh(self, wire):
        asked.append(wire.key)
        raise ChannelError("revoked", reason="token")

    network(refresh=refresh)
    Account.objects.filter(pk=company.api.pk).update(expires_at=NOON - HOUR, got_at=NOON - 9 * HOUR)
    upkeep.keep_up(NOON)
    upkeep.keep_up(NOON)
    assert len(asked) == 1
    assert Event.objects.filter(kind="account.failing").exists()
    upkeep.keep_up(NOON + upkeep.PAUSE)
    assert len(asked) == 2


def test_what_a_person_mended_is_tried_at_once(company, network, settings):
    """Not after the pause of what failed, nor after the day in which nobody is asked twice."""
    asked, good = [], []

    def granted(self, wire):
        asked.append(wire.secrets.get("secret"))
        if wire.secrets.get("secret") not in good:
            raise ChannelError("wrong", reason="token")
        return Granted(frozenset())

    told = []
    network(granted=granted, subscribe=lambda self, wire, hook: told.append(hook))
    upkeep.keep_up(NOON)
    upkeep.keep_up(NOON + timedelta(minutes=1))
    assert (len(asked), len(told)) == (1, 1)
    for secret in ("second", "third"):
        good.append(secret)
        kept = Account.objects.get(pk=company.api.pk)
        change(kept, kept.name, kept.address, {**kept.config, "secret": secret}, NOON, "person:1")
        upkeep.keep_up(NOON + timedelta(minutes=2))
        assert asked[-1] == secret
    assert (len(asked), len(told)) == (3, 3), "other credentials may be of another app"


def test_the_network_is_told_where_to_push_and_when_to_stop(company, network, settings):
    told = []
    network(
        subscribe=lambda self, wire, hook: told.append(("on", hook)),
        unsubscribe=lambda self, wire, hook: told.append(("off", hook)),
    )
    address = f"{settings.PUBLIC_URL}/hooks/{company.api.key}"
    upkeep.keep_up(NOON)
    upkeep.keep_up(NOON + HOUR)
    assert told == [("on", address)]
    upkeep.keep_up(NOON + upkeep.HOOK_AGAIN + HOUR)
    assert len(told) == 2, "networks forget"
    Account.objects.update(enabled=False)
    upkeep.keep_up(NOON + 30 * HOUR)
    upkeep.keep_up(NOON + 31 * HOUR)
    assert told[2:] == [("off", address)]


def test_a_right_that_is_missing_anew_is_announced_once(company, network):
    held = [frozenset({"read", "answer"}), frozenset({"read"}), frozenset({"read"})]
    network(
        rights=(Right("read", "Read", "Nothing is heard"), Right("answer", "Answer", "Nobody is answered")),
        granted=lambda self, wire: Granted(held.pop(0), NOON + 99 * HOUR),
    )
    for day in range(3):
        upkeep.keep_up(NOON + day * 25 * HOUR)
    event = Event.objects.get(kind="account.rights_missing")
    assert event.data["rights"] == ["answer"]
    assert Account.objects.get(pk=company.api.pk).expires_at == NOON + 99 * HOUR


def test_unusual_silence_is_said_once_and_ends_with_the_next_word(company, network):
    company.deliver(*(company.said("Hola", by=f"d{n}") for n in range(30)))
    Health.objects.filter(account=company.api).update(heard_at=NOON)
    upkeep.keep_up(NOON + 3 * 24 * HOUR)
    assert not Event.objects.filter(kind="account.silent").exists(), "that is usual"
    upkeep.keep_up(NOON + 6 * 24 * HOUR)
    upkeep.keep_up(NOON + 6 * 24 * HOUR)
    assert Event.objects.filter(kind="account.silent").count() == 1
    company.deliver(company.said("Hola", by="zoe", at=NOON + 6 * 24 * HOUR))
    assert Health.objects.get(account=company.api).silent_at is None


def test_how_long_silence_may_last_and_when_credentials_are_renewed():
    assert silence_allowed(2) is None
    assert silence_allowed(7 * 24 * 60) == timedelta(hours=6)
    assert silence_allowed(30) == timedelta(weeks=1) / 30 * 20
    assert refresh_at(NOON + HOUR, NOON) == NOON + timedelta(minutes=48)
    assert refresh_at(NOON + 60 * 24 * HOUR, NOON) == NOON + 57 * 24 * HOUR
