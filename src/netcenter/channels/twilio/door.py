"""Who knocks: the signature that Twilio puts on every webhook, and what is kept beside its bytes.

https://www.twilio.com/docs/usage/webhooks/webhooks-security
"""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qs, parse_qsl, urlsplit, urlunsplit

from netcenter.channels.contract import Answer, Connection, Request, signing

FORM = "application/x-www-form-urlencoded"
XML = "text/xml"
NOTHING = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
PORTS = {"https": 443, "http": 80}
MOST_BYTES = 64 * 2**10  # of one webhook; a stranger's megabytes are not even sorted
MOST_FIELDS = 500


def verify(request: Request, connection: Connection, body: bytes = NOTHING) -> Answer:
    """A signed webhook of this account is stored and answered with `body` (TwiML); all else is refused."""
    if len(request.body) > MOST_BYTES:
        return Answer(413, b"too large", store=False)
    if not is_signed(request, connection.secrets.get("auth_token", "")):
        return Answer(403, b"the signature is not accepted", store=False)
    known = str(connection.config.get("account_sid") or "")
    if fields_of(request.body).get("AccountSid", known) != known:
        return Answer(403, b"this is another account's", store=False)
    seen = hashlib.sha256(request.query.encode() + b"\n" + request.body).hexdigest()
    return Answer(200, body, XML, dedupe=seen, meta={"query": request.query[:1000], "at": request.at})


def is_signed(request: Request, token: str) -> bool:
    """Whether the holder of the auth token called this very address with these very fields."""
    given = request.headers.get("x-twilio-signature", "")
    kind = request.headers.get("content-type", FORM).partition(";")[0].strip().lower()
    if request.method != "POST" or not token or not given or not request.url:
        return False
    if kind != FORM:  # JSON: the address carries the hash of the body, and is signed alone
        (told,) = parse_qs(request.query).get("bodySHA256", [""])[:1]
        if not signing.same(hashlib.sha256(request.body).hexdigest(), told.lower()):
            return False
    try:
        signed = _sorted(request.body) if kind == FORM else ""
    except ValueError:  # too many fields
        return False
    return any(signing.same(signing.hmac_base64(token, (url + signed).encode(), "sha1"), given)
               for url in _spellings(request.url))  # fmt: skip


def _sorted(body: bytes) -> str:
    """The fields as they are signed: names in order, each with its value; of equal names, each value once."""
    pairs = sorted(set(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)))
    return "".join(name + value for name, value in pairs)


def _spellings(url: str) -> tuple[str, ...]:
    """With the usual port and without: Twilio signs now one, now the other."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return ()
    if port is None and parts.hostname and parts.scheme in PORTS:
        return url, urlunsplit(parts._replace(netloc=f"{parts.netloc}:{PORTS[parts.scheme]}"))
    if port == PORTS.get(parts.scheme):
        return url, urlunsplit(parts._replace(netloc=parts.netloc.rpartition(":")[0]))
    return (url,)


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a form, each once; none of what is no form."""
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


def query_of(query: object) -> dict[str, str]:
    """The query of the address that was called."""
    return fields_of(query.encode("utf-8", "replace")) if isinstance(query, str) else {}
