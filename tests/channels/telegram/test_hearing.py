"""How updates come in: by the webhook or by asking, each once, whatever goes wrong on the way."""

import dataclasses
import random

import pytest

from netcenter.channels.contract import (
    ChannelError,
    Deleted,
    Echo,
    Edited,
    Inbound,
    Reaction,
    Request,
    Trouble,
)  # fmt: skip
from netcenter.channels.telegram import receiving
from netcenter.channels.telegram.channel import CHANNEL
from netcenter.street.networks.base import File, Storm, Weather
from tests.channels.telegram.house import HOOK, PNG


def test_words_and_files_come_in_by_asking_and_are_asked_for_once(network, house, dana):
    network.writes(dana, "Hola")
    network.writes(dana, "Llegó roto", file=PNG)
    house.poll()
    house.poll()
    first, second = house.heard()
    assert (first.text, first.author.name, first.thread.external_id) == ("Hola", "Dana López", str(dana["id"]))
    file = CHANNEL.fetch(second.attachments[0], house.connection)
    assert (second.text, file.content, file.missing) == ("Llegó roto", PNG.content, "")
    assert network.pusher.waiting() == 0, "what was stored is confirmed"


def test_nothing_is_confirmed_before_it_is_stored(network, house, dana):
    network.writes(dana, "Hola")
    polled = CHANNEL.poll(house.connection, {})
    assert len(polled.raws) == 1 and network.pusher.waiting() == 1
    again = CHANNEL.poll(house.connection, {})  # we died before storing it
    assert [raw.dedupe for raw in again.raws] == [raw.dedupe for raw in polled.raws]
    CHANNEL.poll(house.connection, polled.cursor)
    assert network.pusher.waiting() == 0


def test_more_than_a_page_is_asked_for_at_once(network, house, dana):
    for n in range(230):
        network.writes(dana, f"n{n}")
    house.poll()
    assert [one.text for one in house.heard()] == [f"n{n}" for n in range(230)]


def test_the_webhook_needs_our_secret(network, pushed, dana):
    network.writes(dana, "Hola")
    network.secret = "another"
    network.pusher.deliver()
    assert pushed.heard() == [] and network.pusher.waiting() == 1
    network.secret = pushed.connection.secrets["webhook_secret"]
    network.pusher.deliver()
    assert [one.text for one in pushed.heard()] == ["Hola"]


def test_the_same_update_by_both_ways_is_one_delivery(network, house, dana):
    network.writes(dana, "Hola")
    network.door = house.door
    house.poll()
    network.pusher.pending = [(network.now(), {**one}) for _at, one in network.pusher.pending]
    CHANNEL.subscribe(house.connection, HOOK)
    network.pusher.deliver()
    assert len(house.seen) == 1


def test_while_telegram_pushes_nobody_asks_but_looks_now_and_then(network, pushed, dana, clock):
    pushed.poll()
    assert receiving.is_pushed(pushed.cursor, clock())
    before = len(network.calls)
    pushed.poll()
    assert len(network.calls) == before
    pushed.shut = True
    network.writes(dana, "Hola")
    network.pusher.deliver()
    clock.pass_by(receiving.LOOK_AGAIN + 1)
    pushed.poll()
    assert "503" in pushed.heard(Trouble)[0].detail
    clock.pass_by(receiving.LOOK_AGAIN + 1)
    pushed.poll()
    assert len(pushed.heard(Trouble)) == 1, "the same trouble is told once"
    pushed.shut = False
    network.pusher.deliver()
    assert [one.text for one in pushed.heard()] == ["Hola"]


def test_a_hook_that_goes_is_followed_by_asking(network, pushed, dana, clock):
    pushed.poll()
    CHANNEL.unsubscribe(pushed.connection, HOOK)
    network.writes(dana, "Hola")
    clock.pass_by(receiving.LOOK_AGAIN + 1)
    pushed.poll()
    assert [one.text for one in pushed.heard()] == ["Hola"]


def test_another_program_is_named(network, house):
    network.other_asks = True
    with pytest.raises(ChannelError, match="another program") as error:
        house.poll()
    assert not error.value.permanent and error.value.retry_at
    network.other_asks = False
    network.webhook = "https://other.example/bot"
    with pytest.raises(ChannelError, match=r"other\.example"):
        house.poll()


def test_after_a_quiet_week_numbers_begin_anew_and_nothing_is_lost(network, house, dana, clock):
    network.writes(dana, "Hola")
    house.poll()
    clock.pass_by(8 * 86400)
    network.pusher.next_id = 1000
    network.writes(dana, "¿Siguen ahí?")
    house.poll()
    house.poll()
    assert [one.text for one in house.heard()] == ["Hola", "¿Siguen ahí?"]
    assert network.pusher.waiting() == 0


def test_the_stream_asks_without_a_pause_and_is_silent_while_pushed(network, house, dana):
    stop = False
    line = CHANNEL.stream(house.connection, {}, lambda: stop)
    network.writes(dana, "Hola")
    polled = next(line)
    assert len(polled.raws) == 1
    network.writes(dana, "¿Hola?")
    assert len(next(line).raws) == 1 and network.pusher.waiting() == 1
    network.door = house.door
    CHANNEL.subscribe(house.connection, HOOK)
    receiving_rest, receiving.HOLD = receiving.HOLD, 0
    try:
        assert next(line).raws == () and next(line).raws == ()
        stop = True
        assert list(line) == []
    finally:
        receiving.HOLD = receiving_rest


@pytest.mark.parametrize("how", ["house", "pushed"])
def test_a_button_that_is_pressed_is_a_choice_and_is_let_go(network, dana, how, request):
    house = request.getfixturevalue(how)
    name = network.writes(dana, "Hola")
    query = network.presses(dana, name, "horario")
    network.pusher.deliver()
    if how == "house":
        house.poll()
    assert [one.choice for one in house.heard()] == ["", "horario"]
    assert network.pressed == {query: True}


def test_old_buttons_are_let_be(house):
    CHANNEL.stored(house.connection, {"pressed": ["long ago", "longer ago"]})
    house.network.weather.storms = (Storm(0, 9e12, 503),)
    CHANNEL.stored(house.connection, {"pressed": ["x"]})


def test_groups_comments_and_business_accounts(network, house, dana):
    group = network.group("Amigos del pan", username="amigos")
    channel = network.channel("Panadería Sol", group)
    erin, ana = network.person("Erin"), network.person("Ana", username="ana_sol")
    post = network.posts(channel, "Hoy hay medialunas")
    comment = network.comments(dana, "¿Quedan?", post)
    network.comments(erin, "A mí también", post, below=comment)
    network.writes(erin, "¿Alguien sabe si abren?", group)
    network.writes(dana, "Sin tema", group, message_thread_id=5, is_topic_message=True)
    business = network.business(ana)
    network.writes_to_business(dana, "¿Turno?", business)
    network.writes_to_business(dana, "A las 5", business, sender=ana)
    house.poll()
    threads = [(one.text, one.thread.place, one.thread.post and one.thread.post.text) for one in house.heard()]
    assert threads == [
        ("¿Quedan?", "public", "Hoy hay medialunas"), ("A mí también", "public", ""),
        ("¿Alguien sabe si abren?", "public", ""), ("Sin tema", "public", ""), ("¿Turno?", "private", None),
    ]  # fmt: skip
    assert len({one.thread.external_id for one in house.heard()}) == 5
    echoes = {one.text: one.form for one in house.heard(Echo)}
    assert echoes == {"Hoy hay medialunas": "post", "A las 5": "message"}


@pytest.mark.parametrize(
    "wanted, texts",
    [
        ("all", ["¿abren?", "@Panaderia_Sol_Bot ¿abren?", "Gracias"]),
        ("named", ["@Panaderia_Sol_Bot ¿abren?", "Gracias"]),
        ("none", []),
    ],
)
def test_what_comes_in_from_groups_is_chosen(network, house, dana, wanted, texts):
    group = network.group("Amigos del pan")
    network.writes(dana, "¿abren?", group)
    asked = network.writes(dana, "@Panaderia_Sol_Bot ¿abren?", group)
    before = {"message_id": 9, "from": network.me, "chat": group, "date": 1, "text": "Sí"}
    network.writes(dana, "Gracias", group, reply_to_message=before)
    network.edits(asked, "@Panaderia_Sol_Bot ¿abren hoy?")
    house.connection = house.told(config={**house.connection.config, "groups": wanted})
    house.poll()
    assert [one.text for one in house.heard()] == texts
    assert len(house.heard(Edited)) == (wanted != "none")


def test_reactions_blocks_and_being_thrown_out(network, house, dana):
    name = network.writes(dana, "Hola")
    group = network.group("Amigos del pan")
    network.reacts(dana, name, "🔥")
    house.poll()
    assert house.heard(Reaction) == [], "Telegram tells of reactions only after it was asked to"
    network.reacts(dana, name, "👍")
    network.reacts(dana, name, "❤")
    network.blocks(dana)
    network.blocks(dana, again=True)
    network.throws_out(dana, group)
    house.poll()
    assert [(one.what, one.added) for one in house.heard(Reaction)] == [
        ("🔥", False), ("👍", True), ("👍", False), ("❤", True),
    ]  # fmt: skip
    assert [one.detail for one in house.heard(Trouble)] == ["Amigos del pan: kicked"]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_on_the_way_we_hold_what_telegram_holds(network, pushed, clock, seed):
    """Chaos in small: calls that fail, repeat, overtake each other; our door shut, Telegram down, a token revoked."""
    chance = random.Random(seed)
    people = [network.person(f"P{n}") for n in range(4)]
    group = network.group("Amigos del pan")
    business = network.business(network.person("Ana"))
    network.change(Weather(dropped=0.2, repeated=0.2, shuffled=0.3, seed=seed))
    names: list[str] = []
    for n in range(120):
        who = chance.choice(people)
        match chance.randrange(10):
            case 0 if names:
                network.edits(names[-1], f"mejor dicho {n}")
            case 1:
                names.append(network.writes_to_business(who, f"b{n}", business))
            case 2 if names and names[-1].startswith("business"):
                network.erases(names.pop())
            case 3:
                network.writes(who, f"g{n}", group)
            case 4:
                pushed.shut = not pushed.shut
            case 5:
                network.weather.outages = ((clock(), clock() + 30),)
            case _:
                names.append(network.writes(who, f"m{n}"))
        clock.pass_by(chance.choice((1, 20, 60)))
        network.pusher.deliver()
    pushed.shut, network.weather.outages = False, ()
    network.tokens.revoke(network.token)
    clock.pass_by(receiving.LOOK_AGAIN + 1)
    with pytest.raises(ChannelError) as error:
        pushed.poll()
    assert error.value.reason == "token" and not error.value.permanent
    network.tokens.get(network.token).is_revoked = False
    CHANNEL.unsubscribe(pushed.connection, HOOK)
    pushed.poll()
    wanted = {id: (one.text, one.deleted_at is not None) for id, one in network.truth.told.items()}
    assert pushed.ledger() == wanted and len(pushed.heard()) == len(wanted)


def test_what_is_too_large_or_gone_is_missing_for_good(network, house, dana):
    network.writes(dana, file=File("film.mp4", "video/mp4", bytes(20 * 2**20 + 1)))
    network.writes(dana, file=PNG)
    house.poll()
    large, small = (one.attachments[0] for one in house.heard())
    assert "20 MB" in large.missing and not large.reference
    assert CHANNEL.fetch(dataclasses.replace(small, reference="none"), house.connection).missing
    network.weather.storms = (Storm(0, 9e12, 503),)
    with pytest.raises(ChannelError):
        CHANNEL.fetch(small, house.connection)


@pytest.mark.parametrize("body", [b"[]", b"no json", b'"x"', b'{"update_id":true}', b"{}"])
def test_whatever_is_pushed_with_the_secret_is_kept(house, body):
    secret = house.connection.secrets["webhook_secret"]
    answer = CHANNEL.verify(Request("POST", {receiving.PROOF: secret}, "", body), house.connection)
    assert answer.store and answer.status == 200
    assert CHANNEL.verify(Request("GET", {receiving.PROOF: secret}, "", body), house.connection).status == 401
    empty = house.told(secrets={**house.connection.secrets, "webhook_secret": ""})
    assert CHANNEL.verify(Request("POST", {receiving.PROOF: ""}, "", body), empty).status == 401


def test_deleted_messages_of_a_business_account(network, house, dana):
    business = network.business(network.person("Ana"))
    name = network.writes_to_business(dana, "¿Turno?", business)
    network.erases(name)
    house.poll()
    assert [one.external_id for one in house.heard(Deleted)] == [name]
    assert isinstance(house.heard()[0], Inbound)
