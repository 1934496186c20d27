"""Telegram within the house: a comment under a post rings and is answered once; what nobody knows is told."""

import pytest

from netcenter import flow
from netcenter.accounts.actions import connect
from netcenter.cases.models import Message, Post, Thread
from netcenter.intake.loops import poll_once
from netcenter.lib import clock
from netcenter.outbox import actions as outbox
from netcenter.outbox.loops import deliver
from netcenter.outbox.models import Dispatch
from netcenter.street.networks.telegram import BotApi
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
    for dispatch in outbox.claim(clock.now(), 10):
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


def test_when_nobody_knows_whether_it_left_the_case_waits_again_and_nothing_is_said_twice(company, street, account):
    street.writes(street.person("Dana"), "¿Abren hoy?")
    hear(account)
    company.available(company.alice, at=clock.now())
    answer(ring_and_accept(company.alice, clock.now()), company.alice, "Sí", clock.now())
    street.weather.lost = 1.0
    send()
    dispatch = Dispatch.objects.get()
    assert dispatch.state == "unknown"
    street.weather.lost = 0.0
    Dispatch.objects.update(due_at=clock.now())
    send()
    dispatch.refresh_from_db()
    assert dispatch.state == "refused" and "Look in the chat" in dispatch.error
    assert Message.objects.get(direction="in").state == "waiting"
    assert [one.text for one in street.truth.replies()] == ["Sí"]
