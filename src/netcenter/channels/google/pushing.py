"""How Pub/Sub proves that it is Google who pushes.

https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from netcenter.channels.contract import Connection, Request, loose, signing
from netcenter.channels.google.api import Google

KEYS = "https://www.googleapis.com"
ISSUERS = ("https://accounts.google.com", "accounts.google.com")


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
