"""How the number learns whom to ask when somebody calls, and whether it can be called at all."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Check, Connection, Granted, Right, checks_of
from netcenter.channels.twilio.rest import Twilio, abilities, number_resource


def granted(connection: Connection) -> Granted:
    """What the number can."""
    return Granted(abilities(number_resource(connection)))


def subscribe(connection: Connection, hook: str) -> None:
    """Whoever calls is answered by our script, and we hear when it is over."""
    number = number_resource(connection)
    wanted = {"voice_url": hook, "status_callback": f"{hook}?step=over"}
    if any(number.get(name) != value for name, value in wanted.items()) or number.get("voice_method") != "POST":
        form = {"VoiceUrl": hook, "VoiceMethod": "POST", "StatusCallback": wanted["status_callback"],
                "StatusCallbackMethod": "POST"}  # fmt: skip
        Twilio(connection).write(f"IncomingPhoneNumbers/{number['sid']}.json", form)


def unsubscribe(connection: Connection, hook: str) -> None:
    """Only what is ours is taken away."""
    number = number_resource(connection)
    if number.get("voice_url") == hook:
        form = {"VoiceUrl": "", "StatusCallback": ""}
        Twilio(connection).write(f"IncomingPhoneNumbers/{number['sid']}.json", form)


def health(connection: Connection, rights: tuple[Right, ...]) -> Iterator[Check]:
    """The number, what it can, and whether it asks us."""
    number = number_resource(connection)
    yield from checks_of(rights, abilities(number))
    told = str(number.get("voice_url") or "")
    yield Check(
        _("Calls are answered from here"), bool(connection.hook) and told == connection.hook, told,
        _("Paste the address that is shown here at the number, under Voice: A call comes in, Webhook, HTTP POST."),
    )  # fmt: skip
    over = str(number.get("status_callback") or "")
    yield Check(
        _("Twilio tells us when a call is over"), over == f"{connection.hook}?step=over", over,
        _("Paste the same address with ?step=over at the end, under Call status changes."),
    )  # fmt: skip
