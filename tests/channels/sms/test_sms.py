"""Text messages against the street's Twilio, which refuses what the real one refuses."""

import dataclasses

import pytest

from netcenter.channels.contract import (
    Attachment,
    Author,
    ChannelError,
    Echo,
    Inbound,
    Outbound,
    Raw,
    Receipt,
    ThreadRef,
    Unreadable,
)  # fmt: skip
from netcenter.channels.sms import keywords
from netcenter.channels.sms.channel import CHANNEL
from netcenter.channels.sms.segments import segments
from netcenter.channels.twilio import failures
from netcenter.street.networks.base import Clock, File, Storm, Weather
from netcenter.street.networks.base.access import Rate
from netcenter.street.networks.twilio import TwilioMessages
from tests.channels.twilio.house import NOW, House, moment, refusal_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
DAY = 86400


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def network(clock, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with TwilioMessages(clock) as one:
        yield one


@pytest.fixture
def house(network, clock):
    one = House(CHANNEL, network, clock)
    network.hooks["sms_url"] = one.hook
    return one


@pytest.fixture
def dana(network):
    return network.human("Dana López")


def says(text, to, key="k1", **more):
    phone = to if isinstance(to, str) else to.phone
    author = more.pop("author", Author(phone, phone=phone))
    return Outbound(key, ThreadRef(phone), author, text, **more)


def picture(url="https://care.example/out/1", mime="image/png"):
    return Attachment("roto.png", mime, PNG, url=url)


def test_it_hears_words_and_pictures_and_answers(network, house, dana):
    sid = network.writes(dana, "Llegó roto", File("roto.png", "image/png", PNG))
    network.pusher.deliver()
    said = house.heard()[0]
    assert (said.external_id, said.text, said.form) == (sid, "Llegó roto", "sms")
    assert (said.author.phone, said.thread.external_id) == (dana.phone, dana.phone)
    file = CHANNEL.fetch(said.attachments[0], house.connection)
    assert (file.content, file.mime, file.reference) == (PNG, "image/png", "")
    receipt = CHANNEL.send(says("Lo sentimos", dana, attachments=(picture(),)), house.connection)
    network.pusher.deliver()
    (reply,) = network.truth.replies(dana.phone)
    assert (reply.text, reply.facts["files"]) == ("Lo sentimos", ["https://care.example/out/1"])
    assert {(one.key, one.external_id) for one in house.heard(Echo)} == {("k1", receipt.external_id)}
    assert [one.state for one in house.heard(Receipt)] == ["sent", "delivered"]


def test_credentials_go_to_twilio_alone(network, house, dana):
    """Twilio sends us on to where the bytes lie: that host hears no secret of ours, and leads to nobody's cellar."""
    with TwilioMessages() as elsewhere:
        network.bytes_url = elsewhere.url
        network.writes(dana, "", File("a.png", "image/png", PNG))
        network.pusher.deliver()
        (said,) = house.heard()
        assert "must begin with https" in CHANNEL.fetch(said.attachments[0], house.connection).missing
        assert not elsewhere.calls
    foreign = CHANNEL.fetch(Attachment("a", "image/png", reference="https://evil.example/x"), house.connection)
    assert foreign.missing and not network.calls[-1][1].startswith("/x")
    crooked = f"/2010-04-01/Accounts/{network.account}/../../secrets"
    assert CHANNEL.fetch(Attachment("a", "image/png", reference=crooked), house.connection).missing


def test_a_file_that_is_gone_is_missing_for_good(network, house):
    gone = f"/2010-04-01/Accounts/{network.account}/Messages/MM1/Media/ME404"
    assert "20404" in CHANNEL.fetch(Attachment("a", "image/png", reference=gone), house.connection).missing


@pytest.mark.parametrize("fate, code", [
    ({"is_on": False}, "30003"), ({"exists": False}, "30005"), ({"landline": True}, "30006"),
    ({"filtered": True}, "30007"),
])  # fmt: skip
def test_what_did_not_arrive_says_why_and_whether_it_may_work_later(network, house, dana, fate, code):
    for name, value in fate.items():
        setattr(dana, name, value)
    CHANNEL.send(says("Hola", dana), house.connection)
    network.pusher.deliver()
    failed = house.heard(Receipt)[-1]
    assert failed.state == "failed" and code in failed.detail
    assert ("later" in failed.detail) == failures.DELIVERY[int(code)][1]


def test_stop_is_obeyed_here_and_there(network, house, dana):
    network.writes(dana, "Stop")
    network.pusher.deliver()
    said = house.heard()[0]
    assert (said.automatic, said.author.profile["stopped"]) == ("list", True)
    refused = refusal_of(lambda: CHANNEL.send(says("Hola", dana, author=said.author), house.connection))
    assert (refused.permanent, refused.reason) == (True, "blocked") and not network.calls
    refused = refusal_of(lambda: CHANNEL.send(says("Hola", dana), house.connection))  # had the house not known
    assert (refused.permanent, refused.reason) == (True, "blocked") and "21610" in str(refused)
    network.writes(dana, "start")
    network.pusher.deliver()
    allowed = house.heard()[1].author
    assert allowed.profile["stopped"] is False
    assert CHANNEL.send(says("Hola", dana, author=allowed), house.connection).state == "sent"


@pytest.mark.parametrize("text, told, meaning", [
    ("STOP", "", "stop"), (" baja. ", "", "stop"), ("Sair", "", "stop"), ("stop it", "", ""),
    ("Cancelar mi pedido", "", ""),
    ("alta", "", "start"), ("START", "", "start"), ("yes", "", ""), ("yes", "START", "start"), ("sí", "", ""),
    ("help", "", ""), ("help", "HELP", "help"), ("", "", ""),
])  # fmt: skip
def test_only_the_word_alone_stops_or_starts(text, told, meaning):
    assert keywords.meaning_of(text, told) == meaning


@pytest.mark.parametrize("text, count, units, strange", [
    ("", 0, 0, ""), ("a" * 160, 1, 160, ""), ("a" * 161, 2, 161, ""), ("a" * 306, 2, 306, ""), ("a" * 307, 3, 307, ""),
    ("€" * 80, 1, 160, ""), ("€" * 81, 2, 162, ""), ("a" * 152 + "€" + "a" * 8, 2, 162, ""),
    ("€" * 153, 3, 306, ""), ("¿Abren hoy? ñ ü é", 1, 17, ""), ("está", 1, 4, "á"), ("á" * 70, 1, 70, "á"),
    ("á" * 71, 2, 71, "á"), ("á" * 134, 2, 134, "á"), ("á" * 135, 3, 135, "á"), ("😀" * 35, 1, 70, "😀"),
    ("😀" * 36, 2, 72, "😀"), ("😀" * 67, 3, 134, "😀"), ("í…í", 1, 3, "í…"),
])  # fmt: skip
def test_it_counts_as_carriers_do(text, count, units, strange):
    cut = segments(text)
    assert (cut.count, cut.units, cut.strange, cut.is_gsm) == (count, units, strange, not strange)
    assert CHANNEL.pieces(text) == (count, strange)


@pytest.mark.parametrize("outbound, fits", [
    (says("a" * 1600, "+34611"), True), (says("a" * 1601, "+34611"), False), (says("😀" * 801, "+34611"), False),
    (says("a", "+34611", attachments=(picture(),) * 10), True),
    (says("a", "+34611", attachments=(picture(),) * 11), False),
    (says("a", "+34611", attachments=(picture(mime="application/zip"),)), False),
])  # fmt: skip
def test_it_says_beforehand_what_does_not_fit(outbound, fits):
    assert (CHANNEL.unfit(outbound) == "") == fits


@pytest.mark.parametrize("outbound, reason", [
    (says("", "+34611222333"), "unfit"), (says("Hola", "hidden:SM1"), "blocked"),
    (says("Hola", "123456789012"), "unfit"),
    (says("Hola", "+34611222333", attachments=(picture(url=""),)), "unfit"),
    (says("Hola", "+34611222333", attachments=(picture(url="ftp://x"),)), "unfit"),
])  # fmt: skip
def test_what_cannot_be_sent_is_refused_for_good(house, outbound, reason):
    refused = refusal_of(lambda: CHANNEL.send(outbound, house.connection))
    assert (refused.permanent, refused.reason) == (True, reason)


def test_a_wrong_number_is_a_matter_of_rights_and_a_wrong_token_of_credentials(network, house, dana):
    wrong = house.told(config={**house.connection.config, "number": "+34699999999"})
    refused = refusal_of(lambda: CHANNEL.send(says("Hola", dana), wrong))
    assert (refused.permanent, refused.reason) == (True, "right")
    network.tokens.expire(f"{network.account}:{network.auth_token}", NOW)
    refused = refusal_of(lambda: CHANNEL.send(says("Hola", dana), house.connection))
    assert (refused.permanent, refused.reason) == (False, "token")


def test_an_api_key_may_stand_in(network, house, dana):
    network.tokens.issue("SK1:secret", of=network.account)
    keyed = house.told(config={**house.connection.config, "api_key": "SK1"},
                       secrets={**house.connection.secrets, "api_secret": "secret"})  # fmt: skip
    assert CHANNEL.send(says("Hola", dana), keyed).state == "sent"


def test_an_answer_lost_on_the_wire_is_found_and_never_sent_twice(network, house, dana):
    first = CHANNEL.send(says("Sí", dana), house.connection)
    network.weather.lost = 1.0
    clock_moves(house)
    lost = says("Sí", dana, key="k2", in_reply_to=("SMtheirs", first.external_id))
    refused = refusal_of(lambda: CHANNEL.send(lost, house.connection))
    assert refused.unknown
    found = CHANNEL.find(lost, house.connection)
    assert found.external_id == list(network.truth.answers)[-1] != first.external_id
    network.pusher.deliver()
    assert ("k2", found.external_id) in {(one.key, one.external_id) for one in house.heard(Echo)}


def test_the_same_words_of_before_are_not_taken_for_the_lost_ones(network, house, dana):
    first = CHANNEL.send(says("Sí", dana), house.connection)
    clock_moves(house)
    assert CHANNEL.find(says("Sí", dana, key="k2", in_reply_to=(first.external_id,)), house.connection) is None
    assert CHANNEL.find(says("No", dana, key="k3"), house.connection) is None
    for _n in range(1001):
        network.truth.replied(dana.phone, "x", id=network.sid("SM"), files=[], status="sent", sender=network.number,
                              service=None, callback="")  # fmt: skip
    refused = refusal_of(lambda: CHANNEL.find(says("No", dana, key="k4"), house.connection))
    assert refused.unknown, "who cannot see the whole list does not know"


def clock_moves(house, seconds=5):
    house.clock.pass_by(seconds)


def test_a_messaging_service_writes_and_is_told_where_to_call(network, house, dana):
    config = {**house.connection.config, "messaging_service": network.service}
    house.connection = house.told(config=config)
    CHANNEL.subscribe(house.connection, house.hook)
    network.uses_service = True
    network.writes(dana, "YES")
    network.pusher.deliver()
    assert house.heard()[0].extra == {"keyword": "start"}
    receipt = CHANNEL.send(says("Sí", dana), house.connection)
    assert network.truth.answers[receipt.external_id].facts["service"] == network.service
    assert CHANNEL.find(says("Sí", dana), house.connection).external_id == receipt.external_id
    CHANNEL.unsubscribe(house.connection, house.hook)
    assert (network.hooks["service_url"], network.hooks["sms_url"]) == ("", "")


def test_checks_say_what_is_missing(network, house):
    network.hooks["sms_url"] = ""
    assert [check.ok for check in CHANNEL.health(house.connection)] == [True, True, False]
    CHANNEL.subscribe(house.connection, house.hook)
    CHANNEL.subscribe(house.connection, house.hook)
    assert {check.ok for check in CHANNEL.health(house.connection)} == {True}
    network.capabilities |= {"sms": False, "mms": False}
    assert CHANNEL.granted(house.connection).rights == {"voice"}
    found = [(check.ok, check.needed) for check in CHANNEL.health(house.connection)]
    assert found == [(False, True), (False, False), (True, True)], "pictures are missing, and not needed"
    CHANNEL.unsubscribe(house.connection, "https://another.example/hook")
    assert network.hooks["sms_url"] == house.hook, "what is another's stays"
    strange = house.told(config={**house.connection.config, "number": "+1"})
    assert refusal_of(lambda: CHANNEL.granted(strange)).reason == "gone"


def test_a_429_pauses_and_a_storm_is_not_known_to_have_sent(network, house, dana):
    network.limits.rates["calls"] = Rate(0, 1)
    refused = refusal_of(lambda: CHANNEL.send(says("Hola", dana), house.connection))
    assert (refused.reason, refused.permanent) == ("rate", False) and refused.retry_at is not None
    network.limits.rates["calls"] = Rate(100, 1)
    network.weather.storms = (Storm(NOW, NOW + 60, 500),)
    assert refusal_of(lambda: CHANNEL.send(says("Hola", dana), house.connection)).unknown
    network.weather.storms = (Storm(NOW, NOW + 60, 503),)
    assert not refusal_of(lambda: CHANNEL.send(says("Hola", dana), house.connection)).unknown
    network.weather = Weather(outages=((NOW, NOW + 60),))
    assert refusal_of(lambda: CHANNEL.send(says("Hola", dana), house.connection)).unknown


def test_a_flood_is_slowed_before_twilio_has_to(network, house, dana):
    connection = dataclasses.replace(house.connection, budget=house.limits)
    refused = [0]
    for n in range(80):
        try:
            CHANNEL.send(says("Sí", dana, key=f"k{n}"), connection)
        except ChannelError as error:
            assert error.reason == "rate"
            refused[0] += 1
    assert (network.limits.earned, refused[0]) == (0, 20)


def test_chaos_and_after_reconciling_we_hold_what_twilio_holds(network, house, clock):
    """Dropped, repeated, shuffled, an outage of ours: the list brings back what was lost, once."""
    network.weather = Weather(dropped=0.05, repeated=0.05, shuffled=0.2, seed=3)
    network.pusher._weather = network.weather
    people = [network.human(f"Nr {n}") for n in range(20)]
    for n in range(300):
        clock.pass_by(20)
        house.is_down = 100 <= n < 130
        network.writes(people[n % 20], f"palabra {n}")
        if n % 7 == 0 and not house.is_down:
            CHANNEL.send(says(f"respuesta {n}", people[n % 20], key=f"k{n}"), house.connection)
        network.pusher.deliver()
    house.is_down = False
    assert len({one.external_id for one in house.heard()}) < 300, "something was lost, or this proves nothing"
    network.writes(people[0], "con foto", File("a.png", "image/png", PNG))
    counts = house.reconcile(NOW, NOW + DAY)
    heard = {one.external_id: one for one in house.heard()}
    assert {(one.id, one.text) for one in network.truth.told.values()} == {(i, m.text) for i, m in heard.items()}
    assert [(one.day.isoformat(), one.messages) for one in counts] == [("2026-01-01", 301)]
    ours = {one.external_id for one in house.heard(Echo)}
    assert ours == set(network.truth.answers) and not network.truth.doubles()
    delivered = {one.external_id for one in house.heard(Receipt) if one.state == "delivered"}
    assert delivered == set(network.truth.answers), "lost receipts are found again"
    assert network.limits.earned == 0


def test_a_span_that_begins_within_a_day_proves_nothing(network, house, dana):
    network.writes(dana, "Hola")
    assert house.reconcile(NOW - 60, NOW + DAY - 60) == []


@pytest.mark.parametrize("body", [
    b"{}", b"{", b'{"sid":"SM1","date_sent":"never"}', b'{"sid":"SM1"}', b"MessageSid=%00", b"Body=x&" * 900,
])  # fmt: skip
def test_hostile_bytes_are_unreadable_and_nothing_else(house, body):
    with pytest.raises(Unreadable):
        CHANNEL.parse(Raw(body, "x", {}), house.connection)


def test_without_a_moment_it_is_unreadable(house):
    for meta in ({}, {"at": "soon"}, {"at": 1e300}):
        with pytest.raises(Unreadable):
            CHANNEL.parse(Raw(b"MessageSid=SM1&From=%2B34611222333", "x", meta), house.connection)


def test_hidden_and_strange_senders_are_somebody_new_each_time(house):
    for sender in ("anonymous", "%2B266696687", ""):
        (said,) = CHANNEL.parse(Raw(f"MessageSid=SM7&From={sender}".encode(), "x", {"at": NOW}), house.connection)
        assert (said.author.external_id, said.author.phone) == ("hidden:SM7", "")
    assert isinstance(said, Inbound) and said.sent_at == moment(NOW)
