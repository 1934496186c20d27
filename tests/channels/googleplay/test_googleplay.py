"""Google Play against the street: the service account, a week of reviews, one short reply."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from netcenter.channels.contract import ChannelError, Connection, Deleted, Inbound, Outbound, Reached, ThreadRef
from netcenter.channels.google import service_accounts
from netcenter.channels.googleplay.channel import CHANNEL
from netcenter.channels.reviews import tokens
from netcenter.street.networks.reviews import GooglePlay
from tests.channels.reviews.desk import (
    BAD_WEATHER,
    Desk,
    Later,
    is_as_the_street_says,
    reply,
    somebody,
    storm_over,
)


@pytest.fixture
def street(settings, monkeypatch):
    settings.ALLOW_PRIVATE_HTTP = True
    tokens._kept.clear()
    with GooglePlay(Later()) as network:
        monkeypatch.setattr(service_accounts, "time", SimpleNamespace(time=network.now))
        yield network


@pytest.fixture
def desk(street):
    return Desk(CHANNEL, connected(street), street.now)


def connected(street, **config):
    told = {"base_url": street.url, "package": "com.example.pan", **config}
    return Connection("key", "", "", told, {"key_file": street.service()})


# --- Connecting -----------------------------------------------------------------------------------


def test_a_service_account_asks_for_one_token_for_many_calls(street, desk):
    assert [check.ok for check in CHANNEL.health(desk.connection)] == [True, True]
    desk.poll()
    desk.poll()
    assert street.calls.count(("POST", "/token")) == 1


@pytest.mark.parametrize("key", ["", "no json", "{}", '{"client_email": "a@b.c", "private_key": "none"}'])
def test_what_is_no_key_file_is_said_to_be_none(street, desk, key):
    other = replace(desk.connection, secrets={"key_file": key})
    (check,) = CHANNEL.health(other)
    assert not check.ok and check.advice
    with pytest.raises(ChannelError) as refused:
        CHANNEL.poll(other, {})
    assert refused.value.reason == "token" and not refused.value.permanent


def test_a_key_of_somebody_else_gets_no_token(street, desk):
    stolen = {**json.loads(street.service()), "private_key": json.loads(street.service("other"))["private_key"]}
    with pytest.raises(ChannelError) as refused:
        CHANNEL.poll(replace(desk.connection, secrets={"key_file": json.dumps(stolen)}), {})
    assert refused.value.reason == "token"


def test_without_the_right_to_reply_nothing_is_read(street, desk):
    street.may_reply.clear()
    assert [check.ok for check in CHANNEL.health(desk.connection)] == [True, False]
    other = replace(desk.connection, config={**desk.connection.config, "package": "com.example.other"})
    assert [check.ok for check in CHANNEL.health(other)] == [True, False]
    nowhere = replace(desk.connection, config={**desk.connection.config, "package": "../x"})
    assert [check.ok for check in CHANNEL.health(nowhere)] == [False]


def test_a_token_that_died_is_asked_for_anew(street, desk):
    desk.poll()
    street.forget_tokens()
    with pytest.raises(ChannelError) as refused:
        desk.poll()
    assert refused.value.reason == "token"
    assert desk.poll() == []


# --- Reading --------------------------------------------------------------------------------------


def test_a_week_of_reviews_comes_in_once(street, desk):
    street.write("Dana", "Se cierra", 1)
    street.write("Erin", "", 5)  # stars alone: nobody is told
    street.write("Fred", "Viejo", at=street.now() - 8 * 86400)
    for n in range(250):
        street.write("Gina", f"n{n}", at=street.now() - n)
    desk.poll()
    assert len(desk.said) == 251 and "Se cierra" in desk.texts() and desk.poll() == []
    assert CHANNEL.post("com.example.pan", desk.connection).url.endswith("id=com.example.pan")


def test_a_review_reworded_after_our_answer_waits_again(street, desk):
    review = street.write("Dana", "Se cierra al pagar", 1)
    first = desk.poll()[0]
    sent = desk.answer(first, "Lo arreglamos")
    street.now.pass_by(60)
    street.reword(review, "Ahora va bien", 5)
    found = desk.poll()
    second = next(one for one in found if isinstance(one, Inbound))
    assert second.external_id != first.external_id and second.review.stars == 5.0
    assert [one.external_id for one in found if isinstance(one, Deleted)] == [first.external_id]
    assert desk.answer(second, "¡Gracias!").external_id != sent.external_id
    assert list(street.truth.replies(review))[-1].text == "¡Gracias!"


def test_how_many_agree_is_told_as_it_grows(street, desk):
    review = street.write("Dana", "Se cierra")
    desk.poll()
    street.agree(review, 7)
    assert [one.reach.likes for one in desk.poll() if isinstance(one, Reached)] == [7]
    assert len(desk.said) == 1 and desk.gone == set()


def test_what_vanishes_is_noticed_and_what_is_too_old_has_not_vanished(street, desk):
    gone, old = street.write("Dana", "se va"), street.write("Erin", "vieja", at=street.now() - 6.9 * 86400)
    street.write("Fred", "queda")
    desk.poll()
    assert len(desk.said) == 3
    street.remove(gone)
    street.reviews[old]["_at"] -= 86400  # no longer listed
    desk.later()
    assert [one.external_id.partition("@")[0] for one in desk.poll()] == [gone]


def test_the_network_s_count_of_a_day_is_told_while_it_lists_it(street, desk):
    yesterday = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for n in range(3):
        street.write("Dana", f"ayer {n}", at=yesterday.timestamp() + 60 * n)
    street.write("Dana", "hoy")
    assert desk.reconcile(yesterday, yesterday + timedelta(days=1)) == {yesterday.date().isoformat(): 3}
    assert len(desk.said) == 3
    assert desk.reconcile(yesterday - timedelta(days=9), yesterday - timedelta(days=8)) == {}


# --- Answering ------------------------------------------------------------------------------------


def test_a_reply_is_changed_and_never_taken_back(street, desk):
    review = street.write("Dana", "Se cierra")
    said = desk.poll()[0]
    sent = desk.answer(said, "Lo <b>arreglamos</b>")
    changed = desk.act("edit", sent.external_id, text="Arreglado")
    assert list(street.truth.replies(review))[-1].text == "Arreglado" and changed.external_id.startswith(review)
    with pytest.raises(ChannelError) as refused:
        desk.act("delete_ours", sent.external_id)
    assert refused.value.permanent


def test_a_lost_answer_is_looked_for_before_it_is_said_again(street, desk):
    street.write("Dana", "Se cierra")
    said = desk.poll()[0]
    assert CHANNEL.find(reply(said, "Hola"), desk.connection) is None
    street.weather.lost = 1.0
    with pytest.raises(ChannelError) as lost:
        CHANNEL.send(reply(said, "Hola"), desk.connection)
    assert lost.value.unknown
    street.weather.lost = 0.0
    assert CHANNEL.find(reply(said, "Hola"), desk.connection) and street.truth.doubles() == []
    street.reviews.clear()
    assert CHANNEL.find(reply(said, "Hola"), desk.connection) is None


@pytest.mark.parametrize(
    ("break_it", "reason", "permanent"),
    [
        (lambda s: s.forget_tokens(), "token", False),
        (lambda s: s.may_reply.clear(), "right", True),
        (lambda s: s.reviews.clear(), "gone", True),
        *BAD_WEATHER,
    ],
)  # fmt: skip
def test_refusals_are_understood(street, desk, break_it, reason, permanent):
    street.write("Dana", "Se cierra")
    said = desk.poll()[0]
    break_it(street)
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(reply(said, "Hola"), desk.connection)
    assert (refused.value.reason, refused.value.permanent) == (reason, permanent)


def test_what_does_not_fit_is_refused(street, desk):
    street.write("Dana", "Se cierra")
    said = desk.poll()[0]
    assert CHANNEL.unfit(reply(said, "a" * 351)) and not CHANNEL.unfit(reply(said, "a" * 350))
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(reply(said, "a" * 351), desk.connection)
    assert refused.value.reason == "unfit" and refused.value.permanent
    for target in ("", "..", "a/b"):
        with pytest.raises(ChannelError):
            CHANNEL.send(Outbound("k", ThreadRef("t", "public"), somebody(), "Hola", target=target), desk.connection)


def test_no_429_is_earned_by_asking_too_often(street, desk):
    with pytest.raises(ChannelError) as full:
        for _n in range(250):
            desk.poll()
    assert full.value.reason == "rate" and street.limits.earned == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_storm_the_house_holds_what_the_street_says(street, desk, seed):
    desk.poll()
    storm_over(desk, street, seed=seed)
    is_as_the_street_says(desk, street)
