"""While many drafts are on their way, the other pages answer as ever: a real house, a real slow endpoint."""

import http.client
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.urls import reverse

from netcenter.assistant import actions
from netcenter.assistant.drafting import AT_ONCE
from netcenter.assistant.models import Drafted
from netcenter.cases.models import Case
from netcenter.lib import clock
from netcenter.site import asgi
from tests.company import Company, found
from tests.serving import cookie_of, served

pytestmark = pytest.mark.django_db(transaction=True)
SLOW = 6.0  # seconds of the endpoint
TOKEN = "c" * 32


class Slow(ThreadingHTTPServer):
    """An endpoint that thinks as long about each draft, however many there are: the street's obeys one at a time."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self) -> None:
        self.heard = 0
        super().__init__(("127.0.0.1", 0), Thinking)


class Thinking(BaseHTTPRequestHandler):
    server: Slow

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard += 1
        time.sleep(SLOW)
        told = {"message": {"role": "assistant", "content": "Hola, sí: abrimos el domingo de 9 a 13."}}
        body = json.dumps({"choices": [told]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """Quietly."""


@pytest.fixture
def slow() -> Iterator[Slow]:
    with Slow() as served_slowly:
        thread = threading.Thread(target=served_slowly.serve_forever, daemon=True)
        thread.start()
        yield served_slowly
        served_slowly.shutdown()


@pytest.fixture
def company(transactional_db: None) -> Company:
    return found()


@pytest.fixture
def house(company: Company) -> Iterator[str]:
    with served() as address:
        yield address


def asked(house: str, path: str, cookie: str, form: dict[str, str] | None = None) -> tuple[int, float]:
    """The status, and how long it took."""
    headers = {"Cookie": f"{cookie}; {settings.CSRF_COOKIE_NAME}={TOKEN}", "X-CSRFToken": TOKEN, "HX-Request": "true",
               "Content-Type": "application/x-www-form-urlencoded"}  # fmt: skip
    wire = http.client.HTTPConnection(urlsplit(house).netloc, timeout=60)
    began = time.monotonic()
    wire.request("POST" if form else "GET", path, urlencode(form) if form else None, headers)
    answer = wire.getresponse()
    answer.read()
    wire.close()
    return answer.status, time.monotonic() - began


def test_the_pages_that_wait_are_the_ones_that_the_front_knows():
    for name, more in (("desk:assist", [7]), ("setup:assistant_test", [])):
        assert asgi.WAITS.fullmatch(reverse(name, args=more)), name
    assert not asgi.WAITS.fullmatch(reverse("desk:case", args=[7]))
    assert asgi.WAITING > AT_ONCE, "somebody is left to say that it is busy"


def test_pages_answer_while_thirty_drafts_are_on_their_way(company, slow, set_up, house, monkeypatch):
    monkeypatch.setattr(actions, "EACH", AT_ONCE + 2)
    company.deliver(company.said("¿Abren el domingo?", at=clock.now()))
    case = Case.objects.get()
    set_up(f"http://127.0.0.1:{slow.server_port}/v1", words=True)
    path, form = reverse("desk:assist", args=[case.pk]), {"thread": str(case.messages.get().thread_id)}
    cookie, page = cookie_of(company.alice), reverse("desk:case", args=[case.pk])
    assert asked(house, page, cookie)[0] == 200
    with ThreadPoolExecutor(AT_ONCE + 2) as people:
        drafts = [people.submit(asked, house, path, cookie, form) for _n in range(AT_ONCE + 2)]
        end = time.monotonic() + 30
        while slow.heard < AT_ONCE and time.monotonic() < end:
            time.sleep(0.02)
        assert slow.heard == AT_ONCE > settings.THREADS
        pages = [asked(house, page, cookie) for _n in range(10)]
        assert not any(draft.done() and draft.result()[0] == 200 for draft in drafts), "they were still on their way"
    assert {status for status, _took in pages} == {200}
    assert max(took for _status, took in pages) < SLOW / 2, pages
    assert sorted(draft.result()[0] for draft in drafts) == [200] * AT_ONCE + [422] * 2
    assert Drafted.objects.filter(by=company.alice, state="done").count() == AT_ONCE
