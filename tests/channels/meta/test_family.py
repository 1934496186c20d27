"""What Facebook, Instagram and WhatsApp share: errors by table, rates by headers, hostile payloads."""

import copy
import random
from datetime import UTC, datetime, timedelta
from functools import cache

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcenter.channels import budgets
from netcenter.channels.contract import Answered, Attachment, ChannelError, Connection, Forward, Raw, Unreadable
from netcenter.channels.meta import failures, graph, messaging, reading
from tests.channels import keeping

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = ("facebook", "instagram", "whatsapp")


def meant(code, subcode=0, status=400, method="POST", **more):
    told = {"code": code, "error_subcode": subcode, "message": "x", **more}
    return failures.error_of(method, Answered(status, {}, b""), told, NOW)


@pytest.mark.parametrize("code, subcode, permanent, unknown, reason", [
    (190, 463, False, False, "token"), (190, 0, False, False, "token"), (102, 0, False, False, "token"),
    (4, 0, False, False, "rate"), (17, 0, False, False, "rate"), (32, 0, False, False, "rate"),
    (613, 0, False, False, "rate"), (80006, 0, False, False, "rate"), (368, 0, False, False, "rate"),
    (130429, 0, False, False, "rate"), (131056, 0, False, False, "rate"), (131048, 0, False, False, "rate"),
    (10, 0, True, False, "right"), (200, 0, True, False, "right"), (230, 0, True, False, "right"),
    (3, 0, True, False, "right"), (131042, 0, True, False, "right"),
    (10, 2018278, True, False, "window"), (131047, 0, True, False, "window"),
    (551, 1545041, True, False, "blocked"), (10903, 0, True, False, "blocked"), (131026, 0, True, False, "blocked"),
    (100, 2018001, True, False, "gone"), (100, 33, True, False, "gone"), (132001, 0, True, False, "gone"),
    (100, 0, True, False, "unfit"), (131051, 0, True, False, "unfit"), (132000, 0, True, False, "unfit"),
    (1, 0, False, True, ""), (2, 0, False, True, ""), (131000, 0, False, True, ""), (10900, 0, False, True, "twice"),
    (506, 0, False, True, "twice"),
])  # fmt: skip
def test_codes_mean_never_later_or_perhaps(code, subcode, permanent, unknown, reason):
    error = meant(code, subcode)
    assert (error.permanent, error.unknown, error.reason) == (permanent, unknown, reason)
    assert not meant(code, subcode, method="GET").unknown, "a question does nothing"
    assert (error.retry_at is not None) == (reason == "rate")


def test_codes_that_nobody_documents_are_judged_by_their_status():
    assert meant(999_999).permanent and not meant(999_999, status=500).permanent
    assert meant(999_999, is_transient=True).unknown
    assert "more words" in str(meant(999_999, error_data={"details": "more words"}))
    assert meant("x").permanent


def test_no_code_of_the_table_is_permanent_for_a_bad_token():
    for meaning in [*failures.CODES.values(), *failures.SUBCODES.values()]:
        assert meaning.reason != "token" or meaning.fate == "later"


@pytest.mark.parametrize("headers, percent, minutes", [
    ({}, 0, 0),
    ({"x-app-usage": '{"call_count":28,"total_time":25,"total_cputime":25}'}, 28, 0),
    ({"x-business-use-case-usage": '{"1":[{"type":"pages","call_count":100,"total_cputime":2,"total_time":5,'
      '"estimated_time_to_regain_access":19}]}'}, 100, 19),
    ({"x-app-usage": "{", "x-business-use-case-usage": '{"1":[7],"2":3}'}, 0, 0),
    ({"x-app-usage": '{"call_count":"many"}', "x-business-use-case-usage": "[]"}, 0, 0),
])  # fmt: skip
def test_headers_tell_how_much_is_used(headers, percent, minutes):
    assert graph.usage(headers) == (percent, minutes)


@pytest.mark.parametrize("percent, reads, answers", [
    (0, True, True), (79, True, True), (80, False, True), (98, False, False),
])  # fmt: skip
def test_reading_stops_before_answering_does(percent, reads, answers):
    clock = [datetime.now(UTC)]
    budget = budgets.InProcess(graph.BUCKETS, lambda: clock[0])
    api = graph.Graph(Connection("k", "", "", {}, {}, budget=budget))
    api.heard(Answered(200, {"x-app-usage": orjson.dumps({"call_count": percent}).decode()}, b""), "calls")
    for bucket, may in (("calls", reads), ("answers", answers)):
        if may:
            budget.spend(bucket)
        else:
            with pytest.raises(ChannelError) as error:
                budget.spend(bucket)
            assert error.value.reason == "rate"
    clock[0] += timedelta(minutes=2)
    budget.spend("answers")


def test_the_next_page_is_asked_by_its_cursor_and_never_by_its_address():
    assert graph.after({"paging": {"cursors": {"after": "x"}, "next": "https://evil.example"}}) == {"after": "x"}
    assert graph.after({"paging": {"cursors": {"after": "x"}}}) is None and graph.after([]) is None


def test_each_call_carries_the_proof_and_no_token_in_its_address(monkeypatch):
    asked = []
    monkeypatch.setattr("netcenter.lib.http.request", lambda *a, **k: asked.append((a, k)) or Answered(200, {}, b"{}"))
    graph.Graph(Connection("k", "", "", {}, {"token": "t0ken", "app_secret": "s"})).get("me")
    (_method, url), more = asked[0]
    assert url.startswith("https://graph.facebook.com/v24.0/me?appsecret_proof=") and "t0ken" not in url
    assert more["headers"]["authorization"] == "Bearer t0ken"


def test_a_file_that_is_too_large_is_missing_and_one_that_breaks_is_tried_again(monkeypatch):
    api, file = (
        graph.Graph(Connection("k", "", "", {}, {})),
        Attachment("a", "image/png", reference="https://x.example/a"),
    )
    for error, missing in ((ChannelError("too large", permanent=True), "too large"), (ChannelError("broke"), None)):
        monkeypatch.setattr(graph.Graph, "download", lambda *_a, error=error: (_ for _ in ()).throw(error))
        if missing:
            assert graph.fetched(file, api, 1).missing == missing
        else:
            with pytest.raises(ChannelError):
                graph.fetched(file, api, 1)


def test_what_speaks_to_many_accounts_is_handed_on_in_as_many_pieces():
    body = orjson.dumps({"object": "page", "entry": [
        {"id": id, "time": 1, "messaging": [{"timestamp": 1, "read": {"watermark": n}}]}
        for n in range(3) for id in "abc"
    ]})  # fmt: skip
    found = reading.read(Raw(body, "x"), ("page",), ("b",), reading.by_account, lambda entry: iter(()))
    assert [(type(one), one.to) for one in found] == [(Forward, "a"), (Forward, "c")]
    assert len(orjson.loads(found[0].raw.body)["entry"]) == 3


@pytest.mark.parametrize("url, missing", [
    ("https://x.example/a.jpg", ""), ("", "where"), ("ftp://x", "where"), ("https://x/" + "a" * 2000, "where"),
    ("https://[", ""),
])  # fmt: skip
def test_a_file_has_an_address_or_is_missing(url, missing):
    one = reading.file_at(url, "image")
    assert (missing in one.missing) if missing else one.reference == url


@pytest.mark.parametrize("value, wrong", [(True, True), ("", True), ("a" * 256, True), (7, False), ("a\0b", False)])
def test_ids_are_short_and_there(value, wrong):
    if wrong:
        with pytest.raises(ValueError, match="an id is"):
            reading.name(value)
    else:
        assert "\0" not in reading.name(value)


def test_private_events_of_every_shape():
    event = {"sender": {"id": "d"}, "recipient": {"id": "p"}, "timestamp": 1}
    odd = {
        "mid": "m",
        "attachments": [{"type": "ephemeral", "payload": {"url": "https://x/a"}}, {"type": "like_heart"}],
    }
    (one,) = messaging.happened({**event, "message": odd}, "p")
    assert one.text == "[like_heart]" and len(one.attachments) == 1
    (pressed,) = messaging.happened({**event, "postback": {"payload": "human"}}, "p")
    assert (pressed.external_id, pressed.text) == ("postback:d:1000", "human")
    assert list(messaging.happened({**event, "app_roles": {}}, "p")) == []


# --- Hostile payloads ------------------------------------------------------------------------------

ODD = (
    None, True, 0, -1, 2**63, 1.5, "", "x", "\0", "9" * 30, [], {}, [7], {"id": "x"}, [{"id": ""}], {"text": None},
    "2026-01-01T00:00:00+0000", "page", "add", "text", "image", "interactive", "https://[", "wamid.1",
)  # fmt: skip


def paths(value, here=()):
    """Every place in a payload."""
    yield here
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from paths(each, (*here, key))


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, database=None)
def test_anything_in_any_place_is_read_or_unreadable(kind, seed):
    folder, chance = keeping.ROOT / kind, random.Random(seed)
    payload = orjson.loads(chance.choice(payloads(kind)))
    for _n in range(chance.randint(1, 3)):
        place = chance.choice([one for one in paths(payload) if one])
        inside = payload
        for key in place[:-1]:
            inside = inside[key]
        inside[place[-1]] = copy.deepcopy(chance.choice(ODD))
    try:
        happened = keeping.channel_in(folder).parse(Raw(orjson.dumps(payload), "x"), keeping.connection_of(folder))
    except Unreadable as error:
        happened = error.readable
    for one in happened:
        keeping.assert_sane(one)


@cache
def payloads(kind):
    return [one.body for one in keeping.fixtures_of(keeping.ROOT / kind) if one.body.startswith(b"{")]
