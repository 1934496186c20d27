"""The channel against the street's Reddit: what it hears, says, does and finds, and how it understands refusals."""

from dataclasses import replace

import pytest

from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import (
    Act,
    Api,
    Attachment,
    Author,
    Bucket,
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
from netcenter.channels.reddit import options, wire, writing
from netcenter.channels.reddit.channel import CHANNEL
from netcenter.street.networks.base import Storm, Weather
from tests.channels.meta.house import moment
from tests.channels.reddit.conftest import NOW, House, connected


def one(house, kind=Inbound, seconds=60):
    """The only thing of this kind that is new."""
    (found,) = [each for each in house.later(seconds) if isinstance(each, kind)]
    return found


def answer(inbound, text="A las ocho.", key="k1", **more):
    return Outbound(
        key, inbound.thread, inbound.author, text, (inbound.external_id,), target=inbound.external_id, **more
    )


# --- What is heard ---------------------------------------------------------------------------------


def test_a_comment_below_our_post_is_heard_once_though_two_places_tell_it(network, house, dana, ours):
    name = network.comments(dana, ours, "¿A qué hora abren?")
    found = [e for e in house.later(60) if isinstance(e, Inbound)]
    assert {e.external_id for e in found} == {name}
    assert {e.thread.external_id for e in found} == {f"{ours}/{network.people[dana]}"}
    assert [e for e in house.later(60) if isinstance(e, Inbound)] == []


def test_replies_mentions_posts_and_messages_are_told_apart(network, house, dana, ours):
    answered = network.answers(network.comments(dana, ours, "hola"), "Hola")
    elsewhere = network.posts("dana", "madrid", "¿Dónde comprar pan?")
    network.comments(dana, answered, "gracias")
    network.comments(dana, elsewhere, "en u/PanaderiaSol")
    network.posts(dana, "sol", "El pan de ayer", "duro")
    network.posts(dana, "madrid", "Panadería Sol, ¿opiniones?")
    network.writes(dana, "Llegó roto", "Mi pedido")
    found = {(e.form, e.text) for e in house.later(300) if isinstance(e, Inbound)}
    assert found == {
        ("comment", "hola"), ("comment", "gracias"), ("mention", "en u/PanaderiaSol"),
        ("post", "El pan de ayer\n\nduro"), ("mention", "Panadería Sol, ¿opiniones?"), ("message", "Llegó roto"),
    }  # fmt: skip


def test_what_was_said_before_connecting_stays_there(network, clock, dana, ours):
    network.comments(dana, ours, "de hace mucho")
    clock.pass_by(3 * 86400)
    network.comments(dana, ours, "de hoy")
    clock.pass_by(60)
    house = House(network, connected(network), clock)
    house.poll()
    assert {e.text for e in house.heard()} == {"de hoy"}
    later = House(network, connected(network, history_days=0), clock)
    assert later.poll() == [] and later.later(60) == []


def test_a_flood_of_more_than_a_page_comes_in_whole(network, house, dana, ours):
    for n in range(230):
        network.comments(dana, ours, f"n{n}")
    house.later(60)
    assert {e.external_id for e in house.heard()} == set(network.truth.told)


def test_looking_again_notices_edits_votes_deletions_and_removals(network, house, dana, ours):
    edited, deleted, removed = (network.comments(dana, ours, f"n{n}") for n in range(3))
    elsewhere = network.posts(dana, "pan", "Panadería Sol")
    house.later(300)
    network.edits(edited, "otra cosa")
    network.votes(edited, 40)
    network.deletes(deleted)
    network.removes(removed)
    network.removes(elsewhere)
    network.things[elsewhere]["num_crossposts"] = 6
    found = house.later(300)
    assert [(e.external_id, e.text) for e in found if isinstance(e, Edited)] == [(edited, "otra cosa")]
    assert [(e.external_id, e.by) for e in found if isinstance(e, Deleted)] == [(deleted, "author")]
    assert {(e.external_id, e.shown) for e in found if isinstance(e, Hidden)} == {(removed, False), (elsewhere, False)}
    assert 40 in [e.reach.likes for e in found if isinstance(e, Reached)]
    assert 6 in [e.reach.shares for e in found if isinstance(e, Reached) and e.of == "post"]
    network.removes(removed, False)
    assert [(e.external_id, e.shown) for e in house.later(300) if isinstance(e, Hidden)] == [(removed, True)]
    network.vanishes(edited)
    assert [e.external_id for e in house.later(300) if isinstance(e, Deleted)] == [edited]
    assert [e for e in house.later(300) if isinstance(e, Deleted)] == []


def test_answers_on_reddit_itself_are_echoes_and_our_own_are_known_by_their_receipts(network, house, dana, ours):
    asked = network.comments(dana, ours, "¿abren?")
    written = network.writes(dana, "Llegó roto", "Mi pedido")
    house.later(60)
    public = network.answers(asked, "A las ocho.")
    network.comments(network.name, ours, "¡Gracias a todos!")  # below our own post: for nobody
    private = network.writes(network.name, "Lo cambiamos.", "Mi pedido", to=dana, above=written)
    assert [e for e in house.later(60) if isinstance(e, Echo)] == []
    echoes = {e.external_id: e for e in house.later(180) if isinstance(e, Echo)}
    assert set(echoes) == {public, private}
    assert echoes[public].to.external_id == network.people[dana]
    assert (echoes[private].thread.external_id, echoes[private].in_reply_to) == (written, (written,))
    assert [e for e in house.later(180) if isinstance(e, Echo)] == []


def test_posts_and_people_can_be_asked_for(network, house, dana, ours):
    network.things[ours]["num_comments"] = 9
    post = CHANNEL.post(ours, house.account)
    assert (post.title, post.ours, post.reach.replies) == ("Roscones desde hoy", True, 9)
    assert CHANNEL.post("t3_none", house.account) is None
    known = CHANNEL.author(Author(network.people[dana], "dana"), house.account)
    assert (known.reach.followers, known.profile["karma"]) == (5, 31)
    for nobody in (Author("t2_x"), Author("t2_x", "nobody")):
        assert CHANNEL.author(nobody, house.account) == nobody


def test_pictures_are_fetched_later_or_for_good_not(house, monkeypatch):
    told: list = [(b"\x89PNG", "image/png"), ChannelError("later"), ChannelError("too large", permanent=True)]

    def download(_api, _url, _most):
        found = told.pop(0)
        if isinstance(found, ChannelError):
            raise found
        return found

    monkeypatch.setattr(Api, "download", download)
    file = Attachment("picture", "image/jpeg", reference="https://i.redd.it/x.jpg")
    assert CHANNEL.fetch(file, house.account).content == b"\x89PNG"
    with pytest.raises(ChannelError):
        CHANNEL.fetch(file, house.account)
    assert CHANNEL.fetch(file, house.account).missing == "too large"


# --- What is said and done -------------------------------------------------------------------------


def test_a_comment_a_post_and_a_message_are_answered_where_they_stand(network, house, dana, ours):
    network.posts(dana, "sol", "El pan de ayer")
    post = one(house)
    told = CHANNEL.send(answer(post), house.account)
    assert network.things[told.external_id]["parent_id"] == post.external_id
    assert told.url.startswith("https://www.reddit.com/r/sol/comments/")
    network.writes(dana, "Llegó roto", "Mi pedido")
    message = one(house)
    told = CHANNEL.send(answer(message, "Lo cambiamos.", "k2"), house.account)
    assert network.things[told.external_id]["first_message_name"] == message.external_id
    assert CHANNEL.find(answer(message, "Lo cambiamos.", "k2"), house.account).external_id == told.external_id
    assert CHANNEL.find(answer(message, "Otra cosa", "k2"), house.account) is None


def test_a_public_comment_is_answered_privately(network, house, dana, ours):
    network.comments(dana, ours, "Mi pedido llegó roto")
    asked = next(e for e in house.later(60) if isinstance(e, Inbound))
    outbound = answer(asked, "Escríbanos su número.", way="private_reply")
    assert CHANNEL.find(outbound, house.account) is None
    told = CHANNEL.send(outbound, house.account)
    data = network.things[told.external_id]
    assert (data["dest"], data["subject"]) == (dana, "Roscones desde hoy")
    assert CHANNEL.find(outbound, house.account).external_id == told.external_id
    with pytest.raises(ChannelError) as no:
        CHANNEL.send(replace(outbound, to=Author("t2_x")), house.account)
    assert no.value.reason == "unfit"
    network.closed.add(dana)
    with pytest.raises(ChannelError) as no:
        CHANNEL.send(outbound, house.account)
    assert (no.value.reason, no.value.permanent) == ("blocked", True)
    assert len(writing.subject(replace(outbound, text="a " * 99, thread=ThreadRef("x")))) == 100


def test_a_message_that_left_is_sent_though_the_list_does_not_show_it(network, house, dana, ours, monkeypatch):
    network.comments(dana, ours, "hola")
    asked = next(e for e in house.later(60) if isinstance(e, Inbound))
    monkeypatch.setattr(writing, "_sent", lambda *_more: (_ for _ in ()).throw(ChannelError("later")))
    told = CHANNEL.send(answer(asked, way="private_reply", key="k9"), house.account)
    assert told.external_id == "compose/k9" and len(list(network.truth.replies())) == 2  # our post, and this


def test_a_lost_answer_is_unknown_and_then_found_once(network, house, dana, ours):
    network.comments(dana, ours, "¿abren?")
    asked = next(e for e in house.later(60) if isinstance(e, Inbound))
    assert CHANNEL.find(answer(asked), house.account) is None
    network.weather = Weather(lost=1.0)
    with pytest.raises(ChannelError) as lost:
        CHANNEL.send(answer(asked, "A las *ocho* & media"), house.account)
    assert lost.value.unknown
    network.weather = Weather()
    assert CHANNEL.find(answer(asked, "A las *ocho* & media"), house.account)
    assert CHANNEL.find(answer(asked, "A las nueve"), house.account) is None


def test_what_we_do_is_done_once_however_often(network, house, dana, ours):
    network.comments(dana, ours, "¿abren?")
    asked = next(e for e in house.later(60) if isinstance(e, Inbound))
    sent = CHANNEL.send(answer(asked), house.account)

    def act(verb, target, **more):
        return CHANNEL.act(Act("a", verb, target, asked.thread, asked.author, **more), house.account)

    act("edit", sent.external_id, text="A las nueve.")
    assert network.things[sent.external_id]["body"] == "A las nueve."
    for verb, removed, spam in (("hide", True, False), ("hide", True, False), ("show", False, False),
                                ("delete_theirs", True, True)):  # fmt: skip
        act(verb, asked.external_id)
        assert (network.things[asked.external_id]["removed"], network.things[asked.external_id]["spam"]) == (
            removed,
            spam,
        )
    for _again in range(2):
        act("delete_ours", sent.external_id)
    assert network.things[sent.external_id]["body"] == "[deleted]"
    for verb, target, reason in (("react", asked.external_id, ""), ("edit", "t4_x", "unfit"),
                                 ("delete_ours", asked.external_id, "right")):  # fmt: skip
        with pytest.raises(ChannelError) as no:
            act(verb, target, text="x")
        assert no.value.permanent and no.value.reason == reason
    elsewhere = network.posts(dana, "pan", "Panadería Sol")
    with pytest.raises(ChannelError) as no:
        act("hide", elsewhere)
    assert no.value.reason == "right"


@pytest.mark.parametrize(("break_it", "reason", "permanent"), [
    (lambda n, a, c: n.deletes(c), "gone", True),
    (lambda n, a, c: n.things.pop(c), "gone", True),
    (lambda n, a, c: n.locked.add(n.things[c]["link_id"]), "window", True),
    (lambda n, a, c: n.things[n.things[c]["link_id"]].update(created_utc=1.0), "window", True),
    (lambda n, a, c: n.tokens.get(a.secrets["token"]).rights.discard("submit"), "right", True),
    (lambda n, a, c: n.tokens.revoke(a.secrets["token"]), "token", False),
    (lambda n, a, c: setattr(n, "weather", Weather(storms=(Storm(0, 9e12, 503),))), "", False),
    (lambda n, a, c: setattr(n, "weather", Weather(storms=(Storm(0, 9e12, 429),))), "rate", False),
])  # fmt: skip
def test_refusals_are_understood(network, house, dana, ours, break_it, reason, permanent):
    network.comments(dana, ours, "¿abren?")
    asked = next(e for e in house.later(60) if isinstance(e, Inbound))
    break_it(network, house.account, asked.external_id)
    with pytest.raises(ChannelError) as no:
        CHANNEL.send(answer(asked), house.account)
    assert (no.value.reason, no.value.permanent) == (reason, permanent)


@pytest.mark.parametrize(("told", "reason", "permanent"), [
    ([["TOO_LONG", "this is too long (max: 10000)", "text"]], "unfit", True), (["USER_REQUIRED"], "token", False),
    ([["SOMETHING_NEW", "x", "y"]], "", True), ([7], "", True), ([], None, None), (None, None, None),
])  # fmt: skip
def test_every_refusal_has_a_meaning(told, reason, permanent):
    error = wire.refusal_of({"errors": told}, moment(NOW))
    assert (error and error.reason, error and error.permanent) == (reason, permanent)


@pytest.mark.parametrize(("words", "more", "seconds"), [
    ("you are doing that too much. try again in 3 minutes.", {}, 181), ("Take a break for 41 seconds.", {}, 42),
    ("Take a break for 1 hour before trying again.", {}, 3601), ("x", {"ratelimit": 90.5}, 91.5),
    ("slow down", {}, 600),
])  # fmt: skip
def test_reddit_is_believed_how_long_to_wait(words, more, seconds):
    error = wire.refusal_of({"errors": [["RATELIMIT", words, "ratelimit"]], **more}, moment(NOW))
    assert (error.reason, error.retry_at) == ("rate", moment(NOW + seconds))


def test_who_may_not_comment_often_waits_and_asks_no_second_time(network, house, dana, ours, clock):
    network.pace = 600.0
    for n in range(3):
        network.comments(dana, ours, f"n{n}")
    asked = {e.external_id: e for e in house.later(60) if isinstance(e, Inbound)}
    waiting = [answer(each, key=name) for name, each in asked.items()]
    earned = []
    for _try in range(40):
        if waiting:
            try:
                CHANNEL.send(waiting[0], house.account)
                waiting.pop(0)
            except ChannelError as error:
                assert error.reason == "rate" and error.retry_at > wire.now() and not error.unknown
        earned.append(network.limits.earned)
        clock.pass_by(60)
    assert not waiting and network.limits.earned == 2, "one for each wait: Reddit tells of no limit beforehand"
    assert network.truth.doubles() == []


def test_no_429_is_earned_and_what_was_not_read_comes_later(network, house, dana, ours, clock):
    few = (Bucket(options.CALLS, 12, 600),)
    house.account = replace(house.account, budget=InProcess(few, wire.now))
    for n in range(40):
        network.comments(dana, ours, f"n{n}")
    refused = 0
    for _minute in range(24):
        try:
            house.later(60)
        except ChannelError as error:
            assert error.reason == "rate" and error.retry_at
            refused += 1
    assert {e.external_id for e in house.heard()} == set(network.truth.told) and refused
    assert network.limits.earned == 0
    assert house.account.budget.spent(options.CALLS) <= 12


# --- Found again -----------------------------------------------------------------------------------


def test_after_an_outage_and_storms_nothing_is_missing(network, house, clock, dana, ours):
    people = [network.person(f"p{n}") for n in range(5)]
    network.weather.storms = (Storm(NOW, NOW + 3000, 503, 0.3),)
    network.weather.outages = ((NOW + 600, NOW + 1200),)
    for n in range(60):
        clock.pass_by(40)
        who = people[n % 5]
        if n % 3 == 0:
            network.comments(who, ours, f"c{n}")
        elif n % 3 == 1:
            network.writes(who, f"m{n}", f"asunto {n}")
        else:
            network.posts(who, "sol", f"post {n}")
        if n == 30:
            network.answers(next(iter(network.inbox)), "desde Reddit")
        try:
            house.poll()
        except ChannelError as error:
            assert not error.permanent
    clock.pass_by(3600)
    present = house.reconcile()
    answered = {name for name in network.truth.answers if name.startswith("t1_")}
    assert present == set(network.truth.told) | answered
    told = {e.external_id: e for e in house.heard()}
    assert set(told) == set(network.truth.told)
    for name, truth in network.truth.told.items():
        heard = told[name]
        assert (heard.text, heard.author.external_id, heard.thread.external_id) == (
            truth.text,
            truth.author,
            truth.thread,
        )
    assert {e.external_id for e in house.heard(Echo)} == answered


def test_a_span_holds_its_own(network, house, clock, dana, ours):
    network.comments(dana, ours, "antes")
    clock.pass_by(86400)
    for n in range(130):
        network.comments(dana, ours, f"n{n}")
    fresh = House(network, house.account, clock)
    fresh.reconcile(hours=1)
    assert {e.text for e in fresh.heard()} == {f"n{n}" for n in range(130)}
