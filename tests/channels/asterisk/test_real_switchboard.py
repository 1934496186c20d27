"""The channel against a real Asterisk (`pytest -m servers`): a call that waits, is taken, called back, recorded."""

import time
from dataclasses import replace

import pytest

from netcenter.channels.asterisk import receiving
from netcenter.channels.asterisk.channel import CHANNEL
from netcenter.channels.contract import Act, Author, Connection, Inbound, ThreadRef
from tests.channels.asterisk.test_asterisk import DANA, House, listening, until
from tests.servers import asterisk

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def server():
    try:
        with asterisk.switchboard() as running:
            yield running
    except asterisk.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def account(server, settings, monkeypatch):
    settings.ALLOW_PRIVATE_HTTP = True
    monkeypatch.setattr(receiving, "QUIET", 0.2)
    config = {"base_url": server.url, "user": asterisk.USER, "country": "34", "wait_seconds": 60, "language": "en",
              "extension": "Local/{number}@agents/n", "trunk": "Local/{digits}@customers/n",
              "sound_greeting": "sound:beep", "sound_menu": "sound:beep", "sound_record": "sound:beep",
              "sound_asked": "sound:beep",
              "sound_thanks": "sound:beep"}  # fmt: skip
    return Connection("pbx", "+34600111222", "Centralita", config, {"password": asterisk.PASSWORD})


class Heard:
    """As the street's network for `listening`: whether the application is there."""

    def __init__(self, account) -> None:
        self.account = account

    def listens(self) -> bool:
        from netcenter.channels.asterisk.ari import Ari

        return Ari(self.account).try_to("GET", "applications/netcenter")


def calls(target, by="201", key="deed-1"):
    return Act(key, "call", target, ThreadRef(DANA), Author(DANA, phone=DANA), what=by)


def rings(server, house: House) -> str:
    known = len(house.heard(Inbound))
    server.command("channel originate Local/200@in application Milliwatt")
    until(lambda: len(house.heard(Inbound)) > known, 20)
    return house.heard(Inbound)[-1].external_id


def over(server) -> bool:
    return "0 active channels" in server.command("core show channels count")


def test_a_call_waits_is_taken_and_is_over(server, account):
    with listening(Heard(account), account) as house:
        id = rings(server, house)
        assert house.heard(Inbound)[-1].author.phone == DANA
        begun = time.monotonic()
        assert CHANNEL.act(calls(id), account).external_id == id
        assert CHANNEL.find_act(calls(id), account) is not None
        until(lambda: "answered" in house.states(id), 20)
        print(f"taken within {time.monotonic() - begun:.3f} s")
        server.command("channel request hangup all")
        until(lambda: "ended" in house.states(id), 20)
        until(lambda: over(server), 20)


def test_a_customer_is_called_back_and_a_busy_operator_is_told(server, account):
    with listening(Heard(account), account) as house:
        name = CHANNEL.act(calls("gone.1", key="deed-2"), account).external_id
        until(lambda: "answered" in house.states(name), 20)
        server.command("channel request hangup all")
        until(lambda: "ended" in house.states(name), 20)
        busy = CHANNEL.act(calls("gone.1", by="299", key="deed-3"), account).external_id
        until(lambda: house.states(busy) == ["missed"], 20)
        until(lambda: over(server), 20)


def test_a_message_is_recorded_and_fetched(server, account):
    at_once = replace(account, config={**account.config, "wait_seconds": 0})
    with listening(Heard(account), at_once) as house:
        id = rings(server, house)
        time.sleep(9)  # the menu, five seconds to choose, and some of the message
        server.command("channel request hangup all")
        until(lambda: any(one.recording for one in house.heard()), 20)
        recording = next(one.recording for one in house.heard() if one.recording)
        file = CHANNEL.fetch(recording, at_once)
        assert file.content[:4] == b"RIFF" and len(file.content) > 1000
        assert recording.reference == f"nc-{id}"
        again = CHANNEL.poll(at_once, {})
        assert f"recorded:nc-{id}" in [raw.dedupe for raw in again.raws]
