"""The channel against Synapse, the usual Matrix server (`make servers`)."""

import dataclasses
import time
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from netcenter.channels.contract import (
    Act,
    Attachment,
    ChannelError,
    Deleted,
    Echo,
    Edited,
    Inbound,
    Reaction,
    Receipt,
)  # fmt: skip
from netcenter.channels.matrix.channel import CHANNEL
from tests.channels.matrix.house import HOUR, House, answers, signed_in
from tests.servers import synapse
from tests.servers.synapse import PASSWORD, V3

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]
PNG = Attachment("pan.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"0" * 100, alt="Un pan")


@pytest.fixture(scope="module")
def server():
    try:
        with synapse.synapse_server() as running:
            yield running
    except synapse.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def connections(server):
    """Signed in once: passwords are slow to judge, on purpose."""
    return {}


@pytest.fixture
def house(server, settings, connections):
    settings.ALLOW_PRIVATE_HTTP = True
    if "care" not in connections:
        connections["care"] = signed_in(server.url, server.join("care"), PASSWORD, unlimited=True).connection
    return House(connections["care"])


def until(house, kind, n=1, seconds=60.0, room=""):
    """All that was heard of this kind (in this room), once there are so many."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        house.poll()
        found = [one for one in house.heard(kind) if not room or one.thread.external_id.startswith(room)]
        if len(found) >= n:
            return found
        time.sleep(0.1)
    raise AssertionError(f"only {house.happened}")


def act(house, verb, inbound, target, key, **more):
    return CHANNEL.act(Act(key, verb, target, inbound.thread, inbound.author, **more), house.connection)


def test_a_conversation_with_files_edits_reactions_and_receipts(server, house):
    assert [check for check in CHANNEL.health(house.connection) if not check.ok] == []
    house.poll()
    room = server.room("dana", invite=[house.connection.address], is_direct=True, preset="private_chat")
    asked = server.say("dana", room, "¿Y mi pedido?")
    (inbound,) = until(house, Inbound, room=room)
    assert (inbound.external_id, inbound.text, inbound.author.name) == (asked, "¿Y mi pedido?", "dana")
    assert inbound.thread.external_id == room and inbound.thread.place == "private"

    outbound = answers(inbound, "Ya lo miramos.", attachments=(PNG,), key=f"key-{room[1:9]}")
    assert CHANNEL.find(outbound, house.connection) is None
    sent = CHANNEL.send(outbound, house.connection)
    again = CHANNEL.send(outbound, house.connection)
    assert (again.external_id, again.also) == (sent.external_id, sent.also), "the same key is the same event"
    found = CHANNEL.find(outbound, house.connection)
    assert (found.external_id, found.also) == (sent.external_id, sent.also)
    (echo,) = until(house, Echo)
    assert (echo.key, echo.external_id) == (outbound.key, sent.external_id)

    fresh = {"msgtype": "m.text", "body": "¿Y mi pedido 7?"}
    relates = {"rel_type": "m.replace", "event_id": asked}
    server.say("dana", room, "* ¿Y mi pedido 7?", **{"m.new_content": fresh, "m.relates_to": relates})
    annotation = {"m.relates_to": {"rel_type": "m.annotation", "event_id": sent.external_id, "key": "👍️"}}
    server.say("dana", room, "", kind="m.reaction", **annotation)
    server.call("dana", "POST", f"{V3}/rooms/{quote(room)}/receipt/m.read/{quote(sent.also[0])}", {})
    assert until(house, Edited)[0].text == "¿Y mi pedido 7?"
    assert until(house, Reaction)[0].what == "👍️"
    assert until(house, Receipt)[0].external_id == sent.also[0]

    url = server.upload("dana", PNG.content, "image/png")
    picture = server.say("dana", room, "roto.png", msgtype="m.image", url=url, info={"mimetype": "image/png"})
    file = until(house, Inbound, 2, room=room)[1].attachments[0]
    assert (file.name, CHANNEL.fetch(file, house.connection).content) == ("roto.png", PNG.content)
    server.call("dana", "PUT", f"{V3}/rooms/{quote(room)}/redact/{quote(picture)}/r1", {})
    gone = until(house, Deleted)[0]
    assert (gone.external_id, gone.by) == (picture, "author")

    for _time in range(2):
        act(house, "edit", inbound, sent.external_id, "a1", text="Ya lo miramos hoy.")
        act(house, "react", inbound, asked, "a2", what="👍️")
        act(house, "seen", inbound, asked, "a3")
        act(house, "typing", inbound, "", "a4")
    with pytest.raises(ChannelError) as error:
        act(house, "react", inbound, asked, "a5", what="👍️")
    assert error.value.reason == "twice"
    for key in ("a6", "a7"):
        act(house, "unreact", inbound, asked, key, what="👍️")
    act(house, "delete_ours", inbound, sent.also[0], "a8")
    act(house, "delete_ours", inbound, sent.also[0], "a8")
    shown = server.call("dana", "GET", f"{V3}/rooms/{quote(room)}/event/{quote(sent.external_id)}")
    assert shown["content"]["body"] in ("Ya lo miramos.", "* Ya lo miramos hoy.", "Ya lo miramos hoy.")
    now = datetime.now(UTC)
    known = len(house.heard())
    present = house.reconcile(now - HOUR, now + HOUR)
    assert asked in present and len(house.heard()) == known


def test_what_a_sync_leaves_out_and_what_reconciling_finds(server, house):
    house.poll()
    room = server.room("erin", invite=[house.connection.address])
    said = [server.say("erin", room, f"n{n}") for n in range(5)]
    until(house, Inbound, 5, room=room)
    said += [server.say("erin", room, f"n{n}") for n in range(5, 70)]
    house.poll()
    assert [one.external_id for one in house.heard() if one.thread.external_id == room] == said
    house.happened.clear()
    house.seen.clear()
    now = datetime.now(UTC)
    house.reconcile(now - HOUR, now + HOUR)
    assert {one.external_id for one in house.heard() if one.thread.external_id == room} == set(said)


def test_public_rooms_threads_and_others_edits(server, house):
    room = server.room("fred", preset="public_chat", name="La plaza", visibility="private")
    CHANNEL.stored(house.connection, {"invited": {room: 1}})
    server.join("gina")
    server.call("gina", "POST", f"{V3}/join/{quote(room)}", {})
    house.poll()
    first = server.say("fred", room, "¿Abren?")
    fresh = {"msgtype": "m.text", "body": "¡Estafa!"}
    relates = {"rel_type": "m.replace", "event_id": first}
    server.say("gina", room, "* ¡Estafa!", **{"m.new_content": fresh, "m.relates_to": relates})
    server.say("gina", room, "Yo tampoco", **{"m.relates_to": {"m.in_reply_to": {"event_id": first}}})
    server.say(
        "fred",
        room,
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
    told = {one.text: one for one in until(house, Inbound, 3, room=room)}
    assert {text: one.form for text, one in told.items()} == {
        "¿Abren?": "post", "Yo tampoco": "comment", "¿Y mañana?": "comment"}  # fmt: skip
    assert told["¿Abren?"].thread.place == "public" and told["¿Abren?"].thread.post.title == "La plaza"
    assert first not in [one.external_id for one in house.heard(Edited)], "nobody puts words into somebody else's mouth"
    assert told["¿Y mañana?"].thread.external_id == f"{room} {first} @fred:{server.domain}"
    sent = CHANNEL.send(answers(told["¿Y mañana?"], "A las 8", key="thread-1"), house.connection)
    shown = server.call("fred", "GET", f"{V3}/rooms/{quote(room)}/event/{quote(sent.external_id)}")
    assert shown["content"]["m.relates_to"]["rel_type"] == "m.thread"


def test_an_encrypted_room_is_told_honestly_and_can_be_answered(server, house):
    sealed = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
    room = server.room("hugo", invite=[house.connection.address], initial_state=[sealed])
    server.say("hugo", room, "", kind="m.room.encrypted", algorithm="m.megolm.v1.aes-sha2", ciphertext="AwgA",
               device_id="D", sender_key="K", session_id="S")  # fmt: skip
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(one.extra.get("encrypted") for one in house.heard()):
        house.poll()
    inbound = next(one for one in house.heard() if one.extra.get("encrypted"))
    assert CHANNEL.send(answers(inbound, "No podemos leer salas cifradas.", key="sealed-1"), house.connection)
    assert "Its rooms can be read" in [str(c.label) for c in CHANNEL.health(house.connection) if not c.ok]


def test_tokens_are_renewed_and_after_a_logout_the_password_helps(server, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    house = signed_in(server.url, server.join("renewed"), PASSWORD)
    first = house.connection.secrets["access"]
    grant = CHANNEL.refresh(house.connection)
    assert grant.secrets["access"] != first and grant.expires_at
    house.renew(grant)
    house.poll()
    stale = dataclasses.replace(house.connection, secrets={"access": "syt_nobody_knows"})
    with pytest.raises(ChannelError) as error:
        CHANNEL.poll(stale, {})
    assert error.value.reason == "token" and not error.value.permanent
    broken = dataclasses.replace(house.connection, secrets={**house.connection.secrets, "refresh": "syr_gone"})
    again = CHANNEL.refresh(broken)
    assert again.config["device_id"] == house.connection.config["device_id"]
    wrong = dataclasses.replace(broken, secrets={**broken.secrets, "password": "wrong"})
    with pytest.raises(ChannelError) as error:
        CHANNEL.refresh(wrong)
    assert error.value.reason == "token"


def test_who_is_thrown_out_is_told(server, house):
    house.poll()
    room = server.room("ines", invite=[house.connection.address])
    server.say("ines", room, "Hola")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not any(o.thread.external_id == room for o in house.heard()):
        house.poll()
    inbound = next(one for one in house.heard() if one.thread.external_id == room)
    server.call("ines", "POST", f"{V3}/rooms/{quote(room)}/kick", {"user_id": house.connection.address})
    house.poll()
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(answers(inbound, key="out-1"), house.connection)
    assert (error.value.permanent, error.value.reason) == (True, "blocked")
