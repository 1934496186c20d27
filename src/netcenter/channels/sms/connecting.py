"""How the number learns where to tell us, and whether it can do what is needed."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Check, Connection, Granted, Right, checks_of
from netcenter.channels.twilio.rest import REAL_MESSAGING, Twilio, abilities, number_resource


def granted(connection: Connection) -> Granted:
    """What the number can."""
    return Granted(abilities(number_resource(connection)))


def subscribe(connection: Connection, hook: str) -> None:
    """The number tells us what comes in; a Messaging Service, which stands above its numbers, does so too."""
    number = number_resource(connection)
    if number.get("sms_url") != hook or number.get("sms_method") != "POST":
        Twilio(connection).write(f"IncomingPhoneNumbers/{number['sid']}.json", {"SmsUrl": hook, "SmsMethod": "POST"})
    if service := str(connection.config.get("messaging_service") or ""):
        form = {"InboundRequestUrl": hook, "InboundMethod": "POST", "UseInboundWebhookOnNumber": "false"}
        above = Twilio(connection, connection.base(REAL_MESSAGING, "messaging_url"))
        above.call("POST", f"v1/Services/{quote(service, safe='')}", form=form)


def unsubscribe(connection: Connection, hook: str) -> None:
    """Only what is ours is taken away."""
    number = number_resource(connection)
    if number.get("sms_url") == hook:
        Twilio(connection).write(f"IncomingPhoneNumbers/{number['sid']}.json", {"SmsUrl": ""})
    if service := str(connection.config.get("messaging_service") or ""):
        above = Twilio(connection, connection.base(REAL_MESSAGING, "messaging_url"))
        above.call("POST", f"v1/Services/{quote(service, safe='')}", form={"InboundRequestUrl": ""})


def health(connection: Connection, rights: tuple[Right, ...]) -> Iterator[Check]:
    """The account, the number, what it can, and whether it tells us."""
    number = number_resource(connection)
    yield from checks_of(rights, abilities(number))
    told = str(number.get("sms_url") or "")
    yield Check(
        _("Twilio tells us what comes in"), bool(connection.hook) and told == connection.hook, told,
        _("Paste the address that is shown here at the number, under Messaging: Webhook, HTTP POST."),
    )  # fmt: skip
