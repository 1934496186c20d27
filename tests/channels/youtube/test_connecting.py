"""Signing in at the street's YouTube, the hub that tells of new videos, and how strict both are."""

from dataclasses import replace
from datetime import timedelta

import pytest

from netcenter.channels.contract import (
    Api,
    Attachment,
    ChannelError,
    Deleted,
    Inbound,
    Raw,
    Reached,
    Request,
)
from netcenter.channels.youtube import options, wire
from netcenter.channels.youtube.channel import CHANNEL
from netcenter.street.networks.base import Asked, Network, Said, call, route
from tests.channels.meta.house import moment
from tests.channels.youtube.street import BACK, NOW, connected

# --- Connecting ------------------------------------------------------------------------------------


def test_signing_in_tells_whose_channel_it_is_and_everything_is_well(network, house):
    account = house.account
    assert (account.address, account.config["own_id"]) == ("@panaderiasol", network.own)
    assert account.secrets["refresh_token"].startswith("1//")
    assert [check for check in CHANNEL.health(account) if not check.ok] == []


def test_who_does_not_agree_is_told_so_and_a_wrong_verifier_gets_nothing(network, house):
    with pytest.raises(ChannelError) as no:
        CHANNEL.exchange(house.account, {"error": "access_denied"}, BACK, {})
    assert no.value.reason == "right" and no.value.permanent
    consent = CHANNEL.authorize(house.account, BACK, "s")
    with pytest.raises(ChannelError) as no:
        CHANNEL.exchange(house.account, network.allow(consent.url), BACK, {"verifier": "another"})
    assert no.value.reason == "token" and not no.value.permanent


def test_a_token_is_renewed_while_the_sign_in_lasts(network, house, clock):
    house.account = connected(network, ends=True)
    clock.pass_by(3600)
    with pytest.raises(ChannelError) as ended:
        house.poll()
    assert (ended.value.reason, ended.value.permanent) == ("token", False)
    grant = CHANNEL.refresh(house.account)
    assert grant.expires_at == moment(clock() + 3599) and "refresh_token" not in grant.secrets
    house.account = replace(house.account, secrets={**house.account.secrets, **grant.secrets})
    house.poll()
    network.lasting.clear()
    with pytest.raises(ChannelError) as ended:
        CHANNEL.refresh(house.account)
    assert ended.value.reason == "token" and not ended.value.permanent
    with pytest.raises(ChannelError):
        CHANNEL.refresh(replace(house.account, secrets={}))


def test_before_anybody_has_signed_in_nothing_is_asked(network, house):
    nobody = replace(house.account, config={**house.account.config, "own_id": ""})
    before = len(network.calls)
    for ask in (lambda: CHANNEL.poll(nobody, {}), lambda: CHANNEL.reconcile(nobody, moment(NOW), moment(NOW), {})):
        with pytest.raises(ChannelError) as no:
            ask()
        assert no.value.reason == "token"
    assert len(network.calls) == before


def test_health_says_what_is_wrong(network, house, clock):
    def bad(account):
        return [(str(check.label), check.advice) for check in CHANNEL.health(account) if not check.ok]

    assert bad(replace(house.account, secrets={"token": "none"})) == [("Google accepts the sign-in", "Sign in again.")]
    token = network.tokens.get(house.account.secrets["token"])
    token.rights.clear()
    assert [label for label, _advice in bad(house.account)] == [
        "Read, answer and moderate comments", "The channel is there",
    ]  # fmt: skip
    token.rights.add(options.SCOPES)
    elsewhere = replace(house.account, config={**house.account.config, "own_id": "UCnobody"})
    assert [label for label, _advice in bad(elsewhere)] == ["The channel is there", "Comments can be read"]


# --- The hub ---------------------------------------------------------------------------------------


def test_the_hub_is_answered_tells_of_videos_and_is_left_again(network, house, dana, clock):
    class Door(Network):
        @route("GET", "/hooks/yt", query={f"hub.{name}": str for name in (
            "mode", "topic", "challenge", "lease_seconds", "verify_token")}, open=True)  # fmt: skip
        def challenged(self, asked: Asked):
            told = CHANNEL.verify(Request("GET", {}, asked.url.partition("?")[2], b""), house.account)
            return Said(told.status, told.body, mime="text/plain")

    def door(push):
        told = CHANNEL.verify(Request("POST", push.headers, "", push.body), house.account)
        if told.store:
            for pointer in CHANNEL.parse(Raw(push.body, "push"), house.account):
                pointed.append(pointer)
        return told.status

    pointed = []
    with Door() as here:
        CHANNEL.subscribe(house.account, f"{here.url}/hooks/yt")
        assert network.subscription["ends_at"] == clock() + 864_000
        network.hook(door, house.account.secrets["hub_secret"])
        video = network.publishes("Croissants")
        network.comments(dana, video, "¡Primera!")
        assert network.pusher.deliver() == 1
        raws = CHANNEL.follow(pointed[0].reference, house.account)
        found = house.read(raws)
        assert [type(one) for one in found] == [Reached, Inbound] and found[0].reach.views == 100
        assert [e for e in house.later(60) if isinstance(e, Inbound)] == [], "told once"
        network.videos[video]["closed"] = True
        assert len(CHANNEL.follow(pointed[0].reference, house.account)) == 1
        network.withdraws(video)
        network.pusher.deliver()
        assert isinstance(pointed[-1], Deleted) and pointed[-1].external_id == video
        assert CHANNEL.follow(f"video:{video}", house.account) == ()
        network.hook(door, "another secret")
        network.publishes("x")
        assert network.pusher.deliver() == 0
        clock.pass_by(864_001)
        network.publishes("y")
        assert network.pusher.waiting() == 1, "the lease is over"
        CHANNEL.unsubscribe(house.account, f"{here.url}/hooks/yt")
        assert network.subscription == {}
    with pytest.raises(ChannelError):
        CHANNEL.subscribe(replace(house.account, secrets={}), "https://house.test/hooks/yt")


# --- The street is strict --------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "status"), [
    ("part=snippet", 400), ("part=nonsense&id=x", 400), ("part=id&id=x&order=time", 400), ("part=id&videoId=none", 404),
    ("part=id&videoId=v&allThreadsRelatedToChannelId=c", 400), ("part=id&id=x&color=red", 400),
    ("part=id&allThreadsRelatedToChannelId=UCsol0000000000000000000&maxResults=101", 400),
    ("part=id&allThreadsRelatedToChannelId=nobody", 404), ("part=id&id=x", 200),
    ("part=id&allThreadsRelatedToChannelId=UCsol0000000000000000000&pageToken=x", 400),
])  # fmt: skip
def test_the_street_s_youtube_refuses_what_the_real_one_refuses(network, house, query, status):
    header = {"authorization": f"Bearer {house.account.secrets['token']}"}
    assert call("GET", f"{network.url}/youtube/v3/commentThreads?{query}", header)[0] == status
    assert call("GET", f"{network.url}/youtube/v3/commentThreads?{query}")[0] == 401


def test_pictures_are_fetched_later_or_for_good_not(house, monkeypatch):
    told: list = [(b"\x89PNG", "image/png"), ChannelError("later"), ChannelError("too large", permanent=True)]

    def download(_api, _url, _most):
        one = told.pop(0)
        if isinstance(one, ChannelError):
            raise one
        return one

    monkeypatch.setattr(Api, "download", download)
    file = Attachment("picture", "image/jpeg", reference="https://yt3.ggpht.com/x")
    got = CHANNEL.fetch(file, house.account)
    assert (got.content, got.mime, got.reference) == (b"\x89PNG", "image/png", "")
    with pytest.raises(ChannelError):
        CHANNEL.fetch(file, house.account)
    assert CHANNEL.fetch(file, house.account).missing == "too large"


def test_midnight_in_california_moves_with_the_summer():
    assert wire.next_day(moment(NOW)) == moment(NOW).replace(hour=8) + timedelta(days=1)
    summer = moment(NOW).replace(month=7)
    assert wire.next_day(summer) == summer.replace(hour=7) + timedelta(days=1)
