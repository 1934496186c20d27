"""What comes in from the street's Matrix: nothing is lost, whatever goes wrong on the way."""

import dataclasses
import random
from datetime import UTC, datetime

import pytest

from netcenter.channels.contract import (
    Attachment,
    ChannelError,
    Deleted,
    Echo,
    Edited,
    Reaction,
    Receipt,
    Trouble,
)  # fmt: skip
from netcenter.channels.matrix import receiving
from netcenter.channels.matrix.channel import CHANNEL
from netcenter.street.networks.base import Storm, Weather
from netcenter.street.networks.matrix import HOME
from tests.channels.matrix.house import HOUR, answers, signed_in

PNG = Attachment("pan.png", "image/png", b"\x89PNG pan", alt="Un pan")
DANA, ERIN = f"@dana:{HOME}", f"@erin:{HOME}"


def test_an_invitation_is_followed_and_what_was_said_since_is_read(network, house):
    house.poll()
    room = network.room(DANA, network.care)
    network.say(room, DANA, "¿Abren hoy?")
    house.poll()
    assert network.membership(room, network.care) == "join" and house.heard() == []
    network.say(room, DANA, "¿Hola?")
    house.poll()
    assert [one.text for one in house.heard()] == ["¿Abren hoy?", "¿Hola?"]
    assert house.heard()[0].author.name == "Dana" and house.cursor["invited"] == {}


@pytest.mark.parametrize("whose, wanted", [("all", "join"), ("own", "join"), ("none", "invite")])
def test_whose_invitations_are_followed(network, whose, wanted):
    house = signed_in(network.url, "care", network.password, invites=whose)
    near = network.room(DANA, network.care)
    far = network.room("@dana:far.example", network.care)
    house.poll(2)
    assert network.membership(near, network.care) == wanted
    assert network.membership(far, network.care) == ("join" if whose == "all" else "invite")


def test_an_invitation_is_not_forgotten_while_the_server_is_down(network, house, room):
    polled = CHANNEL.poll(house.connection, {})
    network.weather = Weather(storms=(Storm(0, 9e12, 503),))
    CHANNEL.stored(house.connection, polled.cursor)
    assert network.membership(room, network.care) == "invite"
    network.weather = Weather()
    house.cursor = polled.cursor
    house.poll(3)
    assert network.membership(room, network.care) == "join"
    CHANNEL.stored(house.connection, {"invited": {"!gone:x": 1, "!later:x": 3}})  # let be


def test_what_a_sync_leaves_out_is_read_backwards(network, house, asked, room):
    network.timeline = 3
    for n in range(260):
        network.say(room, DANA, f"n{n}")
    house.poll()
    assert [one.text for one in house.heard()] == ["¿Abren hoy?", *(f"n{n}" for n in range(260))]


def test_a_first_sync_looks_back_as_far_as_was_wished(network):
    room = network.room(DANA, network.care)
    network.come(room, network.care)
    ids = [network.say(room, DANA, f"n{n}") for n in range(70)]
    for event in network.rooms[room]:
        if event["event_id"] in ids[:60]:
            event["origin_server_ts"] -= 3 * 86_400_000
    for days, wanted in ((1, 10), (0, 0)):
        house = signed_in(network.url, "care", network.password, history_days=days)
        house.cursor = {}
        network.rooms[room][:] = [e for e in network.rooms[room] if e["type"] != "m.room.member" or e["sender"] != DANA
                                  or e["content"]["membership"] != "invite"]  # fmt: skip
        network.stream[:] = [(r, e) for r, e in network.stream if e in network.rooms[r]]
        house.poll()
        assert len(house.heard()) == wanted


def test_public_rooms_threads_and_colleagues(network, house):
    room = network.room(ERIN, network.care, rule="public", title="La plaza")
    network.come(room, network.care)
    house.connection = dataclasses.replace(
        house.connection, config={**house.connection.config, "team": f"@ana:{HOME}, @bob:{HOME}"}
    )
    first = network.say(room, DANA, "¿Abren?")
    network.say(room, ERIN, "Yo tampoco sé", **{"m.relates_to": {"m.in_reply_to": {"event_id": first}}})
    network.say(room, f"@ana:{HOME}", "A las 8", **{"m.relates_to": {"m.in_reply_to": {"event_id": first}}})
    network.say(room, f"@ana:{HOME}", "Buenos días")
    network.say(
        room,
        DANA,
        "¿Y mañana?",
        **{
            "m.relates_to": {
                "rel_type": "m.thread",
                "event_id": first,
                "is_falling_back": True,
                "m.in_reply_to": {"event_id": first},
            }
        },
    )
    house.poll()
    told = [(one.text, one.form, one.thread.external_id) for one in house.heard()]
    assert told == [
        ("¿Abren?", "post", f"{room} {DANA}"), ("Yo tampoco sé", "comment", f"{room} {ERIN}"),
        ("¿Y mañana?", "comment", f"{room} {first} {DANA}"),
    ]  # fmt: skip
    assert house.heard()[1].parent == first and house.heard()[0].thread.post.title == "La plaza"
    assert [(one.text, one.to.external_id) for one in house.heard(Echo)] == [("A las 8", DANA)]
    sent = CHANNEL.send(answers(house.heard()[2]), house.connection)
    relates = network.truth.answers[sent.external_id].facts["told"]["m.relates_to"]
    assert (relates["rel_type"], relates["event_id"]) == ("m.thread", first)
    sent = CHANNEL.send(answers(house.heard()[0], key="k2"), house.connection)
    told = network.truth.answers[sent.external_id].facts["told"]
    assert told["m.mentions"] == {"user_ids": [DANA]} and told["m.relates_to"]["m.in_reply_to"]["event_id"] == first


@pytest.mark.parametrize("wanted, texts", [("all", 3), ("named", 2), ("none", 0)])
def test_what_comes_in_from_public_rooms_is_chosen(network, wanted, texts):
    house = signed_in(network.url, "care", network.password, rooms=wanted)
    room = network.room(ERIN, network.care, rule="public")
    network.come(room, network.care)
    ours = network.say(room, network.care, "Hola a todos")
    network.say(room, DANA, "¿Abren?")
    network.say(room, DANA, "Care, ¿abren?", **{"m.mentions": {"user_ids": [network.care]}})
    network.say(room, DANA, "Gracias", **{"m.relates_to": {"m.in_reply_to": {"event_id": ours}}})
    house.poll()
    assert len(house.heard()) == texts


def test_edits_deletions_reactions_and_receipts(network, house, asked, room):
    sent = CHANNEL.send(answers(asked), house.connection).external_id
    network.edit(room, DANA, asked.external_id, "¿Abren mañana?")
    network.edit(room, ERIN, asked.external_id, "¡Estafa!")
    house.poll()
    reaction = network.react(room, DANA, sent, "👍️")
    network.read(room, DANA, sent)
    network.read(room, DANA, asked.external_id)
    house.poll()
    network.redact(room, DANA, reaction)
    network.redact(room, DANA, asked.external_id)
    house.poll()
    network.throw_out(room, DANA, network.care)
    house.poll()
    assert [one.text for one in house.heard(Edited)] == ["¿Abren mañana?"]
    assert [(one.external_id, one.added) for one in house.heard(Reaction)] == [(sent, True), (sent, False)]
    assert [(one.external_id, one.state) for one in house.heard(Receipt)] == [(sent, "read")]
    assert [(one.external_id, one.by) for one in house.heard(Deleted)] == [(asked.external_id, "author")]
    assert [one.what for one in house.heard(Trouble)] == ["right"]
    assert [one.key for one in house.heard(Echo)] == ["k1"]
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(answers(asked, key="k9"), house.connection)
    assert (error.value.permanent, error.value.reason) == (True, "blocked")


def test_encrypted_rooms_are_told_honestly(network, house):
    room = network.room(DANA, network.care, encrypted=True)
    network.come(room, network.care)
    network.say(room, DANA, "", kind="m.room.encrypted", algorithm="m.megolm.v1.aes-sha2", ciphertext="AwgA")
    house.poll()
    assert "encrypted" in house.heard()[0].text and house.heard()[0].extra == {"encrypted": True}
    assert [str(check.label) for check in CHANNEL.health(house.connection) if not check.ok] == ["Its rooms can be read"]
    CHANNEL.send(answers(house.heard()[0], "No podemos leer salas cifradas."), house.connection)


def test_the_stream_syncs_without_a_pause(network, house, room, monkeypatch):
    monkeypatch.setattr(receiving, "HOLD", 0)
    stop = False
    line = CHANNEL.stream(house.connection, {}, lambda: stop)
    next(line)
    network.say(room, DANA, "Hola")
    assert network.membership(room, network.care) == "join"
    assert [each.text for raw in next(line).raws for each in CHANNEL.parse(raw, house.connection)] == ["Hola"]
    assert next(line).raws == ()
    stop = True
    assert list(line) == []


def test_reconciling_finds_all_that_was_said_in_a_span(network, house):
    rooms = [network.room(DANA, network.care) for _n in range(3)]
    for room in rooms:
        network.come(room, network.care)
    ids = [network.say(room, DANA, f"n{n}") for room in rooms for n in range(130)]
    old = network.say(rooms[0], DANA, "ayer")
    network.rooms[rooms[0]][-1]["origin_server_ts"] -= 86_400_000
    now = datetime.now(UTC)
    present = house.reconcile(now - HOUR, now + HOUR)
    assert {one.external_id for one in house.heard()} == set(ids) and set(ids) <= set(present)
    assert old not in present
    assert CHANNEL.reconcile(house.connection, now, now, {"left": []}).more is False


@pytest.mark.parametrize("seed", range(5))
def test_whatever_happens_on_the_way_we_hold_what_the_server_holds(network, house, seed):
    """Chaos in small: outages, storms, tokens that end, syncs cut short, a cursor that was not stored."""
    chance = random.Random(seed)
    network.timeline = 4
    people = [f"@p{n}:{HOME}" for n in range(4)]
    rooms = [network.room(who, network.care) for who in people]
    house.poll()
    ids: list[tuple[str, str, str]] = []
    for n in range(150):
        spot = chance.randrange(4)
        room, who = rooms[spot], people[spot]
        match chance.randrange(12):
            case 0 if ids:
                there, by, id = chance.choice(ids)
                network.edit(there, by, id, f"mejor {n}")
            case 1 if ids:
                network.redact(*ids.pop(chance.randrange(len(ids))))
            case 2:
                network.edit(room, who, network.say(room, people[0], "mío"), "¡falso!")
            case 3:
                network.weather = chance.choice((Weather(), Weather(storms=(Storm(0, 9e12, 503, 0.5),), seed=n)))
            case 4:
                before = dict(house.cursor)
                _swallow(house.poll)
                house.cursor = before  # we died before storing it
            case 5:
                _swallow(house.poll)
            case _:
                ids.append((room, who, network.say(room, who, f"m{n}")))
    network.weather = Weather()
    for token in network.tokens._known.values():
        token.is_revoked = True
    with pytest.raises(ChannelError):
        house.poll()
    house.renew(CHANNEL.refresh(house.connection))
    house.poll(2)
    now = datetime.now(UTC)
    house.reconcile(now - HOUR, now + HOUR)
    gone = {id for id, one in network.truth.told.items() if one.deleted_at}
    held = house.ledger()
    unseen = gone - held.keys()  # erased before we could look
    assert held.keys() | unseen == network.truth.told.keys()
    assert {id: text for id, (text, _gone) in held.items() if id not in gone} == {
        id: one.text for id, one in network.truth.told.items() if id not in gone}  # fmt: skip
    assert {id for id, (_text, is_gone) in held.items() if is_gone} == gone - unseen


def _swallow(poll):
    try:
        poll()
    except ChannelError as error:
        assert not error.permanent
