"""A switchboard of the street, with a line of events: what callers hear and do, and what operators do."""

import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from netcenter.channels.asterisk import ari, board, receiving
from netcenter.channels.asterisk.channel import CHANNEL
from netcenter.channels.contract import (
    Act,
    Answered,
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
from netcenter.street.networks.asterisk import Switchboard
from netcenter.street.networks.base import Storm
from tests.channels.twilio.house import refusal_of

DANA = "+34611222333"
WAV = b"RIFF\x00\x00\x00\x00WAVE" + bytes(900)


@pytest.fixture
def network(settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with Switchboard() as one:
        yield one


@pytest.fixture
def account(network):
    config = {"base_url": network.url, "events_url": network.events_url, "user": "netcenter", "country": "34",
              "trunk": "PJSIP/{number}@trunk", "number": "+34600111222", "wait_seconds": 40,
              "callback_minutes": 30}  # fmt: skip
    return Connection("pbx", "+34600111222", "Centralita", config, {"password": "pw"})


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr(receiving, "QUIET", 0.05)
    monkeypatch.setattr(board, "TO_CHOOSE", 0.2)


class House:
    def __init__(self) -> None:
        self.happened, self.seen, self.errors, self.unreadable = [], set(), [], 0

    def take(self, raws, account) -> None:
        for raw in raws:
            if raw.dedupe not in self.seen:
                self.seen.add(raw.dedupe)
                try:
                    self.happened += CHANNEL.parse(raw, account)
                except Unreadable:
                    self.unreadable += 1

    def heard(self, kind=Called) -> list:
        return [one for one in self.happened if isinstance(one, kind)]

    def states(self, id) -> list[str]:
        return [one.state for one in self.heard() if one.external_id == id]


@contextmanager
def listening(network, account, house=None):
    """The house listens, in a thread as in the real one."""
    house, stops = house or House(), threading.Event()

    def run() -> None:
        try:
            for told in CHANNEL.stream(account, {}, stops.is_set):
                house.take(told.raws, account)
        except ChannelError as error:
            house.errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    until(network.listens)
    try:
        yield house
    finally:
        stops.set()
        thread.join(5)
        assert not thread.is_alive()


def until(claim, seconds=5.0):
    """The claim comes true soon."""
    deadline = time.monotonic() + seconds
    while not (found := claim()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)
    return found


def called(target, by="201", key="deed-1", to=DANA):
    return Act(key, "call", target, ThreadRef(to), Author(to, phone=to if to[0] == "+" else ""), what=by)


def waits(network, leg):
    until(lambda: leg.playing)
    network.played(leg)
    until(lambda: leg.moh)


def test_who_calls_waits_and_an_operator_takes_them(network, account):
    with listening(network, account) as house:
        leg = network.rings("611222333", "Dana")
        waits(network, leg)
        (said,) = house.heard(Inbound)
        assert (said.external_id, said.author.phone, said.author.name) == (leg.id, DANA, "Dana")
        receipt = CHANNEL.act(called(leg.id), account)
        assert receipt.external_id == leg.id and CHANNEL.find_act(called(leg.id), account).external_id == leg.id
        CHANNEL.act(called(leg.id), account)
        alice = network.legs["nc-deed-1"]
        assert (alice.endpoint, len(network.truth.answers)) == ("PJSIP/201", 1), "rung once"
        network.picks_up(alice)
        until(lambda: "answered" in house.states(leg.id))
        assert not leg.moh and network.bridges[f"nc-{leg.id}"]["channels"] == [alice.id, leg.id]
        assert house.heard()[-1].by == "201"
        network.presses(leg, "1")
        network.hangs_up(leg)
        until(lambda: not network.legs and not network.bridges)
        assert house.states(leg.id)[:3] == ["rang", "answered", "ended"] and "asked" not in house.states(leg.id)
        assert CHANNEL.find_act(called(leg.id), account) is None, "what is over is not remembered"


def test_when_the_operator_hangs_up_the_customer_is_free(network, account):
    with listening(network, account) as house:
        leg = network.rings("611222333")
        until(lambda: leg.playing)
        CHANNEL.act(called(leg.id), account)
        network.picks_up(network.legs["nc-deed-1"])  # while the greeting still plays
        until(lambda: "answered" in house.states(leg.id))
        assert leg.heard == ["sound:one-moment-please…"]
        network.hangs_up(network.legs["nc-deed-1"])
        until(lambda: not network.legs)
        assert house.states("nc-deed-1") == []


def test_who_hangs_up_has_missed_us(network, account):
    with listening(network, account) as house:
        leg = network.rings("611222333")
        waits(network, leg)
        network.hangs_up(leg)
        until(lambda: house.states(leg.id) == ["rang", "ended"])


@pytest.mark.parametrize("at_once", [True, False])
def test_who_presses_one_is_promised_a_call(network, account, at_once):
    soon = replace(account, config={**account.config, "wait_seconds": 0 if at_once else 1})
    with listening(network, soon) as house:
        leg = network.rings("611222333")
        until(lambda: leg.playing)
        network.played(leg)
        until(lambda: "nc-menu-" + leg.id in leg.playing)
        network.presses(leg, "1")
        until(lambda: "nc-asked-" + leg.id in leg.playing)
        asked = house.heard()[-1]
        assert (asked.state, (asked.promised_at - asked.at).total_seconds()) == ("asked", 1800)
        assert leg.heard[-1].endswith("…"), "nobody listens to the end of a menu that they know"
        network.played(leg)
        until(lambda: not network.legs)


@pytest.mark.parametrize("how", ["another key", "nothing", "hidden"])
def test_who_leaves_a_message_is_heard_again(network, account, how):
    soon = replace(account, config={**account.config, "wait_seconds": 0})
    with listening(network, soon) as house:
        leg = network.rings("anonymous" if how == "hidden" else "611222333")
        until(lambda: leg.playing)
        network.played(leg)
        if how != "hidden":
            until(lambda: "nc-menu-" + leg.id in leg.playing)
            network.presses(leg, "5") if how == "another key" else network.played(leg)
        until(lambda: "nc-record-" + leg.id in leg.playing)
        network.played(leg)
        until(lambda: leg.recording)
        network.speaks(leg, WAV)
        until(lambda: "nc-thanks-" + leg.id in leg.playing)
        network.played(leg)
        until(lambda: not network.legs)
    recording = next(one.recording for one in house.heard() if one.recording)
    file = CHANNEL.fetch(recording, account)
    assert (file.content, file.mime, file.name) == (WAV, "audio/wav", f"{leg.id}.wav")


def test_an_operator_calls_back(network, account):
    with listening(network, account) as house:
        receipt = CHANNEL.act(called("gone.1"), account)
        alice = network.legs[receipt.external_id]
        network.picks_up(alice)
        dana = until(lambda: network.legs.get("nc-deed-1-c"))
        assert dana.endpoint == "PJSIP/+34611222333@trunk" and house.states(alice.id) == []
        network.picks_up(dana)
        until(lambda: house.states(alice.id) == ["answered"])
        assert house.heard()[-1].by == "201"
        network.hangs_up(dana)
        until(lambda: not network.legs and not network.bridges)
        assert house.states(alice.id)[1] == "ended"


def test_a_customer_or_operator_who_does_not_answer(network, account):
    with listening(network, account) as house:
        CHANNEL.act(called("gone.1"), account)
        network.picks_up(network.legs["nc-deed-1"])
        dana = until(lambda: network.legs.get("nc-deed-1-c"))
        network.hangs_up(dana, 17)
        until(lambda: not network.legs)
        assert house.states("nc-deed-1") == ["missed"] and house.heard()[-1].by == ""
        CHANNEL.act(called("gone.1", key="deed-2"), account)
        network.hangs_up(network.legs["nc-deed-2"], 19)
        until(lambda: house.states("nc-deed-2") == ["missed"])


def test_who_no_longer_waits_is_called_instead(network, account):
    with listening(network, account) as house:
        leg = network.rings("611222333")
        waits(network, leg)
        CHANNEL.act(called(leg.id), account)
        network.hangs_up(leg)
        until(lambda: "ended" in house.states(leg.id))
        network.picks_up(network.legs["nc-deed-1"])
        dana = until(lambda: network.legs.get("nc-deed-1-c"))
        network.picks_up(dana)
        until(lambda: "answered" in house.states(leg.id))


def test_a_number_that_the_trunk_does_not_take_frees_the_operator(network, account):
    with listening(network, account):
        CHANNEL.act(called("gone.1"), account)
        network.endpoints = __import__("re").compile("PJSIP/201")
        with pytest.raises(AssertionError):
            network.picks_up(network.legs["nc-deed-1"])
            until(lambda: network.legs.get("nc-deed-1-c"), 0.3)


def test_a_line_that_breaks_loses_nobody_who_waits(network, account):
    house = House()
    with listening(network, account, house):
        leg = network.rings("611222333")
        waits(network, leg)
        network.breaks()
        until(lambda: house.errors)
    house.errors.clear()
    quick = replace(account, config={**account.config, "wait_seconds": 1})
    with listening(network, quick, house):
        until(lambda: "nc-menu-" + leg.id in leg.playing)
        network.presses(leg, "1")
        until(lambda: "asked" in house.states(leg.id))
    assert len(house.heard(Inbound)) == 1


def test_what_a_broken_line_missed_is_asked_for(network, account):
    assert CHANNEL.poll(account, {}).raws == (), "nobody listens: nothing is held"
    house = House()
    with listening(network, account, House()):
        leg = network.rings("611222333")
        until(lambda: leg.playing)
        network.stored |= {f"nc-{leg.id}": WAV, "meeting": WAV}
        told = CHANNEL.poll(account, {"more": 1})
        house.take(told.raws, account)
        assert (len(house.heard(Inbound)), house.states(leg.id)) == (1, ["rang", "recorded"])
        again = CHANNEL.poll(account, told.cursor)
        assert [raw.dedupe for raw in again.raws] == [f"start:{leg.id}"] and again.cursor["more"] == 1


@pytest.mark.parametrize("act, why", [
    (replace(called("x"), verb="hide"), "cannot hide"), (called("x", by="Local/1@premium"), "no telephone"),
    (called("x", by=""), "no telephone"), (called("x", to="hidden:1"), "no trunk, or no number"),
    (called("x", by="PJSIP/a&PJSIP/b"), "no telephone"),
])  # fmt: skip
def test_what_cannot_be_called_is_refused_for_good(account, network, act, why):
    refused = refusal_of(lambda: CHANNEL.act(act, account))
    assert refused.permanent and why in str(refused) and not network.legs


@pytest.mark.parametrize("told, number", [
    ("611222333", "+34611222333"), ("+44 20 7946 0000", "+442079460000"), ("00442079460000", "+442079460000"),
    ("0611222333", "+34611222333"), ("201", ""), ("", ""), ("x" * 70, ""), ("+0611", ""), (None, ""),
])  # fmt: skip
def test_numbers_are_completed(account, told, number):
    assert ari.number_of(told, account) == number


@pytest.mark.parametrize("trunk, endpoint", [
    ("PJSIP/{number}@t", "PJSIP/+34611222333@t"), ("PJSIP/{digits}@t", "PJSIP/34611222333@t"),
    ("PJSIP/{national}@t", "PJSIP/611222333@t"),
])  # fmt: skip
def test_the_trunk_dials_as_it_wants(account, trunk, endpoint):
    there = replace(account, config={**account.config, "trunk": trunk})
    assert ari.outside(DANA, there) == endpoint
    assert ari.outside("+442079460000", there).startswith("PJSIP/")
    assert ari.inside("PJSIP/alice", there) == "PJSIP/alice" and ari.inside(DANA, there) == endpoint


def test_checks_say_what_is_missing(network, account):
    assert [check.ok for check in CHANNEL.health(account)] == [True, True, True]
    network.sounds.discard("digits/1")
    poor = replace(account, config={**account.config, "trunk": ""})
    checks = list(CHANNEL.health(poor))
    assert [check.ok for check in checks] == [True, False, False] and checks[1].detail == "digits/1"
    assert [check.ok for check in CHANNEL.health(replace(account, secrets={"password": "no"}))] == [False]


def test_a_failed_check_says_whether_password_address_or_switchboard_is_wrong(network, account):
    base = account.config["base_url"]

    def advice(**changed):
        return next(iter(CHANNEL.health(replace(account, **changed)))).advice

    assert "refuses the user or the password" in advice(secrets={"password": "no"})
    assert "ends in /ari" in advice(config={**account.config, "base_url": f"{base}/elsewhere"})
    assert "Is it running" in advice(config={**account.config, "base_url": "http://127.0.0.1:9/ari"})
    assert "Look at the address" in advice(config={**account.config, "base_url": "ftp://pbx.example.com"})


def test_without_a_trunk_it_works_but_calls_nobody(network, account):
    last = list(CHANNEL.health(replace(account, config={**account.config, "trunk": ""})))[-1]
    assert not last.ok and not last.needed


def test_wrong_credentials_and_a_switchboard_that_is_not_there(network, account):
    wrong = replace(account, secrets={"password": "no"})
    assert refusal_of(lambda: CHANNEL.act(called("x"), wrong)).reason == "token"
    assert refusal_of(lambda: next(CHANNEL.stream(wrong, {}, lambda: False))).reason == "token"
    now = time.time()
    network.weather.storms = (Storm(now - 1, now + 60, 503),)
    for act in (lambda: CHANNEL.act(called("x"), account), lambda: CHANNEL.poll(account, {}),
                lambda: CHANNEL.find_act(called("x"), account)):  # fmt: skip
        assert not refusal_of(act).permanent
    with pytest.raises(ChannelError):
        CHANNEL.fetch(Attachment("a.wav", "audio/wav", reference="nc-1"), account)


def test_recordings_that_are_gone_or_anothers_are_missing_for_good(network, account):
    network.stored["meeting"] = WAV
    for reference in ("nc-gone", "meeting", "nc-../x"):
        assert CHANNEL.fetch(Attachment("a.wav", "audio/wav", reference=reference), account).missing


def test_somebody_else_who_takes_the_application_is_noticed(network, account):
    with listening(network, account) as house:
        network.tell("ApplicationReplaced")
        until(lambda: house.errors)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"type":"StasisStart","timestamp":"x"}', b'{"type":"StasisEnd"}'])
def test_hostile_bytes_are_unreadable_and_nothing_else(account, body):
    with pytest.raises(Unreadable):
        CHANNEL.parse(Raw(body, "x"), account)


def test_frames_that_are_none_change_nothing(network, account):
    with listening(network, account) as house:
        for line in list(network._lines):
            for frame in ("", "[1]", "{", '{"type":7}', '{"type":"StasisStart"}', '{"type":"PlaybackFinished"}'):
                line.send(frame)
        leg = network.rings("611222333")
        until(lambda: house.states(leg.id) == ["rang"] or house.errors)


def test_a_call_that_is_gone_meanwhile_breaks_nothing(network, account, monkeypatch):
    """Asterisk answers 404 to whatever is asked of a call that has just ended."""
    switch = board.Board(account)
    told = {"channel": {"id": "gone.1", "caller": {"number": "611222333"}}, "args": []}
    switch.follow({"type": "StasisStart", **told})
    assert switch.lines == {}
    switch.legs["nc-x"] = {"of": "", "to": "hidden", "by": ""}
    switch._operator("nc-x")
    switch._connect("x", "gone.1", "nc-x", "201")
    assert switch.pairs == {}
    monkeypatch.setattr(board, "held", lambda _ari: ("gone.2", "nc-y"))
    switch.adopt()
    assert switch.lines == {}
    monkeypatch.setattr(receiving, "held", lambda _ari: ("gone.2",))
    assert CHANNEL.poll(account, {}).raws == ()


def test_what_stands_before_the_switchboard_may_answer_too(network, account):

    failed = ari.Ari(account).failure("GET", Answered(502, {}, b"<html>bad gateway"))
    assert failed is not None and not failed.permanent
    assert ari.Ari(account).failure("POST", Answered(412, {}, b"{}")).reason == "gone"
