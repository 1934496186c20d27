"""Google Business against the street: connecting, reading, answering, pushes, and every way to fail."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from netcenter.channels.contract import (
    ChannelError,
    Connection,
    Deleted,
    Echo,
    Inbound,
    Outbound,
    Raw,
    Request,
    ThreadRef,
)
from netcenter.channels.google import pushing
from netcenter.channels.googlebusiness import client, shelves
from netcenter.channels.googlebusiness.channel import CHANNEL
from netcenter.street.networks.base import Push, Storm, Weather
from netcenter.street.networks.reviews import GoogleBusiness
from tests.channels.reviews.desk import FOR_EVER, Desk, Later, is_as_the_street_says, reply, somebody, storm_over

BACK, HOOK = "https://house.test/back", "https://house.test/hooks/key"
PUSHER = "push@street.iam.gserviceaccount.com"


@pytest.fixture
def street(settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with GoogleBusiness(Later()) as network:
        yield network


@pytest.fixture
def desk(street):
    return Desk(CHANNEL, connected(street), street.now)


def connected(street, **config):
    """As a person does it: the fields, then signing in."""
    told = {"base_url": street.url, "client_id": "client-1", "days_back": 30, **config}
    begun = Connection("key", "", "", told, {"client_secret": "client-secret-1"})
    consent = CHANNEL.authorize(begun, BACK, "state")
    (grant,) = CHANNEL.exchange(begun, street.allow(consent.url), BACK, consent.keep)
    assert grant.expires_at > datetime.now(UTC)
    return Connection("key", grant.address, grant.name, {**told, **grant.config}, {**begun.secrets, **grant.secrets})


# --- Connecting -----------------------------------------------------------------------------------


def test_signing_in_gives_the_accounts_of_whoever_signs_in(street):
    account = connected(street)
    assert (account.address, account.name) == ("accounts/101", "Panadería")
    assert account.secrets["refresh_token"] and "kty" in account.secrets["push_keys"]
    assert [check.ok for check in CHANNEL.health(account)] == [True, True, True]
    assert CHANNEL.granted(account).expires_at > datetime.now(UTC)


@pytest.mark.parametrize("broken", ["code", "verifier", "secret", "denied"])
def test_a_sign_in_that_is_not_ours_gives_nothing(street, broken):
    begun = Connection("key", "", "", {"base_url": street.url, "client_id": "client-1"},
                       {"client_secret": "wrong" if broken == "secret" else "client-secret-1"})  # fmt: skip
    consent = CHANNEL.authorize(begun, BACK, "state")
    told, keep = street.allow(consent.url), dict(consent.keep)
    if broken == "code":
        told["code"] = "4/other"
    if broken == "verifier":
        keep["verifier"] = "x" * 50
    if broken == "denied":
        told = {"error": "access_denied"}
    with pytest.raises(ChannelError) as refused:
        CHANNEL.exchange(begun, told, BACK, keep)
    assert refused.value.reason == ("right" if broken == "denied" else "token")


def test_a_token_is_renewed_with_the_keys_that_sign_pushes(street, desk):
    old = desk.connection
    street.push_key = "push-2"
    grant = CHANNEL.refresh(old)
    assert grant.secrets["token"] != old.secrets["token"] and "push-2" in grant.secrets["push_keys"]
    street.renewals.clear()
    for secrets in (old.secrets, {}):
        with pytest.raises(ChannelError) as refused:
            CHANNEL.refresh(replace(old, secrets=secrets))
        assert refused.value.reason == "token" and not refused.value.permanent


def test_health_says_what_is_missing(street, desk):
    street.locations.clear()
    assert [check.ok for check in CHANNEL.health(desk.connection)] == [True, True, False]
    other = replace(desk.connection, config={**desk.connection.config, "account": "accounts/999"})
    assert [check.ok for check in CHANNEL.health(other)] == [True, True, False]
    street.tokens.revoke(desk.connection.secrets["token"])
    assert [check.ok for check in CHANNEL.health(desk.connection)] == [False]


# --- Reading --------------------------------------------------------------------------------------


def test_reviews_of_all_locations_come_in_once(street, desk):
    street.open("12", "Panadería Luna")
    street.write("Dana", "El pan estaba frío", 2)
    street.write("Erin", "", 1, "12")
    found = desk.poll()
    assert sorted((one.text, one.review.stars, one.thread.post.external_id) for one in found) == [
        ("El pan estaba frío", 2.0, "locations/11"), ("★☆☆☆☆", 1.0, "locations/12")]  # fmt: skip
    assert desk.poll() == []
    post = CHANNEL.post("locations/12", desk.connection)
    assert (post.title, post.url) == ("Panadería Luna, Calle Sol 1, Cádiz", "https://maps.google.com/?cid=12")
    assert CHANNEL.post("locations/99", desk.connection) is None


def test_only_what_is_young_enough_comes_in_when_connecting(street, desk):
    street.write("Dana", "Hace mucho", at=street.now() - 40 * 86400)
    old = street.write("Erin", "Hace poco", at=street.now() - 20 * 86400)
    desk.poll()
    assert desk.texts() == ["Hace poco"]
    street.reword(old, "Y ahora mejor")
    assert [type(one) for one in desk.poll()] == [Inbound, Deleted]
    assert desk.texts() == ["Y ahora mejor"]


def test_only_some_locations_may_be_looked_after(street):
    street.open("12", "Luna")
    street.write("Dana", "once", location="11")
    street.write("Erin", "doce", location="12")
    desk = Desk(CHANNEL, connected(street, only="locations/12"), street.now)
    desk.poll()
    assert desk.texts() == ["doce"]


def test_more_than_a_visit_holds_is_read_on(street, desk, monkeypatch):
    monkeypatch.setattr(shelves, "AT_ONCE", 1)
    street.open("12", "Luna")
    for n in range(620):
        street.write("Dana", f"n{n}", location="11" if n % 50 else "12")
    desk.poll()
    assert len(desk.said) == 620 and desk.gone == set()
    assert street.limits.earned == 0
    today = datetime.now(UTC).date().isoformat()
    assert desk.reconcile() == {today: 620}


def test_a_review_reworded_after_our_answer_waits_again(street, desk):
    review = street.write("Dana", "El pan estaba frío", 2)
    (first,) = desk.poll()
    sent = desk.answer(first, "Lo sentimos, Dana")
    assert [one.external_id for one in desk.poll()] == [first.external_id, sent.external_id]  # ours, by the same name
    street.reword(review, "Vinieron a casa con pan caliente", 5)
    street.now.pass_by(2)
    second, echo, deleted = desk.poll()
    assert second.external_id != first.external_id and second.thread == first.thread
    assert echo.external_id == sent.external_id and deleted.external_id == first.external_id
    again = desk.answer(second, "Gracias, Dana")
    assert again.external_id != sent.external_id
    assert street.reviews[review]["reviewReply"]["comment"] == "Gracias, Dana"
    assert desk.texts() == ["Vinieron a casa con pan caliente"]


def test_what_is_answered_in_the_console_is_seen_also_further_down(street, desk):
    first = street.write("Dana", "Primera")
    for n in range(60):
        street.write("Erin", f"n{n}")
    desk.poll()
    street.console(first, "Hola Dana")
    assert desk.poll() == []  # below a page of known reviews
    desk.later()
    assert [one.text for one in desk.poll() if isinstance(one, Echo)] == ["Hola Dana"]
    del street.reviews[first]["reviewReply"]
    desk.later()
    assert [(one.external_id.partition("#")[0], one.by) for one in desk.poll() if isinstance(one, Deleted)] == [
        (first, "us")]  # fmt: skip


def test_what_vanishes_is_asked_for_by_name_first(street, desk, monkeypatch):
    kept, lost = street.write("Dana", "queda"), street.write("Erin", "se va")
    desk.poll()
    street.console(lost, "Hola")
    desk.poll()
    street.remove(lost)
    desk.later()
    assert sorted(one.external_id.partition("@")[0].partition("#")[0] for one in desk.poll()) == [lost, lost]
    page = shelves.Locations.page
    monkeypatch.setattr(shelves.Locations, "page", lambda self, after: replace(page(self, after), items=()))
    desk.later()
    assert desk.poll() == [] and list(desk.here()) == [kept]  # only missing from the list


def test_a_reply_that_google_refuses_puts_the_case_back(street, desk):
    review = street.write("Dana", "Frío")
    (said,) = desk.poll()
    sent = desk.answer(said, "Mentira")
    desk.poll()
    street.refuse_reply(review, "Harassment")
    desk.poll()
    assert desk.failed == {sent.external_id}


def test_pictures_can_be_fetched(street, desk):
    street.pictures["1"] = b"\xff\xd8 pan"
    street.write("Dana", "Miren", reviewMediaItems=[{"thumbnailUrl": "https://lh3.example/1"}])
    (said,) = desk.poll()
    (file,) = said.attachments
    here = replace(file, reference=f"{street.url}/pictures/1")
    assert CHANNEL.fetch(here, desk.connection).content == b"\xff\xd8 pan"
    assert CHANNEL.fetch(replace(file, reference=f"{street.url}/pictures/none"), desk.connection).missing
    street.weather = Weather(storms=(Storm(0, FOR_EVER, 503),))
    with pytest.raises(ChannelError):
        CHANNEL.fetch(here, desk.connection)


# --- Answering ------------------------------------------------------------------------------------


def test_a_reply_is_changed_and_taken_back_once_however_often(street, desk):
    review = street.write("Dana", "Frío")
    (said,) = desk.poll()
    sent = desk.answer(said, "Lo sentimos")
    changed = desk.act("edit", sent.external_id, text="Lo sentimos mucho")
    assert street.reviews[review]["reviewReply"]["comment"] == "Lo sentimos mucho"
    assert changed.external_id.startswith(f"{review}#")
    desk.act("delete_ours", sent.external_id)
    desk.act("delete_ours", sent.external_id)
    assert "reviewReply" not in street.reviews[review]
    with pytest.raises(ChannelError):
        desk.act("hide", said.external_id)


def test_a_lost_answer_is_looked_for_before_it_is_said_again(street, desk):
    street.write("Dana", "Frío")
    (said,) = desk.poll()
    outbound = reply(said, "  Lo sentimos \n Dana ")
    assert CHANNEL.find(outbound, desk.connection) is None
    street.weather.lost = 1.0
    with pytest.raises(ChannelError) as lost:
        CHANNEL.send(outbound, desk.connection)
    assert lost.value.unknown
    street.weather.lost = 0.0
    found = CHANNEL.find(outbound, desk.connection)
    assert found.external_id.startswith(told_of(said)) and street.truth.doubles() == []
    street.reviews.clear()
    assert CHANNEL.find(outbound, desk.connection) is None


def told_of(said):
    return said.external_id.partition("@")[0] + "#"


@pytest.mark.parametrize(
    ("break_it", "reason", "permanent"),
    [
        (lambda s, d: s.tokens.revoke(d.connection.secrets["token"]), "token", False),
        (lambda s, d: s.tokens.expire(d.connection.secrets["token"]), "token", False),
        (lambda s, d: s.tokens.get(d.connection.secrets["token"]).rights.clear(), "right", True),
        (lambda s, d: s.reviews.clear(), "gone", True),
        (lambda s, d: s.locations["11"].update(verified=False), "right", True),
        (lambda s, d: setattr(s.weather, "storms", (Storm(0, FOR_EVER, 429),)), "rate", False),
        (lambda s, d: setattr(s.weather, "storms", (Storm(0, FOR_EVER, 503),)), "", False),
        (lambda s, d: setattr(s.weather, "outages", ((0, FOR_EVER),)), "", False),
    ],
)  # fmt: skip
def test_refusals_are_understood(street, desk, break_it, reason, permanent):
    street.write("Dana", "Frío")
    (said,) = desk.poll()
    break_it(street, desk)
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(reply(said, "Hola"), desk.connection)
    assert (refused.value.reason, refused.value.permanent) == (reason, permanent)
    if reason == "rate":
        assert refused.value.retry_at > datetime.now(UTC)


def test_what_does_not_fit_is_refused(street, desk):
    street.write("Dana", "Frío")
    (said,) = desk.poll()
    assert CHANNEL.unfit(reply(said, "ñ" * 2049)) and not CHANNEL.unfit(reply(said, "ñ" * 2048))
    for target in ("../../x", "11/", "nothing"):
        with pytest.raises(ChannelError) as refused:
            CHANNEL.send(Outbound("k", ThreadRef("t", "public"), somebody(), "Hola", target=target), desk.connection)
        assert refused.value.permanent
    with pytest.raises(ChannelError):
        CHANNEL.send(Outbound("k", ThreadRef("t", "public"), somebody(), "Hola"), desk.connection)
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(reply(said, "ñ" * 2049), desk.connection)
    assert refused.value.reason == "unfit"
    with pytest.raises(ChannelError) as refused:
        client.account_of(replace(desk.connection, config={}))
    assert refused.value.reason == "token"


def test_no_429_is_earned_by_a_flood(street, desk):
    street.write("Dana", "Frío")
    (said,) = desk.poll()
    with pytest.raises(ChannelError) as full:
        for n in range(400):
            CHANNEL.send(reply(said, f"n{n}"), desk.connection)
    assert full.value.reason == "rate" and full.value.retry_at and street.limits.earned == 0


# --- Pushes ---------------------------------------------------------------------------------------


@pytest.fixture
def pushed(street):
    """An account that is pushed to."""
    desk = Desk(CHANNEL, connected(street, topic="projects/street/topics/reviews", push_account=PUSHER), street.now)
    CHANNEL.subscribe(desk.connection, HOOK)
    street.subscribed(lambda push: desk.door(push, HOOK), HOOK, PUSHER)
    return desk


def test_a_push_names_a_review_which_is_asked_for(street, pushed):
    review = street.write("Dana", "Frío")
    street.reword(review, "Muy frío")
    street.remove(street.write("Erin", "se va"))
    street.pusher.deliver()
    assert pushed.texts() == ["Muy frío"]
    CHANNEL.unsubscribe(pushed.connection, HOOK)
    assert street.setting["notificationTypes"] == []
    assert street.pusher.given_up == 0


def test_without_a_topic_nothing_is_subscribed(street, desk):
    CHANNEL.subscribe(desk.connection, HOOK)
    CHANNEL.unsubscribe(desk.connection, HOOK)
    assert street.setting["pubsubTopic"] == "" and ("PATCH", "/v1/accounts/101/notificationSetting") not in street.calls


@pytest.mark.parametrize(
    "proof", ["none", "other account", "other address", "expired", "other key", "not Google", "unverified"]
)
def test_only_google_s_proof_for_our_account_opens_the_door(street, pushed, proof):
    headers = {
        "none": {}, "other account": street.proof(HOOK, "evil@evil.iam.gserviceaccount.com"),
        "other address": street.proof("https://other.test/hooks/key", PUSHER),
        "expired": street.proof(HOOK, PUSHER, exp=int(street.now()) - 3600),
        "not Google": street.proof(HOOK, PUSHER, iss="https://accounts.example"),
        "unverified": street.proof(HOOK, PUSHER, email_verified=False),
    }.get(proof)  # fmt: skip
    if headers is None:
        street.push_key = "other"
        headers = street.proof(HOOK, PUSHER)
    assert pushed.door(Push(b"{}", headers), HOOK) == 401
    assert CHANNEL.verify(Request("GET", street.proof(HOOK, PUSHER), "", b"", HOOK), pushed.connection).status == 401


def test_keys_that_are_none_open_nothing():
    assert pushing.public_keys("no json") == {} and pushing.public_keys('{"keys": [{"kid": "1", "n": 7}]}') == {}


# --- All of it ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_storm_the_house_holds_what_the_street_says(street, pushed, seed):
    street.weather.dropped, street.weather.repeated, street.weather.shuffled, street.weather.seed = 0.2, 0.1, 0.2, seed
    pushed.poll()
    storm_over(pushed, street, seed=seed)
    is_as_the_street_says(pushed, street)


def test_yesterday_is_counted_by_the_network(street, desk):
    noon = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=12)
    for n in range(3):
        street.write("Dana", f"ayer {n}", at=noon.timestamp() + n)
    street.write("Dana", "hoy")
    day = noon.replace(hour=0)
    assert desk.reconcile(day, day + timedelta(days=1)) == {day.date().isoformat(): 3}
    assert len(desk.said) == 3
    assert CHANNEL.reconcile(desk.connection, day, day, {}).counts == ()


def test_what_cannot_be_read_hides_nothing(street, desk):
    street.write("Dana", "bien")
    street.reviews[street.write("Erin", "mal")]["name"] = "nonsense"
    desk.poll()
    assert desk.texts() == ["bien"]
    assert CHANNEL.parse(Raw(b'{"message": {"data": "e30="}}', "x"), desk.connection) == []
