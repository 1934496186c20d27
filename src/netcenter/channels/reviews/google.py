"""How Google says no, how we sign in there, and how Pub/Sub proves that it is Google who pushes.

https://cloud.google.com/apis/design/errors
https://developers.google.com/identity/protocols/oauth2
https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
"""

from __future__ import annotations

import time
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    Answered,
    Api,
    ChannelError,
    Connection,
    Request,
    failure_of,
    loose,
    retry_at,
    signing,
)
from netcenter.channels.reviews import tokens

TOKENS = "https://oauth2.googleapis.com"
KEYS = "https://www.googleapis.com"
PAUSE = timedelta(seconds=60)  # after a 429 that names none: quotas are by the minute
ISSUERS = ("https://accounts.google.com", "accounts.google.com")
_TOKEN_IS_BAD = ("invalid_grant", "invalid_client", "unauthorized_client", "invalid_token")
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Google(Api):
    """One of Google's APIs."""

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        return None if answered.status < 300 else refused(method, answered)


def refused(method: str, answered: Answered) -> ChannelError:
    """What an error of Google's means."""
    status, said = told_in(answered.body)
    failed = failure_of(method, answered, said)
    now = datetime.now(UTC)
    if answered.status == 429 or status == "RESOURCE_EXHAUSTED":
        at = retry_at(answered.headers, now) or now + PAUSE
        return ChannelError(str(failed), reason="rate", retry_at=at)
    if status in _TOKEN_IS_BAD:  # of the place that gives out tokens
        return ChannelError(str(failed), reason="token")
    if status == "FAILED_PRECONDITION":  # a location that is not verified
        return ChannelError(str(failed), permanent=True, reason="right")
    if answered.status == 400:
        return ChannelError(str(failed), permanent=True, reason="unfit")
    return failed


def told_in(body: bytes) -> tuple[str, str]:
    """Google's name for the error, and its words."""
    try:
        told: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", ""
    error = told.get("error") if isinstance(told, Mapping) else None
    if isinstance(error, Mapping):
        return loose.text(error.get("status"), 60), loose.text(error.get("message"), 300)
    return loose.text(error, 60), loose.text(loose.within(told).get("error_description"), 300)


def fresh_token(connection: Connection, form: Mapping[str, str]) -> dict[str, Any]:
    """Ask for a token. Raises ChannelError."""
    api = Google(connection.base(TOKENS))
    found = api.json(api.call("POST", "token", form=form))
    if not isinstance(found, dict) or not loose.text(found.get("access_token")):
        raise ChannelError("Google gave no token", reason="token")
    return found


def ends_at(told: Mapping[str, Any], now: float) -> datetime:
    """When a token that was given out now ends."""
    seconds = told.get("expires_in")
    return datetime.fromtimestamp(now, UTC) + timedelta(seconds=seconds if isinstance(seconds, int) else 3600)


# --- Service accounts -------------------------------------------------------------------------------


def service_token(connection: Connection, secret: str, scope: str) -> str:
    """An access token for the service account whose key file this is. Raises ChannelError.

    https://developers.google.com/identity/protocols/oauth2/service-account#authorizingrequests
    """
    key, now = key_file(secret), time.time()

    def ask() -> tuple[str, float]:
        audience = loose.text(key.get("token_uri")) or f"{TOKENS}/token"
        claims = {"iss": key["client_email"], "scope": scope, "aud": audience, "iat": int(now), "exp": int(now) + 3600}
        try:
            proof = signing.make_jwt(claims, str(key["private_key"]), {"kid": loose.text(key.get("private_key_id"))})
        except (ValueError, TypeError) as error:
            raise ChannelError(_("the key file holds no private key that signs"), reason="token") from error
        told = fresh_token(connection, {"grant_type": JWT_GRANT, "assertion": proof})
        return str(told["access_token"]), ends_at(told, now).timestamp()

    return tokens.kept(f"{connection.base(TOKENS)} {scope} {secret}", now, ask)


def key_file(secret: str) -> Mapping[str, Any]:
    """The JSON that Google Cloud downloads for a service account. Raises ChannelError."""
    try:
        told = orjson.loads(secret)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, Mapping) or not all(loose.text(told.get(n)) for n in ("client_email", "private_key")):
        raise ChannelError(_("this is no key file of a service account"), reason="token")
    return told


# --- Pub/Sub ----------------------------------------------------------------------------------------


def push_keys(connection: Connection) -> str:
    """The keys that Google signs pushes with now: kept with the secrets, so that the door needs to ask nobody."""
    return orjson.dumps(Google(connection.base(KEYS)).get("oauth2/v3/certs")).decode()


def is_google(request: Request, keys: str, account: str) -> str:
    """Why this push is not to be believed, or "". `account`: the service account that pushes for us.

    Anybody with an account at Google can have a token signed for any address: its e-mail is the proof.
    """
    kind, _space, token = request.headers.get("authorization", "").partition(" ")
    address = urlsplit(request.url)._replace(query="", fragment="").geturl()
    if kind.lower() != "bearer" or not (token and account and address):
        return "nothing proves that Google pushes"
    try:
        claims = signing.read_jwt(token, public_keys(keys), request.at, address)
    except signing.Forged as error:
        return str(error)
    if claims.get("iss") not in ISSUERS or claims.get("email_verified") is not True:
        return "it was not given out by Google"
    return "" if signing.same(str(claims.get("email", "")).lower(), account.lower()) else "another account pushes"


def public_keys(keys: str) -> dict[str, str]:
    """Of a JSON Web Key Set the RSA keys, as PEM by their id; nothing when it is none."""
    try:
        listed = loose.objects(loose.within(orjson.loads(keys)).get("keys"))
    except orjson.JSONDecodeError:
        return {}
    return {loose.text(one.get("kid")): pem for one in listed if (pem := _pem(one))}


def _pem(key: Mapping[str, Any]) -> str:
    try:
        n, e = (int.from_bytes(urlsafe_b64decode(f"{key[part]}===")) for part in ("n", "e"))
        public = RSAPublicNumbers(e, n).public_key()
    except (KeyError, ValueError, TypeError):
        return ""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()
