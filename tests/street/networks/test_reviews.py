"""The review networks of the street refuse what the real ones refuse."""

import json
import time

import pytest

from netcenter.channels.contract import signing
from netcenter.street.networks.base import call
from netcenter.street.networks.reviews import AppStore, GoogleBusiness, GooglePlay, Trustpilot
from netcenter.street.networks.reviews.business import MANAGE
from netcenter.street.networks.reviews.google import signed
from netcenter.street.networks.reviews.play import PUBLISHER


def ask(street, method, path, body=None, token="t", **headers):
    told = {"authorization": f"Bearer {token}"} if token else {}
    if body is not None and not isinstance(body, bytes):
        told["content-type"], body = "application/json", json.dumps(body).encode()
    status, answer = call(method, f"{street.url}{path}", {**told, **headers}, body or b"")
    return status, json.loads(answer or b"{}")


@pytest.fixture
def business():
    with GoogleBusiness() as street:
        street.tokens.issue("t", MANAGE, of="project")
        yield street


@pytest.fixture
def play():
    with GooglePlay() as street:
        street.tokens.issue("t", PUBLISHER, of="project", who="desk")
        yield street


def test_google_business_wants_declared_fields_verified_locations_and_short_replies(business):
    key = business.write("Dana", "Hola")
    path = f"/v4/accounts/101/locations/11/reviews/{key.partition('/')[2]}"
    batch = "/v4/accounts/101/locations:batchGetReviews"
    names = ["accounts/101/locations/11"]
    assert ask(business, "POST", batch, {"locationNames": names})[0] == 200
    for wrong in ({"sort": "x"}, {"locationNames": []}, {"pageSize": 51}, {"orderBy": "updateTime"}):
        status, told = ask(business, "POST", batch, {"locationNames": names, **wrong})
        assert (status, told["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert ask(business, "PUT", f"{path}/reply", {"comment": "ñ" * 2049})[0] == 400
    assert ask(business, "PUT", f"{path}/reply", {"comment": "Hola"})[1]["comment"] == "Hola"
    assert ask(business, "PUT", f"{path}x/reply", {"comment": "Hola"})[0] == 404
    assert ask(business, "GET", path.replace("101", "202"))[0] == 403
    assert ask(business, "GET", path, token="")[0] == 401
    business.locations["11"]["verified"] = False
    assert ask(business, "GET", path)[1]["error"]["status"] == "FAILED_PRECONDITION"
    for _n in range(300):
        business.limits.spend("reviews", "project")
    assert ask(business, "GET", path)[1]["error"]["status"] == "RESOURCE_EXHAUSTED"


def test_google_play_lists_a_week_of_words_and_takes_350_characters(play):
    key = play.write("Dana", "Hola")
    play.write("Erin", "", 5)
    play.write("Fred", "Viejo", at=time.time() - 8 * 86400)
    app = "/androidpublisher/v3/applications/com.example.pan/reviews"
    assert [one["reviewId"] for one in ask(play, "GET", app)[1]["reviews"]] == [key]
    assert ask(play, "GET", f"{app}?limit=5")[0] == 400 and ask(play, "GET", f"{app}?maxResults=101")[0] == 400
    assert ask(play, "POST", f"{app}/{key}:reply", {"replyText": "a" * 351})[0] == 400
    assert ask(play, "POST", f"{app}/{key}:reply", {"replyText": "<b>Hola</b>"})[1]["result"]["replyText"] == "Hola"
    assert ask(play, "GET", app.replace("pan", "other"))[0] == 404
    play.may_reply.clear()
    assert ask(play, "GET", app)[0] == 403


def test_a_service_account_must_sign_for_itself_and_not_for_long(play):
    play.service()
    claims = {
        "iss": "desk@street.iam.gserviceaccount.com", "scope": PUBLISHER, "aud": "https://oauth2.googleapis.com/token",
        "iat": int(time.time()), "exp": int(time.time()) + 3600,
    }  # fmt: skip

    def grant(told, key="desk"):
        form = f"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={signed(told, key)}"
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return ask(play, "POST", "/token", form.encode(), "", **kind)[0]

    assert grant(claims) == 200
    later = {"exp": int(time.time()) + 7200}
    for wrong in (later, {"aud": "https://other"}, {"scope": MANAGE}, {"iss": "nobody"}, {"exp": 7}):
        assert grant({**claims, **wrong}) == 400
    assert grant(claims, "other") == 400


def test_apple_takes_only_tokens_that_die_soon():
    with AppStore() as street:
        key = street.write("Dana", "Hola")
        app = f"/v1/apps/{street.app}/customerReviews"
        assert ask(street, "GET", app, token="")[0] == 401
        assert ask(street, "GET", app, token=_apple(street))[0] == 200
        for wrong in ({"exp": int(time.time()) + 1300}, {"exp": 7, "iat": 1}, {"aud": "other"}, {"iss": "other"}):
            status, told = ask(street, "GET", app, token=_apple(street, **wrong))
            assert (status, told["errors"][0]["code"]) == (401, "NOT_AUTHORIZED")
        good = _apple(street)
        assert ask(street, "GET", f"{app}?limit=201", token=good)[0] == 409
        assert ask(street, "GET", f"{app}?page=2", token=good)[1]["errors"][0]["code"] == "PARAMETER_ERROR.ILLEGAL"
        said = {"data": {
            "type": "customerReviewResponses", "attributes": {"responseBody": "a" * 5971},
            "relationships": {"review": {"data": {"type": "customerReviews", "id": key}}},
        }}  # fmt: skip
        assert ask(street, "POST", "/v1/customerReviewResponses", said, good)[0] == 409
        said["data"]["attributes"]["responseBody"] = "Hola"
        assert ask(street, "POST", "/v1/customerReviewResponses", said, good)[1]["data"]["attributes"]["state"] == (
            "PENDING_PUBLISH")  # fmt: skip


def _apple(street, **other):
    now = int(time.time())
    claims = {"iss": street.issuer, "iat": now, "exp": now + 600, "aud": "appstoreconnect-v1", **other}
    return signing.make_jwt(claims, street.key(), {"kid": "2X9R4HXF34"})


def test_trustpilot_wants_the_right_user_and_declared_fields():
    with Trustpilot() as street:
        street.tokens.issue("t", "business", of="application")
        key = street.write("Dana", "Hola")
        path, said = f"/v1/private/reviews/{key}/reply", {"authorBusinessUserId": street.user, "message": "Hola"}
        assert ask(street, "POST", path, {**said, "text": "x"})[0] == 400
        assert ask(street, "POST", path, {**said, "authorBusinessUserId": "other"})[0] == 403
        assert ask(street, "POST", path, {**said, "message": ""})[0] == 400
        assert ask(street, "POST", path, said)[0] == 201
        street.refuses_second = True
        assert ask(street, "POST", path, said)[0] == 409
        assert ask(street, "DELETE", path)[0] == 204 and ask(street, "DELETE", path)[0] == 404
        assert ask(street, "GET", f"/v1/private/business-units/{street.unit}/reviews?perPage=101")[0] == 400
        street.tokens.revoke("t")
        assert ask(street, "GET", f"/v1/private/reviews/{key}")[0] == 401
