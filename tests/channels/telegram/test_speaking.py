"""What we say and do there, and how its refusals are understood."""

import dataclasses

import pytest

from netcenter.channels.contract import (
    Act,
    Attachment,
    Author,
    ChannelError,
    Choice,
    Connection,
    Outbound,
    ThreadRef,
)  # fmt: skip
from netcenter.channels.telegram import options
from netcenter.channels.telegram.channel import CHANNEL
from netcenter.street.networks.base import Storm
from netcenter.street.networks.telegram.acting import EMOJI
from tests.channels.telegram.house import HOOK, NOW, answers

JPG = Attachment("pan.jpg", "image/jpeg", b"jpg")
MP4 = Attachment("pan.mp4", "video/mp4", b"mp4")
PDF = Attachment("factura.pdf", "application/pdf", b"pdf")


@pytest.fixture
def asked(network, house, dana):
    """What Dana asked."""
    network.writes(dana, "¿Abren hoy?")
    house.poll()
    return house.heard()[0]


def send(house, outbound):
    """As the house does it: again when the budget has room."""
    for _attempt in range(50):
        try:
            return CHANNEL.send(outbound, house.connection)
        except ChannelError as error:
            if error.reason != "rate":
                raise
            house.clock.at = max(house.clock.at, error.retry_at.timestamp())
            outbound = dataclasses.replace(outbound, left=error.left)
    raise AssertionError("it never left")


def test_an_answer_arrives_and_quotes_only_what_is_not_the_last(network, house, dana, asked):
    receipt = send(house, answers(asked))
    assert network.truth.answers[receipt.external_id].facts["answered"] == 0
    older = dataclasses.replace(answers(asked), in_reply_to=(f"{dana['id']}/99", asked.external_id))
    receipt = send(house, older)
    assert network.truth.answers[receipt.external_id].facts["answered"] == 1


@pytest.mark.parametrize("files, kinds, captions", [
    ((JPG,), ["photo"], ["Sí"]), ((PDF,), ["document"], ["Sí"]), ((JPG, MP4), ["photo", "video"], ["Sí", ""]),
    ((JPG, PDF), ["photo", "document"], ["Sí", ""]),
    ((PDF, PDF, JPG), ["document", "document", "photo"], ["Sí", "", ""]),
    ((dataclasses.replace(JPG, mime="image/gif"),), ["animation"], ["Sí"]),
    ((dataclasses.replace(JPG, mime="audio/ogg"), dataclasses.replace(JPG, mime="audio/mpeg")),
     ["voice", "audio"], ["Sí", ""]),
    ((dataclasses.replace(JPG, content=bytes(10 * 2**20 + 1)),), ["document"], ["Sí"]),
])  # fmt: skip
def test_files_go_as_albums_with_the_words_below_the_first(network, house, asked, files, kinds, captions):
    receipt = send(house, answers(asked, "Sí", attachments=files))
    made = [network.truth.answers[name] for name in (receipt.external_id, *receipt.also)]
    assert [one.facts["kind"] for one in made] == kinds
    assert [one.text for one in made] == captions
    assert [one.facts["file"].content for one in made] == [file.content for file in files]


def test_long_words_go_before_the_files_and_what_left_is_not_sent_again(network, house, asked):
    long = answers(asked, "a" * 1025, attachments=(JPG, PDF))
    with pytest.raises(ChannelError) as error:  # one message a second
        CHANNEL.send(long, house.connection)
    assert error.value.reason == "rate" and len(error.value.left) == 1
    receipt = send(house, dataclasses.replace(long, left=error.value.left))
    assert [one.facts["kind"] for one in network.truth.replies()] == ["text", "photo", "document"]
    assert receipt.external_id == error.value.left[0] and len(receipt.also) == 2


def test_an_album_that_is_broken_off_goes_on_after_what_left(network, house, asked):
    network.weather.storms = ()
    outbound = answers(asked, "", attachments=(JPG, JPG, PDF))
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(outbound, house.connection)
    assert len(error.value.left) == 2
    send(house, dataclasses.replace(outbound, left=error.value.left))
    assert [one.facts["kind"] for one in network.truth.replies()] == ["photo", "photo", "document"]


def test_choices_are_buttons(network, house, asked):
    choices = (Choice("horario", "Horario"), Choice("otra", "Otra cosa" * 20))
    send(house, answers(asked, "¿Qué necesita?", choices=choices))
    made = next(one for one in network.messages.values() if "reply_markup" in one)
    buttons = [row[0] for row in made["reply_markup"]["inline_keyboard"]]
    assert [one["callback_data"] for one in buttons] == ["horario", "otra"]


@pytest.mark.parametrize("outbound, fits", [
    ({"text": "a" * 4096}, True), ({"text": "😀" * 2049}, False), ({"text": "", "choices": (Choice("1", "x"),)}, False),
    ({"choices": (Choice("x" * 65, "x"),)}, False), ({"choices": (Choice("x", "x"),) * 101}, False),
    ({"attachments": (PDF,) * 11}, False), ({"way": "private_reply"}, False),
])  # fmt: skip
def test_it_says_beforehand_what_does_not_fit(outbound, fits):
    whole = Outbound("k", ThreadRef("1"), Author("1"), **{"text": "x", **outbound})
    assert (CHANNEL.unfit(whole) == "") == fits


def test_answers_go_where_the_question_was(network, house, dana):
    group = network.group("Amigos del pan")
    channel = network.channel("Panadería Sol", group)
    network.comments(dana, "¿Quedan?", network.posts(channel, "Medialunas"))
    network.writes(dana, "¿Sin gluten?", group, message_thread_id=5, is_topic_message=True)
    business = network.business(network.person("Ana"))
    network.writes_to_business(dana, "¿Turno?", business)
    house.poll()
    comment, topic, private = house.heard()
    name = send(house, answers(comment, "Sí")).external_id
    assert network.truth.answers[name].facts["answered"] == int(comment.external_id.rpartition("/")[2])
    bare = send(house, dataclasses.replace(answers(comment, "Sí"), target="")).external_id
    assert network.truth.answers[bare].facts["answered"] == 1, "below the copy of the post"
    name = send(house, answers(topic, "Sí")).external_id
    assert network.truth.answers[name].facts["topic"] == 5
    name = send(house, answers(private, "Sí")).external_id
    assert name.startswith(f"business:{business}/{dana['id']}/")
    network.businesses[business]["is_enabled"] = False
    with pytest.raises(ChannelError) as error:
        send(house, answers(private, "Sí"))
    assert (error.value.permanent, error.value.reason) == (True, "right")


def test_a_group_that_moved_is_followed(network, house, dana):
    group = network.group("Amigos", "group")
    network.writes(dana, "¿Abren?", group)
    house.poll()
    asked = house.heard()[0]
    new = network.upgrades(group)
    assert send(house, answers(asked)).external_id.startswith(f"{new['id']}/")
    network.writes(dana, "¿Hola?", new)
    house.poll()
    adopted = dataclasses.replace(answers(house.heard()[1]), thread=asked.thread)  # the house keeps the old thread
    assert send(house, adopted).external_id.startswith(f"{new['id']}/")


@pytest.mark.parametrize("break_it, reason, permanent", [
    (lambda n, d: n.blocks(d), "blocked", True),
    (lambda n, d: n.chats.pop(d["id"]), "gone", True),
    (lambda n, d: n.tokens.revoke(n.token), "token", False),
    (lambda n, d: setattr(n.weather, "storms", (Storm(0, 9e12, 429),)), "rate", False),
    (lambda n, d: setattr(n.weather, "storms", (Storm(0, 9e12, 503),)), "", False),
])  # fmt: skip
def test_refusals_are_understood(network, house, dana, asked, break_it, reason, permanent):
    break_it(network, dana)
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(answers(asked), house.connection)
    assert (error.value.reason, error.value.permanent, error.value.unknown) == (reason, permanent, False)
    if reason == "rate":
        assert error.value.retry_at.timestamp() == NOW + 7


@pytest.mark.parametrize("rights, reason", [(set(), "blocked"), ({"delete"}, "right")])
def test_a_group_that_does_not_let_it_write(network, house, dana, rights, reason):
    group = network.group("Amigos del pan")
    network.writes(dana, "¿Abren?", group)
    house.poll()
    network.rights[group["id"]] = rights
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(answers(house.heard()[0]), house.connection)
    assert (error.value.permanent, error.value.reason) == (True, reason)


def test_a_server_that_breaks_may_have_sent_it(network, house, asked):
    network.weather.storms = (Storm(0, 9e12, 502),)
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(answers(asked), house.connection)
    assert error.value.unknown


def test_a_flood_never_earns_a_429(network, house, clock):
    people = [network.person(f"P{n}") for n in range(60)]
    group = network.group("Amigos del pan")
    for who in people:
        network.writes(who, "Hola")
        network.writes(who, "Hola", group)
    house.poll()
    said = house.heard()
    for n, one in enumerate(said):
        send(house, answers(one, f"Sí {n}", key=f"k{n}", attachments=(JPG, JPG) if n % 20 == 0 else ()))
    assert network.limits.earned == 0
    assert len({one.text for one in network.truth.replies() if one.text}) == len(said)


def test_whoever_is_told_to_wait_makes_the_others_of_that_chat_wait(network, house, asked):
    network.limits.spend("chat", str(asked.author.external_id))
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(answers(asked), house.connection)
    calls = len(network.calls)
    with pytest.raises(ChannelError) as again:
        CHANNEL.send(answers(asked), house.connection)
    assert error.value.reason == again.value.reason == "rate" and len(network.calls) == calls


def act(house, verb, target, **more):
    thread = ThreadRef(target.rpartition("/")[0] or target)
    return CHANNEL.act(Act("a", verb, target, thread, Author("1"), **more), house.connection)


def test_what_we_do_is_done_once_however_often(network, house, dana, asked):
    words = send(house, answers(asked, "Hasta las 9")).external_id
    photo = send(house, answers(asked, "Vea", attachments=(JPG,))).external_id
    for _time in range(2):
        act(house, "edit", words, text="Hasta las 8")
        act(house, "edit", photo, text="Mire")
        act(house, "react", asked.external_id, what="like")
    assert [network.truth.answers[name].text for name in (words, photo)] == ["Hasta las 8", "Mire"]
    one = network.messages[dana["id"], 1]
    assert one["own_reaction"] == [{"type": "emoji", "emoji": "👍"}]
    act(house, "unreact", asked.external_id, what="👍")
    assert one["own_reaction"] == []
    act(house, "typing", str(dana["id"]))
    assert network.acted == ["typing"]
    act(house, "delete_ours", words)
    with pytest.raises(ChannelError) as error:
        act(house, "delete_ours", words)
    assert error.value.reason == "gone", "which the house takes for done"
    assert network.truth.answers[words].deleted_at


def test_what_may_not_be_done(network, house, dana, clock, asked):
    group = network.group("Amigos del pan")
    theirs = network.writes(dana, "¡Basura!", group)
    act(house, "delete_theirs", theirs)
    again = network.writes(dana, "¡Basura!", group)
    network.rights[group["id"]] = {"write"}
    for verb, target, reason in (
        ("delete_theirs", again, "window"), ("edit", asked.external_id, "window"), ("hide", again, "unfit"),
        ("react", "business:x/1/2", "unfit"), ("edit", "callback/5", "unfit"), ("typing", "nowhere", "unfit"),
    ):  # fmt: skip
        with pytest.raises(ChannelError) as error:
            act(house, verb, target, text="x", what="👍")
        assert (error.value.permanent, error.value.reason) == (True, reason), (verb, target)
    ours = send(house, answers(asked)).external_id
    clock.pass_by(3 * 86400)
    with pytest.raises(ChannelError) as error:
        act(house, "delete_ours", ours)
    assert error.value.reason == "window"


def test_a_business_account_s_messages_vanish_for_both(network, house, dana):
    business = network.business(network.person("Ana"))
    network.writes_to_business(dana, "¿Turno?", business)
    house.poll()
    ours = send(house, answers(house.heard()[0])).external_id
    act(house, "edit", ours, text="A las 6")
    assert network.truth.answers[ours].text == "A las 6"
    act(house, "delete_ours", ours)
    assert network.truth.answers[ours].deleted_at


def test_every_reaction_that_we_offer_is_one_of_telegram_s():
    assert set(options.REACTIONS) <= set(EMOJI)


def test_what_cannot_be_sent_at_all(network, house, asked):
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(answers(asked, ""), house.connection)
    assert error.value.reason == "unfit"
    with pytest.raises(ChannelError, match="no place"):
        CHANNEL.send(Outbound("k", ThreadRef("nowhere"), Author("1"), "x"), house.connection)
    for token in ("", "42", "42:a/../getMe", "42:a b", "x:y"):
        with pytest.raises(ChannelError) as error:
            CHANNEL.send(answers(asked), house.told(secrets={"token": token}))
        assert error.value.reason == "token"


def test_no_error_tells_the_token(network, house, asked):
    network.stop()
    for call in (CHANNEL.send, lambda outbound, connection: CHANNEL.poll(connection, {})):
        with pytest.raises(ChannelError) as error:
            call(answers(asked), house.connection)
        assert network.token not in str(error.value) and network.token not in repr(error.value)


# --- The account ----------------------------------------------------------------------------------


def failing(connection):
    return [str(check.label) for check in CHANNEL.health(connection) if not check.ok]


def test_health_says_what_is_wrong(network, house, dana):
    assert failing(house.connection) == []
    assert CHANNEL.granted(house.connection).rights == {right.name for right in CHANNEL.rights}
    network.me["can_read_all_group_messages"] = False
    assert "It hears all that is written in groups" in failing(house.connection)
    assert failing(house.told(config={**house.connection.config, "groups": "none"})) == [
        "Read all that is written in groups"
    ]
    network.me["can_read_all_group_messages"] = True
    assert failing(house.told(address="https://t.me/Panaderia_Sol_Bot")) == []
    assert failing(house.told(address="@otro_bot")) == ["It is the bot that you named"]
    network.webhook = "https://other.example/bot"
    assert failing(house.connection) == ["Telegram calls us"]
    network.webhook = HOOK
    for n in range(120):
        network.writes(dana, f"n{n}")
    assert failing(house.connection) == ["It reaches us"]
    assert failing(house.told(secrets={"token": "42:wrong"})) == ["The token is accepted"]


def test_it_has_telegram_push_only_where_it_can(network, house):
    network.door = house.door
    CHANNEL.subscribe(house.connection, HOOK)
    assert network.webhook == HOOK and "message_reaction" in network.pusher.allowed
    for hook in ("http://localhost:8000/hooks/tg", "https://care.example:9000/hooks/tg", "https://127.0.0.1/hooks/tg"):
        CHANNEL.subscribe(house.connection, HOOK)
        CHANNEL.subscribe(house.connection, hook)
        assert network.webhook == ""
    CHANNEL.subscribe(house.told(config={**house.connection.config, "receive": "ask"}), HOOK)
    assert network.webhook == ""
    with pytest.raises(ChannelError):
        CHANNEL.subscribe(house.told(secrets={"token": "42:wrong"}), HOOK)


def test_without_a_budget_it_works_all_the_same(network, asked):
    bare = Connection("tg", "@x", "", {"base_url": network.url}, {"token": network.token})
    assert CHANNEL.send(answers(asked), bare).state == "sent"


def test_a_file_that_telegram_does_not_take(network, house, asked):
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(answers(asked, attachments=(Attachment("x.jpg", "image/jpeg", b""),)), house.connection)
    assert (error.value.permanent, error.value.reason) == (True, "unfit")


def test_who_is_blocked_is_out_of_the_group_where_the_bot_may_decide_so(network, house, dana, asked):
    group = network.group("Amigos del pan")
    theirs = network.writes(dana, "¡Basura!", group)
    author = Author(str(dana["id"]))

    def judge(verb, who=author):
        CHANNEL.act(Act("a", verb, theirs, ThreadRef("t", "public"), who), house.connection)

    for _time in range(2):
        judge("block")
    assert network.banned[group["id"]] == {dana["id"]}
    for _time in range(2):
        judge("unblock")
    assert network.banned[group["id"]] == set()
    for who in (Author("999999"), Author("no number")):
        with pytest.raises(ChannelError) as error:
            judge("block", who)
        assert (error.value.permanent, error.value.reason) == (True, "unfit")
    network.rights[group["id"]] = {"write"}
    with pytest.raises(ChannelError) as error:
        judge("block")
    assert (error.value.permanent, error.value.reason) == (True, "right")
    with pytest.raises(ChannelError) as error:
        act(house, "block", asked.external_id)
    assert error.value.reason == "unfit", "a private chat has nobody to shut out"
