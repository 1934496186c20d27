"""What every simulated network stands on: strict, honest about its rates, and gone when it is stopped."""

import hashlib
import hmac
import json
import socket
import threading
from urllib.parse import urlsplit

import pytest

from netcenter.street.networks.base import (
    Asked,
    Clock,
    Hook,
    Misfit,
    Network,
    Push,
    Rate,
    Refused,
    Said,
    Storm,
    Weather,
    any_of,
    call,
    fit,
    number,
    one_of,
    pattern,
    route,
    text,
)  # fmt: skip

NOW = 1_767_225_600.0


class Toy(Network):
    rates = {"calls": Rate(3, 60)}

    @route("POST", "/v1/messages", json={"to": str, "text": text(5), "tag?": one_of("late")}, rights=("write",))
    def send(self, asked: Asked):
        return {"id": self.truth.replied(asked.fields["to"], asked.fields["text"]).id}

    @route("GET", "/v1/{shop}/messages", query={"most?": int}, bucket="calls")
    def messages(self, asked: Asked):
        return {"shop": asked.path["shop"], "most": asked.query.get("most")}

    @route("POST", "/v1/files", form={"caption": str}, files={"file": ("image/png",)}, open=True)
    def upload(self, asked: Asked):
        return Said(201, asked.files["file"].content, mime=asked.files["file"].mime)

    @route("POST", "/v1/anywhere", anywhere={"id": int, "to": {"id": str}}, open=True)
    def anywhere(self, asked: Asked):
        return asked.fields

    def limit_headers(self, left):
        return {"x-left": str(left[-1].left), "retry-after": str(int(left[-1].resets_at - self.now()))} if left else {}


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def toy(clock):
    with Toy(clock) as network:
        network.tokens.issue("good", "write", of="shop")
        network.tokens.issue("weak", of="shop")
        network.tokens.issue("old", "write", of="shop", expires_at=NOW - 1)
        yield network


def post(toy, path, data, token="good", mime="application/json"):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    headers = {"content-type": mime} | ({"authorization": f"Bearer {token}"} if token else {})
    return call("POST", f"{toy.url}{path}", headers, body)


@pytest.mark.parametrize("said, status", [
    ({"to": "dana", "text": "hola"}, 200),
    ({"to": "dana", "text": "hola", "tag": "late"}, 200),
    ({"to": "dana", "text": "hola", "tag": "early"}, 400),
    ({"to": "dana", "text": "too long"}, 400),
    ({"to": "dana", "text": ""}, 400),
    ({"to": "dana", "text": "hola", "more": 1}, 400),
    ({"to": 7, "text": "hola"}, 400),
    ({"text": "hola"}, 400),
    (b"[1]", 400),
    (b"{", 400),
])  # fmt: skip
def test_it_takes_the_declared_fields_and_no_others(toy, said, status):
    assert post(toy, "/v1/messages", said)[0] == status
    assert len(list(toy.truth.replies())) == (status == 200)


@pytest.mark.parametrize("token, status", [("", 401), ("unknown", 401), ("old", 401), ("weak", 403), ("good", 200)])
def test_it_looks_at_tokens_and_their_rights(toy, token, status):
    assert post(toy, "/v1/messages", {"to": "dana", "text": "hola"}, token)[0] == status


def test_a_token_can_expire_or_be_taken_back(toy):
    toy.tokens.expire("good", NOW)
    toy.tokens.revoke("weak")
    assert post(toy, "/v1/messages", {"to": "dana", "text": "hola"})[0] == 401
    assert call("GET", f"{toy.url}/v1/a/messages", {"authorization": "Bearer weak"})[0] == 401


def test_it_refuses_other_ways_types_and_places(toy):
    assert post(toy, "/v1/elsewhere", {})[0] == 404
    assert call("GET", f"{toy.url}/v1/messages")[0] == 405
    assert post(toy, "/v1/messages", b"to=dana&text=hola", mime="application/x-www-form-urlencoded")[0] == 415
    assert call("GET", f"{toy.url}/v1/a/messages?most=x", {"authorization": "Bearer good"})[0] == 400
    assert call("GET", f"{toy.url}/v1/a/messages?other=1", {"authorization": "Bearer good"})[0] == 400


def test_its_window_slides_and_what_is_refused_is_not_counted(toy, clock):
    ask = lambda: call("GET", f"{toy.url}/v1/a/messages?most=2", {"authorization": "Bearer good"})  # noqa: E731
    assert json.loads(ask()[1]) == {"shop": "a", "most": 2}
    clock.pass_by(30)
    assert [ask()[0] for _n in range(4)] == [200, 200, 429, 429]
    assert toy.limits.earned == 2
    clock.pass_by(30)
    assert [ask()[0] for _n in range(2)] == [200, 429]
    assert toy.answered == {200: 4, 429: 3}


def test_it_reads_forms_with_files_and_fields_from_anywhere(toy):
    body = (
        b'--xx\r\nContent-Disposition: form-data; name="caption"\r\n\r\nfoto\r\n'
        b'--xx\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
        b"\x89PNG\r\n\r\n\xff\r\n--xx--\r\n"
    )
    assert post(toy, "/v1/files", body, "", "multipart/form-data; boundary=xx") == (201, b"\x89PNG\r\n\r\n\xff")
    gif = body.replace(b"image/png", b"image/gif")
    assert post(toy, "/v1/files", gif, "", "multipart/form-data; boundary=xx")[0] == 415
    assert post(toy, "/v1/files", body.replace(b'"file"', b'"other"'), "", "multipart/form-data; boundary=xx")[0] == 400
    told = post(toy, "/v1/anywhere?id=7", b"to=%7B%22id%22%3A%22x%22%7D", "", "application/x-www-form-urlencoded")
    assert json.loads(told[1]) == {"id": 7, "to": {"id": "x"}}
    assert json.loads(post(toy, "/v1/anywhere?id=7", {"to": {"id": "x"}}, "")[1]) == {"id": 7, "to": {"id": "x"}}


@pytest.mark.parametrize("shape, good, bad", [
    (number(1, 5), "3", "9"), (pattern(r"\d+"), "12", "a"), (any_of(int, [str]), ["a"], [1]), (float, 1, "1"),
    (bool, True, 1), (int, 3, True), ({"a": {"b?": str}}, {"a": {}}, {"a": {"c": 1}}), ([int], [1], 1),
])  # fmt: skip
def test_shapes_fit_or_not(shape, good, bad):
    fit(good, shape)
    with pytest.raises(Misfit):
        fit(bad, shape)


# --- Webhooks --------------------------------------------------------------------------------------


def signed(body):
    return {"x-signature": hmac.new(b"secret", body, hashlib.sha256).hexdigest()}


def told_by(weather, n=1000, batch=1):
    network, heard = Toy(Clock(NOW), weather), []

    def take(push: Push) -> int:
        assert push.headers["x-signature"] == signed(push.body)["x-signature"]
        one = json.loads(push.body)
        heard.extend(one if isinstance(one, list) else [one])
        return 200

    network.pusher.hook = Hook(take, signed, batch=batch)
    for number_ in range(n):
        network.push(number_)
    network.pusher.deliver()
    return network, heard


def test_in_fair_weather_everything_comes_signed_once_and_in_order():
    assert told_by(Weather())[1] == list(range(1000))
    assert told_by(Weather(), batch=7)[1] == list(range(1000))


def test_webhooks_are_dropped_repeated_and_shuffled_in_their_share():
    network, heard = told_by(Weather(dropped=0.1, repeated=0.2, shuffled=0.1))
    assert 50 < network.pusher.dropped < 200 and len(set(heard)) == 1000 - network.pusher.dropped
    assert 100 < len(heard) - len(set(heard)) < 300
    assert heard != sorted(heard)
    assert told_by(Weather(dropped=0.1, repeated=0.2, shuffled=0.1))[1] == heard, "the same seed, the same weather"


def test_what_is_not_taken_is_tried_again_and_given_up_in_the_end(clock):
    network, statuses = Toy(clock), [500, 0, 200, 500, 500, 500]
    network.pusher.most_tries = 3
    network.pusher.hook = Hook(lambda push: statuses.pop(0))
    network.push("a")
    assert [network.pusher.deliver() for _n in range(3)] == [0, 0, 1]
    network.push("b")
    assert [network.pusher.deliver() for _n in range(3)] == [0, 0, 0]
    assert (network.pusher.given_up, network.pusher.waiting()) == (1, 0)


def test_webhooks_go_out_by_themselves_over_http(toy):
    class Door(Network):
        @route("POST", "/hook", json={"n": int}, open=True)
        def take(self, asked: Asked):
            arrived.append(asked.fields["n"])
            done.set()

    arrived, done = [], threading.Event()
    with Door() as door:
        toy.pusher.hook = Hook(f"{door.url}/hook")
        toy.pusher.start()
        toy.push({"n": 1})
        assert done.wait(10)
    assert arrived == [1]
    toy.push({"n": 2})
    toy.pusher.stop()
    assert toy.pusher.delivered <= 1 and toy.pusher.waiting() <= 1, "nobody listens any more"


# --- Weather ---------------------------------------------------------------------------------------


def test_in_an_outage_nobody_is_heard_and_nothing_is_told(toy, clock):
    toy.weather.outages = ((NOW, NOW + 1800),)
    toy.pusher.hook = Hook(lambda push: 200)
    toy.push("a")
    with pytest.raises(OSError):
        post(toy, "/v1/messages", {"to": "dana", "text": "hola"})
    assert toy.pusher.deliver() == 0
    clock.pass_by(1800)
    assert post(toy, "/v1/messages", {"to": "dana", "text": "hola"})[0] == 200
    assert toy.pusher.deliver() == 1


def test_storms_pass_and_are_not_earned(toy, clock):
    toy.weather.storms = (Storm(NOW, NOW + 60, 429, 1.0),)
    assert post(toy, "/v1/messages", {"to": "dana", "text": "hola"})[0] == 429
    clock.pass_by(60)
    assert post(toy, "/v1/messages", {"to": "dana", "text": "hola"})[0] == 200
    assert toy.limits.earned == 0


def test_an_answer_may_be_lost_though_it_was_obeyed(toy):
    toy.weather.lost = 1.0
    with pytest.raises(OSError):
        post(toy, "/v1/messages", {"to": "dana", "text": "hola"})
    assert [one.text for one in toy.truth.replies("dana")] == ["hola"]


# --- Truth -----------------------------------------------------------------------------------------


def test_it_remembers_what_was_said_and_what_became_of_it(toy, clock):
    one = toy.truth.said("dana", "post/dana", "Holaa")
    clock.pass_by(5)
    toy.truth.edit(one.id, "Hola")
    toy.truth.hide(one.id)
    toy.truth.delete(one.id)
    assert (one.text, one.edits, one.at, one.deleted_at, one.hidden_at) == (
        "Hola", [(NOW + 5, "Holaa")], NOW, NOW + 5, NOW + 5,
    )  # fmt: skip
    toy.truth.hide(one.id, hidden=False)
    assert one.hidden_at is None
    with pytest.raises(KeyError):
        toy.truth.delete("nothing")


def test_the_same_key_is_one_reply_and_the_same_words_twice_are_noticed(toy):
    assert toy.truth.replied("t", "Sí", key="k") is toy.truth.replied("t", "Sí", key="k")
    assert toy.truth.doubles() == []
    toy.truth.replied("t", "No")
    toy.truth.replied("u", "No")
    assert toy.truth.doubles() == []
    toy.truth.replied("t", "No")
    assert toy.truth.doubles() == [("t", "No")]


# --- The end ---------------------------------------------------------------------------------------


def test_it_ends_even_while_somebody_keeps_a_line_open():
    before = threading.active_count()
    toy = Toy().start()
    parts = urlsplit(toy.url)
    with socket.create_connection((parts.hostname, parts.port)) as line:
        line.sendall(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        assert line.recv(12) == b"HTTP/1.1 404"
        toy.stop()
        toy.stop()
        line.settimeout(10)
        while line.recv(4096):
            pass
    with pytest.raises(OSError):
        socket.create_connection((parts.hostname, parts.port)).close()
    assert threading.active_count() <= before


def test_a_refusal_can_be_said_in_its_own_words(clock):
    class Rude(Network):
        @route("GET", "/", open=True)
        def no(self, asked: Asked):
            raise Refused("other", said=Said(418, {"no": True}))

        @route("GET", "/me", open=True)
        def me(self, asked: Asked):
            return asked.who.of

    with Rude(clock) as rude:
        assert call("GET", rude.url) == (418, b'{"no":true}')
        assert call("GET", f"{rude.url}/me")[0] == 401
