"""The channel against the street's YouTube: what it sees, says, does and finds."""

from dataclasses import replace

import pytest

from netcenter.channels.contract import (
    Act,
    Answered,
    Author,
    ChannelError,
    Deleted,
    Echo,
    Edited,
    Hidden,
    Inbound,
    Outbound,
    Reached,
    ThreadRef,
)
from netcenter.channels.youtube import wire
from netcenter.channels.youtube.channel import CHANNEL
from netcenter.street.networks.base import Storm, Weather
from tests.channels.meta.house import moment
from tests.channels.youtube.street import NOW, House, answer, connected


def said(network, house, who, video, words="¿Lleva gluten?", **more):
    network.comments(who, video, words, **more)
    return next(one for one in house.later(60) if isinstance(one, Inbound))


# --- What is seen ----------------------------------------------------------------------------------


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
    found = [e for e in [*house.later(60), *house.later(300)] if isinstance(e, Hidden | Deleted)]
    assert [(e.external_id, getattr(e, "shown", None)) for e in found] == [(reply, False)], "it is not gone"


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


# --- What is said and done -------------------------------------------------------------------------


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


# --- Found again -----------------------------------------------------------------------------------


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
