"""The contract's own tools: calls, proofs, lengths and budgets."""

import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from websockets.sync.server import serve

from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import (
    Api,
    Attachment,
    Bucket,
    Capabilities,
    ChannelError,
    Part,
    counting,
    open_socket,
    retry_at,
    signing,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


# --- Calls ----------------------------------------------------------------------------------------


class Network(BaseHTTPRequestHandler):
    """A small network on this machine."""

    asked: list[tuple[str, str, dict, bytes]]
    elsewhere = ""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("location", self.elsewhere or "/file")
            self.send_header("content-length", "0")
            self.end_headers()
            return
        told = {"/file": b"x" * 500, "/nonsense": b"<html>"}.get(self.path.partition("?")[0])
        if told is None:
            page = int(self.path.partition("page=")[2] or 1)
            told = json.dumps({"page": page, "next": page + 1 if page < 3 else None}).encode()
        self.send_response(200)
        self.send_header("content-type", "image/png" if self.path == "/file" else "application/json")
        self.send_header("content-length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = _answer

    def log_message(self, *_args) -> None: ...


@pytest.fixture
def network(settings):
    settings.ALLOW_PRIVATE_HTTP = True
    kind = type("Here", (Network,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kind, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_it_turns_pages_and_pays_for_each(network):
    kind, base = network
    budget = InProcess([Bucket("calls", 3, 60)])
    api = Api(base, {"authorization": "Bearer x"}, budget, "calls")
    pages = api.pages("items", {"size": 2}, lambda page: {"page": page["next"]} if page["next"] else None)
    assert [page["page"] for page in pages] == [1, 2, 3]
    assert [path for _method, path, *_ in kind.asked] == [
        "/items?size=2",
        "/items?size=2&page=2",
        "/items?size=2&page=3",
    ]
    with pytest.raises(ChannelError) as spent:
        api.get("items")
    assert spent.value.reason == "rate" and spent.value.retry_at and len(kind.asked) == 3, "no 429 is earned"


def test_it_sends_forms_and_files(network):
    kind, base = network
    Api(base).call("POST", "form", form={"a": "1 2", "b": ["x", "y"]})
    Api(base).call("POST", "files", form={"a": "ñ"}, parts=(Part("file", 'a"b.png', "image/png", b"\x89PNG"),))
    (_p, _f, headers, form), (_p, _f, more, body) = kind.asked
    assert (form, headers["content-type"]) == (b"a=1+2&b=x&b=y", "application/x-www-form-urlencoded")
    boundary = more["content-type"].partition("boundary=")[2].encode()
    assert body.count(boundary) == 3 and b'filename="a%22b.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n' in body


def test_a_page_does_not_lead_our_credentials_to_another_host(network):
    kind, base = network
    with pytest.raises(ChannelError) as refused:
        Api(base, {"authorization": "Bearer x"}).get("https://elsewhere.example/steal")
    assert refused.value.permanent and kind.asked == []


def test_a_download_follows_a_little_way_and_stays_within_its_bounds(network, settings):
    kind, base = network
    assert Api(base).download("moved", 1000) == (b"x" * 500, "image/png")
    for limit, mimes in ((100, ()), (1000, ("image/jpeg",))):
        with pytest.raises(ChannelError) as unfit:
            Api(base).download("file", limit, mimes)
        assert unfit.value.reason == "unfit"
    kind.elsewhere = "http://localhost:1/inside"  # another host than the network's own must be a public one
    with pytest.raises(ChannelError, match="https"):
        Api(base).download("moved", 1000)
    kind.elsewhere = "/moved"
    with pytest.raises(ChannelError, match="elsewhere"):
        Api(base).download("moved", 1000)
    settings.ALLOW_PRIVATE_HTTP = False
    with pytest.raises(ChannelError):
        Api(base).download("file", 1000)


def test_an_answer_that_is_no_json_may_have_acted(network):
    with pytest.raises(ChannelError) as failed:
        Api(network[1]).post("nonsense", {})
    assert failed.value.unknown


def test_who_does_not_listen_has_not_heard(settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with pytest.raises(ChannelError) as failed:
        Api("http://127.0.0.1:1").post("messages", {})
    assert not failed.value.unknown and not failed.value.permanent


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("60", 60), (format_datetime(NOON + timedelta(minutes=2)), 120), ("9" * 30, None), ("soon", None), ("", None),
     ("-5", None), (str(10**6), 86400)],
)  # fmt: skip
def test_it_believes_a_retry_after_within_a_day(told, seconds):
    assert retry_at({"retry-after": told}, NOON) == (None if seconds is None else NOON + timedelta(seconds=seconds))


def test_a_line_stays_open_tells_silence_and_says_when_it_breaks(settings):
    settings.ALLOW_PRIVATE_HTTP = True

    def greet(socket) -> None:
        socket.send(f"hello {socket.request.headers['authorization']}")
        socket.send(socket.recv())

    with serve(greet, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"
        with open_socket(address, {"authorization": "Bearer x"}) as line:
            frames = line.frames(quiet=0.02)
            assert next(frames) == b"hello Bearer x"
            assert next(frames) is None
            line.say("bye")
            assert next(frame for frame in frames if frame) == b"bye"
            with pytest.raises(ChannelError):
                next(frame for frame in frames if frame)
        server.shutdown()
    settings.ALLOW_PRIVATE_HTTP = False
    for refused in (address, address.replace("ws:", "wss:"), "https://x.example", "wss:///"):
        with pytest.raises(ChannelError) as failed:
            open_socket(refused)
        assert failed.value.permanent


# --- Proofs ---------------------------------------------------------------------------------------


def test_hmacs_and_pkce_are_those_of_the_standards():
    # RFC 4231, case 2; RFC 7636, appendix B
    assert signing.hmac_hex("Jefe", b"what do ya want for nothing?").startswith("5bdcc146bf60754e6a042426089575c7")
    assert signing.s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert hmac.new(b"k", b"m", hashlib.sha1).hexdigest() == signing.hmac_hex("k", b"m", "sha1")
    assert not signing.same("", "") and signing.same("é", "é") and not signing.same("a", "b")


def test_ed25519_tells_what_is_signed():
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw).hex()
    assert signing.ed25519_signed(public, b"m", key.sign(b"m").hex())
    assert not signing.ed25519_signed(public, b"n", key.sign(b"m").hex())
    assert not signing.ed25519_signed("zz", b"m", "nonsense")


def pem(key) -> tuple[str, str]:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)])
def test_a_token_is_believed_when_its_key_signed_it_for_us_and_it_is_its_time(key):
    private, public = pem(key)
    keys, claims = {"1": public}, {"aud": "us", "exp": 1000, "sub": "dana"}
    token = signing.make_jwt(claims, private, {"kid": "1"})
    assert signing.read_jwt(token, keys, 900, "us") == claims
    head, body, signature = token.split(".")
    wrong = [(token, keys, 2000, "us"), (token, keys, 900, "them"), (f"{head}.{body}x.{signature}", keys, 900, "us"),
             (token, {"1": pem(ec.generate_private_key(ec.SECP256R1()))[1]}, 900, "us"), (token, {}, 900, "us"),
             ("a.b", keys, 900, "us"), ("", keys, 900, "us"), (f"{head}.{body}.", keys, 900, "us")]  # fmt: skip
    for case in wrong:
        with pytest.raises(signing.Forged):
            signing.read_jwt(*case)


def test_a_public_key_is_never_taken_for_a_secret():
    _private, public = pem(rsa.generate_private_key(65537, 2048))
    head = signing._packed(b'{"alg":"HS256"}') + "." + signing._packed(b'{"exp":1000}')
    forged = f"{head}.{signing._packed(hmac.new(public.encode(), head.encode(), 'sha256').digest())}"
    with pytest.raises(signing.Forged):
        signing.read_jwt(forged, {"1": public}, 900)
    honest = f"{head}.{signing._packed(hmac.new(b'secret', head.encode(), 'sha256').digest())}"
    assert signing.read_jwt(honest, {"1": "secret"}, 900) == {"exp": 1000}


# --- Lengths and files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "graphemes", "utf16", "octets"),
    [("", 0, 0, 0), ("año", 3, 3, 4), ("e\u0301", 1, 2, 3), ("👍🏽", 1, 4, 8), ("👩\u200d👩\u200d👧", 1, 8, 18),
     ("🇪🇸🇵🇹", 2, 8, 16), ("\r\n", 1, 2, 2), ("a\u200db", 2, 3, 5), ("❤\ufe0f", 1, 2, 6)],
)  # fmt: skip
def test_lengths_are_counted_as_networks_count(text, graphemes, utf16, octets):
    assert (counting.graphemes(text), counting.utf16_units(text), counting.octets(text)) == (graphemes, utf16, octets)


def test_a_file_may_be_as_heavy_as_its_kind():
    able = Capabilities(attachments=True, sizes={"image/*": 5, "image/gif": 9, "video/mp4": 16})
    weigh = [able.heaviest(Attachment("f", mime)) for mime in ("image/png", "IMAGE/GIF", "video/mp4", "text/plain")]
    assert weigh == [5, 9, 16, 0]
    assert Capabilities(attachments=True, max_attachment=7).heaviest(Attachment("f", "x/y")) == 7
    assert Capabilities().heaviest(Attachment("f", "x/y")) == 0


# --- Budgets --------------------------------------------------------------------------------------


class Watch:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def test_a_budget_never_gives_more_in_any_stretch_of_its_time():
    watch = Watch()
    budget, given = InProcess([Bucket("calls", 5, 10)], watch), []
    for _tick in range(600):  # of a tenth of a second
        watch.now += timedelta(seconds=0.1)
        try:
            budget.spend("calls")
            given.append(watch.now)
        except ChannelError as error:
            assert error.retry_at > watch.now and error.reason == "rate" and not error.permanent
    assert max(sum(at <= other < at + timedelta(seconds=10) for other in given) for at in given) == 5
    assert len(given) >= 28, "and hardly less"


def test_a_budget_of_a_day_is_whole_again_at_midnight_there_and_not_before():
    moment = datetime(2026, 3, 2, 20, tzinfo=UTC)
    budget = InProcess((Bucket("day", 10, 86_400, midnight="America/Los_Angeles"),), lambda: moment)
    budget.spend("day", 8)
    with pytest.raises(ChannelError) as over:
        budget.spend("day", 3)
    assert over.value.retry_at == datetime(2026, 3, 3, 8, 0, 0, 1000, tzinfo=UTC)
    assert budget.spent("day") == 8
    moment = over.value.retry_at
    budget.spend("day", 10)
    moment = datetime(2026, 3, 9, 6, 30, tzinfo=UTC)  # the day on which the summer begins has 23 hours
    budget.spend("day", 10)
    with pytest.raises(ChannelError) as over:
        budget.spend("day")
    assert over.value.retry_at == datetime(2026, 3, 9, 7, 0, 0, 1000, tzinfo=UTC)


def test_what_the_network_says_is_left_counts_until_it_says_again():
    watch = Watch()
    budget = InProcess([Bucket("calls", 100, 10)], watch)
    resets_at = NOON + timedelta(seconds=30)
    budget.told("calls", 2, resets_at)
    budget.told("calls", 4, resets_at)  # an older answer, come late
    budget.spend("calls", 2)
    with pytest.raises(ChannelError) as spent:
        budget.spend("calls")
    assert spent.value.retry_at == resets_at
    watch.now = resets_at
    budget.spend("calls")
    budget.spend("a name that nobody declared", 10**6)


def test_a_budget_holds_among_threads():
    budget, given = InProcess([Bucket("calls", 50, 3600)]), []

    def ask() -> None:
        for _n in range(40):
            try:
                budget.spend("calls")
                given.append(1)
            except ChannelError:
                pass

    threads = [threading.Thread(target=ask) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(given) == 50
