"""How a channel calls its network: bounded in time and size, never into our own network, every failure a ChannelError.

A channel subclasses `Api` where its network tells errors or rates in a way of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import orjson

from netcenter.channels.contract.account import Budget, Unlimited
from netcenter.channels.contract.failures import ChannelError, Reason
from netcenter.lib import http

Answered = http.Answered

LONGEST_WAIT = timedelta(days=1)  # what we believe of a Retry-After
MOST_REDIRECTS = 3  # of a download
SAFE = ("GET", "HEAD")
TRY_LATER = (408, 425, 429)
_REASONS: dict[int, Reason] = {401: "token", 403: "right", 404: "gone", 410: "gone", 413: "unfit", 429: "rate"}


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a multipart form."""

    field: str
    name: str
    mime: str
    content: bytes


class Api:
    """A network's API: one address, the headers that go with every call, and the budget that each call is paid from."""

    def __init__(
        self, base: str, headers: Mapping[str, str] | None = None, budget: Budget | None = None, bucket: str = ""
    ) -> None:
        self.base = base.rstrip("/")
        self.headers = dict(headers or {})
        self.budget = budget or Unlimited()
        self.bucket = bucket  # from which a call is paid that names no other; "": none

    def get(self, path: str, query: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """The JSON that is there. Raises ChannelError, as all of these do."""
        return self.json(self.call("GET", path, query=query, **more))

    def post(self, path: str, data: Any = None, **more: Any) -> Any:
        """Send JSON and read JSON; None when the answer is empty."""
        return self.json(self.call("POST", path, data=data, **more))

    def pages(
        self, path: str, query: Mapping[str, Any], after: Callable[[Any], Mapping[str, Any] | str | None],
        most: int = 50,
    ) -> Iterator[Any]:  # fmt: skip
        """Page after page; `after` a page names the query of the next, or its address, or None."""
        following: Mapping[str, Any] | str | None = query
        for _page in range(most):
            if following is None:
                return
            elsewhere = isinstance(following, str)
            page = self.get(following) if isinstance(following, str) else self.get(path, following)
            yield page
            following = after(page)
            if not elsewhere and isinstance(following, Mapping):
                following = {**query, **following}

    def call(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None, data: Any = None,
        form: Mapping[str, Any] | None = None, parts: tuple[Part, ...] = (), body: bytes = b"",
        headers: Mapping[str, str] | None = None, bucket: str | None = None, cost: int = 1,
        timeout: float = http.TIMEOUT, limit: int = 4 * 2**20,
    ) -> Answered:  # fmt: skip
        """Ask once. `data` goes as JSON, `form` urlencoded, or with `parts` as multipart; `limit` in bytes."""
        url = self._own(path, query)
        sent = {**self.headers, **(headers or {})}
        if parts:
            kind, body = multipart(form or {}, parts)
            sent.setdefault("content-type", kind)
        elif form is not None:
            body = urlencode(form, doseq=True).encode()
            sent.setdefault("content-type", "application/x-www-form-urlencoded")
        elif data is not None:
            body = orjson.dumps(data)
            sent.setdefault("content-type", "application/json")
        paid = self.bucket if bucket is None else bucket
        if paid:
            self.budget.spend(paid, cost)
        answered = _ask(method, url, body, sent, timeout, limit, private=True)
        self.heard(answered, paid)
        if (failed := self.failure(method, answered)) is not None:
            if failed.reason == "rate" and failed.retry_at is not None and paid:
                self.budget.told(paid, 0, failed.retry_at)  # one 429 is enough: everybody else waits as well
            raise failed
        return answered

    def download(self, url: str, limit: int, mimes: tuple[str, ...] = ()) -> tuple[bytes, str]:
        """A file and its type. Our headers go to the network's own host only; other hosts must be public."""
        for _hop in range(MOST_REDIRECTS + 1):
            url = self._url(url)
            own = _origin(url) == _origin(self.base)
            answered = _ask("GET", url, b"", self.headers if own else {}, 60.0, limit, private=own)
            if answered.status in (301, 302, 303, 307, 308) and (target := answered.headers.get("location")):
                url = urljoin(url, target)
                continue
            if (failed := self.failure("GET", answered)) is not None:
                raise failed
            if answered.cut:
                raise ChannelError("the file is too large", permanent=True, reason="unfit")
            mime = answered.headers.get("content-type", "").partition(";")[0].strip().lower()
            if mimes and mime not in mimes:
                raise ChannelError(f"the file is {mime or 'of no kind'}", permanent=True, reason="unfit")
            return answered.body, mime or "application/octet-stream"
        raise ChannelError("the file is elsewhere, and elsewhere again", permanent=True, reason="unfit")

    def json(self, answered: Answered) -> Any:
        """What an answer says; None when it is empty."""
        if answered.cut:
            raise ChannelError("the answer is too long")
        try:
            return orjson.loads(answered.body) if answered.body.strip() else None
        except orjson.JSONDecodeError as error:
            raise ChannelError("the answer is no JSON", unknown=True) from error

    def heard(self, answered: Answered, bucket: str) -> None:
        """Override where headers tell what is left: `self.budget.told(bucket, remaining, resets_at)`."""

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        """What an answer means; None when it is a success. Override where the body tells more than the status."""
        return None if answered.status < 300 else failure_of(method, answered)

    def _own(self, path: str, query: Mapping[str, Any] | None) -> str:
        """The address to call: never another host's, which a page may name to get our credentials."""
        url = self._url(path, query)
        if _origin(url) != _origin(self.base):
            raise ChannelError("the network names an address that is not its own", permanent=True)
        return url

    def _url(self, path: str, query: Mapping[str, Any] | None = None) -> str:
        url = path if path.startswith(("https://", "http://")) else f"{self.base}/{path.lstrip('/')}"
        told = urlencode({k: v for k, v in (query or {}).items() if v is not None}, doseq=True)
        return f"{url}{'&' if '?' in url else '?'}{told}" if told else url


def failure_of(method: str, answered: Answered, said: str = "") -> ChannelError:
    """What HTTP says of a failure. A broken server may have acted on whatever was no mere question."""
    status = answered.status
    words = said or answered.body[:300].decode("utf-8", "replace").strip()
    message = f"HTTP {status}{': ' + words if words else ''}"
    reason: Reason = _REASONS.get(status, "")
    if status >= 500 or status in TRY_LATER:
        unknown = method not in SAFE and status not in (425, 429, 503)
        return ChannelError(message, unknown=unknown, retry_at=retry_at(answered.headers), reason=reason)
    return ChannelError(message, permanent=reason != "token", reason=reason)


def retry_at(headers: Mapping[str, str], now: datetime | None = None) -> datetime | None:
    """The moment that Retry-After names (seconds or a date), within a day; None when it names none."""
    told, now = headers.get("retry-after", "").strip(), now or datetime.now(UTC)
    try:
        moment = now + timedelta(seconds=int(told)) if told.isdigit() else parsedate_to_datetime(told)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(moment, now), now + LONGEST_WAIT)


def multipart(form: Mapping[str, Any], parts: tuple[Part, ...]) -> tuple[str, bytes]:
    """Content type and body of a form with files (RFC 7578)."""
    boundary = secrets.token_hex(16)
    pieces = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}\r\n'.encode()
        for name, value in form.items()
    ]
    for part in parts:
        told = f'name="{_quoted(part.field)}"; filename="{_quoted(part.name)}"\r\nContent-Type: {_quoted(part.mime)}'
        head = f"--{boundary}\r\nContent-Disposition: form-data; {told}\r\n\r\n"
        pieces += [head.encode(), part.content, b"\r\n"]
    return f"multipart/form-data; boundary={boundary}", b"".join([*pieces, f"--{boundary}--\r\n".encode()])


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _ask(
    method: str, url: str, body: bytes, headers: Mapping[str, str], timeout: float, limit: int, *, private: bool
) -> Answered:
    try:
        return http.request(method, url, body=body, headers=headers, timeout=timeout, limit=limit, private=private)
    except http.HttpFailed as error:
        unknown = error.written and method not in SAFE
        raise ChannelError(str(error), permanent=error.permanent, unknown=unknown) from error


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        return "", "", None
