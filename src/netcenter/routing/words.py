"""Why, in words: from the router's structured reasons to one sentence. Pure but for the language of the reader."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from netcenter.look.formats import duration, locale, moment
from netcenter.routing.cost import weighs
from netcenter.routing.models import OverflowStep
from netcenter.routing.rules import LANGUAGE, Pair, Wait
from netcenter.routing.why import Candidate, Explanation, Reason, Stop

Why = Mapping[str, Any]


@dataclass(frozen=True)
class Names:
    """What skills and people are called."""

    skills: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[int | None, str] = field(default_factory=dict)

    def skill(self, code: str, level: int = 0) -> str:
        """As the company calls it, with the level where more than the least is asked; languages in the reader's own."""
        name = _language(code) or self.skills.get(code) or code.removeprefix(LANGUAGE)
        return _("%(skill)s level %(level)d") % {"skill": name, "level": level} if level > 1 else name

    def person(self, pk: int | None) -> str:
        return self.people.get(pk) or _("somebody")


# --- Why it rang there ------------------------------------------------------------------------------------------------


def why_here(why: Why, names: Names, at: datetime | None = None) -> str:
    """Why it rings at this desk, to whoever sits there. `at`: when it rang."""
    if why.get("taken"):
        return _("You took it yourself.")
    if why.get("passed") or why.get("pinned"):
        passed = _with(_("It was passed to you"), _facts(why, names, at))
        return f"{passed}."
    reasons = reasons_of(why, names, at)
    return f"{_capital(reasons)}." if reasons else ""


def rang_at(why: Why, names: Names, person: str, at: datetime | None = None) -> str:
    """Why it rang there, to everybody: "It rang at Ana's desk: Spanish, billing level 2, free for 6 min"."""
    return _with(_("It rang at %(name)s's desk") % {"name": person}, reasons_of(why, names, at))


def reasons_of(why: Why, names: Names, at: datetime | None = None) -> str:
    """What the router's choice rests on, without who: facts, then what decided."""
    parts = (_facts(why, names, at), _decided(why, names), weighing(why.get("weighs", ())))
    return "; ".join(part for part in parts if part)


def weighing(codes: Iterable[str]) -> str:
    """What makes it more urgent than others of its kind: "more urgent: in public, wrote again"."""
    said = {
        "on_line": _("waits at the telephone"),
        "crisis_1": _("crisis level yellow"), "crisis_2": _("crisis level orange"), "crisis_3": _("crisis level red"),
        "public": _("in public"), "again": _("wrote again"), "mood": _("very upset"), "reach": _("many listen to them"),
    }  # fmt: skip
    found = ", ".join(said[code] for code in codes if code in said)
    return _("more urgent: %(reasons)s") % {"reasons": found} if found else ""


def _facts(why: Why, names: Names, at: datetime | None) -> str:
    levels = why.get("levels") or {}
    facts = [names.skill(code, levels.get(code, 0)) for code in why.get("needs", ())]
    since = _moment(why.get("idle_since"))
    if since is not None and at is not None and (at - since).total_seconds() >= 1:
        facts.append(_("free for %(time)s") % {"time": duration(at - since)})
    return ", ".join(facts)


def _decided(why: Why, names: Names) -> str:
    kept = why.get("kept") or {}
    if why.get("because") == "least_else" and kept.get("for"):
        skills = ", ".join(names.skill(code) for code in kept["for"])
        return _("%(name)s stays free for %(skills)s") % {"name": names.person(kept.get("operator")), "skills": skills}
    because = why.get("because") or _older(why)
    return {
        "pinned": _("pinned to this desk"), "knows_customer": _("answered this customer last"),
        "only": _("nobody else could take it"), "again": _("everybody else let it pass or cannot take it"),
        "least_else": _("the others can do more besides"), "emptiest": _("the emptiest desk"),
        "longest_idle": _("free the longest"), "taken": _("taken by hand"), "passed": _("passed on by hand"),
    }.get(str(because), "")  # fmt: skip


def _older(why: Why) -> str:
    """What decided, where the record does not name it."""
    for code in ("taken", "passed", "pinned", "knows_customer"):
        if why.get(code):
            return code
    if "others" not in why:
        return ""
    return "longest_idle" if why["others"] else "only"


# --- Why it waits -----------------------------------------------------------------------------------------------------


def sentence(told: Explanation, names: Names, now: datetime) -> str:
    """Where the case stands and why, in one sentence."""
    if told.stop is not None:
        return _stopped(told.stop, names)
    verdict = told.verdict
    if isinstance(verdict, Pair):
        if told.before is not None:
            after = _("first %(name)s gets case #%(case)d, which is more urgent")
            return _waits(after % {"name": names.person(verdict.operator_id), "case": told.before.case_id}, told, now)
        would = _("It would ring at %(name)s's desk") % {"name": names.person(verdict.operator_id)}
        return f"{_with(would, reasons_of(verdict.why, names, now))}."
    return _waits(_why_not(verdict, told, names), told, now)


def _stopped(stop: Stop, names: Names) -> str:
    name = stop.person.name if stop.person else ""
    if stop.code in ("held", "ringing"):
        head = _("%(name)s has it since %(time)s") if stop.code == "held" else _("It rings at %(name)s's desk")
        rang = stop.why.get("at")
        reasons = reasons_of(stop.why, names, rang if isinstance(rang, datetime) else None)
        return f"{_with(head % {'name': name, 'time': moment(stop.at)}, reasons)}."
    if stop.code == "owner":
        words = _("It waits for %(name)s, responsible for %(area)s, until %(time)s.")
        return words % {"name": name, "area": stop.note, "time": moment(stop.until)}
    if stop.code == "snoozed":
        until = _("Put away until %(time)s") % {"time": moment(stop.until)}
        return f"{_with(until, stop.note)}."
    if stop.code == "menu":
        return _("The customer is choosing from the menu; it rings at %(time)s at the latest.") % {
            "time": moment(stop.until)}  # fmt: skip
    return _("It is closed: nothing waits in it.") if stop.code == "closed" else _("Nothing waits in it.")


def _waits(because: str, told: Explanation, now: datetime) -> str:
    parts = [because]
    if told.since is not None and (now - told.since).total_seconds() >= 1:
        parts.append(_("waiting for %(time)s") % {"time": duration(now - told.since)})
    if told.ahead and isinstance(told.verdict, Wait) and told.verdict.reason == "full":
        parts.append(ngettext("%(n)d more urgent case before it", "%(n)d more urgent cases before it", told.ahead)
                     % {"n": told.ahead})  # fmt: skip
    parts += [urgent] if (urgent := weighing(weighs(told.waiting))) else []
    if told.next_step is not None and told.since is not None and told.next_at is not None:
        parts.append(widening(told.next_step))
    return _("Waits: %(reasons)s.") % {"reasons": "; ".join(parts)}


def widening(step: OverflowStep) -> str:
    """What an overflow step does, and when."""
    words = {
        "level": _("after %(time)s the lowest level is enough"),
        "team": _("after %(time)s team %(team)s is rung too"),
        "everybody": _("after %(time)s everybody of the brand is rung"),
        "supervisors": _("after %(time)s the supervisors are rung too"),
    }[step.kind]
    return words % {"time": duration(step.after_seconds), "team": step.team.name if step.team else ""}


def _why_not(wait: Wait, told: Explanation, names: Names) -> str:
    n = len(wait.could)
    if wait.reason == "paused":
        return paused(told)
    if wait.reason == "pinned":
        words = _("only %(name)s may be rung, to whom it is pinned until %(time)s") if told.pinned_until else _(
            "only %(name)s may be rung, to whom it is pinned")  # fmt: skip
        return words % {"name": names.person(wait.operator_id), "time": moment(told.pinned_until)}
    if wait.reason == "full":
        return ngettext("%(n)d could, and is busy", "%(n)d could, all busy", n) % {"n": n}
    if wait.reason == "let_pass":
        return _("everybody who is free let it pass a moment ago")
    if wait.reason == "next":
        return _("its turn is next")
    return _nobody(wait, told, names)


def _nobody(wait: Wait, told: Explanation, names: Names) -> str:
    if told.candidates and not any(one.who.is_here for one in told.candidates):
        return _("nobody is at their desk")  # that an empty room speaks no Spanish is no news
    languages = [names.skill(code) for code in wait.missing if code.startswith(LANGUAGE)]
    skills = [names.skill(code) for code in wait.missing if not code.startswith(LANGUAGE)]
    lacks = []
    if languages:
        lacks.append(_("nobody who is here speaks %(languages)s") % {"languages": ", ".join(languages)})
    if skills:
        lacks.append(_("nobody who is here knows %(skills)s well enough") % {"skills": ", ".join(skills)})
    return _(" and ").join(lacks) or _("nobody who is here may and can take it")


def paused(told: Explanation) -> str:
    """Since when its queue is paused, and why."""
    queue = told.queue
    if queue is None or queue.paused_at is None:
        return _("the queue is paused")
    words = _("the queue is paused since %(time)s because of “%(reason)s”")
    text = words % {"time": moment(queue.paused_at), "reason": queue.pause_reason}
    if queue.paused_until:
        text += " " + _("until %(time)s") % {"time": moment(queue.paused_until)}
    return text


# --- Who could not, and because of what -------------------------------------------------------------------------------


def candidate(one: Candidate, names: Names) -> str:
    """Why they would get it, could, or could not."""
    if one.is_first:
        return _("it would ring here")
    return ", ".join(hindrance(reason, names) for reason in one.reasons) or _("could take it now")


def hindrance(reason: Reason, names: Names) -> str:
    """One thing that keeps somebody from it."""
    if reason.code == "skill":
        wanted = names.skill(reason.skill, reason.level)
        if reason.has:
            return _("has %(skill)s only at level %(level)d") % {
                "skill": names.skill(reason.skill), "level": reason.has}  # fmt: skip
        return _("lacks %(skill)s") % {"skill": wanted}
    if reason.code == "full":
        return _("no room: it fills %(fills)d %% of a desk, %(room)d %% is empty") % {
            "fills": reason.level, "room": reason.has}  # fmt: skip
    if reason.code == "state":
        return _states().get(reason.state, reason.state)
    return {
        "brand": _("does not answer for this brand"), "team": _("is not in the team that is rung"),
        "channel": _("takes nothing from this channel"), "no_more": _("finishes what they have, and takes no more"),
        "rings": _("another case rings there"), "declined": _("said not now a moment ago"),
        "missed": _("let it pass a moment ago"), "pinned": _("it is pinned to somebody else"),
    }[reason.code]  # fmt: skip


def _states() -> dict[str, str]:
    return {
        "busy": _("is busy"),
        "wrap_up": _("is wrapping up"),
        "break": _("is on a break"),
        "offline": _("is offline"),
    }


# --- Small parts ------------------------------------------------------------------------------------------------------


def _language(code: str) -> str:
    return str(locale().languages.get(code.removeprefix(LANGUAGE), "")) if code.startswith(LANGUAGE) else ""


def _with(head: str, rest: str) -> str:
    return f"{head}: {rest}" if rest else head


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _moment(value: object) -> datetime | None:
    """The router counts in seconds; the record has also kept words of ISO 8601."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
