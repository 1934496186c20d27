"""The API of X as one account calls it.

https://docs.x.com/x-api/introduction
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import quote

from netcenter.channels.contract import Answered, Api, Attachment, ChannelError, Connection
from netcenter.channels.twitter import failures, limits, oauth1

REAL = "https://api.x.com"
FILES = "https://ton.twitter.com"  # files of direct messages lie here, and want to know who asks
_KEPT = ("x-app-limit-24hour", "x-user-limit-24hour")

As = Literal["person", "app", "nobody"]


class X(Api):
    """`who` calls: the person whose account it is, the app itself, or nobody yet (signing in)."""

    def __init__(self, connection: Connection, who: As = "person", base: str = "") -> None:
        self.plan = str(connection.config.get("plan") or limits.PLANS[0])
        self.keys = keys_of(connection) if who == "person" else None
        self.level = ""  # what X says that we may, of OAuth 1.0a: read-write-directmessages
        headers = {}
        if who == "person" and self.keys is None:
            if not (token := str(connection.secrets.get("token") or "").strip()):
                raise ChannelError("nobody has signed in at X yet", permanent=True, reason="token")
            headers = {"authorization": f"Bearer {token}"}
        elif who == "app":
            headers = {"authorization": f"Bearer {app_token(connection)}"}
        super().__init__(base or connection.base(REAL), headers, connection.budget)

    def call(self, method: str, path: str, **more: Any) -> Answered:
        """`bucket` names the endpoint; its budgets of 15 minutes and of a day are both paid.

        The small one first: whom it refuses has spent nothing of the day.
        """
        endpoint = more.pop("bucket", None)
        paid = limits.names(self.plan, endpoint) if endpoint else ()
        for name in paid:
            self.budget.spend(name)
        if self.keys is not None:
            url = self._url(path, more.get("query"))
            form = [(str(n), str(v)) for n, v in (more.get("form") or {}).items()] if not more.get("parts") else []
            more["headers"] = {
                **(more.get("headers") or {}), "authorization": oauth1.header(self.keys, method, url, form),
            }  # fmt: skip
        return super().call(method, path, bucket=paid[0] if paid else "", cost=0, **more)  # it is paid already

    def turned(self, path: str, query: Mapping[str, Any], bucket: str, most: int) -> Iterator[Any]:
        """Page after page, newest first."""
        token: Any = None
        for _page in range(most):
            page = self.get(path, {**query, "pagination_token": token}, bucket=bucket)
            yield page
            if not (token := (page or {}).get("meta", {}).get("next_token")):
                return

    def put(self, path: str, data: Any, bucket: str) -> Any:
        return self.json(self.call("PUT", path, data=data, bucket=bucket))

    def heard(self, answered: Answered, bucket: str) -> None:
        """https://docs.x.com/x-api/fundamentals/rate-limits#http-headers-and-response-codes"""
        self.level = answered.headers.get("x-access-level", self.level)
        now = datetime.now(UTC)
        for header in ("x-rate-limit", *_KEPT):
            left = answered.headers.get(f"{header}-remaining", "")
            at = failures.resets_at(answered.headers, now, header)
            if bucket and left.isdigit() and len(left) < 12 and at is not None:
                self.budget.told(bucket if header == "x-rate-limit" else f"{bucket}:day", int(left), at)

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        return None if answered.status < 300 else failures.error_of(method, answered, datetime.now(UTC))


def keys_of(connection: Connection) -> oauth1.Keys | None:
    """Those of OAuth 1.0a, when they were pasted; signing in (OAuth 2.0) makes others."""
    app, person = (str(connection.secrets.get(name) or "").strip() for name in ("consumer_secret", "access_secret"))
    key = str(connection.config.get("consumer_key") or "").strip()
    token = str(connection.secrets.get("access_token") or "").strip()
    return oauth1.Keys(key, app, token, person) if key and app and token and person else None


def own_id(connection: Connection) -> str:
    """Ours as X numbers it: filled by signing in, and the beginning of every token of OAuth 1.0a."""
    told = str(connection.config.get("user_id") or "").strip()
    begin = str(connection.secrets.get("access_token") or "").partition("-")[0]
    return told or (begin if begin.isdigit() else "")


def own_handle(connection: Connection) -> str:
    return str(connection.config.get("handle") or connection.address or "").strip().lstrip("@")


def app_token(connection: Connection) -> str:
    """https://docs.x.com/resources/fundamentals/authentication/oauth-2-0/application-only"""
    key = str(connection.config.get("consumer_key") or "").strip()
    told = X(connection, "nobody").call(
        "POST", "oauth2/token", form={"grant_type": "client_credentials"},
        headers={"authorization": basic(key, connection.secrets.get("consumer_secret", ""))},
    )  # fmt: skip
    found = Api("").json(told)
    return str(found.get("access_token", "")) if isinstance(found, Mapping) else ""


def basic(name: str, secret: str) -> str:
    return "Basic " + b64encode(f"{quote(name, safe='')}:{quote(secret, safe='')}".encode()).decode()


def fetched(file: Attachment, connection: Connection, most: int) -> Attachment:
    """The file behind its address, or for good why there is none. Private ones are asked for in our name."""
    files = connection.base(FILES, "files_url")
    try:
        if file.reference.startswith(f"{files}/"):
            answered = X(connection, base=files).call("GET", file.reference, limit=most, timeout=60.0)
            if answered.cut:
                raise ChannelError("the file is too large", permanent=True, reason="unfit")
            mime = answered.headers.get("content-type", "").partition(";")[0].strip().lower()
            return Attachment(file.name, mime or file.mime, answered.body, alt=file.alt)
        content, mime = Api("").download(file.reference, most)
    except ChannelError as error:
        if error.permanent:
            return Attachment(file.name, file.mime, missing=str(error)[:200], alt=file.alt)
        raise
    return Attachment(file.name, mime, content, alt=file.alt)
