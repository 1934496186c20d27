"""How a call is signed for a person: OAuth 1.0a with HMAC-SHA1 (RFC 5849).

https://docs.x.com/resources/fundamentals/authentication/oauth-1-0a/creating-a-signature
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from netcenter.channels.contract import signing

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Keys:
    """Those of the app, and those of the person who let it in."""

    consumer_key: str
    consumer_secret: str
    token: str = ""
    token_secret: str = ""


def header(keys: Keys, method: str, url: str, form: Pairs = (), told: Mapping[str, str] | None = None) -> str:
    """The value of Authorization. `form`: fields of an urlencoded body, never those of JSON or multipart.

    `told` replaces nonce and time, or adds an oauth_callback.
    """
    proof = {
        "oauth_consumer_key": keys.consumer_key, "oauth_nonce": secrets.token_hex(16),
        "oauth_signature_method": "HMAC-SHA1", "oauth_timestamp": str(int(time.time())), "oauth_version": "1.0",
        **({"oauth_token": keys.token} if keys.token else {}), **(told or {}),
    }  # fmt: skip
    proof["oauth_signature"] = signature(keys, method, url, [*proof.items(), *form])
    return "OAuth " + ", ".join(f'{_encoded(name)}="{_encoded(value)}"' for name, value in sorted(proof.items()))


def signature(keys: Keys, method: str, url: str, pairs: Pairs) -> str:
    """Over the method, the address without its query, and all parameters, those of the query too, in order."""
    parts = urlsplit(url)
    every = [*pairs, *parse_qsl(parts.query, keep_blank_values=True)]
    told = "&".join(f"{n}={v}" for n, v in sorted((_encoded(n), _encoded(v)) for n, v in every))
    base = "&".join(_encoded(one) for one in (method.upper(), f"{parts.scheme}://{parts.netloc}{parts.path}", told))
    return signing.hmac_base64(f"{_encoded(keys.consumer_secret)}&{_encoded(keys.token_secret)}", base.encode(), "sha1")


def _encoded(text: str) -> str:
    return quote(text, safe="~")
