"""Text messages of ours: https://www.twilio.com/docs/messaging/api/message-resource"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from netcenter.channels.contract import ChannelError, Connection, Outbound, Receipt, loose
from netcenter.channels.sms.incoming import KEY
from netcenter.channels.twilio.reading import moment, named
from netcenter.channels.twilio.rest import Twilio

MOST_PAGES = 5  # of the list that `find` looks through
ALSO = ("queued", "sending", "sent", "delivered", "accepted", "scheduled", "read")


def unfit(outbound: Outbound) -> str:
    """Why it must not be sent at all."""
    if outbound.to.profile.get("stopped"):
        return "they asked for no more messages (STOP)"
    return "" if outbound.to.external_id[:1] == "+" or outbound.to.external_id.isdigit() else "the number is hidden"


def send(outbound: Outbound, connection: Connection) -> Receipt:
    """One message: the words and all files. Raises ChannelError."""
    if flaw := unfit(outbound):
        raise ChannelError(flaw, permanent=True, reason="blocked")
    form: dict[str, Any] = {"To": outbound.to.external_id, **_sender(connection)}
    if outbound.text:
        form["Body"] = outbound.text
    if outbound.attachments:
        form["MediaUrl"] = [_address(file.url) for file in outbound.attachments]
    if connection.hook:
        form["StatusCallback"] = f"{connection.hook}?{urlencode({KEY: outbound.key})}"
    return _receipt(Twilio(connection).write("Messages.json", form, "messages"))


def _sender(connection: Connection) -> dict[str, str]:
    """A Messaging Service chooses the number itself, the one that this customer knows."""
    service = str(connection.config.get("messaging_service") or "")
    if service:
        return {"MessagingServiceSid": service}
    return {"From": str(connection.config.get("number") or "")}


def _address(url: str) -> str:
    if not url:
        raise ChannelError("Twilio fetches files, and this house has no public address", permanent=True, reason="unfit")
    return url


def _receipt(told: Mapping[str, Any]) -> Receipt:
    if told.get("status") in ("failed", "undelivered"):
        raise ChannelError(f"refused: {told.get('error_code')}", permanent=True)
    return Receipt(named(told, "sid"), "sent", moment(told.get("date_created")) or datetime.now(UTC))


def find(outbound: Outbound, connection: Connection) -> Receipt | None:
    """The same words to them that are newer than what we know to have said last. Raises ChannelError.

    Twilio keeps no mark of ours, but lists the newest first, and the words of one thread leave one after another:
    whatever stands before the last that we know of is this one.
    """
    twilio, known, after = Twilio(connection), set(outbound.in_reply_to), ""
    for _page in range(MOST_PAGES):
        page = twilio.listed("Messages.json", {"To": outbound.to.external_id}, after)
        for one in loose.objects(page.get("messages")):
            if one.get("sid") in known:
                return None
            ours = str(one.get("direction") or "").startswith("outbound") and one.get("status") in ALSO
            if ours and one.get("body") == outbound.text and _of(one, connection):
                return _receipt(one)
        after = loose.text(page.get("next_page_uri"), 2000)
        if not after:
            return None
    raise ChannelError("the list is too long to know whether it left", unknown=True)


def _of(one: Mapping[str, Any], connection: Connection) -> bool:
    service = connection.config.get("messaging_service")
    return one.get("messaging_service_sid") == service if service else one.get("from") == connection.config["number"]
