"""How the telephone stands in a case: who waits, who speaks, what is to be noted."""

from dataclasses import dataclass
from datetime import datetime

from netcenter.cases import calls
from netcenter.cases.models import Case, Message, Note
from netcenter.people.models import Person


@dataclass(frozen=True)
class Line:
    """How the telephone stands in a case, for whoever looks."""

    can_call: bool  # there is a number
    waits: bool  # the customer is on the line, and nobody has answered
    talks: bool  # somebody speaks with them now
    ended: Message | None  # of the person's own case: a call that is over and of which nothing is noted yet


NONE = Line(False, False, False, None)


def line(case: Case, mine: bool, person: Person, now: datetime) -> Line:
    """One look at the latest call; most cases have none, and cost one question each."""
    latest = calls.last_call(case)
    number = calls.to_answer(case) is not None
    if latest is None:
        return Line(True, False, False, None) if number else NONE
    told = latest.extra.get("call", {})
    live, talked = bool(told.get("live")) and latest.sent_at > now - calls.LONGEST, bool(told.get("talked"))
    over = mine and talked and not live and not _is_noted(case, person, told)
    return Line(number, live and not talked, live and talked, latest if over else None)


def _is_noted(case: Case, person: Person, told: dict[str, object]) -> bool:
    steps = told.get("steps")
    since = steps.get("answered") or steps.get("ended") if isinstance(steps, dict) else None
    return (
        since is None or Note.objects.filter(case=case, author=person, at__gte=datetime.fromisoformat(since)).exists()
    )


def latest_call(case: Case) -> Message | None:
    """For the ring: the customer's latest call, while it waits."""
    found = calls.last_call(case)
    return found if found is not None and found.state == Message.State.WAITING else None
