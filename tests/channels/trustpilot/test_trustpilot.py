"""Trustpilot against the street: two ways to sign in, webhooks that nobody signs, one reply."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from netcenter.channels.contract import (
    ChannelError,
    Connection,
    Deleted,
    Inbound,
    Outbound,
    Reached,
    Request,
    ThreadRef,
)
from netcenter.channels.reviews import tokens
from netcenter.channels.trustpilot.channel import CHANNEL
from netcenter.street.networks.reviews import Trustpilot
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
def street(settings):
    settings.ALLOW_PRIVATE_HTTP = True
    tokens._kept.clear()
    with Trustpilot(Later()) as network:
        yield network


@pytest.fixture
def desk(street):
    """An account that is pushed to."""
    made = Desk(CHANNEL, connected(street), street.now)
    street.subscribed(lambda push: made.door(push, "https://house.test/hooks/key"))
    made.query = "token=hook-secret"
    return made


def connected(street, secrets=None, **config):
    told = {
        "base_url": street.url, "api_key": "key-1", "business_unit": street.unit, "business_user": street.user,
        "days_back": 30, **config,
    }  # fmt: skip
    return Connection("key", "", "", told, {"api_secret": "secret-1", "hook_token": "hook-secret", **(secrets or {})})


# --- Connecting -----------------------------------------------------------------------------------


def test_the_application_alone_or_a_person_gets_one_token_for_many_calls(street, desk):
    assert [check.ok for check in CHANNEL.health(desk.connection)] == [True, True, True]
    desk.poll()
    path = "/v1/oauth/oauth-business-users-for-applications/accesstoken"
    assert street.calls.count(("POST", path)) == 1
    street.only_people = True
    person = connected(street, {"password": "password-1"}, username="care@sol.example")
    assert [check.ok for check in CHANNEL.health(person)] == [True, True, True]
    assert CHANNEL.post(street.unit, desk.connection).url == "https://www.trustpilot.com/review/sol.example"
    assert CHANNEL.post("other", desk.connection) is None


@pytest.mark.parametrize("broken", ["api_secret", "password", "business_unit", "alone"])
def test_what_is_wrong_with_the_keys_is_found_out(street, broken):
    street.only_people = broken == "alone"
    account = connected(street, {"password": "wrong"}, username="care@sol.example" if broken == "password" else "")
    if broken == "api_secret":
        account = connected(street, {"api_secret": "wrong"})
    if broken == "business_unit":
        account = connected(street, business_unit="a/b")
    (check,) = CHANNEL.health(account)
    assert not check.ok and check.advice


def test_another_s_business_unit_is_not_read_and_nobody_s_name_is_told(street):
    assert [check.ok for check in CHANNEL.health(connected(street, business_unit="other"))] == [True, False]
    assert [check.ok for check in CHANNEL.health(connected(street, business_user=""))] == [True, True, False]


def test_a_token_that_died_is_asked_for_anew(street, desk):
    desk.poll()
    street.forget_tokens()
    with pytest.raises(ChannelError) as refused:
        desk.poll()
    assert refused.value.reason == "token"
    assert desk.poll() == []


# --- Reading --------------------------------------------------------------------------------------


def test_reviews_come_in_once_page_after_page(street, desk):
    for n in range(250):
        street.write("Dana", f"n{n}", at=street.now() - n)
    street.write("Erin", "Viejo", at=street.now() - 40 * 86400)
    desk.poll()
    assert len(desk.said) == 250 and [one for one in desk.poll() if isinstance(one, Inbound)] == []


@pytest.mark.parametrize("refuses", [True, False])
def test_a_review_reworded_after_our_answer_waits_again(street, desk, refuses):
    street.refuses_second = refuses
    review = street.write("Dana", "Llegó roto", 1)
    first = desk.poll()[0]
    sent = desk.answer(first, "Lo sentimos")
    street.now.pass_by(60)
    street.reword(review, "Me mandaron otro", 5)
    found = desk.poll()
    second = next(one for one in found if isinstance(one, Inbound))
    assert second.external_id != first.external_id and second.thread == first.thread
    assert [one.external_id for one in found if isinstance(one, Deleted)] == [first.external_id]
    assert desk.answer(second, "Gracias").external_id != sent.external_id
    assert street.reviews[review]["companyReply"]["text"] == "Gracias"


def test_likes_are_told_as_they_grow_and_other_touches_are_no_words(street, desk):
    review = street.write("Dana", "Llegó roto")
    desk.poll()
    street.reviews[review] |= {"numberOfLikes": 3, "updatedAt": "2030-01-01T00:00:00"}
    assert [one.reach.likes for one in desk.poll() if isinstance(one, Reached)] == [3]
    assert len(desk.said) == 1 and desk.gone == set()


def test_a_push_names_a_review_which_is_asked_for(street, desk):
    review = street.write("Dana", "Llegó roto")
    street.pusher.deliver()
    assert desk.texts() == ["Llegó roto"]
    street.remove(review)
    street.remove(street.write("Erin", "se va antes"))
    street.pusher.deliver()
    assert desk.texts() == []


def test_a_deletion_told_without_words_is_found_by_looking(street, desk):
    street.tells_words_of_deleted = False
    review = street.write("Dana", "Llegó roto")
    desk.poll()
    street.remove(review)
    street.pusher.deliver()
    assert desk.texts() == ["Llegó roto"]
    desk.later()
    desk.poll()
    assert desk.texts() == []


@pytest.mark.parametrize(
    ("method", "query", "header"),
    [("POST", "", ""), ("POST", "token=other", ""), ("GET", "token=hook-secret", ""), ("POST", "", "Basic x"),
     ("POST", "", "Bearer hook-secret"), ("POST", "token=", "Basic bm8tY29sb24=")],
)  # fmt: skip
def test_only_the_secret_opens_the_door(street, desk, method, query, header):
    asked = Request(method, {"authorization": header} if header else {}, query, b"{}")
    assert CHANNEL.verify(asked, desk.connection).status == 401
    bare = replace(desk.connection, secrets={})
    assert CHANNEL.verify(Request("POST", {}, "token=", b"{}"), bare).status == 401


def test_the_network_s_count_of_a_day_is_told(street, desk):
    yesterday = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for n in range(3):
        street.write("Dana", f"ayer {n}", at=yesterday.timestamp() + 60 * n)
    street.write("Dana", "hoy")
    assert desk.reconcile(yesterday, yesterday + timedelta(days=1)) == {yesterday.date().isoformat(): 3}


# --- Answering ------------------------------------------------------------------------------------


def test_a_reply_is_changed_and_taken_back_once_however_often(street, desk):
    review = street.write("Dana", "Llegó roto")
    sent = desk.answer(desk.poll()[0], "Lo sentimos")
    desk.act("edit", sent.external_id, text="Lo sentimos mucho")
    assert street.reviews[review]["companyReply"]["text"] == "Lo sentimos mucho"
    desk.act("delete_ours", sent.external_id)
    desk.act("delete_ours", sent.external_id)
    assert street.reviews[review]["companyReply"] is None


def test_a_lost_answer_is_looked_for_before_it_is_said_again(street, desk):
    street.write("Dana", "Llegó roto")
    said = desk.poll()[0]
    assert CHANNEL.find(reply(said, "Hola"), desk.connection) is None
    street.weather.lost = 1.0
    with pytest.raises(ChannelError) as lost:
        CHANNEL.send(reply(said, "Hola"), desk.connection)
    assert lost.value.unknown
    street.weather.lost = 0.0
    assert CHANNEL.find(reply(said, "Hola"), desk.connection) and street.truth.doubles() == []


def test_when_it_cannot_be_seen_what_became_of_a_reply_it_is_unknown(street, desk, monkeypatch):
    review = street.write("Dana", "Llegó roto")
    said = desk.poll()[0]
    monkeypatch.setattr(type(street), "_reply", lambda self, key, words: None)
    with pytest.raises(ChannelError) as unseen:
        CHANNEL.send(reply(said, "Hola"), desk.connection)
    assert unseen.value.unknown and not unseen.value.permanent
    monkeypatch.setattr(type(street), "_reply", lambda self, key, words: self.reviews.pop(review))
    with pytest.raises(ChannelError) as unseen:
        CHANNEL.send(reply(said, "Hola"), desk.connection)
    assert unseen.value.unknown and not unseen.value.permanent


@pytest.mark.parametrize(
    ("break_it", "reason", "permanent"),
    [
        (lambda s: s.forget_tokens(), "token", False),
        (lambda s: setattr(s, "user", "somebody else"), "right", True),
        (lambda s: s.reviews.clear(), "gone", True),
        *BAD_WEATHER,
    ],
)  # fmt: skip
def test_refusals_are_understood(street, desk, break_it, reason, permanent):
    street.write("Dana", "Llegó roto")
    said = desk.poll()[0]
    break_it(street)
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(reply(said, "Hola"), desk.connection)
    assert (refused.value.reason, refused.value.permanent) == (reason, permanent)


def test_what_does_not_fit_is_refused(street, desk):
    street.write("Dana", "Llegó roto")
    said = desk.poll()[0]
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(reply(said, ""), desk.connection)
    assert refused.value.reason == "unfit" and refused.value.permanent
    with pytest.raises(ChannelError):
        CHANNEL.send(Outbound("k", ThreadRef("t", "public"), somebody(), "Hola", target="a/b"), desk.connection)


def test_no_429_is_earned_by_a_flood(street, desk):
    with pytest.raises(ChannelError) as full:
        for _n in range(900):
            CHANNEL.follow("0" * 24, desk.connection)
    assert full.value.reason == "rate" and street.limits.earned == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_storm_the_house_holds_what_the_street_says(street, desk, seed):
    street.weather.dropped, street.weather.repeated, street.weather.shuffled, street.weather.seed = 0.2, 0.1, 0.2, seed
    street.refuses_second, street.tells_words_of_deleted = seed == 1, seed == 2
    desk.poll()
    storm_over(desk, street, seed=seed)
    is_as_the_street_says(desk, street)
