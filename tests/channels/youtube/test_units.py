"""The day's units: shared between listening and answering, and nothing is refused or lost for want of them."""

from dataclasses import replace

import pytest

from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import (
    Bucket,
    ChannelError,
    Connection,
    Inbound,
)
from netcenter.channels.youtube import options, wire
from netcenter.channels.youtube.channel import CHANNEL
from tests.channels.meta.house import moment
from tests.channels.youtube.street import NOW, answer


def said(network, house, who, video, words="¿Lleva gluten?", **more):
    network.comments(who, video, words, **more)
    return next(one for one in house.later(60) if isinstance(one, Inbound))


def test_a_day_of_listening_and_answering_earns_no_refusal(network, house, clock, dana, video):
    """Somebody writes all the time, and everything is answered as soon as there is room."""
    network.quota = 5000
    pots = (CHANNEL.buckets[0], replace(CHANNEL.buckets[1], most=2000))
    house.account = replace(house.account, budget=InProcess(pots, wire.now))
    waiting, sent, refused = [], 0, None
    for _hour in range(26):
        for n in range(3):
            network.comments(dana, video, f"n{n}")
        clock.pass_by(3600)
        waiting += [one for one in house.poll() if isinstance(one, Inbound)]
        while waiting:
            try:
                CHANNEL.send(answer(waiting[0], key=waiting[0].external_id), house.account)
            except ChannelError as error:
                assert error.reason == "rate"
                refused = refused or error
                break
            waiting.pop(0)
            sent += 1
    assert network.overspent == 0 and refused is not None
    assert refused.retry_at.astimezone(wire.ZoneInfo(options.PACIFIC)).strftime("%H:%M") == "00:00"
    assert max(network.spent.values()) <= 5000
    assert len(house.heard()) == len(network.truth.told) and sent > 40


def test_what_google_says_is_spent_is_spent_until_midnight_in_california(network, house, dana, video, clock):
    one = said(network, house, dana, video)
    network.quota = 0
    with pytest.raises(ChannelError) as over:
        CHANNEL.send(answer(one), house.account)
    assert over.value.reason == "rate" and over.value.retry_at == moment(NOW).replace(day=3, hour=8)
    calls = len(network.calls)
    with pytest.raises(ChannelError):
        house.poll()
    assert len(network.calls) == calls, "nothing is asked in vain"
    network.quota = 10_000
    clock.pass_by(24 * 3600)
    house.poll()
    assert CHANNEL.send(answer(one), house.account)


@pytest.mark.parametrize(
    ("units", "reads", "writes"),
    [(5_000, 62, 70), (10_000, 125, 140), (1_000_000, 12_500, 14_000), ("x", 125, 140), (1, 1, 1)],
)
def test_a_larger_or_smaller_share_of_a_project_is_kept_to(units, reads, writes):
    listening, writing = CHANNEL.allowed({"units": units})
    assert [pot.name for pot in CHANNEL.buckets] == [listening.name, writing.name]
    assert listening.most // options.READ == reads and writing.most // options.WRITE == writes
    day = units if isinstance(units, int) else options.DAY
    assert 24 * listening.most + writing.most <= max(day, 100), "no more than a day in both together"


def test_every_call_is_paid_from_its_pot(network):
    class Counting:
        def spend(self, bucket, cost=1):
            spent.append((bucket, cost))

        def told(self, *_more): ...

    spent = []
    account = Connection("k", "", "", {"base_url": f"{network.url}/youtube/v3"}, {}, budget=Counting())
    youtube = wire.YouTube(account)
    for call in (lambda: youtube.written("DELETE", "comments", {"id": "x"}), lambda: youtube.asked("comments", {})):
        with pytest.raises(ChannelError):
            call()
    assert spent == [("writing", 50), ("listening", 1)]


def test_a_flood_below_many_threads_comes_in_turn_and_stops_nothing(network, house, dana, video, clock):
    """Each thread costs a call for its replies, and there are more threads than calls in an hour."""
    few = (Bucket(options.LISTENING, 12, 3600), *CHANNEL.buckets[1:])
    house.account = replace(house.account, budget=InProcess(few, wire.now))
    for n in range(25):
        top = network.comments(dana, video, f"hilo {n}")
        for r in range(7):
            network.replies(dana, top, f"r{n}.{r}")
    waited = 0
    for _quarter in range(16):
        try:
            house.later(900)
        except ChannelError as error:
            assert error.reason == "rate"
            waited += 1
    assert {one.external_id for one in house.heard()} == set(network.truth.told) and waited
