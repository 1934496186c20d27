"""A review's whole life in the house: it rings, is answered once, is reworded and waits again, and vanishes."""

import threading
import uuid

import pytest

from netcenter import flow
from netcenter.accounts.actions import connect
from netcenter.accounts.models import Health
from netcenter.cases import ledger
from netcenter.cases.models import Message, OtherName
from netcenter.channels.googlebusiness.channel import CHANNEL
from netcenter.channels.reviews import watching
from netcenter.intake import reconciling, upkeep
from netcenter.intake.loops import Listener, poll_once
from netcenter.intake.models import PollCursor, Proof, Reconciling
from netcenter.intake.reconciling import enrol, reconcile
from netcenter.lib import clock
from netcenter.outbox import deeds, dispatching, doing
from netcenter.outbox.loops import deliver, perform
from netcenter.street.networks.reviews import GoogleBusiness
from netcenter.understanding.models import Reading
from tests.channels.googlebusiness.test_googlebusiness import connected
from tests.channels.reviews.desk import Later, backwards, moment
from tests.journeys.test_trouble import answer, ring_and_accept

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(settings, monkeypatch):
    settings.ALLOW_PRIVATE_HTTP = True
    later = Later()
    later.pass_by(-(later() - 43_200) % 86_400)  # noon: a day's proof is of one day, whenever this runs
    with GoogleBusiness(later) as network:
        monkeypatch.setattr(clock, "now", lambda: moment(network.now()))
        yield network


@pytest.fixture
def account(company, street):
    told = connected(street)
    return connect(
        company.brand, CHANNEL.kind, "Google", told.address, {**told.config, **told.secrets}, clock.now(), "system"
    )  # fmt: skip


def heard(account) -> list[Message]:
    """What is new after asking the network."""
    known = set(Message.objects.values_list("pk", flat=True))
    while poll_once(account):
        pass
    while flow.take_in(clock.now()):
        pass
    return list(Message.objects.exclude(pk__in=known).order_by("id"))


def leave() -> None:
    for dispatch in dispatching.claim(clock.now(), 10):
        deliver(dispatch)
    for deed in doing.claim(clock.now(), 10):
        perform(deed)


def test_a_review_rings_is_answered_once_and_waits_again_when_it_is_reworded(company, street, account):
    company.available(company.alice, at=clock.now())
    review = street.write("Dana", "", 1)
    (said,) = heard(account)
    assert (said.text, said.state, said.extra["review"]) == ("★☆☆☆☆", "waiting", {"stars": 1.0})
    read = Reading.objects.get(message=said)
    assert (read.kind, read.mood, read.why) == ("complaint", "negative", ["1★"])

    case = ring_and_accept(company.alice, clock.now())
    ours = answer(case, company.alice, "Lo sentimos, ¿qué pasó?", clock.now())
    leave()
    said.refresh_from_db()
    ours.refresh_from_db()
    assert (said.state, ours.state) == ("answered", "sent") and ours.external_id.startswith(f"{review}#")
    assert street.reviews[review]["reviewReply"]["comment"] == "Lo sentimos, ¿qué pasó?"
    assert heard(account) == []  # our own reply, by its own name

    street.now.pass_by(60)
    street.reword(review, "El pan estaba frío y nadie contestaba", 2)
    (again,) = heard(account)
    said.refresh_from_db()
    assert (again.state, again.thread_id, again.case_id) == ("waiting", said.thread_id, said.case_id)
    assert said.deleted_at is not None and said.deleted_by == "author" and said.text == "★☆☆☆☆"

    case = ring_and_accept(company.alice, clock.now())
    answer(case, company.alice, "Le llevamos pan caliente", clock.now())
    leave()
    assert street.reviews[review]["reviewReply"]["comment"] == "Le llevamos pan caliente"
    assert heard(account) == [] and ledger.equation() == ledger.audit(clock.now())
    assert street.truth.doubles() == [] and street.limits.earned == 0


def test_a_reply_that_we_changed_is_not_taken_for_somebody_else_s(company, street, account):
    company.available(company.alice, at=clock.now())
    review = street.write("Dana", "Frío", 2)
    heard(account)
    ours = answer(ring_and_accept(company.alice, clock.now()), company.alice, "Lo sentimos", clock.now())
    leave()
    heard(account)
    ours.refresh_from_db()
    street.now.pass_by(60)
    deeds.do(ours, deeds.Wish("edit", uuid.uuid4().hex, text="Lo sentimos mucho"), company.alice, clock.now())
    leave()
    assert street.reviews[review]["reviewReply"]["comment"] == "Lo sentimos mucho"
    assert heard(account) == []
    ours.refresh_from_db()
    assert ours.text == "Lo sentimos mucho" and OtherName.objects.filter(message=ours).count() == 1


def test_what_a_later_reply_replaced_stays_as_it_was_said_when_that_one_is_taken_back(company, street, account):
    company.available(company.alice, at=clock.now())
    review = street.write("Dana", "Frío", 2)
    heard(account)
    first = answer(ring_and_accept(company.alice, clock.now()), company.alice, "Lo sentimos", clock.now())
    leave()
    heard(account)
    street.now.pass_by(60)
    street.reword(review, "Frío y duro", 1)
    heard(account)
    street.now.pass_by(60)
    second = answer(ring_and_accept(company.alice, clock.now()), company.alice, "Le llevamos otro", clock.now())
    leave()
    second.refresh_from_db()
    deeds.do(second, deeds.Wish("delete_ours", uuid.uuid4().hex, reason="Ya no vale"), company.alice, clock.now())
    leave()
    heard(account)
    first.refresh_from_db()
    second.refresh_from_db()
    assert "reviewReply" not in street.reviews[review]
    assert (first.deleted_at, second.deleted_by) == (None, "us")


def test_a_reply_in_google_s_console_answers_and_one_that_google_refuses_does_not(company, street, account):
    review = street.write("Dana", "Frío", 2)
    (said,) = heard(account)
    street.now.pass_by(60)
    street.console(review, "Mentira")
    (echo,) = heard(account)
    said.refresh_from_db()
    assert (echo.direction, said.state) == ("out", "answered")
    street.refuse_reply(review, "Harassment")
    heard(account)
    said.refresh_from_db()
    echo.refresh_from_db()
    assert (said.state, echo.state, echo.failure) == ("waiting", "failed", "Harassment")
    assert ledger.equation() == ledger.audit(clock.now())


def test_the_proof_of_a_day_is_the_network_s_own_count(company, street, account):
    kept = [street.write("Dana", f"n{n}") for n in range(3)]
    heard(account)
    street.now.pass_by(1)
    street.reword(kept[0], "otra cosa")
    street.remove(kept[1])
    an_hour_later(account)
    heard(account)
    enrol(clock.now())
    row = Reconciling.objects.get(account=account)
    row.sure_until = clock.now()
    reconcile(row, clock.now())
    proof = Proof.objects.get(account=account, day=clock.now().date())
    assert (proof.theirs, proof.ours) == (2, 2)


def test_a_review_that_is_older_than_the_watch_remembers_is_reworded_and_removed_all_the_same(
    company, street, account, monkeypatch
):  # fmt: skip
    monkeypatch.setattr(watching, "MOST", 2)
    monkeypatch.setattr(reconciling, "MOST_ASKED", 1)
    company.available(company.alice, at=clock.now())
    old, gone = street.write("Dana", "Frío"), street.write("Erin", "Duro")
    heard(account)
    for n in range(4):
        street.now.pass_by(60)
        street.write("Otra", f"n{n}")
    heard(account)
    street.now.pass_by(60)
    street.reword(old, "Ya está caliente")
    street.remove(gone)
    (again,) = heard(account)
    before = Message.objects.get(text="Frío")
    assert (again.text, before.deleted_by) == ("Ya está caliente", "author")
    an_hour_later(account)
    heard(account)
    answer(ring_and_accept(company.alice, clock.now()), company.alice, "Gracias", clock.now())
    leave()
    street.now.pass_by(1200)
    enrol(clock.now())
    Reconciling.objects.filter(account=account).update(sure_until=clock.now())
    for _turn in range(2):  # what it finds is recorded before the proof
        reconcile(Reconciling.objects.get(account=account), clock.now())
        while flow.take_in(clock.now()):
            pass
    assert sorted(Message.objects.exclude(deleted_at=None).values_list("text", flat=True)) == ["Duro", "Frío"]
    proof = Proof.objects.get(account=account)
    assert (proof.theirs, proof.ours) == (5, 5)


def an_hour_later(account) -> None:
    """So that the watch looks further down."""
    row = PollCursor.objects.get(account=account)
    backwards(row.cursor, 3700)
    row.save()


def test_a_token_that_dies_early_is_renewed_and_what_was_said_meanwhile_comes_in(company, street, account, monkeypatch):
    heard(account)
    street.write("Dana", "Frío", 2)
    street.forget_tokens()
    listener = object.__new__(Listener)  # without its thread
    listener.account, listener._stop, listener._failures = account, threading.Event(), 0
    monkeypatch.setattr(listener._stop, "wait", lambda seconds: listener._stop.set())
    monkeypatch.setattr("netcenter.intake.loops.connection.close", lambda: None)
    listener._run()
    assert Health.objects.get(account=account).permanent
    upkeep._pauses.clear()
    upkeep.keep_up(clock.now())
    account.refresh_from_db()
    assert not Health.objects.get(account=account).permanent
    assert [message.text for message in heard(account)] == ["Frío"]
