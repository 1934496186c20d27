"""Service accounts, which sign in by themselves: https://developers.google.com/identity/protocols/oauth2/service-account"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import ChannelError, Connection, loose, signing
from netcenter.channels.google.signing_in import TOKENS, ends_at, fresh_token
from netcenter.channels.reviews import tokens

JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


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
        told = fresh_token(connection.base(TOKENS), {"grant_type": JWT_GRANT, "assertion": proof})
        return str(told["access_token"]), ends_at(told, datetime.fromtimestamp(now, UTC)).timestamp()

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
