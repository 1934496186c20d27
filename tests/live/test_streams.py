"""The streams as browsers see them: a real server, real sessions, real events."""

import http.client
import json
import threading
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import transaction

from netcenter.events.actions import event, record
from netcenter.events.queries import latest
from netcenter.lib import clock
from netcenter.lib.hub import hub
from netcenter.live import streams
from netcenter.people.models import Desk
from tests.company import found
from tests.serving import cookie_of, served

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(transactional_db):
    return found()


@pytest.fixture
def house(company):
    with served() as address:
        yield address


class Browser:
    """An EventSource: gathers what it hears in a thread."""

    def __init__(self, house: str, cookie: str, path: str = "/events", **headers: str) -> None:
        self.wire = http.client.HTTPConnection(urlsplit(house).netloc, timeout=20)
        self.wire.request("GET", path, headers={"Cookie": cookie, **headers})
        self.answer = self.wire.getresponse()
        self.frames: list[dict] = []
        self.ended = threading.Event()
        if self.answer.status == 200:
            threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        frame: dict = {}
        try:
            while line := self.answer.readline():
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if not name:
                    if "event" in frame:
                        self.frames.append(frame)
                    frame = {}
                elif name == "data":
                    frame |= {"data": json.loads(value), "at": time.monotonic()}
                else:
                    frame[name] = value
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass
        self.ended.set()

    def of(self, kind: str) -> list[dict]:
        return [f for f in self.frames if f["event"] == kind]

    def wait(self, found, seconds: float = 5) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found(self):
                return True
            time.sleep(0.01)
        return False

    def ready(self) -> "Browser":
        assert self.wait(lambda b: b.of("hello") or b.of("refresh"))
        return self

    def refreshed(self, part: str) -> bool:
        return self.wait(lambda b: any(part in f["data"]["topics"] for f in b.of("refresh")))

    def close(self) -> None:
        self.wire.sock.close() if self.wire.sock else None
        self.answer.close()


def rang(company, case_id: int = 12) -> None:
    record(event("offer.rang", clock.now(), case_id=case_id, operator_id=company.alice.pk, brand_id=company.brand.pk))


def test_strangers_get_no_stream(house):
    assert Browser(house, "").answer.status == 401
    assert Browser(house, "sessionid=made-up").answer.status == 401


def test_a_ring_reaches_one_operator_at_once_and_the_others_only_refresh_their_list(house, company):
    alice, bob = (Browser(house, cookie_of(p)).ready() for p in (company.alice, company.bob))
    began = time.monotonic()
    rang(company)
    assert alice.refreshed("ring") and bob.refreshed("waiting")
    ring = next(f for f in alice.of("refresh") if f["data"].get("kind"))
    assert ring["data"]["kind"] == "offer.rang" and ring["data"]["case"] == 12 and ring["at"] - began < 1
    assert not any("ring" in f["data"]["topics"] or "case" in f["data"] for f in bob.of("refresh"))


def test_who_may_not_see_a_brand_hears_nothing_of_it(house, company):
    company.brand.people.remove(company.bob)
    bob, charlie = (Browser(house, cookie_of(p)).ready() for p in (company.bob, company.charlie))
    record(event("message.read", clock.now(), case_id=12, brand_id=company.brand.pk))
    assert charlie.refreshed("case:12")  # supervisors see all brands
    time.sleep(0.3)
    assert not bob.of("refresh")


def test_an_event_that_was_rolled_back_is_heard_by_nobody(house, company):
    alice = Browser(house, cookie_of(company.alice)).ready()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        rang(company)
        raise ZeroDivisionError
    time.sleep(0.3)
    assert not alice.of("refresh")


def test_who_comes_back_gets_what_was_missed_and_no_more(house, company):
    cookie = cookie_of(company.alice)
    before = latest()
    rang(company, 41)
    record(event("message.read", clock.now(), case_id=42, brand_id=company.brand.pk))
    back = Browser(house, cookie, **{"Last-Event-ID": f"{before[0]}.{before[1]}"}).ready()
    assert {"ring", "case:41", "case:42"} <= set(back.of("refresh")[0]["data"]["topics"])
    after = back.of("refresh")[0]["id"]
    again = Browser(house, cookie, **{"Last-Event-ID": after}).ready()
    assert again.of("hello") and not again.of("refresh")


def test_who_was_away_too_long_refreshes_everything(house, company, monkeypatch):
    monkeypatch.setattr(streams, "BATCH", 3)
    before = latest()
    for n in range(4):
        rang(company, n)
    back = Browser(house, cookie_of(company.alice), f"/events?since={before[0]}.{before[1]}").ready()
    assert back.of("refresh")[0]["data"]["topics"] == ["all"]


@pytest.mark.parametrize("told", ["nonsense", "1.2.3", "9" * 50 + ".1", "-1.4", ""])
def test_a_nonsensical_place_is_no_place(house, company, told):
    assert Browser(house, cookie_of(company.alice), **{"Last-Event-ID": told}).ready().of("hello")


def test_a_new_page_hears_what_happened_while_it_was_made(house, company):
    rang(company, 77)
    page = Browser(house, cookie_of(company.alice), "/events?age=30").ready()
    assert "case:77" in page.of("refresh")[0]["data"]["topics"]


def test_lists_of_a_brand_are_refreshed_a_few_times_a_second_however_much_happens(house, company):
    bob = Browser(house, cookie_of(company.bob)).ready()
    for n in range(100):
        record(event("message.read", clock.now(), case_id=n + 1, brand_id=company.brand.pk))
    time.sleep(1)
    told = {part for f in bob.of("refresh") for part in f["data"]["topics"]}
    assert len(bob.of("refresh")) < 30 and ("all" in told or {f"case:{n + 1}" for n in range(100)} <= told)


def test_fleeting_words_reach_the_screens(house, company):
    alice = Browser(house, cookie_of(company.alice)).ready()
    hub.tell([f"person:{company.alice.pk}"], "typing", {"case": 3})
    assert alice.wait(lambda b: b.of("typing"))


def test_a_heartbeat_says_who_is_here(house, company):
    Desk.objects.get_or_create(person=company.alice)
    Desk.objects.update(seen_at=None)
    wire = http.client.HTTPConnection(urlsplit(house).netloc, timeout=5)
    wire.request("POST", "/live/here", headers={"Cookie": cookie_of(company.alice), "X-Netcenter": "here"})
    assert wire.getresponse().status == 204
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline and not Desk.objects.get(person=company.alice).seen_at:
        time.sleep(0.05)
    assert clock.now() - Desk.objects.get(person=company.alice).seen_at < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("method", "header", "status"), [("GET", "here", 400), ("POST", "", 400), ("POST", "here", 401)]
)
def test_only_our_own_pages_may_say_that_somebody_is_here(house, method, header, status):
    wire = http.client.HTTPConnection(urlsplit(house).netloc, timeout=5)
    wire.request(method, "/live/here", headers={"X-Netcenter": header})
    assert wire.getresponse().status == status


def test_a_stream_ends_when_its_session_does(house, company, monkeypatch):
    monkeypatch.setattr(streams, "CHECK", 0.1)
    cookie = cookie_of(company.alice)
    alice = Browser(house, cookie).ready()
    from django.contrib.sessions.models import Session

    Session.objects.filter(pk=cookie.partition("=")[2]).delete()
    assert alice.ended.wait(5)


def test_who_is_given_a_brand_follows_it_at_once(house, company):
    company.brand.people.remove(company.bob)
    bob = Browser(house, cookie_of(company.bob)).ready()
    company.brand.people.add(company.bob)
    record(event("person.changed", clock.now(), operator_id=company.bob.pk))
    assert bob.refreshed("all")
    record(event("message.read", clock.now(), case_id=12, brand_id=company.brand.pk))
    assert bob.refreshed("case:12")


def test_streams_end_in_good_order_when_the_house_closes(company):
    with served() as house:
        alice = Browser(house, cookie_of(company.alice)).ready()
    assert alice.ended.is_set() and alice.answer.isclosed()


def test_one_person_may_not_open_streams_for_ever(house, company, monkeypatch):
    monkeypatch.setattr(streams, "MOST_EACH", 2)
    cookie = cookie_of(company.alice)
    kept = [Browser(house, cookie).ready() for _ in range(2)]
    assert Browser(house, cookie).answer.status == 429
    kept[0].close()
    assert kept[1].answer.status == 200
