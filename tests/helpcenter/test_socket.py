"""The chat server on a real port, with real sockets and the real journey behind it."""

import asyncio
import json
import queue
import secrets
import threading
import time
import uuid
from contextlib import ExitStack, contextmanager

import httpx2
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from netcenter import flow
from netcenter.cases.actions import note
from netcenter.cases.models import Attachment, Case, Message
from netcenter.cases.queries import story
from netcenter.helpcenter.asgi import Chat
from netcenter.intake.commit import GroupCommit
from netcenter.intake.models import Delivery
from netcenter.lib import clock
from netcenter.lib.hub import hub
from netcenter.outbox.actions import Reply
from netcenter.routing import actions as routing
from netcenter.routing import presence
from tests.company import found
from tests.helpcenter.serving import served

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 10.0  # seconds: generous, since machines that test are busy


@pytest.fixture
def company():
    return found()


@pytest.fixture
def house(company):
    with served() as address:
        yield address


def new_token() -> str:
    return secrets.token_urlsafe(32)


class Tab:
    """A visitor's tab, as the widget behaves."""

    def __init__(self, house, company, token, since=0, origin="https://aurora.example", hello=True):
        address = house.replace("http", "ws") + f"/chat/{company.chat.key}/ws"
        self._open = ExitStack()
        wire = connect(address, origin=origin, compression=None, open_timeout=SOON, close_timeout=1)
        self.socket = self._open.enter_context(wire)
        self.token = token
        if hello:
            self.send(type="hello", token=token, since=since, language="es")
            self.welcome = self.hear("welcome")

    def close(self) -> None:
        self._open.close()

    def send(self, **frame) -> None:
        self.socket.send(json.dumps(frame))

    def next(self, timeout=SOON) -> dict:
        return json.loads(self.socket.recv(timeout=timeout))

    def hear(self, kind, timeout=SOON) -> dict:
        """The next frame of this kind; others are passed over."""
        deadline = time.monotonic() + timeout
        while True:
            frame = self.next(max(0.01, deadline - time.monotonic()))
            if frame["type"] == kind:
                return frame

    def hear_message(self, text, timeout=SOON) -> dict:
        deadline = time.monotonic() + timeout
        while True:
            for message in self.hear("messages", max(0.01, deadline - time.monotonic()))["messages"]:
                if message["text"] == text:
                    return message

    def say(self, text, cid=None, **more) -> str:
        cid = cid or uuid.uuid4().hex
        self.send(type="say", cid=cid, text=text, **more)
        return cid

    def close_code(self) -> int:
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                self.next()
        return closed.value.rcvd.code


@contextmanager
def tab(*arguments, **more):
    opened = Tab(*arguments, **more)
    try:
        yield opened
    finally:
        opened.close()


def answer(person, text) -> Message:
    case = Case.objects.latest("id")
    shown = story(case)
    reply = Reply(text, uuid.uuid4().hex, shown.messages[-1].thread_id, shown.seen_id)
    return flow.answer(case, reply, person, clock.now())


def test_what_was_acknowledged_is_stored_and_comes_back_as_delivered(house, company):
    with tab(house, company, new_token()) as dana:
        assert dana.welcome["messages"] == [] and dana.welcome["status"]["state"] == "away"
        cid = dana.say("Hola")
        assert dana.hear("ack")["cid"] == cid
        assert Delivery.objects.filter(dedupe__endswith=cid).count() == 1
        message = dana.hear_message("Hola")
        assert (message["cid"], message["from"], message["state"]) == (cid, "visitor", "delivered")


def test_the_same_message_again_is_acknowledged_and_kept_once(house, company):
    token = new_token()
    with tab(house, company, token) as dana:
        cid = dana.say("Hola")
        for _ in range(3):
            dana.say("Hola", cid)
        assert [dana.hear("ack")["cid"] for _ in range(4)] == [cid] * 4
    with tab(house, company, token) as dana:
        dana.say("Hola", cid)
        dana.hear("ack")
        dana.say("Otra cosa")
        dana.hear_message("Otra cosa")
    assert list(Message.objects.order_by("id").values_list("text", flat=True)) == ["Hola", "Otra cosa"]
    assert Case.objects.count() == 1


def test_nobody_can_take_anothers_message_id(house, company):
    with tab(house, company, new_token()) as dana, tab(house, company, new_token()) as eve:
        eve.say("De Eva", "shared-cid-1")
        dana.say("De Dana", "shared-cid-1")
        assert eve.hear_message("De Eva") and dana.hear_message("De Dana")
    assert Case.objects.count() == 2


def test_an_answer_is_on_the_screen_at_once_and_only_on_that_visitors(house, company):
    with tab(house, company, new_token()) as eve, tab(house, company, new_token()) as dana:
        eve.say("Soy Eva")
        eve.hear_message("Soy Eva")
        dana.say("Soy Dana")
        dana.hear_message("Soy Dana")
        case = Case.objects.latest("id")
        note(case.pk, company.alice, "Cuidado, cliente difícil", [], clock.now())
        started = time.monotonic()
        answer(company.alice, "Hola, Dana")
        message = dana.hear_message("Hola, Dana")
        assert time.monotonic() - started < 1
        assert (message["from"], message["name"]) == ("operator", "Alice")
        dana.send(type="ping")
        dana.hear("pong")
        eve.send(type="ping")
        eve.hear("pong")
        with pytest.raises(TimeoutError):
            while True:
                assert "Dana" not in json.dumps(eve.next(0.5)) and "difícil" not in json.dumps(dana.next(0.5))


def test_who_comes_back_gets_what_was_missed_and_nothing_twice(house, company):
    token = new_token()
    with tab(house, company, token) as dana:
        dana.say("Hola")
        last = dana.hear_message("Hola")["id"]
    texts = [f"Respuesta {i}" for i in range(60)]
    for text in texts:
        answer(company.alice, text)
    with tab(house, company, token, since=last) as dana:
        shown = dana.welcome["messages"]
        assert [m["text"] for m in shown if m["id"] > last] == texts
        assert len({m["id"] for m in shown}) == len(shown)
    with tab(house, company, token) as dana:
        shown = dana.welcome["messages"]
        assert dana.welcome["more"] and [m["text"] for m in shown] == texts[-40:]
        dana.send(type="more", before=shown[0]["id"])
        older = dana.hear("older")
        assert [m["text"] for m in older["messages"]] == ["Hola", *texts[:20]] and not older["more"]


def test_the_tabs_of_one_visitor_are_in_step(house, company):
    token = new_token()
    with tab(house, company, token) as one, tab(house, company, token) as other:
        one.say("Desde una")
        assert other.hear_message("Desde una")["id"] == one.hear_message("Desde una")["id"]
        other.say("Desde otra")
        assert one.hear_message("Desde otra")


def test_the_visitor_sees_who_has_them_and_that_it_was_read(house, company):
    with tab(house, company, new_token()) as dana:
        dana.say("Hola")
        assert dana.hear_message("Hola")["state"] == "delivered"
        routing.take(Case.objects.get().pk, company.alice, clock.now())
        frame = dana.hear("messages")
        assert frame["operator"] == "Alice"
        assert [m["state"] for m in frame["messages"]] == ["read"]


def test_the_operator_sees_that_the_visitor_read_it(house, company):
    with tab(house, company, new_token()) as dana:
        dana.say("Hola")
        dana.hear_message("Hola")
        answer(company.alice, "Buenas")
        message = dana.hear_message("Buenas")
        deadline = time.monotonic() + SOON
        while not Message.objects.get(pk=message["id"]).read_at and time.monotonic() < deadline:
            dana.send(type="read", id=message["id"])
            time.sleep(0.2)
        assert Message.objects.get(pk=message["id"]).read_at
        time.sleep(0.5)
        receipts = Delivery.objects.filter(dedupe__startswith="read:").count()
        dana.send(type="read", id=message["id"])
        dana.send(type="ping")
        dana.hear("pong")
        assert Delivery.objects.filter(dedupe__startswith="read:").count() == receipts


def test_typing_is_passed_both_ways(house, company):
    with tab(house, company, new_token()) as dana:
        dana.say("Hola")
        dana.hear_message("Hola")
        message = Message.objects.get()
        hub.tell([f"thread:{message.thread_id}"], "typing", {"name": "Alice", "on": True})
        assert dana.hear("typing") == {"type": "typing", "name": "Alice", "on": True}
        routing.take(message.case_id, company.alice, clock.now())
        dana.hear("messages")  # she is told who carries it
        with follower(f"person:{company.alice.pk}") as heard:
            dana.send(type="typing", on=True)
            dana.send(type="typing", on=True)
            dana.send(type="typing", on=False)
            frames = [heard.get(timeout=SOON) for _ in range(2)]
            assert [(f.event, f.data["thread"], f.data["on"]) for f in frames] == [
                ("typing", message.thread_id, True),
                ("typing", message.thread_id, False),
            ]


@contextmanager
def follower(topic):
    """What the desk would hear."""
    import asyncio

    heard, ready, ended = queue.SimpleQueue(), threading.Event(), threading.Event()

    async def follow():
        leave = hub.join([topic], heard.put)
        ready.set()
        while not ended.is_set():
            await asyncio.sleep(0.02)
        leave()

    thread = threading.Thread(target=lambda: asyncio.run(follow()))
    thread.start()
    ready.wait(SOON)
    try:
        yield heard
    finally:
        ended.set()
        thread.join()


def test_it_tells_when_somebody_can_answer_and_when_nobody_can(house, company):
    with tab(house, company, new_token()) as dana:
        assert dana.welcome["status"]["state"] == "away"
        company.available(company.alice, at=clock.now())
        assert dana.hear("status", 15)["state"] == "here"
        presence.set_state(company.alice, "break", clock.now(), company.alice)
        assert dana.hear("status", 15)["state"] == "away"


HOSTILE = [
    "", "{", "null", "[]", "[" * 30_000, '"hello"', '{"type":"say"}', '{"type":"dance"}', '{"type":{"$gt":""}}',
    '{"type":"say","cid":"cid-00000001","text":"' + "x" * 5000 + '"}', '{"type":"say","cid":"cid-00000001","text":[]}',
    '{"type":"say","cid":"cid-00000001","text":"a","email":"no"}', '{"type":"read","id":"1 OR 1=1"}',
    '{"type":"more","before":-1}', '{"type":"hello","token":"' + "t" * 43 + '"}', "x" * 50_000, b"\x00\xff\xfe",
    '{"type":"say","cid":"cid-00000001","text":"a","files":[{"blob":"' + "a" * 64 + '","claim":"' + "b" * 64 + '"}]}',
    '{"type":"say","cid":"' + "'; DROP TABLE--" + '","text":"a"}', '{"type":"ping"} {}',
]  # fmt: skip


def test_every_hostile_frame_gets_a_clear_error_and_the_next_good_one_is_served(house, company):
    with tab(house, company, new_token()) as dana:
        for frame in HOSTILE:
            dana.socket.send(frame)
            told = dana.hear("error")
            assert told["code"] and not told.get("final"), frame
        dana.say("Sigo aquí \x00\ud83d")
        dana.hear("ack")
        assert "Sigo aquí" in dana.hear("messages")["messages"][0]["text"]
    assert Message.objects.count() == 1


def test_who_sends_nothing_but_errors_is_closed_and_others_do_not_notice(house, company):
    with tab(house, company, new_token()) as eve, tab(house, company, new_token()) as dana:
        for _ in range(60):
            eve.socket.send("{")
        assert eve.close_code() == 4429
        dana.say("Hola")
        dana.hear_message("Hola")


def test_a_flood_is_slowed_down_and_nothing_of_it_is_lost(house, company):
    with tab(house, company, new_token()) as dana:
        sent = {dana.say(f"Mensaje {i}"): i for i in range(16)}
        acked, slow = set(), {}
        while len(acked) + len(slow) < 16:
            frame = dana.next()
            if frame["type"] == "ack":
                acked.add(frame["cid"])
            elif frame["type"] == "error":
                assert frame["code"] == "slow" and frame["retry_ms"] >= 200
                slow[frame["cid"]] = frame["retry_ms"]
        assert len(acked) >= 12 and slow
        for cid in sent.keys() - acked:
            while cid not in acked:  # as the widget does: later, again
                dana.say(f"Mensaje {sent[cid]}", cid)
                frame = (
                    dana.hear("ack")
                    if not slow
                    else next(f for f in iter(dana.next, None) if f["type"] in ("ack", "error"))
                )
                if frame["type"] == "ack":
                    acked.add(frame["cid"])
                else:
                    time.sleep(frame["retry_ms"] / 1000)
        assert acked == set(sent)
    assert Delivery.objects.filter(dedupe__startswith="say:").count() == 16


@pytest.mark.parametrize(
    ("sites", "path", "origin", "code", "close"),
    [
        ("aurora.example", "", "https://evil.example", "origin", 4403),
        ("aurora.example", "", None, "origin", 4403),
        ("", "/chat/nobody/ws", "https://aurora.example", "unknown_chat", 4404),
        ("", "/chat/a/b/ws", "https://aurora.example", "unknown_chat", 4404),
    ],
)
def test_where_it_may_not_stand_it_says_so_for_good(house, company, sites, path, origin, code, close):
    company.chat.config = {"sites": sites}
    company.chat.save()
    address = house.replace("http", "ws") + (path or f"/chat/{company.chat.key}/ws")
    with connect(address, origin=origin) as socket:
        assert json.loads(socket.recv(timeout=SOON)) == {"type": "error", "code": code, "final": True}
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=SOON)
        assert closed.value.rcvd.code == close


def test_who_leaves_while_they_are_welcomed_is_no_error(company, caplog):
    hello = json.dumps({"type": "hello", "token": new_token(), "since": 0, "language": "es"})
    frames = iter([{"type": "websocket.connect"}, {"type": "websocket.receive", "text": hello}])
    scope = {"type": "websocket", "path": f"/chat/{company.chat.key}/ws", "headers": [], "client": ("127.0.0.1", 1)}
    told = []

    async def receive() -> dict:
        return next(frames, {"type": "websocket.disconnect", "code": 1001})

    async def send(frame: dict) -> None:
        told.append(frame["type"])
        if frame["type"] == "websocket.send":
            raise OSError("gone")

    async def visit() -> None:
        chat = Chat(None)
        await chat(scope, receive, send)
        await chat.stop()

    asyncio.run(visit())
    assert told == ["websocket.accept", "websocket.send"] and caplog.messages == []


def test_nothing_is_served_before_the_hello(house, company):
    with tab(house, company, new_token(), hello=False) as eve:
        eve.say("Hola")
        assert eve.hear("error")["code"] == "hello_first"
        eve.send(type="hello", token="guess")
        assert eve.hear("error")["code"] == "bad_token"
        eve.send(type="hello", token=new_token())
        eve.hear("welcome")
    assert not Delivery.objects.exists()


def test_a_file_goes_with_the_message_of_who_uploaded_it_and_of_nobody_else(house, company, settings, tmp_path):
    settings.BLOBS_ROOT = tmp_path
    token, png = new_token(), b"\x89PNG\r\n\x1a\n" + b"\0" * 40
    address = f"{house}/chat/{company.chat.key}/files?name=tarta.png"
    file = httpx2.post(address, content=png, headers={"Authorization": f"Visitor {token}"}).json()
    with tab(house, company, new_token()) as eve:
        eve.say("Es mía", files=[file])
        assert eve.hear("error")["code"] == "bad_file"
    with tab(house, company, token) as dana:
        dana.say("", files=[file | {"name": "otra.html", "mime": "text/html"}])
        assert dana.hear("error")["code"] == "bad_file"
        dana.say("", files=[file])
        dana.hear("ack")
        [message] = dana.hear("messages")["messages"]
        [shown] = message["files"]
        assert (shown["name"], shown["size"], shown["image"]) == ("tarta.png", len(png), True)
        got = httpx2.get(f"{house}/chat/{company.chat.key}/{shown['path']}")
        assert got.content == png and got.headers["content-type"] == "image/png"
    assert Attachment.objects.get().blob == file["blob"]


def test_what_could_not_be_stored_is_not_acknowledged_and_can_be_sent_again(house, company, monkeypatch):
    with tab(house, company, new_token()) as dana:
        with monkeypatch.context() as broken:

            async def fail(*_arguments):
                raise OSError("the disk is full")

            broken.setattr(GroupCommit, "put", fail)
            cid = dana.say("Hola")
            told = dana.hear("error")
            assert (told["code"], told["cid"]) == ("not_stored", cid) and told["retry_ms"]
        dana.say("Hola", cid)
        assert dana.hear("ack")["cid"] == cid


def test_an_introduction_reaches_whoever_answers(house, company):
    with tab(house, company, new_token()) as dana:
        dana.send(type="about", cid="about-000001", name="Dana", email="dana@example.com")
        dana.hear("ack")
        dana.hear_message("Dana · dana@example.com")
    identity = Message.objects.get().identity
    assert (identity.email, identity.confirmed) == ("dana@example.com", False)


def test_two_hundred_visitors_at_once_are_each_answered(house, company):
    tabs = [Tab(house, company, new_token(), hello=False) for _ in range(200)]
    try:
        for one in tabs:
            one.send(type="hello", token=one.token)
        assert all(one.hear("welcome") for one in tabs)
        for i, one in enumerate(tabs[:40]):
            one.say(f"Hola {i}")
        assert all(one.hear("ack") for one in tabs[:40])
        for i, one in enumerate(tabs[:40]):
            one.hear_message(f"Hola {i}")
    finally:
        for one in tabs:
            one.close()
