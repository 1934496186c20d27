"""How Asterisk is called and listened to, by its REST interface: https://docs.asterisk.org/Asterisk_REST_Interface/"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from netcenter.channels.contract import (
    Answered,
    Api,
    ChannelError,
    Connection,
    Socket,
    failure_of,
    loose,
    open_socket,
)  # fmt: skip

APP = "netcenter"
OURS = "nc-"  # begins the name of everything that we make there
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_EXTENSION = re.compile(r"[0-9]{2,6}")
_ENDPOINT = re.compile(r"PJSIP/[A-Za-z0-9_.-]{1,40}")


class Ari(Api):
    """The switchboard's channels, bridges and recordings."""

    def __init__(self, connection: Connection) -> None:
        self.app = str(connection.config.get("app") or APP)
        user, password = str(connection.config.get("user") or ""), connection.secrets.get("password", "")
        self.proof = {"authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}
        super().__init__(connection.base(""), self.proof, connection.budget, "calls")

    def ask(self, method: str, path: str, **query: Any) -> Mapping[str, Any]:
        """One request; all that it says stands in the query. Raises ChannelError."""
        return loose.within(self.json(self.call(method, path, query=query)))

    def try_to(self, method: str, path: str, **query: Any) -> bool:
        """The same of a call that may be over by now: False when it is. Raises ChannelError for all else."""
        try:
            self.call(method, path, query=query)
        except ChannelError as error:
            if error.reason in ("gone", "twice"):
                return False
            raise
        return True

    def failure(self, method: str, answered: Answered) -> ChannelError | None:
        if answered.status < 300:
            return None
        try:
            said = loose.text(loose.an_object(answered.body).get("message"), 300)
        except Exception:  # not Asterisk who answers, but what stands before it
            said = ""
        gone = answered.status in (412, 422) or (answered.status == 400 and "channel not found" in said.lower())
        if gone or answered.status == 409:  # no longer in our hands, or there already
            reason = "gone" if gone else "twice"
            return ChannelError(f"HTTP {answered.status}: {said}", permanent=True, reason=reason)  # type: ignore[arg-type]
        return failure_of(method, answered, said)


def listen(connection: Connection) -> Socket:
    """The line on which it tells what happens to our calls. Raises ChannelError."""
    ari = Ari(connection)
    base = str(connection.config.get("events_url") or ari.base)
    base = base.rstrip("/").replace("http", "ws", 1) if base.startswith("http") else base.rstrip("/")
    return open_socket(f"{base}/events?{urlencode({'app': ari.app})}", ari.proof)


def channel(id: str) -> str:
    """Where a call lies."""
    return f"channels/{quote(id, safe='')}"


# --- Numbers ----------------------------------------------------------------------------------------


def number_of(told: Any, connection: Connection) -> str:
    """A caller's number in E.164, from however the trunk writes it; "" for what is none."""
    digits = re.sub(r"[\s().-]", "", loose.text(told, 60))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if not digits.startswith("+") and digits.isascii() and digits.isdigit() and len(digits) > 6:
        country = re.sub(r"[^0-9]", "", str(connection.config.get("country") or "34"))
        digits = f"+{country}{digits.removeprefix('0')}"
    return digits if _E164.fullmatch(digits) else ""


def outside(number: str, connection: Connection) -> str:
    """The endpoint by which a number is called. Raises ChannelError when there is no trunk."""
    trunk = str(connection.config.get("trunk") or "")
    country = re.sub(r"[^0-9]", "", str(connection.config.get("country") or "34"))
    if not trunk or not _E164.fullmatch(number):
        raise ChannelError("there is no trunk, or no number, to call out", permanent=True, reason="unfit")
    national = number.removeprefix(f"+{country}") if number.startswith(f"+{country}") else f"00{number[1:]}"
    named = {"number": number, "digits": number[1:], "national": national}
    for name, value in named.items():
        trunk = trunk.replace("{" + name + "}", value)
    return trunk


def inside(telephone: str, connection: Connection) -> str:
    """The endpoint of an operator's telephone: an extension, a PJSIP name, or a number outside. Raises ChannelError."""
    told = telephone.strip()
    if _EXTENSION.fullmatch(told):
        return str(connection.config.get("extension") or "PJSIP/{number}").replace("{number}", told)
    if _ENDPOINT.fullmatch(told):
        return told
    if number := number_of(told, connection):
        return outside(number, connection)
    raise ChannelError("the operator has no telephone that could ring", permanent=True, reason="unfit")
