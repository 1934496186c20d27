"""What Twilio's webhooks and lists tell, read without trusting them: numbers, moments, who it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from netcenter.channels.contract import Author, Raw, Unreadable, loose

SID = re.compile(r"[A-Za-z]{2}[0-9a-zA-Z]{1,64}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# Who hides their number: https://www.twilio.com/docs/voice/twiml#request-parameters
HIDDEN = frozenset({"+266696687", "+7378742833", "+2562533", "+8566", "+86282452253", "anonymous", "restricted",
                    "unavailable", "unknown", "private", "blocked", ""})  # fmt: skip


def named(told: Mapping[str, Any], *names: str) -> str:
    """The first of these that is a SID. Raises Unreadable."""
    for name in names:
        if isinstance(value := told.get(name), str) and SID.fullmatch(value):
            return value
    raise Unreadable(f"no {' or '.join(names)}")


def number_of(value: Any) -> str:
    """A telephone number in E.164, or "" for what is none (a SIP address, a short code, a hidden number)."""
    told = loose.text(value, 60).strip()
    return "" if told in HIDDEN or not _E164.fullmatch(told) else told


def author_of(told: Mapping[str, Any], fallback: str, sender: str = "From") -> Author:
    """Who it is: by number. Who hides it is somebody new each time (`fallback` names them)."""
    shown = loose.text(told.get(sender), 200).strip()
    verdict = loose.text(told.get("StirVerstat"), 60)
    if shown.lower() in HIDDEN:
        return Author(f"hidden:{fallback}", profile={"hidden": True})
    city = ", ".join(filter(None, (loose.text(told.get(f"{sender}{what}"), 60) for what in ("City", "Country"))))
    return Author(
        shown, loose.text(told.get("CallerName") or told.get("ProfileName"), 100), phone=number_of(shown),
        profile={"city": city} if city else {}, confirmed=not verdict.startswith("TN-Validation-Failed"),
    )  # fmt: skip


def at(raw: Raw) -> datetime:
    """When it came: the webhooks tell no moment of their own. Raises Unreadable."""
    try:
        return datetime.fromtimestamp(float(raw.meta["at"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise Unreadable("nothing tells when it came") from error


def moment(value: Any) -> datetime | None:
    """A moment as the lists tell it (RFC 2822), or ISO 8601."""
    told = loose.text(value, 60)
    try:
        found = parsedate_to_datetime(told)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return loose.moment(told)


def whole(value: Any) -> int | None:
    """A number of seconds or things, which Twilio writes as text."""
    told = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None
