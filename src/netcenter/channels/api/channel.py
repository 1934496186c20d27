"""Any system as a channel: it posts signed JSON to our door, and we post signed JSON to its webhook."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from django.utils.translation import gettext_noop as _

from netcenter.channels.api import wire
from netcenter.channels.contract import (
    Answer,
    Capabilities,
    Channel,
    ChannelError,
    Check,
    Connection,
    Field,
    Happening,
    Outbound,
    Raw,
    Receipt,
    Request,
    Unreadable,
)
from netcenter.lib import http, signature

TRY_LATER = (408, 425, 429)
LONGEST_WAIT = timedelta(days=1)  # what we believe of a Retry-After


class Api(Channel):
    kind = "api"
    name = _("Another system (API)")
    glyph = "webhook"
    pushes = True
    capabilities = Capabilities(
        places=("private", "public"),
        attachments=True,
        max_length=100_000,
        max_attachment=5 * 2**20,
        read_receipts=True,
        quick_replies=True,
        edits=True,
        deletes=True,
    )
    fields = (
        Field(
            "webhook_url", _("Where replies go"), kind="url",
            help=_("The https address of your system. Each reply is posted there as signed JSON."),
        ),
        Field(
            "secret", _("Signing secret"), kind="secret", secret=True, generated=True,
            help=_("Signs what your system sends us and what we send it. To change it, give the new and the old one, "
                   "separated by a space; later the new one alone."),
        ),
        Field(
            "lookup_url", _("Where a reply can be looked up"), kind="url", required=False,
            help=_("Optional. Asked with ?key=… when we do not know whether a reply arrived."),
        ),
    )  # fmt: skip

    def verify(self, request: Request, connection: Connection) -> Answer:
        """401 for a bad signature. What is well signed is kept; when it cannot be read, 202 tells its flaws."""
        if request.method != "POST":
            return _answer(405, store=False, title="Send a POST")
        now = request.at
        if flaw := signature.flaw(_secrets(connection), request.headers, request.body, now):
            return _answer(401, store=False, title="The signature is not accepted", detail=flaw)
        reading = wire.read(request.body, datetime.fromtimestamp(now, UTC), files=False)
        told: dict[str, Any] = {"kept": True, "readable": len(reading.happenings)}
        if reading.warnings:
            told["warnings"] = reading.warnings
        if reading.errors:
            title = f"Kept, but {len(reading.errors)} of its items cannot be read"
            return _answer(202, title=title, errors=reading.errors, **told)
        return _answer(200, **told)

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        """`raw.meta["received_at"]` stands in for times that the sender left out."""
        reading = wire.read(raw.body, _received_at(raw.meta))
        if reading.errors:
            raise Unreadable(reading.complaint, reading.happenings)
        return reading.happenings

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        """Post it. The receiver must treat the key as idempotent, so an unknown end may be tried again."""
        body = orjson.dumps(_reply(outbound, connection))
        answered = _call("POST", _url(connection), body, connection, key=outbound.key)
        if answered.status in (409, *range(200, 300)):
            return Receipt(_told_id(answered) or outbound.key, "sent", datetime.now(UTC))
        raise _failure(answered)

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        """Ask the lookup address, if there is one. Without it None: sending the same key again is safe there."""
        address = str(connection.config.get("lookup_url") or "")
        if not address:
            return None
        # A GET has no body, so the query is signed in its place.
        query = urlencode({"key": outbound.key})
        headers = signature.sign(_secrets(connection), query.encode(), time.time())
        try:
            answered = http.request("GET", f"{address}{'&' if '?' in address else '?'}{query}", headers=headers)
        except http.HttpFailed as error:
            raise ChannelError(str(error), permanent=error.permanent) from error
        if answered.status == 404:
            return None
        if answered.status == 200:
            return Receipt(_told_id(answered) or outbound.key, "sent", datetime.now(UTC))
        raise _failure(answered)

    def health(self, connection: Connection) -> Iterator[Check]:
        """A signed ping must be taken, and one with a wrong signature refused."""
        yield _ping(
            connection, _secrets(connection), _("Your system takes our signed messages"),
            _("Answer a signed POST of type ping with status 200. Check the address and the secret."), good=True,
        )  # fmt: skip
        yield _ping(
            connection, ["not the secret"], _("Your system refuses what is wrongly signed"),
            _("Check the signature of each message, and answer 401 when it is wrong."), good=False,
        )  # fmt: skip


def _reply(outbound: Outbound, connection: Connection) -> dict[str, Any]:
    to, thread = outbound.to, outbound.thread
    return {
        "type": "reply",
        "key": outbound.key,
        "account": connection.key,
        "thread": {"id": thread.external_id, "place": thread.place, "subject": thread.subject},
        "to": {"id": to.external_id, "name": to.name, "email": to.email, "phone": to.phone},
        "text": outbound.text,
        "choices": [{"id": choice.id, "label": choice.label} for choice in outbound.choices],
        "in_reply_to": list(outbound.in_reply_to),
        "attachments": [
            {"name": file.name, "mime": file.mime, "content": b64encode(file.content).decode()}
            for file in outbound.attachments
        ],
        "sender_name": outbound.sender_name,
        "language": outbound.language,
        "automatic": outbound.automatic,
    }


def _call(method: str, url: str, body: bytes, connection: Connection, *, key: str) -> http.Answered:
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    headers |= signature.sign(_secrets(connection), body, time.time())
    try:
        return http.request(method, url, body=body, headers=headers)
    except http.HttpFailed as error:
        raise ChannelError(str(error), permanent=error.permanent, unknown=error.written) from error


def _failure(answered: http.Answered) -> ChannelError:
    """What an answer that is no success means. A broken server (5xx) may have acted, but knows the key."""
    said = answered.body[:300].decode("utf-8", "replace").strip()
    message = f"the webhook answered {answered.status}{': ' + said if said else ''}"
    if answered.status >= 500 or answered.status in TRY_LATER:
        return ChannelError(message, retry_at=_retry_at(answered.headers.get("retry-after", "")))
    return ChannelError(message, permanent=True)


def _retry_at(told: str) -> datetime | None:
    """The moment that a Retry-After names (seconds or a date), within a day; None when it names none."""
    now = datetime.now(UTC)
    try:
        moment = now + timedelta(seconds=int(told)) if told.isdigit() else parsedate_to_datetime(told)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(moment, now), now + LONGEST_WAIT)


def _ping(connection: Connection, secrets: list[str], label: str, advice: str, *, good: bool) -> Check:
    body = orjson.dumps({"type": "ping", "account": connection.key})
    headers = {"Content-Type": "application/json", **signature.sign(secrets, body, time.time())}
    try:
        answered = http.request("POST", _url(connection), body=body, headers=headers)
    except (http.HttpFailed, ChannelError) as error:
        return Check(label, False, str(error), advice)
    ok = 200 <= answered.status < 300 if good else 400 <= answered.status < 500
    return Check(label, ok, f"HTTP {answered.status}", "" if ok else advice)


def _url(connection: Connection) -> str:
    url = str(connection.config.get("webhook_url") or "")
    if not url:
        raise ChannelError("this account has no webhook address, so replies cannot leave", permanent=True)
    return url


def _secrets(connection: Connection) -> list[str]:
    """Those that are valid now, several while they are changed; none at all means that no signature is good."""
    return connection.secrets.get("secret", "").split()


def _told_id(answered: http.Answered) -> str:
    """The id that the receiver gave the reply, if it said one: receipts will name it."""
    try:
        told = orjson.loads(answered.body)
    except orjson.JSONDecodeError:
        return ""
    given = told.get("id") if isinstance(told, dict) else None
    return str(given)[:255] if isinstance(given, str | int) and not isinstance(given, bool) else ""


def _received_at(meta: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(meta["received_at"]))
    except (KeyError, ValueError):
        return None


def _answer(status: int, *, store: bool = True, **told: Any) -> Answer:
    kind = "application/json" if status < 400 else "application/problem+json"
    body = {"status": status, **told} if status >= 400 else told
    return Answer(status=status, body=orjson.dumps(body), content_type=kind, store=store)


CHANNEL = Api()
