"""Reddit and the house together: what is told in two places is on the ledger once, and what we say is said once."""

import pytest

from netcenter import flow
from netcenter.accounts import actions as accounts
from netcenter.cases.models import Message, Post
from netcenter.channels.contract import Grant
from netcenter.intake import reconciling
from netcenter.intake.loops import poll_once
from netcenter.intake.models import Delivery
from netcenter.lib import clock as house_clock
from tests.channels.meta.house import moment
from tests.channels.reddit.conftest import connected
from tests.company import found

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(network, clock, monkeypatch, settings, tmp_path):
    settings.BLOBS_ROOT = tmp_path
    monkeypatch.setattr(house_clock, "now", lambda: moment(clock()))
    company, told = found(), connected(network)
    grant = Grant(dict(told.secrets), dict(told.config), None, told.address, told.name)
    return accounts.connect(company.brand, "reddit", "Sol", told.address, {}, moment(clock()), "system", grant)


def taken(account, clock, seconds=60):
    clock.pass_by(seconds)
    poll_once(account)
    while flow.take_in(moment(clock())):
        pass


def test_the_ledger_holds_what_reddit_holds(network, clock, account, dana, ours):
    taken(account, clock, 0)
    public, gone = network.comments(dana, ours, "¿A qué hora abren?"), network.comments(dana, ours, "Da igual")
    private = network.writes(dana, "Llegó roto", "Mi pedido")
    taken(account, clock)
    kept = {m.external_id: m for m in Message.objects.filter(account=account)}
    assert set(kept) == {public, gone, private}
    assert Post.objects.get(external_id=ours).title == "Roscones desde hoy"
    network.edits(public, "¿A qué hora abren hoy?")
    network.deletes(gone)
    network.removes(public)
    answered = network.writes(network.name, "Lo cambiamos.", "Mi pedido", to=dana, above=private)
    for _turn in range(6):
        taken(account, clock)
    kept = {m.external_id: m for m in Message.objects.filter(account=account)}
    assert set(kept) == {public, gone, private, answered}
    assert kept[gone].deleted_at is not None and kept[gone].text == "Da igual"
    assert kept[public].hidden_at is not None
    assert kept[private].state == Message.State.ANSWERED and kept[public].state == Message.State.WAITING


def test_what_was_missed_is_taken_in_and_nothing_twice(network, clock, account, dana, ours):
    taken(account, clock, 0)
    for n in range(40):
        network.comments(dana, ours, f"c{n}")
        network.writes(dana, f"m{n}", f"asunto {n}")
    clock.pass_by(60)
    poll_once(account)
    lost = list(Delivery.objects.filter(account=account).order_by("id").values_list("pk", flat=True)[::2])
    Delivery.objects.filter(pk__in=lost).delete()
    for _turn in range(12):
        now = moment(clock())
        reconciling.enrol(now)
        for row in reconciling.claim(now, 5):
            reconciling.reconcile(row, now)
        while flow.take_in(now):
            pass
        clock.pass_by(20)
    held = Message.objects.filter(account=account, direction=Message.Direction.IN)
    assert sorted(held.values_list("external_id", flat=True)) == sorted(network.truth.told)
