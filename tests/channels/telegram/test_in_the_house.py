"""Telegram within the house: a comment under a post rings and is answered once; what nobody knows is told."""

from datetime import timedelta

import pytest
import time_machine

from netcenter import flow
from netcenter.accounts.actions import connect
from netcenter.cases.models import Message, Post, Thread
from netcenter.intake.loops import poll_once
from netcenter.lib import clock
from netcenter.outbox import dispatching, receipts
from netcenter.outbox.loops import deliver
from netcenter.outbox.models import Dispatch
from netcenter.street.networks.base import Weather
from netcenter.street.networks.telegram import BotApi
from tests.company import NOON
from tests.journeys.test_trouble import answer, ring_and_accept

pytestmark = pytest.mark.django_db


@pytest.fixture
def street(settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with BotApi() as one:
        yield one


@pytest.fixture
def account(company, street):
    values = {"token": street.token, "base_url": street.url, "groups": "all"}
    return connect(company.brand, "telegram", "Telegram", f"@{street.username}", values, clock.now(), "system")


def hear(account):
    while poll_once(account):
        pass
    flow.take_in(clock.now())


def send():
    for dispatch in dispatching.claim(clock.now(), 10):
        deliver(dispatch)


def test_a_comment_rings_and_is_answered_once(company, street, account):
    dana = street.person("Dana")
    group = street.group("Amigos del pan")
    channel = street.channel("Panadería Sol", group)
    hear(account)
    post = street.posts(channel, "Hoy hay medialunas")
    comment = street.comments(dana, "¿Quedan?", post)
    hear(account)
    message = Message.objects.get()
    assert (message.external_id, message.thread.place, message.post.text) == (comment, "public", "Hoy hay medialunas")
    assert Post.objects.filter(text="Hoy hay medialunas").count() == 1
    company.available(company.alice, at=clock.now())
    answer(ring_and_accept(company.alice, clock.now()), company.alice, "Sí, vengan", clock.now())
    send()
    send()
    replies = list(street.truth.replies())
    assert [one.text for one in replies] == ["Sí, vengan"] and street.truth.doubles() == []
    assert replies[0].facts["answered"] == int(comment.rpartition("/")[2])
    message.refresh_from_db()
    assert message.state == "answered"
    street.comments(dana, "¡Gracias!", post, below=replies[0].id)
    hear(account)
    assert Thread.objects.count() == 1


@pytest.fixture
def lost(company, street, account):
    """Dana asked, Alice answers, and Telegram does not say whether it obeyed: it did, unless the line was broken."""

    def answer_it(dana, *, obeyed: bool):
        street.writes(dana, "¿Abren hoy?")
        hear(account)
        company.available(company.alice, at=clock.now())
        answer(ring_and_accept(company.alice, clock.now()), company.alice, "Sí", clock.now())
        fair, street.weather = street.weather, Weather(lost=1.0) if obeyed else Weather(outages=((0, 9e12),))
        send()
        street.weather = fair
        dispatch = Dispatch.objects.get()
        assert (dispatch.state, dispatch.uncertain, dispatch.tried_until) == ("unknown", True, clock.now())

    with time_machine.travel(NOON, tick=False) as travel:
        yield answer_it, travel


def pass_by(travel, seconds: float) -> None:
    travel.shift(seconds)
    send()


def test_what_left_without_our_being_told_is_found_and_not_said_twice(street, lost):
    answer_it, travel = lost
    answer_it(street.person("Dana"), obeyed=True)
    pass_by(travel, 6)
    assert Dispatch.objects.get().state == "sent" and Message.objects.get(direction="in").state == "answered"
    (reply,) = street.truth.replies()
    assert Message.objects.get(direction="out").external_id == reply.id


def test_what_did_not_leave_is_said_once_others_wrote_after_it(street, account, lost):
    answer_it, travel = lost
    answer_it(street.person("Dana"), obeyed=False)
    pass_by(travel, 6)
    assert Dispatch.objects.get().state == "queued" and not list(street.truth.replies())
    travel.shift(30)
    street.writes(street.person("Eva"), "Buenas")
    hear(account)
    send()
    assert Dispatch.objects.get().state == "sent" and [one.text for one in street.truth.replies()] == ["Sí"]


def test_when_nobody_writes_and_it_is_not_there_a_person_looks(street, lost):
    answer_it, travel = lost
    answer_it(street.person("Dana"), obeyed=False)
    for _look in range(12):
        pass_by(travel, 21)
    dispatch = Dispatch.objects.get()
    assert dispatch.state == "refused" and "Look in the chat" in dispatch.error and dispatch.uncertain
    assert Message.objects.get(direction="in").state == "waiting"
    assert not list(street.truth.replies())
    assert clock.now() - NOON < timedelta(minutes=5)


def test_who_tries_again_what_was_given_up_does_not_say_it_twice(street, account, lost):
    answer_it, travel = lost
    answer_it(street.person("Dana"), obeyed=True)
    Dispatch.objects.update(tried_from=None)  # as those before we wrote it down
    pass_by(travel, 6)
    dispatch = Dispatch.objects.get()
    assert dispatch.state == "refused" and "Look in the chat" in dispatch.error
    assert Message.objects.get(direction="in").state == "waiting"
    receipts.try_again(dispatch.pk, clock.now(), "system")
    send()
    assert Dispatch.objects.get().state == "refused" and len(list(street.truth.replies())) == 1
