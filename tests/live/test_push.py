"""Web Push: to the right person, sealed for their browser alone, signed by us, and never into our own network."""

import http.server
import json
import os
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import Client
from py_vapid import Vapid02

from netcenter.cases.models import Case
from netcenter.events.actions import event, record
from netcenter.lib import clock
from netcenter.live import push
from netcenter.live.push import Pusher
from netcenter.people.models import PushSubscription
from netcenter.routing.models import Offer

pytestmark = pytest.mark.django_db(transaction=True)


class Service(http.server.ThreadingHTTPServer):
    """A push service that keeps what it gets."""

    status = 201

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list = []
        self.arrived = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, dict(self.headers.items()), body))
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()
        self.server.arrived.set()

    def log_message(self, *_: object) -> None: ...


class Browser:
    """The keys that a browser keeps, and what it tells of them."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.secret = os.urandom(16)
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = {"p256dh": _b64(point), "auth": _b64(self.secret)}

    def opened(self, sealed: bytes) -> dict:
        return json.loads(http_ece.decrypt(sealed, private_key=self.key, auth_secret=self.secret))


def _b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


@pytest.fixture
def service(settings):
    settings.ALLOW_PRIVATE_HTTP = True
    service = Service()
    threading.Thread(target=service.serve_forever, daemon=True).start()
    yield service
    service.shutdown()


@pytest.fixture
def case(company) -> Case:
    company.deliver(company.said("¿Dónde está mi pan?"))
    return Case.objects.get()


def ring(company, case: Case, pusher: Pusher, state: str = "ringing") -> None:
    now = clock.now()
    Offer.objects.create(case=case, operator=company.alice, state=state, weight=20, rang_at=now,
                         until=now + timedelta(seconds=90))  # fmt: skip
    record(event("offer.rang", now, case_id=case.pk, operator_id=company.alice.pk, brand_id=case.brand_id))
    pusher.step()


def ended(pusher: Pusher) -> None:
    for sending in list(pusher._sent):
        sending.exception(timeout=10)
    pusher.step()


def test_a_ring_is_pushed_to_its_operator_alone_sealed_and_signed(company, case, service):
    alice, bob = Browser(), Browser()
    push.subscribe(company.alice, f"{service.address}/alice", alice.keys)
    push.subscribe(company.bob, f"{service.address}/bob", bob.keys)
    pusher = Pusher()
    pusher.step()
    ring(company, case, pusher)
    ended(pusher)
    [(path, headers, body)] = service.got
    assert path == "/alice"
    said = alice.opened(body)
    assert said["case"] == case.pk and "Dana" in said["title"] and "pan" in said["body"]
    assert b"Dana" not in body
    headers = {name.lower(): value for name, value in headers.items()}
    assert headers["content-encoding"] == "aes128gcm" and headers["urgency"] == "high"
    assert 60 < int(headers["ttl"]) <= 90, "a telephone that sleeps rings as long as the desk does"
    assert Vapid02.verify(headers["authorization"])
    claims = json.loads(urlsafe_b64decode(headers["authorization"].split(".")[1] + "=="))
    assert claims["aud"] == service.address and claims["sub"].startswith("mailto:")
    assert push.public_key() == headers["authorization"].split("k=")[1]


def test_what_was_picked_up_meanwhile_is_not_pushed(company, case, service):
    push.subscribe(company.alice, f"{service.address}/alice", Browser().keys)
    pusher = Pusher()
    pusher.step()
    ring(company, case, pusher, state="accepted")
    ended(pusher)
    assert not service.got


def test_what_rang_before_the_loop_began_is_not_pushed(company, case, service):
    push.subscribe(company.alice, f"{service.address}/alice", Browser().keys)
    pusher = Pusher()
    ring(company, case, pusher)
    ended(pusher)
    assert not service.got


@pytest.mark.parametrize(("status", "left"), [(404, 0), (410, 0), (500, 1), (429, 1), (201, 1)])
def test_a_subscription_that_is_gone_is_forgotten(company, case, service, status, left):
    service.status = status
    push.subscribe(company.alice, f"{service.address}/alice", Browser().keys)
    pusher = Pusher()
    pusher.step()
    ring(company, case, pusher)
    ended(pusher)
    assert PushSubscription.objects.count() == left


def test_it_never_calls_into_our_own_network(company, case, service, settings):
    settings.ALLOW_PRIVATE_HTTP = False
    push.subscribe(company.alice, f"{service.address}/alice", Browser().keys)
    pusher = Pusher()
    pusher.step()
    ring(company, case, pusher)
    ended(pusher)
    assert not service.got
    assert not push.is_subscription(service.address, Browser().keys)


def test_a_browser_subscribes_and_unsubscribes_and_only_signed_in(company):
    client, told = Client(), {"endpoint": "https://push.example/1", "keys": Browser().keys}
    assert client.post("/live/push/subscribe/", told, "application/json").status_code == 302
    client.force_login(company.alice, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.post("/live/push/subscribe/", told, "application/json").json() == {"subscribed": True}
    assert PushSubscription.objects.get().person == company.alice
    client.force_login(company.bob, "allauth.account.auth_backends.AuthenticationBackend")
    client.post("/live/push/subscribe/", told, "application/json")
    assert PushSubscription.objects.get().person == company.bob  # the browser is Bob's now
    client.post("/live/push/unsubscribe/", told, "application/json")
    assert not PushSubscription.objects.exists()


def subscribed(client: Client, person, endpoint: str) -> None:
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    client.post("/live/push/subscribe/", {"endpoint": endpoint, "keys": Browser().keys}, "application/json")


def endpoints() -> set[str]:
    return set(PushSubscription.objects.values_list("endpoint", flat=True))


def test_who_signs_out_is_not_rung_on_this_browser_any_more(company):
    here, elsewhere = Client(), Client()
    subscribed(here, company.alice, "https://push.example/here")
    subscribed(elsewhere, company.alice, "https://push.example/telephone")
    here.post("/account/logout/")
    assert endpoints() == {"https://push.example/telephone"}
    here.force_login(company.alice, "allauth.account.auth_backends.AuthenticationBackend")
    assert here.get("/live/push/key/").json()["on"] is False
    assert elsewhere.get("/live/push/key/").json()["on"] is True


def test_who_signs_out_of_a_second_session_is_not_rung_there_either(company):
    here = Client()
    subscribed(here, company.alice, "https://push.example/here")
    del here.cookies["sessionid"]  # it ran out
    here.force_login(company.alice, "allauth.account.auth_backends.AuthenticationBackend")
    here.post("/account/logout/")
    assert not endpoints()


@pytest.mark.parametrize(("who", "left"), [("bob", set()), ("alice", {"https://push.example/here"})])
def test_who_signs_in_ends_the_rings_of_whoever_left_without_a_word(company, who, left):
    here = Client()
    subscribed(here, company.alice, "https://push.example/here")
    del here.cookies["sessionid"]
    told = {"login": f"{who}@example.com", "password": "correct horse"}
    assert here.post("/account/login/", told).status_code == 302
    assert endpoints() == left


def test_a_mark_that_we_did_not_make_ends_nobodys_rings(company):
    push.subscribe(company.alice, "https://push.example/here", {})
    forger = Client()
    forger.force_login(company.bob, "allauth.account.auth_backends.AuthenticationBackend")
    forger.cookies["push"] = str(PushSubscription.objects.get().pk)
    forger.post("/account/logout/")
    assert endpoints()


@pytest.mark.parametrize(
    "told",
    [
        b"no json", b"[" * 100_000, b'{"endpoint": "https://[", "keys": {}}',
        b"[]", b"{}", b'{"endpoint": 3, "keys": {}}', b'{"endpoint": "https://x.example", "keys": []}',
        b'{"endpoint": "http://x.example", "keys": {"p256dh": "AA", "auth": "AA"}}',
        b'{"endpoint": "https://x.example", "keys": {"p256dh": "AA", "auth": "AA"}}',
    ],
)  # fmt: skip
def test_what_no_browser_would_say_is_refused(company, told):
    client = Client()
    client.force_login(company.alice, "allauth.account.auth_backends.AuthenticationBackend")
    assert client.post("/live/push/subscribe/", told, "application/json").status_code == 400


def test_the_worker_is_served_from_the_root(company):
    answer = Client().get("/sw.js")
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"


def test_nobody_collects_browsers_without_end(company):
    for number in range(push.MOST_BROWSERS + 5):
        push.subscribe(company.alice, f"https://push.example/{number}", {})
    push.subscribe(company.bob, "https://push.example/bob", {})
    kept = set(PushSubscription.objects.filter(person=company.alice).values_list("endpoint", flat=True))
    newest = range(5, push.MOST_BROWSERS + 5)
    assert kept == {f"https://push.example/{number}" for number in newest}
    assert PushSubscription.objects.filter(person=company.bob).exists()
