"""Who knocks: the documented signature, in all its spellings, and what a stranger may try."""

import hashlib
import hmac
import time
from base64 import b64encode

import pytest

from netcenter.channels.contract import Answered, Connection, Request
from netcenter.channels.twilio import door, failures, reading

# The example of https://www.twilio.com/docs/usage/webhooks/webhooks-security
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
BODY = b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
TOKEN, SIGNATURE = "12345", "RSOYDt4T1cUTdK1PDd93/VVr8B8="
HEADERS = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8", "x-twilio-signature": SIGNATURE}


def asked(url=URL, body=BODY, method="POST", **headers):
    return Request(method, {**HEADERS, **headers}, url.partition("?")[2], body, url)


def signed(url, body=b"", token=TOKEN):
    return b64encode(hmac.new(token.encode(), url.encode() + body, "sha1").digest()).decode()


def test_it_knows_the_documented_example():
    assert door.is_signed(asked(), TOKEN)
    assert door.is_signed(asked("https://mycompany.com:443/myapp.php?foo=1&bar=2"), TOKEN)


@pytest.mark.parametrize("request_", [
    asked(url=URL + "&x=1"), asked(body=BODY + b"&x=1"), asked(method="GET"), asked(url=""),
    asked(**{"x-twilio-signature": ""}), asked(**{"x-twilio-signature": SIGNATURE[:-2] + "9="}),
    asked("https://mycompany.com:8443/myapp.php?foo=1&bar=2"), asked("https://mycompany.com:port/myapp.php?foo=1&bar=2"),
    asked("https://evil.com/myapp.php?foo=1&bar=2"), asked(body=b"a=1&" * 600),
    asked(**{"content-type": "application/json"}),
])  # fmt: skip
def test_whatever_is_changed_is_refused(request_):
    assert not door.is_signed(request_, TOKEN)
    assert not door.is_signed(asked(), "") and not door.is_signed(asked(), "12346")


def test_json_is_proved_by_the_hash_in_the_address():
    body = b'{"a":1}'
    url = f"https://care.example/hooks/x?bodySHA256={hashlib.sha256(body).hexdigest()}"
    headers = {"content-type": "application/json", "x-twilio-signature": signed(url)}
    assert door.is_signed(asked(url, body, **headers), TOKEN)
    assert not door.is_signed(asked(url, body + b" ", **headers), TOKEN)


def test_equal_names_are_signed_with_each_value_once():
    url, body = "https://care.example/hooks/x", b"b=2&a=3&a=1&a=3"
    assert door.is_signed(asked(url, body, **{"x-twilio-signature": signed(url, b"a1a3b2")}), TOKEN)


def test_megabytes_of_a_stranger_are_not_even_looked_at():
    begun = time.thread_time()
    answer = door.verify(asked(body=b"a=1&" * 10**6), Connection("k", "", "", {}, {"auth_token": TOKEN}))
    assert (answer.status, answer.store) == (413, False) and time.thread_time() - begun < 0.2


def test_the_same_form_at_two_steps_is_two_deliveries():
    account = Connection("k", "", "", {"account_sid": "AC1"}, {"auth_token": TOKEN})
    answers = []
    for step in ("a", "b"):
        url = f"https://care.example/hooks/x?step={step}"
        answers.append(door.verify(asked(url, b"A=1", **{"x-twilio-signature": signed(url, b"A1")}), account))
    assert all(answer.store for answer in answers) and answers[0].dedupe != answers[1].dedupe
    assert answers[0].meta["query"] == "step=a"


@pytest.mark.parametrize("status, body, permanent, reason, unknown", [
    (400, b'{"code":21610,"message":"x"}', True, "blocked", False),
    (400, b'{"code":21614,"message":"x"}', True, "blocked", False), (401, b'{"code":20003}', False, "token", False),
    (429, b'{"code":20429}', False, "rate", False), (429, b"slow down", False, "rate", False),
    (404, b'{"code":20404}', True, "gone", False), (400, b'{"code":99999,"message":"new"}', True, "", False),
    (500, b"<html>", False, "", True), (503, b'{"code":20503}', False, "", False), (502, b"", False, "", True),
    (400, b'{"code":63038}', False, "rate", False),
])  # fmt: skip
def test_refusals_are_understood(status, body, permanent, reason, unknown):
    error = failures.error_of("POST", Answered(status, {}, body))
    assert (error.permanent, error.reason, error.unknown) == (permanent, reason, unknown)
    assert reason != "rate" or error.retry_at is not None


@pytest.mark.parametrize("told, words", [
    ({"ErrorCode": "30003"}, "the telephone is off or out of reach; it may work later (30003)"),
    ({"ErrorCode": "1", "ErrorMessage": ""}, "not delivered (1)"), ({}, ""), ({"ErrorMessage": "x"}, "x"),
])  # fmt: skip
def test_why_it_did_not_arrive(told, words):
    assert failures.failed_later(told) == words


@pytest.mark.parametrize("value, number", [
    ("+34600111222", "+34600111222"), ("anonymous", ""), ("+266696687", ""), ("sip:a@b", ""), ("12345", ""), (None, ""),
    ("+0123", ""), ("＋34600111222", ""),
])  # fmt: skip
def test_numbers(value, number):
    assert reading.number_of(value) == number


@pytest.mark.parametrize("value", ["Thu, 01 Jan 2026 00:00:00 +0000", "2026-01-01T00:00:00Z", "never", None, "", 7])
def test_moments(value):
    found = reading.moment(value)
    assert found is None or (found.year, found.tzinfo is not None) == (2026, True)


@pytest.mark.parametrize(
    "value, seconds", [("7", 7), (7, 7), ("-7", None), (True, None), ("７", None), ("9" * 12, None)]
)
def test_whole_numbers(value, seconds):
    assert reading.whole(value) == seconds
