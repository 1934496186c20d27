"""The hub: frames reach those who follow, once, from any thread."""

import asyncio
import json
import threading

from netcenter.lib.hub import Frame, Hub


def test_a_frame_is_written_as_a_server_sent_event():
    assert Frame("refresh", {"case": 1}, "4.7").sse == b'id: 4.7\nevent: refresh\ndata: {"case":1}\n\n'
    assert Frame("typing", {"words": "a\nb"}).sse == b'event: typing\ndata: {"words":"a\\nb"}\n\n'


def test_it_is_heard_once_by_who_follows_two_of_its_topics_and_not_by_others():
    async def go() -> None:
        hub, both, other = Hub(), [], []
        hub.join(["a", "b"], both.append)
        hub.join(["c"], other.append)
        thread = threading.Thread(target=hub.publish, args=(["a", "b"], Frame("x", {})))
        thread.start()
        await asyncio.sleep(0.05)
        thread.join()
        assert len(both) == 1 and not other

    asyncio.run(go())


def test_who_left_hears_nothing_and_leaves_nothing_behind():
    async def go() -> None:
        hub, heard = Hub(), []
        leave = hub.join(["a"], heard.append)
        leave()
        hub.publish(["a"], Frame("x", {}))
        await asyncio.sleep(0.02)
        assert not heard and not hub._by_topic

    asyncio.run(go())


def test_a_listener_that_fails_does_not_silence_the_others():
    async def go() -> None:
        hub, heard = Hub(), []
        hub.join(["a"], lambda _frame: 1 / 0)
        hub.join(["a"], heard.append)
        hub.publish(["a"], Frame("x", {}))
        await asyncio.sleep(0.02)
        assert len(heard) == 1

    asyncio.run(go())


def test_what_another_process_tells_is_heard_and_one_s_own_echo_is_not():
    async def go() -> None:
        hub, heard = Hub(), []
        hub.join(["thread:7"], heard.append)
        word = {"from": "another", "topics": ["thread:7"], "event": "typing", "data": {"name": "Alice"}}
        hub._heard("hub:" + json.dumps(word))
        hub._heard("hub:" + json.dumps(word | {"from": hub._me}))
        await asyncio.sleep(0.02)
        assert [(f.event, f.data) for f in heard] == [("typing", {"name": "Alice"})]

    asyncio.run(go())
