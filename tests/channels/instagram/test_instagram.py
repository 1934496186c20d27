"""An account against the street's Instagram, which refuses what the real one refuses."""

from functools import partial

import pytest

from netcenter.channels.contract import (
    Act,
    Author,
    ChannelError,
    Choice,
    Connection,
    Deleted,
    Echo,
    Edited,
    Pointer,
    Post,
    Raw,
    Reaction,
    Receipt,
    ThreadRef,
)  # fmt: skip
from netcenter.channels.instagram.channel import CHANNEL
from netcenter.street.networks.base import Clock, File
from netcenter.street.networks.meta.app import person_token
from netcenter.street.networks.meta.instagram import RIGHTS, Instagram
from tests.channels.meta.house import NOW, PNG, House, moment, picture, says

OWN, PAGE = "17841405309211844", "1067280970047460"


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def network(clock, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with Instagram(clock) as one:
        one.professional(OWN, PAGE)
        yield one


@pytest.fixture
def house(network, clock):
    secrets = {"app_secret": network.app_secret, "token": f"token-{OWN}", "verify_token": "ours"}
    config = {"base_url": network.url, "page_id": PAGE, "instagram_id": OWN, "app_id": network.app_id}
    one = House(CHANNEL, Connection("ig", "@sol", "Panadería Sol", config, secrets), clock)
    network.hook(one.door, batch=3)
    return one


@pytest.fixture
def dana(network):
    return network.person("Dana Lopez")


def follow(house):
    """As the house does with a pointer."""
    for one in house.heard(Pointer):
        for raw in CHANNEL.follow(one.reference, house.connection):
            house.read(raw)


def test_it_answers_privately_and_hears_all_that_happens_to_words(network, house, dana):
    story = network.answers_story(dana, OWN, "¿Cuánto cuesta?")
    said = network.writes(dana, OWN, "Hola", (File("a.png", "image/png", PNG),))
    network.pusher.deliver()
    assert [one.form for one in house.heard()] == ["story", "message"]
    assert CHANNEL.fetch(house.heard()[1].attachments[0], house.connection).content == PNG
    choices = (Choice("1", "Gracias"),)
    answer = says("Diez", dana.id, attachments=(picture(),), target=said.id, choices=choices)
    receipt = CHANNEL.send(answer, house.connection)
    network.sees(dana, OWN, receipt.external_id)
    network.reacts_to(dana, OWN, receipt.external_id)
    network.changes(dana, OWN, said.id, "Hola, buenas")
    network.unsends(dana, OWN, story.id)
    network.pusher.deliver()
    assert [one.external_id for one in house.heard(Echo)] == [receipt.external_id, *receipt.also]
    assert [one.state for one in house.heard(Receipt)] == ["read"]
    assert (house.heard(Reaction)[0].what, house.heard(Edited)[0].text) == ("❤", "Hola, buenas")
    assert house.heard(Deleted)[0].external_id == story.id
    assert CHANNEL.find(answer, house.connection).also == receipt.also


def test_it_tells_who_writes_and_on_what(network, house, dana):
    assert CHANNEL.author(Author(dana.id), house.connection) == Author(dana.id), "who never wrote is not shown"
    network.writes(dana, OWN, "Hola")
    known = CHANNEL.author(Author(dana.id), house.connection)
    assert (known.name, known.handle, known.reach.followers) == ("Dana Lopez", "@dana.lopez", 7)
    post = CHANNEL.post(network.publishes(OWN, "¡Roscones!").id, house.connection)
    assert (post.text, post.reach.likes, post.attachments[0].mime) == ("¡Roscones!", 5, "image/jpeg")
    assert CHANNEL.post("404", house.connection) is None


@pytest.mark.parametrize("days, tag, fits", [
    (0.9, "", True), (1.1, "", False), (6, "HUMAN_AGENT", True), (8, "HUMAN_AGENT", False),
])  # fmt: skip
def test_the_window_is_a_day_and_with_a_person_s_tag_a_week(network, house, dana, clock, days, tag, fits):
    network.writes(dana, OWN, "Hola")
    clock.pass_by(days * 86400)
    if fits:
        assert CHANNEL.send(says("Sí", dana.id, tag=tag), house.connection).state == "sent"
        return
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Sí", dana.id, tag=tag), house.connection)
    assert (error.value.permanent, error.value.reason) == (True, "window")


def _to(person, comment):
    thread = Post(comment.post or comment.id).thread_of(Author(person.id))
    return {"to": person.id, "thread": thread, "target": comment.id}


def test_comments_are_heard_answered_found_hidden_and_deleted(network, house, dana):
    post = network.publishes(OWN, "¡Roscones!")
    comment = network.comments(dana, post, "Llegó roto")
    reply = network.comments(dana, comment, "¿Nadie?")
    network.pusher.deliver()
    assert [(one.text, one.parent) for one in house.heard()] == [("Llegó roto", ""), ("¿Nadie?", comment.id)]
    for words, above in (("Lo sentimos", comment), ("Le escribimos", reply)):
        outbound = says(words, **_to(dana, above))
        assert CHANNEL.find(outbound, house.connection) is None
        network.weather.lost = 1.0
        with pytest.raises(ChannelError) as error:
            CHANNEL.send(outbound, house.connection)
        assert error.value.unknown
        network.weather.lost = 0.0
        found = CHANNEL.find(outbound, house.connection)
        assert network.truth.answers[found.external_id].text == words
    top = says("Gracias a todos", thread=Post(post.id).thread_of(Author("x")))
    assert CHANNEL.find(top, house.connection) is None
    receipt = CHANNEL.send(top, house.connection)
    assert CHANNEL.find(top, house.connection).external_id == receipt.external_id
    thread = house.heard()[0].thread
    for verb, target in (("hide", comment.id), ("show", comment.id), ("delete_theirs", reply.id),
                         ("delete_theirs", reply.id), ("delete_ours", receipt.external_id)):  # fmt: skip
        assert CHANNEL.act(Act("k", verb, target, thread), house.connection).state == "sent"
    assert network.truth.told[reply.id].deleted_at and not network.truth.told[comment.id].hidden_at
    with pytest.raises(ChannelError, match="know no react"):
        CHANNEL.act(Act("k", "react", comment.id, thread), house.connection)
    network.writes(dana, OWN, "Hola")
    assert CHANNEL.act(Act("k", "typing", "", ThreadRef(dana.id)), house.connection).state == "sent"


def test_a_comment_is_answered_privately_once(network, house, dana):
    comment = network.comments(dana, network.publishes(OWN, "x"), "y")
    private = says("Le escribimos por aquí", **_to(dana, comment), way="private_reply")
    assert CHANNEL.send(private, house.connection).state == "sent"
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(private, house.connection)
    assert error.value.reason == "twice" and CHANNEL.find(private, house.connection)


def test_mentions_are_asked_for_and_answered_where_they_stand(network, house, dana):
    in_comment = network.mentions(dana, OWN, "No vayan a @sol", comment=True)
    in_caption = network.mentions(dana, OWN, "Con @sol")
    network.pusher.deliver()
    assert house.heard() == []
    follow(house)
    said = {one.external_id: one for one in house.heard()}
    assert [said[one.id].text for one in (in_comment, in_caption)] == ["No vayan a @sol", "Con @sol"]
    for one in said.values():
        answer = says("Gracias por avisar", one.author.external_id, thread=one.thread, target=one.external_id)
        CHANNEL.send(answer, house.connection)
    assert {one.thread for one in network.truth.replies()} == {in_comment.id, in_caption.id}
    assert CHANNEL.follow("404/", house.connection) == ()


@pytest.mark.parametrize("outbound, fits", [
    (says("á" * 500, "x"), True), (says("á" * 501, "x"), False),
    (says("á" * 300, "x", thread=ThreadRef("t", "public")), True),
    (says("a" * 301, "x", thread=ThreadRef("t", "public")), False),
    (says("a", "x", thread=ThreadRef("t", "public"), attachments=(picture(),)), False),
    (says("a", "x", way="private_reply", attachments=(picture(),)), False),
    (says("a", "x", choices=(Choice("1", "x"),) * 14), False), (says("a", "x", attachments=(picture(),)), True),
])  # fmt: skip
def test_it_says_beforehand_what_does_not_fit(outbound, fits):
    assert (CHANNEL.unfit(outbound) == "") == fits


def test_what_no_webhook_told_is_found_again_once(network, house, clock):
    network.weather.dropped = 0.5
    people = [network.person(f"Persona {n}") for n in range(5)]
    post, advert = network.publishes(OWN, "¡Roscones!"), network.publishes(OWN, "Oferta", advert=True)
    top = network.comments(people[0], post, "primero")
    for n in range(80):
        clock.pass_by(60)
        doings = (
            partial(network.comments, people[n % 5], post), partial(network.writes, people[n % 5], OWN),
            partial(network.comments, people[n % 5], advert), partial(network.comments, people[n % 5], top),
            partial(network.mentions, people[n % 5], OWN),
        )  # fmt: skip
        doings[n % 5 if n % 2 else n % 4](words=f"palabras {n}")
        network.pusher.deliver()
    follow(house)
    assert {one.external_id for one in house.heard()} < set(network.truth.told)
    assert house.reconcile(NOW, clock()) >= 3
    found = {one.external_id: one for one in house.heard()}
    assert set(found) == set(network.truth.told)
    for id, told in network.truth.told.items():
        assert (found[id].text, found[id].author.external_id) == (told.text, told.author)
        assert found[id].thread.external_id == told.thread
    assert network.limits.earned == 0


def test_of_a_long_conversation_all_are_there_and_the_newest_are_read(network, house, dana):
    said = [network.writes(dana, OWN, f"Dígame {n}").id for n in range(30)]
    found = CHANNEL.reconcile(house.connection, moment(NOW - 1), moment(NOW + 1), {})
    assert set(found.present) == set(said) and len(found.raws) == 20


def test_who_writes_while_pages_are_turned_is_not_taken_for_gone(network, house, clock):
    """Conversations stand newest first: who writes moves to the top, behind the back of whoever reads on below."""
    people = [network.person(f"Persona {n}") for n in range(70)]
    for person in people:
        clock.pass_by(1)
        network.writes(person, OWN, "Hola")
    present, cursor, more = set(), {}, True
    while more:
        found = CHANNEL.reconcile(house.connection, moment(NOW), moment(clock() + 3600), cursor)
        present |= set(found.present)
        cursor, more = found.cursor, found.more
        clock.pass_by(5)
        if len(present) < 70:
            network.writes(people.pop(0), OWN, "¿Hola?")  # the one who stands last
    assert found.lists_all and present >= {id for id, one in network.truth.told.items() if one.text == "Hola"}


def test_where_more_is_said_than_can_be_read_nothing_is_taken_for_gone(network, house, clock):
    people = [network.person(f"Persona {n}") for n in range(70)]
    for person in people:
        network.writes(person, OWN, "Hola")
    cursor, more = {}, True
    while more:
        found = CHANNEL.reconcile(house.connection, moment(NOW), moment(clock() + 36000), cursor)
        cursor, more = found.cursor, found.more
        clock.pass_by(5)
        for person in people:
            network.writes(person, OWN, "¿Y?")
    assert not found.lists_all


def test_a_missing_right_costs_its_own_edge_alone(network, house, dana):
    network.comments(dana, network.publishes(OWN, "x"), "y")
    network.writes(dana, OWN, "Hola")
    network.tokens.get(f"token-{OWN}").rights.discard("instagram_manage_comments")
    house.reconcile(NOW - 1, NOW + 1)
    assert [one.text for one in house.heard()] == ["Hola"]
    bad = [one.detail for one in CHANNEL.health(house.connection) if not one.ok and one.needed]
    assert bad == ["instagram_manage_comments"]
    network.tokens.expire(f"token-{OWN}", NOW)
    with pytest.raises(ChannelError) as error:
        house.reconcile(NOW - 1, NOW + 1)
    assert error.value.reason == "token"


def test_signing_in_connects_accounts_and_prolongs_their_tokens(network, house, clock):
    back, user = "https://care.example/oauth", person_token(network, *RIGHTS).value
    assert "instagram_manage_messages" in CHANNEL.authorize(house.connection, back, "s").url
    code = network.consents(back, user).partition("code=")[2].partition("&")[0]
    (grant,) = CHANNEL.exchange(house.connection, {"code": code}, back, {})
    assert grant.config == {"page_id": PAGE, "instagram_id": OWN} and grant.secrets["token"] == f"token-{OWN}"
    clock.pass_by(86400)
    again = CHANNEL.refresh(house.told(secrets={**house.connection.secrets, **grant.secrets}))
    assert again.expires_at == moment(NOW + 86400 + 60 * 86400)


def test_it_subscribes_its_page(network, house):
    network.accounts[OWN]["subscribed"] = False
    CHANNEL.subscribe(house.told(config={**house.connection.config, "app_id": ""}), "http://x")
    assert network.accounts[OWN]["subscribed"]
    CHANNEL.unsubscribe(house.connection, "http://x")
    assert network.accounts[OWN]["subscribed"], "its page may be an account of its own"


def test_what_is_no_delivery_of_instagram_says_nothing(house):
    assert CHANNEL.parse(Raw(b'{"object":"page","entry":[{"id":"1"}]}', "x"), house.connection) == []


def test_who_has_written_in_private_can_be_blocked_and_let_in_again(network, house, dana):
    one = network.writes(dana, OWN, "¡Ladrones!")

    def judge(verb, who):
        CHANNEL.act(Act("k", verb, one.id, ThreadRef(who), Author(who)), house.connection)

    for _time in (1, 2):
        judge("block", dana.id)
    assert dana.is_blocked
    judge("unblock", dana.id)
    assert not dana.is_blocked
    with pytest.raises(ChannelError) as error:
        judge("block", network.person("Eva").id)
    assert (error.value.permanent, error.value.reason) == (True, "gone"), "there is no conversation"
    network.tokens.get(f"token-{OWN}").rights.discard("instagram_manage_messages")
    with pytest.raises(ChannelError) as error:
        judge("block", dana.id)
    assert (error.value.permanent, error.value.reason) == (True, "right")
