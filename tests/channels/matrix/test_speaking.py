"""Signing in on the street's Matrix, what we say and do there, and how its refusals are understood."""

import dataclasses
import time
from dataclasses import replace

import pytest

from netcenter.channels.contract import (
    Act,
    Attachment,
    Author,
    ChannelError,
    Connection,
    Deleted,
    Echo,
    Outbound,
    ThreadRef,
)  # fmt: skip
from netcenter.channels.matrix.channel import CHANNEL
from netcenter.channels.matrix.places import thread_name, where
from netcenter.street.networks.base import File, Storm, Weather
from netcenter.street.networks.matrix import HOME
from tests.channels.matrix.house import BACK, answers, signed_in

PNG = Attachment("pan.png", "image/png", b"\x89PNG pan", alt="Un pan")
DANA, ERIN = f"@dana:{HOME}", f"@erin:{HOME}"


def act(house, verb, inbound, target, key="a1", **more):
    return CHANNEL.act(Act(key, verb, target, inbound.thread, inbound.author, **more), house.connection)


def test_signing_in_finds_the_server_and_tells_who_we_are(network, house):
    assert (house.connection.address, house.connection.config["user_id"]) == (network.care, network.care)
    assert house.connection.config["server"] == network.url
    assert [check for check in CHANNEL.health(house.connection) if not check.ok] == []


def test_other_ways_to_sign_in(network):
    bare = Connection("mx", "", "", {"base_url": network.url}, {})
    with pytest.raises(ChannelError, match="a password is needed"):
        CHANNEL.authorize(bare, BACK, "s")
    network.sso = True
    consent = CHANNEL.authorize(bare, BACK, "s")
    assert consent.url.startswith(f"{network.url}/_matrix/client/v3/login/sso/redirect?redirectUrl=https%3A%2F%2Fhouse")
    (grant,) = CHANNEL.exchange(bare, {"loginToken": "sso-made-up"}, BACK, consent.keep)
    pasted = dataclasses.replace(bare, secrets={"token": grant.secrets["access"]})
    (again,) = CHANNEL.exchange(pasted, {}, BACK, CHANNEL.authorize(pasted, BACK, "s").keep)
    assert again.address == network.care and again.config["device_id"] == grant.config["device_id"]
    for secrets, told in (({"password": "wrong"}, {}), ({}, {}), ({}, {"loginToken": "forged"})):
        with pytest.raises(ChannelError) as error:
            named = dataclasses.replace(bare, config={"base_url": network.url, "user": "care"}, secrets=secrets)
            CHANNEL.exchange(named, told, BACK, consent.keep)
        assert error.value.reason == "token" and not error.value.permanent
    with pytest.raises(ChannelError, match="no server"):
        CHANNEL.authorize(Connection("mx", "", "", {}, {"password": "x"}), BACK, "s")


def test_files_travel_both_ways(network, house, asked, room):
    url = network.keep(File("pan.png", "image/png", PNG.content))
    network.say(room, DANA, "pan.png", msgtype="m.image", url=url, info={"mimetype": "image/png", "size": 8})
    house.poll()
    (file,) = house.heard()[1].attachments
    assert CHANNEL.fetch(file, house.connection).content == PNG.content
    assert CHANNEL.fetch(dataclasses.replace(file, reference="mxc://x/none"), house.connection).missing
    assert CHANNEL.fetch(dataclasses.replace(file, reference="https://x/none"), house.connection).missing
    network.weather = Weather(storms=(Storm(0, 9e12, 503),))
    with pytest.raises(ChannelError):
        CHANNEL.fetch(file, house.connection)
    network.weather = Weather()
    outbound = answers(asked, "Vea", attachments=(PNG, Attachment("a.pdf", "application/pdf", b"pdf")), automatic=True)
    sent = CHANNEL.send(outbound, house.connection)
    made = [network.truth.answers[name].facts["told"] for name in (sent.external_id, *sent.also)]
    assert [one["msgtype"] for one in made] == ["m.notice", "m.image", "m.file"]
    assert network.media[made[1]["url"].rpartition("/")[2]].content == PNG.content
    found = CHANNEL.find(outbound, house.connection)
    assert (found.external_id, found.also) == (sent.external_id, sent.also)
    house.poll()
    assert [one.key for one in house.heard(Echo)] == ["k1"], "files are known by their receipt"
    partly = dataclasses.replace(outbound, attachments=(*outbound.attachments, PNG))
    with pytest.raises(ChannelError) as error:
        CHANNEL.find(partly, house.connection)
    assert len(error.value.left) == 3
    assert len(CHANNEL.send(dataclasses.replace(partly, left=error.value.left), house.connection).also) == 3


def test_a_lost_answer_is_unknown_then_found_and_never_said_twice(network, house, asked):
    assert CHANNEL.find(answers(asked), house.connection) is None
    network.weather = Weather(lost=1.0)
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(answers(asked), house.connection)
    assert error.value.unknown
    network.weather = Weather()
    found = CHANNEL.find(answers(asked), house.connection)
    assert CHANNEL.send(answers(asked), house.connection).external_id == found.external_id
    assert network.truth.doubles() == [] and len(list(network.truth.replies())) == 1


def test_what_we_do_is_done_once_however_often(network, house, asked, room):
    ours = CHANNEL.send(answers(asked, "Hasta las 9"), house.connection).external_id
    for _time in range(2):
        act(house, "edit", asked, ours, text="Hasta las 8")
        act(house, "react", asked, asked.external_id, key="a2", what="like")
        act(house, "seen", asked, asked.external_id)
        act(house, "typing", asked, "")
    assert network.truth.answers[ours].text == "Hasta las 8" and network.typing == [room, room]
    with pytest.raises(ChannelError) as error:
        act(house, "react", asked, asked.external_id, key="a3", what="like")
    assert error.value.reason == "twice", "which the house takes for done"
    for key in ("a4", "a5"):
        act(house, "unreact", asked, asked.external_id, key=key, what="like")
    act(house, "delete_ours", asked, ours, key="a6")
    assert network.truth.answers[ours].deleted_at
    house.poll()
    assert [(one.external_id, one.by) for one in house.heard(Deleted)][-1:] == [(ours, "us")]
    for verb, target, reason in (
        ("delete_theirs", asked.external_id, "right"),
        ("hide", "$x", "unfit"),
        ("edit", "x", "unfit"),
    ):
        with pytest.raises(ChannelError) as error:
            act(house, verb, asked, target, key=f"b{verb}")
        assert (error.value.permanent, error.value.reason) == (True, reason)


@pytest.mark.parametrize("break_it, reason, permanent", [
    (lambda n, h: [setattr(t, "is_revoked", True) for t in n.tokens._known.values()], "token", False),
    (lambda n, h: setattr(n, "weather", Weather(storms=(Storm(0, 9e12, 429),))), "rate", False),
    (lambda n, h: setattr(n, "weather", Weather(storms=(Storm(0, 9e12, 503),))), "", False),
])  # fmt: skip
def test_refusals_are_understood(network, house, asked, break_it, reason, permanent):
    break_it(network, house)
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(answers(asked), house.connection)
    assert (error.value.reason, error.value.permanent, error.value.unknown) == (reason, permanent, False)
    if reason == "rate":
        assert 1 < error.value.retry_at.timestamp() - time.time() < 4


def test_a_flood_never_earns_a_429_unless_the_server_sets_no_limit(network, house, asked):
    refused = 0
    for n in range(30):
        try:
            CHANNEL.send(answers(asked, key=f"k{n}"), house.connection)
        except ChannelError as error:
            assert error.reason == "rate" and error.retry_at
            refused += 1
    assert network.limits.earned == 0 and refused == 20
    free = dataclasses.replace(house.connection, config={**house.connection.config, "unlimited": True})
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(answers(asked, key="one more"), free)
    assert error.value.reason == "rate" and network.limits.earned == 1


def test_tokens_are_renewed_and_after_a_logout_the_password_helps(network):
    network.lifetime = 300
    house = signed_in(network.url, "care", network.password)
    first = house.connection.secrets["access"]
    grant = CHANNEL.refresh(house.connection)
    assert grant.secrets["access"] != first and 200 < grant.expires_at.timestamp() - time.time() <= 300
    house.renew(grant)
    house.poll()
    network.refreshes.clear()  # a soft logout
    network.tokens.expire(house.connection.secrets["access"], 1.0)
    with pytest.raises(ChannelError) as error:
        house.poll()
    assert error.value.reason == "token" and not error.value.permanent
    device = house.connection.config["device_id"]
    house.renew(CHANNEL.refresh(house.connection))
    assert house.connection.config["device_id"] == device
    house.poll()
    network.refreshes.clear()
    bare = dataclasses.replace(house.connection, secrets={**house.connection.secrets, "password": ""})
    with pytest.raises(ChannelError, match="sign in again") as error:
        CHANNEL.refresh(bare)
    assert error.value.reason == "token"
    network.weather = Weather(storms=(Storm(0, 9e12, 503),))
    with pytest.raises(ChannelError) as error:
        CHANNEL.refresh(bare)
    assert error.value.reason == ""
    with pytest.raises(ChannelError, match="nobody has signed in"):
        CHANNEL.poll(dataclasses.replace(bare, secrets={}), {})


def test_health_says_what_is_wrong(network, house):
    def failing(connection):
        return [str(check.label) for check in CHANNEL.health(connection) if not check.ok]

    assert failing(dataclasses.replace(house.connection, secrets={"access": "wrong"})) == ["We are signed in"]
    network.stop()
    assert failing(house.connection) == ["The server answers"]


def test_names_are_asked_for_and_long_ones_are_cut(network, house):
    assert CHANNEL.author(Author(DANA), house.connection).name == "Dana"
    assert CHANNEL.author(Author(f"@nobody:{HOME}"), house.connection).name == ""
    long = thread_name("!room:x", "$root", "@" + "d" * 240 + ":x")
    assert len(long) < 255 and where(long).root == "$root" and where(long).room == "!room:x"
    with pytest.raises(ChannelError, match="no room"):
        CHANNEL.send(Outbound("k", ThreadRef("nowhere"), Author(DANA), "x"), house.connection)
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(Outbound("k", ThreadRef("!r:x"), Author(DANA), ""), house.connection)
    assert error.value.reason == "unfit"


def test_who_is_blocked_is_banned_from_a_room_of_ours_alone(network, house, asked, room):
    with pytest.raises(ChannelError) as error:
        act(house, "block", asked, asked.external_id)
    assert (error.value.permanent, error.value.reason) == (True, "right")
    ours = network.room(network.care, rule="public")
    network.come(ours, DANA)
    there = replace(asked, thread=ThreadRef(thread_name(ours, DANA), "public"))
    act(house, "block", there, "$x")
    assert network.membership(ours, DANA) == "ban"
    act(house, "unblock", there, "$x")
    assert network.membership(ours, DANA) == "leave"
    with pytest.raises(ChannelError) as error:
        act(house, "unblock", there, "$x")
    assert error.value.permanent, "which the house takes for done"
