"""How Twilio's API is called: https://www.twilio.com/docs/usage/api"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from netcenter.channels.contract import Answered, Api, Attachment, ChannelError, Connection, loose
from netcenter.channels.twilio.failures import error_of

REAL = "https://api.twilio.com"
REAL_MESSAGING = "https://messaging.twilio.com"
VERSION = "2010-04-01"
PAGE = 200  # rows


class Twilio(Api):
    """The account's resources: `get("Messages.json")`."""

    def __init__(self, connection: Connection, base: str = "") -> None:
        self.sid = str(connection.config.get("account_sid") or "")
        user = str(connection.config.get("api_key") or "")
        password = connection.secrets.get("api_secret" if user else "auth_token", "")
        proof = b64encode(f"{user or self.sid}:{password}".encode()).decode()
        headers = {"authorization": f"Basic {proof}", "accept": "application/json"}
        super().__init__(base or connection.base(REAL), headers, connection.budget, "calls")

    def resource(self, name: str) -> str:
        """Where a resource of this account lies."""
        return f"{VERSION}/Accounts/{quote(self.sid, safe='')}/{name}"

    def read(self, name: str, query: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """A resource, or a list of them. Raises ChannelError."""
        return loose.within(self.get(self.resource(name), query))

    def write(self, name: str, form: Mapping[str, Any], bucket: str = "calls") -> Mapping[str, Any]:
        """Make or change one. Raises ChannelError."""
        return loose.within(self.json(self.call("POST", self.resource(name), form=form, bucket=bucket)))

    def listed(self, name: str, query: Mapping[str, Any], after: str = "") -> Mapping[str, Any]:
        """A page of a list: its first, or the one whose address the page before told. Raises ChannelError."""
        return loose.within(self.get(after) if after else self.get(self.resource(name), {**query, "PageSize": PAGE}))

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        return None if answered.status < 300 else error_of(method, answered)


def fetched(file: Attachment, connection: Connection, most: int, mimes: tuple[str, ...] = ()) -> Attachment:
    """The file that lies at `file.reference`, an address of Twilio's; `missing` when it is gone. Raises ChannelError.

    The credentials go to Twilio's own host alone: it sends us on to where the bytes lie.
    """
    twilio = Twilio(connection)
    own = f"{twilio.base}/{VERSION}/Accounts/{twilio.sid}/"
    path = file.reference.partition(f"/{VERSION}/Accounts/{twilio.sid}/")[2]
    if not path or ".." in path or "\\" in path:
        return Attachment(file.name, file.mime, missing="it does not lie at Twilio")
    try:
        content, mime = twilio.download(own + path, most, mimes)
    except ChannelError as error:
        if error.permanent:
            return Attachment(file.name, file.mime, missing=str(error)[:200])
        raise
    kept = file.mime if mime == "application/octet-stream" else mime
    return Attachment(file.name, kept, content)


def number_resource(connection: Connection) -> Mapping[str, Any]:
    """The number as Twilio keeps it. Raises ChannelError when the account has no such number."""
    number = str(connection.config.get("number") or "")
    found = Twilio(connection).read("IncomingPhoneNumbers.json", {"PhoneNumber": number})
    rows = [one for one in loose.objects(found.get("incoming_phone_numbers")) if one.get("phone_number") == number]
    if not rows:
        raise ChannelError(f"the account has no number {number}", permanent=True, reason="gone")
    return rows[0]


def abilities(resource: Mapping[str, Any]) -> frozenset[str]:
    """What the number can: voice, sms, mms."""
    able = loose.within(resource, "capabilities")
    return frozenset(name.lower() for name, value in able.items() if value is True)
