"""A supervisor changes a colleague's state, and says why."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from netcenter.lib.refused import Refused
from netcenter.people.breaks import break_reasons
from netcenter.people.models import Desk, Person
from netcenter.routing.presence import set_no_more, set_state

State = Desk.State
NO_MORE = "no_more"
BREAK = f"{State.BREAK}:"


@dataclass(frozen=True)
class Move:
    """One state that may be chosen: what the form sends, the state, and of a break the reason."""

    value: str
    state: str
    reason: str = ""


def moves() -> list[Move]:
    """Every state that a supervisor may choose for somebody."""
    breaks = [Move(f"{BREAK}{r.name}", State.BREAK, r.name) for r in break_reasons()] or [Move(BREAK, State.BREAK)]
    return [Move(State.AVAILABLE, State.AVAILABLE), Move(State.BUSY, State.BUSY), Move(NO_MORE, NO_MORE), *breaks,
            Move(State.OFFLINE, State.OFFLINE)]  # fmt: skip


def move(person: Person, chosen: str, why: str, now: datetime, by: Person) -> None:
    """Change it; why is on the record and, where the state has no reason of its own, shown. Raises Refused."""
    why = " ".join(why.split())[:200]
    if not why:
        raise Refused("no_reason", _("Say why: it is shown to them and stays on the record."))
    if chosen == NO_MORE:
        return set_no_more(person, True, now, by, why)
    state, _colon, reason = chosen.partition(":")
    shown = why[:80] if state in (State.BUSY, State.OFFLINE) else reason[:80]
    return set_state(person, state, now, by, shown, why)
