"""A number against the street's WhatsApp, which refuses what the real one refuses."""

import dataclasses

import pytest

from netcenter.channels.contract import (
    Act,
    Attachment,
    Author,
    ChannelError,
    Choice,
    Connection,
    Deleted,
    Echo,
    Receipt,
    Request,
    Template,
    ThreadRef,
)  # fmt: skip
from netcenter.channels.whatsapp.channel import CHANNEL
from netcenter.street.networks.base import Asked, Clock, File, Network, Said, route
from netcenter.street.networks.meta.whatsapp import WhatsAppCloud
from tests.channels.meta.house import NOW, PNG, House, picture, says


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def network(clock, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with WhatsAppCloud(clock) as one:
        one.sign_up()
        yield one


@pytest.fixture
def house(network, clock):
    secrets = {"app_secret": network.app_secret, "token": "system-user", "verify_token": "ours"}
    config = {"base_url": network.url, "files_url": network.url, "number_id": network.phone,
              "business_id": network.business, "app_id": network.app_id}  # fmt: skip
    one = House(CHANNEL, Connection("wa", "+34600111222", "Panadería Sol", config, secrets), clock)
    network.hook(one.door, batch=2)
    return one


@pytest.fixture
def dana(network):
    return network.human("Dana López")


def test_it_hears_words_and_files_and_answers_quoting(network, house, dana):
    id = network.writes(dana, "Llegó roto", File("roto.png", "image/png", PNG))
    network.pusher.deliver()
    said = house.heard()[0]
    assert (said.external_id, said.text) == (id, "Llegó roto")
    assert (said.author.name, said.author.phone) == (dana.name, f"+{dana.phone}")
    file = CHANNEL.fetch(said.attachments[0], house.connection)
    assert (file.content, file.mime) == (PNG, "image/png")
    answer = says("Lo sentimos", dana.phone, target=id, attachments=(
        picture(), picture("factura.pdf", b"%PDF", "application/pdf"), picture("s.webp", b"RIFF", "image/webp"),
    ))  # fmt: skip
    receipt = CHANNEL.send(answer, house.connection)
    network.reads(receipt.external_id)
    network.pusher.deliver()
    replies = list(network.truth.replies(dana.phone))
    assert [one.facts["kind"] for one in replies] == ["text", "image", "document", "sticker"]
    assert replies[0].facts["context"] == id and replies[2].facts["told"]["filename"] == "factura.pdf"
    assert {(one.key, one.to.external_id) for one in house.heard(Echo)} == {("k1", dana.phone)}
    receipts = [one.state for one in house.heard(Receipt) if one.external_id == receipt.external_id]
    assert receipts == ["sent", "delivered", "read"]


def test_a_file_that_is_gone_is_missing_for_good(house):
    assert (
        "does not exist" in CHANNEL.fetch(Attachment("image", "image/png", reference="404"), house.connection).missing
    )


@pytest.mark.parametrize("n, kind", [(1, "button"), (3, "button"), (4, "list"), (10, "list")])
def test_choices_are_buttons_or_a_list(network, house, dana, n, kind):
    network.writes(dana, "Hola")
    choices = tuple(Choice(str(i), f"Opción {i} que tiene un nombre muy largo") for i in range(n))
    CHANNEL.send(says("¿Qué necesita?", dana.phone, choices=choices, language="pt-BR"), house.connection)
    assert next(network.truth.replies()).facts["told"]["type"] == kind


@pytest.mark.parametrize("outbound, fits", [
    (says("a" * 4096, "1"), True), (says("a" * 4097, "1"), False),
    (says("a" * 1025, "1", choices=(Choice("1", "x"),)), False),
    (says("a", "1", choices=(Choice("1", "x"),) * 11), False), (says("a", "1", choices=(Choice("1", "x"),) * 10), True),
    (says("a", "1", attachments=(picture(mime="image/gif"),)), False), (says("a", "1", way="private_reply"), False),
])  # fmt: skip
def test_it_says_beforehand_what_does_not_fit(outbound, fits):
    assert (CHANNEL.unfit(outbound) == "") == fits


def test_after_a_day_only_a_template_is_taken(network, house, dana, clock):
    network.writes(dana, "Hola")
    clock.pass_by(86401)
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Sí", dana.phone), house.connection)
    assert (error.value.permanent, error.value.reason) == (True, "window")
    network.forms = {("cita", "es"): "Hola {{1}}, su pedido {{2}} está listo", ("aviso", "es_AR"): "Hola {{nombre}}",
                     ("picture_offer", "es"): "Roscones", ("gracias", "es"): "Gracias"}  # fmt: skip
    found = {one.name: one for one in CHANNEL.templates(house.connection)}
    assert set(found) == {"cita", "aviso", "gracias"}
    assert (found["cita"].blanks, found["cita"].text) == (
        ("1", "2"),
        "Hola {1}, su pedido {2} está listo\nPanadería Sol",
    )
    for name, filled in (("cita", {"1": "Dana", "2": "de\nhoy"}), ("aviso", {"nombre": "Dana"}), ("gracias", {})):
        template = dataclasses.replace(found[name], filled=filled)
        CHANNEL.send(says("", dana.phone, way="template", template=template, target="wamid.1"), house.connection)
    told = [one.text for one in network.truth.replies()]
    assert told == ["Hola Dana, su pedido de hoy está listo", "Hola Dana", "Gracias"]


@pytest.mark.parametrize("template, reason", [
    (Template("cita", "es", blanks=("1",)), "unfit"), (Template("nada", "es"), "gone"),
    (Template("cita", "es"), "unfit"),
])  # fmt: skip
def test_templates_that_do_not_fit_are_refused_for_good(network, house, dana, template, reason):
    network.forms = {("cita", "es"): "Hola {{1}}"}
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("", dana.phone, way="template", template=template), house.connection)
    assert (error.value.permanent, error.value.reason) == (True, reason)


def test_who_has_no_whatsapp_is_told_later(network, house, dana):
    network.writes(dana, "Hola")
    dana.has_it = False
    CHANNEL.send(says("Sí", dana.phone), house.connection)
    network.pusher.deliver()
    failed = house.heard(Receipt)[0]
    assert (failed.state, failed.detail) == ("failed", "(#131026) Message undeliverable")
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Sí", "34999999999"), house.connection)
    assert (error.value.permanent, error.value.reason) == (True, "blocked")


def test_a_lost_answer_is_known_by_its_status_and_never_sent_twice(network, house, dana):
    network.writes(dana, "Hola")
    network.weather.lost = 1.0
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Sí", dana.phone, key="dispatch-9"), house.connection)
    assert error.value.unknown
    with pytest.raises(ChannelError) as error:
        CHANNEL.find(says("Sí", dana.phone, key="dispatch-9"), house.connection)
    assert error.value.unknown and not error.value.permanent
    network.pusher.deliver()
    assert house.heard(Echo)[0].key == "dispatch-9" and not network.truth.doubles()


def test_words_taken_back_are_noticed(network, house, dana):
    id = network.writes(dana, "Hola")
    network.takes_back(dana, id)
    network.pusher.deliver()
    assert house.heard(Deleted)[0].external_id == id


@pytest.mark.parametrize("verb", ["seen", "typing", "react", "unreact"])
def test_what_can_be_done(network, house, dana, verb):
    id = network.writes(dana, "Hola")
    act = Act("k", verb, id, ThreadRef(dana.phone), Author(dana.phone), what="👍")
    assert CHANNEL.act(act, house.connection).state == "sent"
    assert not list(network.truth.replies())


def test_what_cannot_be_done(house):
    with pytest.raises(ChannelError, match="knows no hide"):
        CHANNEL.act(Act("k", "hide", "x", ThreadRef("1")), house.connection)
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("", "1"), house.connection)
    assert error.value.reason == "unfit"


def test_a_flood_is_slowed_before_the_network_has_to(network, house, dana):
    network.writes(dana, "Hola")
    connection = dataclasses.replace(house.connection, budget=house.limits)
    refused = 0
    for n in range(120):
        try:
            CHANNEL.send(says("Sí", dana.phone, key=f"k{n}"), connection)
        except ChannelError as error:
            assert error.reason == "rate"
            refused += 1
    assert network.limits.earned == 0 and refused == 45
    with pytest.raises(ChannelError) as error:
        for n in range(120):
            CHANNEL.send(says("Sí", dana.phone, key=f"m{n}"), house.connection)
    assert (error.value.reason, error.value.permanent) == ("rate", False) and network.limits.earned == 1


def test_checks_and_rights(network, house):
    assert {one.ok for one in CHANNEL.health(house.connection)} == {True}
    network.quality = "RED"
    network.tokens.get("system-user").rights.discard("whatsapp_business_messaging")
    assert [one.ok for one in CHANNEL.health(house.connection)] == [False, True, True, False]
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Sí", "34999999999"), house.connection)
    assert (error.value.permanent, error.value.reason) == (True, "right")
    network.tokens.expire("system-user", NOW)
    with pytest.raises(ChannelError) as error:
        CHANNEL.templates(house.connection)
    assert error.value.reason == "token"


def test_it_subscribes_for_this_account_alone_and_stops(network, house, dana):
    class Door(Network):
        @route("GET", "/hooks/wa", query={"hub.mode": str, "hub.challenge": str, "hub.verify_token": str}, open=True)
        def challenged(self, asked: Asked):
            answer = CHANNEL.verify(Request("GET", {}, asked.url.partition("?")[2], b""), house.connection)
            return Said(answer.status, answer.body, mime="text/plain")

    network.subscribed = False
    with Door() as door:
        CHANNEL.subscribe(house.connection, f"{door.url}/hooks/wa")
        assert network.subscribed and "messages" in network.app_fields
        config = {**house.connection.config, "app_id": ""}
        wrong = house.told(secrets={**house.connection.secrets, "verify_token": "theirs"}, config=config)
        with pytest.raises(ChannelError, match="Challenge mismatch"):
            CHANNEL.subscribe(wrong, f"{door.url}/hooks/wa")
    CHANNEL.unsubscribe(house.connection, "")
    network.writes(dana, "Hola")
    assert network.pusher.waiting() == 0


def test_who_hides_the_number_is_answered_by_id(network, house):
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Sí", "AR.1349"), house.connection)
    assert error.value.reason == "blocked", "the street knows no usernames, but takes the field"


def test_who_has_just_written_can_be_blocked_and_let_in_again(network, house, dana, clock):
    id = network.writes(dana, "¡Ladrones!")

    def judge(verb):
        CHANNEL.act(Act("k", verb, id, ThreadRef(dana.phone), Author(dana.phone)), house.connection)

    for _time in (1, 2):
        judge("block")
    assert dana.is_blocked
    clock.pass_by(2 * 86_400)
    judge("unblock")
    assert not dana.is_blocked
    with pytest.raises(ChannelError, match="not messaged in the last 24 hours") as error:
        judge("block")
    assert (error.value.permanent, error.value.reason) == (True, "window"), "a day has passed since"
