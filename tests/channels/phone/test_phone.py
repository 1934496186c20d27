"""Calls against the street's Twilio: what callers hear and do, and what the desk is told of it."""

import dataclasses
from xml.etree.ElementTree import fromstring

import pytest

from netcenter.channels.contract import (
    Act,
    Attachment,
    Author,
    Called,
    ChannelError,
    Connection,
    Inbound,
    Raw,
    ThreadRef,
    Unreadable,
)  # fmt: skip
from netcenter.channels.phone import script, words
from netcenter.channels.phone.channel import CHANNEL
from netcenter.street.networks.base import Clock, Storm, Weather
from netcenter.street.networks.base.access import Rate
from netcenter.street.networks.twilio import TwilioVoice, twiml
from tests.channels.twilio.house import NOW, House, refusal_of

ALICE = "+34622333444"
SOUND = b"ID3" + bytes(100)
DAY = 86400


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def network(clock, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with TwilioVoice(clock) as one:
        yield one
        assert one.faults == [], "Twilio found fault with our documents"


@pytest.fixture
def house(network, clock):
    one = House(CHANNEL, network, clock, wait_seconds=40, callback_minutes=30)
    CHANNEL.subscribe(one.connection, one.hook)
    return one


@pytest.fixture
def dana(network):
    return network.human("Dana López")


def states(house, id=None):
    told = [(one.external_id, one.state) for one in house.heard(Called)]
    return [state for each, state in told if id in (None, each)]


def calls(target, customer, by=ALICE, key="deed-1"):
    return Act(key, "call", target, ThreadRef(customer.phone), Author(customer.phone, phone=customer.phone), what=by)


def test_who_calls_waits_on_the_line_and_an_operator_takes_them(network, house, dana, clock):
    call = network.rings(dana)
    (said,) = house.heard()
    assert (said.external_id, said.form, said.author.phone) == (call.sid, "call", dana.phone)
    clock.pass_by(10)
    network.waits(call)
    receipt = CHANNEL.act(calls(call.sid, dana), house.connection)
    assert receipt.external_id == call.sid, "it is the customer's own call that goes on"
    (alice,) = network.ringing(ALICE)
    clock.pass_by(5)
    network.picks_up(alice)
    assert "Pulse cualquier tecla" in alice.heard[-1] and call.other is None
    network.presses(alice, "5")
    assert call.other is alice and call.heard[-1] == "Le pasamos."
    answered = house.heard(Called)[-1]
    assert (answered.external_id, answered.state, answered.by) == (call.sid, "answered", ALICE)
    clock.pass_by(60)
    network.hangs_up(call)
    network.pusher.deliver()
    assert states(house, call.sid) == ["rang", "answered", "ended", "ended"] and not network.ringing()
    assert {line.status for line in network.lines.values()} == {"completed"}


def test_the_operator_may_hang_up_first(network, house, dana):
    call = network.rings(dana)
    CHANNEL.act(calls(call.sid, dana), house.connection)
    (alice,) = network.ringing()
    network.picks_up(alice)
    network.presses(alice, "1")
    network.hangs_up(alice)
    network.pusher.deliver()
    assert call.ended_at and states(house, call.sid)[:3] == ["rang", "answered", "ended"]
    assert states(house, alice.sid) == []


def test_a_voicemail_of_an_operators_mobile_is_never_connected(network, house, dana):
    call = network.rings(dana)
    CHANNEL.act(calls(call.sid, dana), house.connection)
    (alice,) = network.ringing()
    network.picks_up(alice)
    network.does_nothing(alice)
    assert alice.status == "completed" and call.status == "in-progress" and "answered" not in states(house)


def test_who_hangs_up_while_waiting_has_missed_us(network, house, dana, clock):
    call = network.rings(dana)
    clock.pass_by(21)
    network.hangs_up(call)
    network.pusher.deliver()
    assert states(house) == ["rang", "missed", "ended"]


def test_who_asks_to_be_called_is_promised_when(network, house, dana, clock):
    call = network.rings(dana)
    clock.pass_by(41)
    network.waits(call)
    network.presses(call, "1")
    assert call.heard[-1] == "De acuerdo. Le llamamos a este número antes de 30 minutos. Gracias."
    asked = house.heard(Called)[-1]
    assert (asked.state, (asked.promised_at - asked.at).total_seconds()) == ("asked", 1800)
    assert call.status == "completed"


def test_who_leaves_a_message_is_heard_again(network, house, dana, clock):
    call = network.rings(dana)
    clock.pass_by(41)
    network.waits(call)
    network.does_nothing(call)
    network.speaks(call, SOUND, 14)
    network.pusher.deliver()
    assert call.heard[-1] == "Gracias. Le responderemos." and states(house) == ["rang", "recorded", "ended"]
    recording = next(one.recording for one in house.heard(Called) if one.recording)
    file = CHANNEL.fetch(recording, house.connection)
    assert (file.content, file.mime, file.name.endswith(".mp3")) == (SOUND, "audio/mpeg", True)


def test_who_says_nothing_leaves_nothing(network, house, dana, clock):
    call = network.rings(dana)
    clock.pass_by(41)
    network.waits(call)
    network.presses(call, "7")
    network.speaks(call, b"", 0)
    network.pusher.deliver()
    assert "No hemos oído nada. Adiós." in call.heard and states(house) == ["rang", "ended"]


def test_hidden_numbers_are_not_offered_what_cannot_be(network, house, clock):
    call = network.rings("+266696687")
    clock.pass_by(41)
    network.waits(call)
    assert call.at.tag == "Record" and house.heard()[0].author.phone == ""
    hidden = Act("k", "call", call.sid, ThreadRef("x"), Author("hidden:x"), what=ALICE)
    assert refusal_of(lambda: CHANNEL.act(hidden, house.connection)).permanent


def test_a_company_may_have_them_choose_at_once_in_its_own_words(network, clock, dana):
    house = House(CHANNEL, network, clock, wait_seconds=0, language="pt-BR", greeting="Oi & <bom> dia", transcribe=True)
    CHANNEL.subscribe(house.connection, house.hook)
    call = network.rings(dana)
    assert call.heard[0] == "Oi & <bom> dia" and call.heard[1].startswith("No momento ninguém")
    network.does_nothing(call)
    network.speaks(call, SOUND, 5, text="Hello")
    network.pusher.deliver()
    assert [one.text for one in house.heard(Called) if one.state == "transcribed"] == ["Hello"]


def test_music_is_played_only_from_an_encrypted_address(network, house, dana):
    for url, tag in (
        ("https://care.example/m.mp3?a=1&b=2", "Play"),
        ("http://care.example/m.mp3", "Pause"),
        ("", "Pause"),
    ):
        account = house.told(config={**house.connection.config, "music_url": url})
        document = script.answer({"QueueTime": "1"}, {"step": "wait"}, account)
        assert fromstring(document)[1].tag == tag
        twiml.read(document, waiting=True)


def test_an_operator_calls_back(network, house, dana, clock):
    call = network.rings(dana)
    network.hangs_up(call)
    receipt = CHANNEL.act(calls(call.sid, dana), house.connection)
    (alice,) = network.ringing(ALICE)
    assert receipt.external_id == alice.sid != call.sid
    network.picks_up(alice)
    network.presses(alice, "5")
    (leg,) = network.ringing(dana.phone)
    assert leg.sender == network.number
    clock.pass_by(8)
    network.picks_up(leg)
    clock.pass_by(60)
    network.hangs_up(leg)
    network.pusher.deliver()
    told = [one for one in house.heard(Called) if one.external_id == alice.sid]
    assert [(one.state, one.by, one.seconds) for one in told[:2]] == [("answered", ALICE, None), ("ended", "", 60)]
    assert told[0].at.timestamp() == clock() or told[0].state == "answered"


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed"])
def test_a_customer_who_does_not_answer_was_missed(network, house, dana, status):
    CHANNEL.act(calls("CAgone", dana), house.connection)
    (alice,) = network.ringing()
    network.picks_up(alice)
    network.presses(alice, "5")
    network.declines(network.ringing(dana.phone)[0], status)
    network.pusher.deliver()
    assert states(house, alice.sid) == ["missed", "ended"]


def test_an_operator_who_does_not_pick_up_is_named(network, house, dana):
    CHANNEL.act(calls("CAgone", dana), house.connection)
    (alice,) = network.ringing()
    network.declines(alice)
    network.pusher.deliver()
    assert [(one.state, one.by) for one in house.heard(Called)] == [("missed", ALICE)]


def test_who_no_longer_waits_is_called_instead(network, house, dana, clock):
    """Between the operator's key and ours the customer has hung up: their telephone rings, under the same name."""
    call = network.rings(dana)
    CHANNEL.act(calls(call.sid, dana), house.connection)
    (alice,) = network.ringing()
    network.picks_up(alice)
    network.hangs_up(call)
    network.presses(alice, "5")
    (leg,) = network.ringing(dana.phone)
    network.picks_up(leg)
    network.pusher.deliver()
    assert house.heard(Called)[-1].external_id == call.sid and states(house, call.sid)[-1] == "answered"
    network.hangs_up(alice)
    assert leg.ended_at is not None


@pytest.mark.parametrize("act, why", [
    (Act("k", "hide", "CA1", ThreadRef("x"), Author("+34611222333", phone="+34611222333"), what=ALICE), "cannot hide"),
    (Act("k", "call", "CA1", ThreadRef("x"), None, what=ALICE), "hidden"),
    (Act("k", "call", "CA1", ThreadRef("x"), Author("+34611222333"), what=""), "no telephone"),
    (Act("k", "call", "CA1", ThreadRef("x"), Author("+34611222333"), what="sip:a\n@b"), "no telephone"),
])  # fmt: skip
def test_what_cannot_be_done_is_refused_for_good(house, act, why):
    refused = refusal_of(lambda: CHANNEL.act(act, house.connection))
    assert refused.permanent and why in str(refused)


def test_a_desk_telephone_rings_by_its_sip_address(network, house, dana):
    CHANNEL.act(calls("x", dana, by="sip:alice@pbx.example"), house.connection)
    assert network.ringing("sip:alice@pbx.example")


def test_a_house_without_an_address_cannot_call(house, dana):
    refused = refusal_of(lambda: CHANNEL.act(calls("CA1", dana), house.told(hook="")))
    assert "no public address" in str(refused)


def test_an_account_that_may_not_call_is_a_matter_of_rights(network, house, dana):
    network.may_call = False
    refused = refusal_of(lambda: CHANNEL.act(calls("CA1", dana), house.connection))
    assert (refused.permanent, refused.reason) == (True, "right")


def test_a_call_lost_on_the_wire_is_found_and_not_made_twice(network, house, dana, monkeypatch):
    from netcenter.channels.phone import channel as module
    from tests.channels.twilio.house import moment

    class Now:
        @staticmethod
        def now(_zone):
            return moment(house.clock())

    monkeypatch.setattr(module, "datetime", Now)
    act = calls("CA404", dana)
    assert CHANNEL.find_act(act, house.connection) is None
    network.weather.lost = 1.0
    assert refusal_of(lambda: CHANNEL.act(act, house.connection)).unknown
    (alice,) = network.ringing()
    assert CHANNEL.find_act(act, house.connection).external_id == alice.sid
    other = network.human("Eva")
    network.picks_up(alice)
    network.presses(alice, "5")
    assert CHANNEL.find_act(act, house.connection).external_id == alice.sid
    assert CHANNEL.find_act(calls("CA404", other), house.connection) is None, "that call went to somebody else"
    house.clock.pass_by(1000)
    assert CHANNEL.find_act(act, house.connection) is None


def test_what_is_not_known_is_not_taken_for_over(network, house, dana):
    call = network.rings(dana)
    network.weather.storms = (Storm(NOW, NOW + 60, 503),)
    refused = refusal_of(lambda: CHANNEL.act(calls(call.sid, dana), house.connection))
    assert not refused.permanent and not network.ringing()


def test_rates_are_kept(network, house, dana):
    network.limits.rates["calls"] = Rate(100, 1)
    connection = dataclasses.replace(house.connection, budget=house.limits)
    CHANNEL.act(calls("x", dana), connection)
    assert refusal_of(lambda: CHANNEL.act(calls("x", dana), connection)).reason == "rate"
    assert network.limits.earned == 0


def test_a_forged_step_is_not_obeyed(house, network, dana):
    network.auth_token = "stolen-no"
    call = network.rings(dana)
    assert call.status == "failed" and house.heard() == []
    network.faults.clear()


def test_checks_say_what_is_missing(network, house):
    assert {check.ok for check in CHANNEL.health(house.connection)} == {True}
    CHANNEL.subscribe(house.connection, house.hook)
    CHANNEL.unsubscribe(house.connection, "https://another.example/hook")
    assert network.hooks["voice_url"] == house.hook
    CHANNEL.unsubscribe(house.connection, house.hook)
    network.capabilities["voice"] = False
    assert [check.ok for check in CHANNEL.health(house.connection)] == [False, False, False]
    assert CHANNEL.granted(house.connection).rights == {"sms", "mms"}


def test_a_recording_that_is_gone_or_none_is_missing_for_good(house):
    for reference in ("RE404", "../secrets", "https://evil.example/x"):
        assert CHANNEL.fetch(Attachment("a.mp3", "audio/mpeg", reference=reference), house.connection).missing


def test_chaos_and_after_reconciling_we_know_every_call(network, house, clock):
    """Webhooks dropped, repeated, shuffled, and an outage of ours in which callers only hear an error."""
    network.weather = Weather(dropped=0.2, repeated=0.1, shuffled=0.2, seed=5)
    network.pusher._weather = network.weather
    people = [network.human(f"Nr {n}") for n in range(10)]
    recorded = set()
    for n in range(60):
        clock.pass_by(60)
        house.is_down = 20 <= n < 30
        call = network.rings(people[n % 10])
        if call.status != "in-progress":
            continue
        clock.pass_by(41)
        if n % 3 == 0:
            network.hangs_up(call)
        elif n % 3 == 1:
            network.waits(call)
            network.presses(call, "1")
        else:
            network.waits(call)
            network.does_nothing(call)
            network.speaks(call, SOUND, 9)
            recorded.add(call.sid)
        network.pusher.deliver()
    house.is_down = False
    network.faults.clear()  # what callers heard in the outage
    assert len({one.external_id for one in house.heard()}) < 60
    counts = house.reconcile(NOW, NOW + DAY)
    assert {one.external_id for one in house.heard()} == set(network.truth.told)
    assert [one.messages for one in counts] == [60]
    assert {one.external_id for one in house.heard(Called) if one.state == "recorded"} == recorded
    over = {one.external_id for one in house.heard(Called) if one.state in ("ended", "missed")}
    assert over == set(network.truth.told)
    assert network.limits.earned == 0


@pytest.mark.parametrize("step", [*script.STEPS, "recording", "leg", "agent", "over", "nonsense"])
@pytest.mark.parametrize("told", [{}, {"CallSid": "<x>", "From": "&", "QueueTime": "-1", "Digits": "11", "To": "'\""}])
def test_whatever_is_asked_gets_a_document_that_twilio_reads(house, step, told):
    query = {"step": step, "of": "CA1&<", "to": "+34611222333", "by": '"><Say>x</Say>'}
    document = script.answer(told, query, house.connection)
    if step in script.STEPS and step != "bridged":
        twiml.read(document, waiting=step == "wait")
    assert b"<Say>x" not in document


def test_every_language_says_everything():
    for what, said in words.SAID.items():
        assert set(said) == set(words.VOICES), what
    for told, spoken in (("pt-BR", "pt"), ("xx", "es"), ("", "es")):
        assert words.language_of(Connection("k", "", "", {"language": told}, {})) == spoken
    assert words.say(Connection("k", "", "X", {}, {}), "operator", number="+3461").endswith("hablar con 3 4 6 1.")


@pytest.mark.parametrize("body", [
    b"{}", b'{"sid":"CA1"}', b'{"sid":"RE1","date_created":"2026-01-01","duration":"1","status":"completed"}',
    b"CallSid=", b"\xff\xfe", b"",
])  # fmt: skip
def test_hostile_bytes_are_unreadable_and_nothing_else(house, body):
    with pytest.raises(Unreadable):
        CHANNEL.parse(Raw(body, "x", {"at": NOW}), house.connection)


def test_it_never_raises_anything_but_channel_errors(network, house, dana):
    network.weather = Weather(outages=((NOW, NOW + 60),))
    with pytest.raises(ChannelError) as error:
        CHANNEL.act(calls("x", dana), house.connection)
    assert error.value.unknown
    assert isinstance(Inbound, type)
