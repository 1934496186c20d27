"""The words of an acknowledgement: in the customer's language, with an honest time, and what they promise."""

from dataclasses import dataclass
from datetime import datetime

from netcenter.cases.models import Case
from netcenter.routing import spoken, texts
from netcenter.routing.models import Acknowledgement, Queue
from netcenter.routing.paces import Expected, Waits
from netcenter.standards.rules import next_opening


@dataclass(frozen=True, slots=True)
class Told:
    """What a case is to be told: composed, not said yet."""

    case: Case
    kind: str
    text: str
    promised_at: datetime | None
    expected: Expected


def compose(case: Case, queue: Queue, kind: str, waits: Waits, now: datetime) -> Told:
    """The words for one case in its customer's language, and what they promise."""
    expected = waits.expect(case)
    text, language = texts.chosen(queue.texts, kind, case.language or case.customer.language, case.brand.language)
    named = texts.variables(text)
    said = _said(kind, case, expected, now, language)
    values = {
        "customer.first_name": _first_name(case.customer.name), "brand": case.brand.name, "wait": said.words,
        "opens": _opens(expected, now, language) if "opens" in named else "",
    }  # fmt: skip
    whole = texts.signed(texts.fill(text, values), language)
    return Told(case, kind, whole, said.until if "wait" in named else None, expected)


def _said(kind: str, case: Case, expected: Expected, now: datetime, language: str) -> spoken.Said:
    """How long: as estimated while people are here; out of hours, as the standard promises."""
    zone = expected.hours.zone
    if kind == Acknowledgement.Kind.CLOSED:
        due = case.due_at if case.due_at and case.due_at > now else None
        return spoken.wait(now, due, due, zone, language)
    return spoken.wait(now, expected.median_at, expected.latest_at, zone, language)


def _opens(expected: Expected, now: datetime, language: str) -> str:
    at = next_opening(now, expected.hours)
    return spoken.opens(now, at, expected.hours.zone, language) if at else ""


def _first_name(name: str) -> str:
    """What a stranger calls themselves may be anything: only what looks like a name is repeated to them."""
    first = name.strip().split(" ")[0]
    return first if 1 < len(first) <= 30 and all(c.isalpha() or c in "-'’" for c in first) else ""
