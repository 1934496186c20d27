"""The channel against the street's YouTube: what it sees, says, does and finds, and how the day's units are spent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import (
    Act,
    Answered,
    Api,
    Attachment,
    Author,
    Bucket,
    ChannelError,
    Connection,
    Deleted,
    Echo,
    Edited,
    Hidden,
    Inbound,
    Outbound,
    Raw,
    Reached,
    Request,
    ThreadRef,
)
from netcenter.channels.youtube import options, wire
from netcenter.channels.youtube.channel import CHANNEL
from netcenter.street.networks.base import Asked, Network, Said, Storm, Weather, call, route
from tests.channels.meta.house import moment
from tests.channels.youtube.street import BACK, NOW, House, answer, connected


def said(network, house, who, video, words="¿Lleva gluten?", **more):
    network.comments(who, video, words, **more)
    return next(one for one in house.later(60) if isinstance(one, Inbound))


# --- Connecting -------------------------------------------------------------------------------------


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


# --- What is seen -----------------------------------------------------------------------------------


def test_a_comment_comes_with_its_author_s_subscribers_and_what_was_there_before_does_not(network, clock, dana):
    video = network.publishes("Pan")
    network.comments(dana, video, "de hace mucho")
    clock.pass_by(3 * 86400)
    network.comments(dana, video, "de hoy")
    clock.pass_by(3600)
    house = House(network, connected(network), clock)
    (one,) = house.poll()
    assert (one.text, one.form, one.author.handle) == ("de hoy", "comment", "@dana")
    assert one.author.reach.followers == 1200
    assert one.thread.external_id == f"{video}/{dana}"
    assert [e for e in house.later(60) if isinstance(e, Inbound)] == []
    network.person("@secreta", "UCsecreta0000000000000000", subscribers=None)
    network.comments("UCsecreta0000000000000000", video, "<b>hola</b>\n& adiós")
    (one,) = house.later(60)
    assert one.text == "<b>hola</b>\n& adiós" and one.author.reach is None


def test_nothing_of_the_past_is_asked_for_where_nobody_wants_it(network, clock, dana, video):
    network.comments(dana, video, "antes")
    clock.pass_by(10)
    house = House(network, connected(network, history_days=0), clock)
    house.poll()
    network.comments(dana, video, "después")
    house.later(10)
    assert [one.text for one in house.heard()] == ["después"]


def test_new_replies_are_found_below_old_threads_however_many(network, house, dana, video):
    first = said(network, house, dana, video)
    house.later(86400 * 2)
    for n in range(150):
        network.comments(dana, video, f"otro hilo {n}")
    house.later(60)
    erin = network.person("@erin")
    for n in range(9):
        network.replies(erin, first.external_id, f"r{n}")
    house.later(1800)
    house.later(1800)
    told = [one.text for one in house.heard() if one.parent == first.external_id]
    assert sorted(told) == [f"r{n}" for n in range(9)]
    network.replies(erin, first.external_id, "uno más")
    assert "uno más" in [one.text for one in [*house.later(1800), *house.later(1800)] if isinstance(one, Inbound)]


def test_edits_likes_and_deletions_are_noticed(network, house, dana, video):
    one = said(network, house, dana, video)
    reply = network.replies(dana, one.external_id, "¿hola?")
    house.later(60)
    network.edits(one.external_id, "¿Lleva gluten o no?")
    network.edits(reply, "¿hola o no?")
    network.likes(one.external_id, 7)
    found = house.later(60)
    assert {e.text for e in found if isinstance(e, Edited)} == {"¿Lleva gluten o no?", "¿hola o no?"}
    assert [(e.reach.likes, e.reach.replies) for e in found if isinstance(e, Reached)] == [(7, 1)]
    network.removes(reply)
    assert [e.external_id for e in house.later(60) if isinstance(e, Deleted)] == [reply]
    network.removes(one.external_id)
    found = [*house.later(300), *house.later(300)]
    assert [e.external_id for e in found if isinstance(e, Deleted)] == [one.external_id]


def test_what_is_held_back_is_seen_and_so_is_its_approval(network, house, dana, video):
    held = network.comments(dana, video, "¡Timadores!", state="heldForReview")
    spam = network.comments(dana, video, "gane dinero", state="likelySpam")
    found = {one.external_id: one for one in house.later(1800) if isinstance(one, Inbound)}
    assert {name: (one.hidden, one.extra["moderation"]) for name, one in found.items()} == {
        held: (True, "heldForReview"), spam: (True, "likelySpam"),
    }  # fmt: skip
    network.moderates(held, "published")
    assert [(e.external_id, e.shown) for e in house.later(60) if isinstance(e, Hidden)] == [(held, True)]
    network.moderates(held, "heldForReview")
    found = [*house.later(300), *house.later(300)]
    assert [(e.external_id, e.shown) for e in found if isinstance(e, Hidden)] == [(held, False)]
    network.moderates(spam, "rejected")
    assert [e.external_id for e in house.later(1800) if isinstance(e, Deleted)] == [spam]


def test_a_reply_that_is_held_back_is_seen_too(network, house, dana, video):
    one = said(network, house, dana, video)
    reply = network.replies(dana, one.external_id, "¡Timadores!", state="heldForReview")
    found = [e for e in house.later(300) if isinstance(e, Inbound)]
    assert [(e.external_id, e.hidden) for e in found] == [(reply, True)]
    assert [e for e in house.later(300) if isinstance(e, Inbound | Deleted)] == []
    network.moderates(reply, "published")
    found = house.later(300)
    assert [(e.external_id, e.shown) for e in found if isinstance(e, Hidden)] == [(reply, True)]
    network.moderates(reply, "heldForReview")
    found = [*house.later(300), *house.later(300)]
    assert [e.external_id for e in found if isinstance(e, Hidden | Deleted)][-1:] == [reply]


def test_views_of_videos_are_looked_at(network, house, dana, video):
    said(network, house, dana, video)
    network.videos[video] |= {"views": 15044, "likes": 312}
    found = [e for e in house.later(1800) if isinstance(e, Reached) and e.of == "post"]
    assert [(e.external_id, e.reach.views, e.reach.likes, e.reach.replies) for e in found] == [(video, 15044, 312, 1)]
    post = CHANNEL.post(video, house.account)
    assert (post.title, post.ours, post.reach.views) == ("Pan de masa madre", True, 15044)
    assert CHANNEL.post("none", house.account) is None
    assert CHANNEL.author(Author(dana), house.account).reach.followers == 1200
    assert CHANNEL.author(Author("UCnone"), house.account) == Author("UCnone")


def test_answers_in_youtube_s_app_are_echoes_and_our_own_are_known_by_their_receipts(network, house, dana, video):
    one = said(network, house, dana, video)
    erin = network.person("@erin")
    network.replies(erin, one.external_id, "yo también quiero saber")
    network.comments(network.own, video, "¡Gracias por vernos!")
    elsewhere = network.answers(one.external_id, "Sí, lleva.")
    named = network.answers(one.external_id, "@erin a usted también")
    assert [e for e in house.later(60) if isinstance(e, Echo)] == []  # it may be ours: its receipt would say so
    echoes = [e for e in house.later(200) if isinstance(e, Echo)]
    assert [(e.external_id, e.to.external_id) for e in echoes] == [(elsewhere, dana), (named, erin)]
    assert echoes[0].thread == one.thread and echoes[1].thread.external_id == f"{video}/{erin}"
    assert [e for e in house.later(200) if isinstance(e, Echo)] == []


# --- What is said and done --------------------------------------------------------------------------


def test_an_answer_stands_under_the_first_comment_and_names_whom_it_is_for(network, house, dana, video):
    one = said(network, house, dana, video)
    receipt = CHANNEL.send(answer(one), house.account)
    assert network.truth.answers[receipt.external_id].text == "Sí, lleva gluten."
    erin = network.person("@erin")
    network.replies(erin, one.external_id, "¿y lactosa?")
    reply = next(e for e in house.later(60) if isinstance(e, Inbound))
    receipt = CHANNEL.send(answer(reply, "No.", "k2"), house.account)
    told = network.truth.answers[receipt.external_id]
    assert (told.text, told.facts["parent"]) == ("@erin No.", one.external_id)
    assert receipt.url.endswith(f"lc={receipt.external_id}")
    longest = answer(reply, "a" * 10_000, "k3")
    assert network.truth.answers[CHANNEL.send(longest, house.account).external_id].text == "a" * 10_000


def test_a_lost_answer_is_unknown_and_then_found_once(network, house, dana, video):
    one = said(network, house, dana, video)
    network.answers(one.external_id, "Gracias")  # the same words, before she asked again
    house.later(60)
    network.replies(dana, one.external_id, "¿y bien?")
    again = next(e for e in house.later(60) if isinstance(e, Inbound))
    outbound = answer(again, "Gracias")
    assert CHANNEL.find(replace(outbound, text="otra cosa"), house.account) is None
    network.weather = Weather(lost=1.0)
    with pytest.raises(ChannelError) as lost:
        CHANNEL.send(outbound, house.account)
    assert lost.value.unknown
    network.weather = Weather()
    found = CHANNEL.find(outbound, house.account)
    assert network.truth.answers[found.external_id].text == "@dana Gracias"
    assert CHANNEL.find(answer(one, "Gracias"), house.account)


def test_what_we_do_is_done_once_however_often(network, house, dana, video):
    one = said(network, house, dana, video)
    sent = CHANNEL.send(answer(one), house.account)

    def act(verb, target, **more):
        return CHANNEL.act(Act("a", verb, target, one.thread, one.author, **more), house.account)

    act("edit", sent.external_id, text="No lleva.")
    assert network.truth.get(sent.external_id).text == "No lleva."
    for verb, state in (("hide", "heldForReview"), ("hide", "heldForReview"), ("show", "published")):
        act(verb, one.external_id)
        assert network.truth.get(one.external_id).facts["state"] == state
    for _again in range(2):
        act("delete_ours", sent.external_id)
    assert network.truth.get(sent.external_id).deleted_at is not None
    for _again in range(2):
        act("delete_theirs", one.external_id, what="ban")
    assert network.truth.get(one.external_id).facts["state"] == "rejected" and dana in network.banned
    with pytest.raises(ChannelError) as no:
        act("react", one.external_id, what="like")
    assert no.value.permanent
    with pytest.raises(ChannelError) as no:
        act("show", one.external_id)
    assert no.value.reason == "gone"


def test_nothing_is_answered_where_there_is_no_comment(house):
    with pytest.raises(ChannelError) as no:
        CHANNEL.send(Outbound("k", ThreadRef("v/d", "public"), Author("d"), "Hola"), house.account)
    assert no.value.reason == "unfit" and no.value.permanent


@pytest.mark.parametrize(("break_it", "reason", "permanent"), [
    (lambda n, c: n.removes(c), "gone", True),
    (lambda n, c: n.moderates(c, "heldForReview"), "gone", True),
    (lambda n, c: next(iter(n.videos.values())).update(closed=True), "gone", True),
    (lambda n, c: n.tokens.get(n.lastly).rights.clear(), "right", True),
    (lambda n, c: n.tokens.revoke(n.lastly), "token", False),
    (lambda n, c: setattr(n, "weather", Weather(storms=(Storm(0, 9e12, 503),))), "", False),
])  # fmt: skip
def test_refusals_are_understood(network, house, dana, video, break_it, reason, permanent):
    one = said(network, house, dana, video)
    network.lastly = house.account.secrets["token"]
    break_it(network, one.external_id)
    with pytest.raises(ChannelError) as no:
        CHANNEL.send(answer(one), house.account)
    assert (no.value.reason, no.value.permanent) == (reason, permanent)


@pytest.mark.parametrize(("why", "method", "reason", "permanent", "unknown"), [
    ("commentTextTooLong", "POST", "unfit", True, False), ("processingFailure", "POST", "", False, True),
    ("processingFailure", "GET", "", False, False), ("rateLimitExceeded", "POST", "rate", False, False),
    ("ineligibleAccount", "POST", "right", True, False), ("banWithoutReject", "POST", "unfit", True, False),
    ("backendError", "POST", "", True, False),
])  # fmt: skip
def test_every_reason_has_a_meaning(why, method, reason, permanent, unknown):
    body = b'{"error":{"code":400,"message":"no","errors":[{"reason":"%s"}]}}' % why.encode()
    error = wire.error_of(method, Answered(400, {}, body), moment(NOW))
    assert (error.reason, error.permanent, error.unknown) == (reason, permanent, unknown)
    assert wire.error_of("GET", Answered(502, {}, b"<html>"), moment(NOW)).permanent is False


# --- The day's units --------------------------------------------------------------------------------


def test_a_day_of_listening_and_answering_earns_no_refusal(network, house, clock, dana, video):
    """Somebody writes all the time, and everything is answered as soon as there is room."""
    network.quota = 5000
    pots = (CHANNEL.buckets[0], replace(CHANNEL.buckets[1], most=2000))
    house.account = replace(house.account, budget=InProcess(pots, wire.now))
    waiting, sent, refused = [], 0, None
    for _hour in range(26):
        for n in range(3):
            network.comments(dana, video, f"n{n}")
        clock.pass_by(3600)
        waiting += [one for one in house.poll() if isinstance(one, Inbound)]
        while waiting:
            try:
                CHANNEL.send(answer(waiting[0], key=waiting[0].external_id), house.account)
            except ChannelError as error:
                assert error.reason == "rate"
                refused = refused or error
                break
            waiting.pop(0)
            sent += 1
    assert network.overspent == 0 and refused is not None
    assert refused.retry_at.astimezone(wire.ZoneInfo(options.PACIFIC)).strftime("%H:%M") == "00:00"
    assert max(network.spent.values()) <= 5000
    assert len(house.heard()) == len(network.truth.told) and sent > 40


def test_what_google_says_is_spent_is_spent_until_midnight_in_california(network, house, dana, video, clock):
    one = said(network, house, dana, video)
    network.quota = 0
    with pytest.raises(ChannelError) as over:
        CHANNEL.send(answer(one), house.account)
    assert over.value.reason == "rate" and over.value.retry_at == moment(NOW).replace(day=3, hour=8)
    calls = len(network.calls)
    with pytest.raises(ChannelError):
        house.poll()
    assert len(network.calls) == calls, "nothing is asked in vain"
    network.quota = 10_000
    clock.pass_by(24 * 3600)
    house.poll()
    assert CHANNEL.send(answer(one), house.account)


@pytest.mark.parametrize(("units", "writes"), [(5_000, 70), (10_000, 140), (1_000_000, 7000), ("x", 140)])
def test_a_larger_or_smaller_share_of_a_project_is_kept_to(network, units, writes):
    class Counting:
        def spend(self, bucket, cost=1):
            spent.append((bucket, cost))

        def told(self, *_more): ...

    spent = []
    account = Connection("k", "", "", {"units": units, "base_url": f"{network.url}/youtube/v3"}, {}, budget=Counting())
    with pytest.raises(ChannelError):
        wire.YouTube(account).written("DELETE", "comments", {"id": "x"})
    ((bucket, cost),) = spent
    most = next(each.most for each in CHANNEL.buckets if each.name == bucket)
    assert most // cost == writes and most // cost * 50 <= (units if isinstance(units, int) else 10_000)


def test_a_flood_below_many_threads_comes_in_turn_and_stops_nothing(network, house, dana, video, clock):
    """Each thread costs a call for its replies, and there are more threads than calls in an hour."""
    few = (Bucket(options.LISTENING, 12, 3600), *CHANNEL.buckets[1:])
    house.account = replace(house.account, budget=InProcess(few, wire.now))
    for n in range(25):
        top = network.comments(dana, video, f"hilo {n}")
        for r in range(7):
            network.replies(dana, top, f"r{n}.{r}")
    waited = 0
    for _quarter in range(16):
        try:
            house.later(900)
        except ChannelError as error:
            assert error.reason == "rate"
            waited += 1
    assert {one.external_id for one in house.heard()} == set(network.truth.told) and waited


# --- Found again ------------------------------------------------------------------------------------


def test_after_an_outage_and_storms_nothing_is_missing(network, house, clock, dana, video):
    people = [network.person(f"@p{n}") for n in range(6)]
    network.weather.storms = (Storm(NOW, NOW + 3000, 503, 0.4),)
    network.weather.outages = ((NOW + 600, NOW + 1200),)
    tops = []
    for n in range(60):
        clock.pass_by(40)
        who = people[n % 6]
        doing = n % 4
        if doing == 0 or not tops:
            tops.append(network.comments(who, video, f"c{n}"))
        elif doing == 3:
            network.comments(who, video, f"h{n}", state="heldForReview")
        else:
            network.replies(who, tops[n % len(tops)], f"r{n}")
        if n == 30:
            network.answers(tops[0], "desde la aplicación")
        try:
            house.poll()
        except ChannelError as error:
            assert not error.permanent
    clock.pass_by(3600)
    present = house.reconcile()
    assert present == set(network.truth.told) | set(network.truth.answers)
    told = {one.external_id: one for one in house.heard()}
    assert set(told) == set(network.truth.told)
    for name, truth in network.truth.told.items():
        one = told[name]
        assert (one.text, one.author.external_id, one.thread.external_id) == (truth.text, truth.author, truth.thread)
        assert one.hidden == (truth.facts["state"] != "published")
    assert len(house.heard(Echo)) == 1


def test_a_span_holds_its_own_and_answers_below_older_threads(network, clock, dana, video):
    top = network.comments(dana, video, "anteayer")
    clock.pass_by(2 * 86400)
    for n in range(45):
        network.comments(dana, video, f"hoy {n}")
    for n in range(7):
        network.replies(dana, top, f"r{n}")
    clock.pass_by(60)
    house = House(network, connected(network), clock)
    house.reconcile(hours=1)
    wanted = [*(f"hoy {n}" for n in range(45)), *(f"r{n}" for n in range(7))]
    assert sorted(one.text for one in house.heard()) == sorted(wanted)


# --- The hub ----------------------------------------------------------------------------------------


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


# --- The street is strict ---------------------------------------------------------------------------


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
