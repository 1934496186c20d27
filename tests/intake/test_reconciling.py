"""What webhooks lost is found again, what vanished is noticed, and the proof says so."""

from dataclasses import replace
from datetime import timedelta

import pytest

from netcenter import flow
from netcenter.accounts import actions as accounts
from netcenter.accounts.models import Account
from netcenter.cases.models import Message
from netcenter.channels.contract import ChannelError, Count, Held, Raw, Reconciled
from netcenter.channels.registry import channel
from netcenter.events.models import Event
from netcenter.intake import reconciling
from netcenter.intake.models import Proof, Reconciling
from tests.company import NOON
from tests.outbox.toy import COMMENT

pytestmark = pytest.mark.django_db


class Network:
    """Holds these messages, lists two on a page, and counts."""

    def __init__(self, *held) -> None:
        self.held = list(held)
        self.counts = True
        self.current = False
        self.asked: list[tuple] = []
        self.fails: list[Exception] = []

    def reconcile(self, channel, connection, since, until, cursor) -> Reconciled:
        self.asked.append((since, until, cursor))
        if self.fails:
            raise self.fails.pop(0)
        inside = [m for m in self.held if since <= m.sent_at < until]
        start = cursor.get("from", 0)
        page = inside[start : start + 2]
        more = start + 2 < len(inside)
        counts = (Count(since.date(), len(inside)),) if self.counts and not more else ()
        raws = tuple(Raw(m.external_id.encode(), f"{m.external_id} {m.text}") for m in page)
        present = tuple(m.external_id for m in page)
        return Reconciled(raws, {"from": start + 2}, more, present, True, counts, self.current)

    def parse(self, raw, connection) -> list:
        return [m for m in self.held if m.external_id == raw.body.decode()]


def said(n: int, **ago):
    return replace(COMMENT, external_id=f"c{n}", sent_at=NOON - timedelta(**ago))


@pytest.fixture
def network(company, monkeypatch):
    found = Network(*(said(n, hours=n) for n in range(1, 6)))
    kind = type(channel("api"))
    monkeypatch.setattr(kind, "reconcile", lambda self, *args: found.reconcile(self, *args))
    monkeypatch.setattr(kind, "parse", lambda self, *args: found.parse(*args))
    Account.objects.exclude(pk=company.api.pk).update(enabled=False)
    return found


def run(at=NOON, turns=12) -> None:
    for _turn in range(turns):
        reconciling.enrol(at)
        for row in reconciling.claim(at, 5):
            try:
                reconciling.reconcile(row, at)
            except ChannelError as error:
                reconciling.went_wrong(row, error, at)
        while flow.take_in(at):
            pass
        at += timedelta(seconds=20)


def test_what_was_missed_is_taken_in_and_the_proof_says_so(company, network):
    run()
    assert sorted(Message.objects.values_list("external_id", flat=True)) == ["c1", "c2", "c3", "c4", "c5"]
    proof = Proof.objects.get(day=NOON.date())
    assert (proof.theirs, proof.ours, proof.told, proof.missing) == (5, 5, True, [])
    row = Reconciling.objects.get()
    assert (row.sure_until >= NOON, row.since, row.due_at > NOON + timedelta(hours=5)) == (True, None, True)
    assert Event.objects.filter(kind="account.reconciled").last().data["missing"] == 0


def test_what_is_known_already_is_not_taken_in_twice(company, network):
    run()
    accounts.missed_until(company.api.pk, NOON + timedelta(minutes=20))
    run(NOON + timedelta(minutes=20))
    assert Message.objects.count() == 5


def test_without_figures_of_its_own_what_it_lists_is_the_proof(company, network):
    network.counts = False
    run()
    proof = Proof.objects.get(day=NOON.date())
    assert (proof.theirs, proof.ours, proof.told) == (5, 5, False)


def test_what_cannot_be_read_is_named_in_the_proof(company, network, monkeypatch):
    monkeypatch.setattr(type(channel("api")), "parse", lambda self, raw, wire: [] if raw.body == b"c3" else
                        network.parse(raw, wire))  # fmt: skip
    run()
    proof = Proof.objects.get(day=NOON.date())
    assert (proof.theirs, proof.ours, proof.missing) == (5, 4, ["c3"])


def test_what_no_page_lists_any_more_has_vanished_and_is_kept(company, network):
    run()
    network.held = [m for m in network.held if m.external_id != "c2"]
    accounts.missed_until(company.api.pk, NOON + timedelta(minutes=20))
    run(NOON + timedelta(minutes=20))
    gone = Message.objects.exclude(deleted_at=None).get()
    assert (gone.external_id, gone.text) == ("c2", COMMENT.text)
    assert Proof.objects.get(day=NOON.date()).ours == 4


def test_what_a_network_may_leave_out_is_asked_for_by_its_name(company, network, monkeypatch):
    run()
    asked = []
    monkeypatch.setattr(type(channel("api")), "stands", lambda self, held, wire: asked.extend(held) or {"c2"})
    network.held = [m for m in network.held if m.external_id not in ("c2", "c3")]
    accounts.missed_until(company.api.pk, NOON + timedelta(minutes=20))
    run(NOON + timedelta(minutes=20))
    assert set(asked) == {Held("c2", "comment", "public"), Held("c3", "comment", "public")}
    assert Message.objects.exclude(deleted_at=None).get().external_id == "c3"


@pytest.mark.parametrize("current", [True, False])
def test_an_edit_that_was_missed_shows_where_a_network_lists_words_as_they_stand(company, network, current):
    network.current = current
    run()
    assert not Message.objects.exclude(edited_at=None).exists()
    network.held = [replace(m, text="¡Ya llegó!") if m.external_id == "c2" else m for m in network.held]
    accounts.missed_until(company.api.pk, NOON + timedelta(minutes=20))
    run(NOON + timedelta(minutes=20))
    edited = Message.objects.get(external_id="c2")
    assert (edited.text, edited.edited_at is not None) == (("¡Ya llegó!", True) if current else (COMMENT.text, False))
    assert Event.objects.filter(kind="message.edited").count() == int(current)


def test_it_goes_on_from_the_page_that_failed_and_earns_no_429(company, network):
    until = NOON + timedelta(minutes=3)
    network.fails = [ChannelError("spent", reason="rate", retry_at=until)]
    run(turns=3)
    assert (len(network.asked), Message.objects.count(), Reconciling.objects.get().failures) == (1, 0, 0)
    assert Reconciling.objects.get().due_at == until
    run(until)
    assert Message.objects.count() == 5


def test_an_outage_a_resume_and_a_failure_are_each_looked_through(company, network):
    run()
    asked = len(network.asked)
    later = NOON + timedelta(minutes=30)
    run(later, turns=1)
    assert len(network.asked) == asked, "nothing happened"
    accounts.switch(company.api, True, later, "alice")
    run(later, turns=2)
    assert len(network.asked) > asked
    asked = len(network.asked)
    later += timedelta(minutes=30)
    accounts.fared_ill(company.api.pk, "broken", False, later)
    run(later, turns=2)
    assert len(network.asked) == asked, "it does not work again yet"
    accounts.fared_well(company.api.pk, later)
    run(later, turns=2)
    assert len(network.asked) > asked


def test_what_a_person_mended_is_looked_through_at_once(company, network):
    reconciling.enrol(NOON)
    row = Reconciling.objects.get()
    reconciling.went_wrong(row, ChannelError("wrong", reason="token"), NOON)
    soon = NOON + timedelta(seconds=5)
    assert reconciling.claim(soon, 1) == []
    reconciling.try_again(company.api.pk, soon)
    (row,) = reconciling.claim(soon, 1)
    assert (row.error, row.failures) == ("", 0)


def test_it_looks_through_whole_days_up_to_now(company, network):
    run()
    since, until, _cursor = network.asked[0]
    assert (since.hour, until - since) == (0, timedelta(days=1)), "yesterday first"
    assert [until >= NOON for _since, until, _cursor in network.asked].count(True) == 3, "its three pages"
