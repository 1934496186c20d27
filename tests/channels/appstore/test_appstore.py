"""The App Store against the street: keys, reviews of one app, one response that Apple publishes later."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives import serialization

from netcenter.channels.appstore import client, reading
from netcenter.channels.appstore.channel import CHANNEL
from netcenter.channels.contract import ChannelError, Connection, Deleted, Echo, Inbound, Outbound, ThreadRef, signing
from netcenter.street.networks.base import Storm
from netcenter.street.networks.reviews import AppStore
from tests.channels.reviews.desk import (
    BAD_WEATHER,
    FOR_EVER,
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
    with AppStore(Later()) as network:
        monkeypatch.setattr(client, "time", SimpleNamespace(time=network.now))
        yield network


@pytest.fixture
def desk(street):
    return Desk(CHANNEL, connected(street), street.now)


def connected(street, **config):
    told = {
        "base_url": street.url, "app": street.app, "issuer": street.issuer, "key_id": "2X9R4HXF34", "days_back": 30,
        **config,
    }  # fmt: skip
    return Connection("key", "", "", told, {"key": street.key()})


# --- Connecting -----------------------------------------------------------------------------------


def test_a_key_of_the_team_and_one_of_a_person_are_taken(street, desk):
    assert [check.ok for check in CHANNEL.health(desk.connection)] == [True, True]
    assert [check.ok for check in CHANNEL.health(connected(street, issuer=""))] == [True, True]
    assert CHANNEL.post(street.app, desk.connection).title == "Pan"


@pytest.mark.parametrize("broken", ["issuer", "key_id", "key", "other key", "app"])
def test_what_is_wrong_with_a_key_is_found_out(street, desk, broken):
    account = desk.connection
    if broken in ("issuer", "key_id"):
        account = replace(account, config={**account.config, broken: "wrong"})
    if broken == "app":
        account = replace(account, config={**account.config, "app": "com.example.pan"})
    if broken in ("key", "other key"):
        account = replace(account, secrets={"key": street.key("other") if broken == "other key" else "nonsense"})
    (check,) = CHANNEL.health(account)
    assert not check.ok and check.advice


def test_an_app_of_somebody_else_is_not_found(street, desk):
    other = connected(street, app="999")
    assert [check.ok for check in CHANNEL.health(other)] == [False]
    assert CHANNEL.post("999", other) is None
    street.weather.storms = (Storm(0, FOR_EVER, 500),)
    with pytest.raises(ChannelError):
        CHANNEL.post("999", other)


def test_a_key_without_the_role_reads_nothing(street, desk):
    street.keys["2X9R4HXF34"] = "FINANCE"
    assert [check.ok for check in CHANNEL.health(desk.connection)] == [True, False]


def test_a_token_lives_for_minutes_only(street, desk):
    token = client.token_of(desk.connection, 1_000_000)
    private = serialization.load_pem_private_key(street.key().encode(), None)
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = private.public_key().public_bytes(serialization.Encoding.PEM, form).decode()
    told = signing.read_jwt(token, {"2X9R4HXF34": public}, 1_000_000, "appstoreconnect-v1")
    assert told["exp"] - told["iat"] <= 1200 and told["iss"] == street.issuer


# --- Reading --------------------------------------------------------------------------------------


def test_reviews_come_in_once_page_after_page(street, desk):
    for n in range(450):
        street.write("Dana", f"n{n}", at=street.now() - n)
    street.write("Erin", "Viejo", at=street.now() - 40 * 86400)
    desk.poll()
    assert len(desk.said) == 450 and desk.poll() == []


def test_only_one_territory_may_be_looked_after(street):
    street.write("Dana", "hola")
    street.write("Beto", "olá", territory="BRA")
    desk = Desk(CHANNEL, connected(street, territory="bra"), street.now)
    desk.poll()
    assert desk.texts() == ["olá"]


@pytest.mark.parametrize("moves", [True, False])
def test_a_review_reworded_after_our_answer_waits_again(street, desk, moves):
    street.moves_when_reworded = moves
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
    assert street.responses[review]["responseBody"] == "¡Gracias!"


def test_what_is_published_later_is_the_same_response(street, desk):
    street.write("Dana", "Se cierra")
    sent = desk.answer(desk.poll()[0], "Lo arreglamos")
    assert [one.external_id for one in desk.poll() if isinstance(one, Echo)] == [sent.external_id]
    street.publish()
    assert desk.poll() == []


def test_what_vanishes_is_noticed(street, desk):
    gone = street.write("Dana", "se va")
    street.write("Erin", "queda")
    desk.poll()
    street.remove(gone)
    desk.later()
    assert [one.external_id.partition("@")[0] for one in desk.poll()] == [gone]


def test_the_network_s_count_of_a_day_is_told(street, desk):
    yesterday = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for n in range(3):
        street.write("Dana", f"ayer {n}", at=yesterday.timestamp() + 60 * n)
    street.write("Dana", "hoy")
    assert desk.reconcile(yesterday, yesterday + timedelta(days=1)) == {yesterday.date().isoformat(): 3}


def test_a_next_page_that_is_no_address_is_none():
    assert reading.cursor_in({"links": {"next": "https://[x"}}) == "" and reading.cursor_in({}) == ""


# --- Answering ------------------------------------------------------------------------------------


def test_a_response_is_changed_and_taken_back_once_however_often(street, desk):
    review = street.write("Dana", "Se cierra")
    sent = desk.answer(desk.poll()[0], "Lo arreglamos")
    desk.act("edit", sent.external_id, text="Arreglado")
    assert street.responses[review]["responseBody"] == "Arreglado"
    desk.act("delete_ours", sent.external_id)
    desk.act("delete_ours", sent.external_id)
    assert street.responses == {}


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


@pytest.mark.parametrize(
    ("break_it", "reason", "permanent"),
    [
        (lambda s: s.keys.clear(), "token", False),
        (lambda s: s.keys.update({"2X9R4HXF34": "FINANCE"}), "right", True),
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
    assert CHANNEL.unfit(reply(said, "a" * 5971)) and not CHANNEL.unfit(reply(said, "a" * 5970))
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(reply(said, "a" * 5971), desk.connection)
    assert refused.value.reason == "unfit" and refused.value.permanent
    with pytest.raises(ChannelError):
        CHANNEL.send(Outbound("k", ThreadRef("t", "public"), somebody(), "Hola", target="a/b"), desk.connection)


def test_the_header_is_believed_when_others_use_the_key_too(street, desk):
    for _n in range(3200):
        street.limits.spend("calls", "2X9R4HXF34")
    desk.poll()
    with pytest.raises(ChannelError) as full:
        desk.poll()
    assert full.value.reason == "rate" and street.limits.earned == 0


@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_storm_the_house_holds_what_the_street_says(street, desk, seed):
    street.moves_when_reworded = seed == 1
    desk.poll()
    storm_over(desk, street, seed=seed)
    is_as_the_street_says(desk, street)
