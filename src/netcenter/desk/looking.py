"""What the desk shows of answers that wait for a second pair of eyes."""

from typing import Any

from django.utils.translation import gettext as _

from netcenter import approving
from netcenter.cases.models import Case
from netcenter.outbox import held
from netcenter.outbox.models import HeldReply
from netcenter.people.models import Person
from netcenter.people.permissions import May, may
from netcenter.protocols.known import switched_on
from netcenter.situations import Situation
from netcenter.understanding.topic_names import topic_names


def told(case: Case, person: Person, situation: Situation | None = None) -> dict[str, Any]:
    """What the head of a case shows: what waits, or what came back to this person; and whether theirs would wait."""
    last = held.latest(case.pk)
    waits = last if last is not None and last.state == HeldReply.State.ASKED else None
    came_back = (
        last if last is not None and last.by_id == person.pk and case.waiting_since is not None
        and last.state in (HeldReply.State.RETURNED, HeldReply.State.WITHDRAWN)
        and not (last.state == HeldReply.State.WITHDRAWN and last.ended_at is None) else None
    )  # fmt: skip
    will = approving.reasons(case, person, situation) if waits is None and case.waiting_since is not None else []
    return {
        "awaits": waits, "came_back": came_back, "may_decide": waits is not None and held.may_decide(person, waits),
        "awaits_why": reason_words(waits.reasons) if waits else "",
        "will_wait": reason_words([{"code": r.code, "about": r.about} for r in will]),
    }  # fmt: skip


def reason_words(reasons: list[dict[str, str]]) -> str:
    """Why somebody else looks first, in words."""
    levels = {"1": _("yellow"), "2": _("orange"), "3": _("red")}
    said = {
        "trainee": lambda _about: _("still learning"),
        "crisis": lambda about: _("crisis level %(level)s") % {"level": levels.get(about, about)},
        "topic": lambda about: _("about: %(topic)s") % {"topic": topic_names().get(about, about)},
        "protocol": lambda about: _("protocol: %(name)s") % {"name": about},
    }
    return ", ".join(said[r["code"]](r.get("about", "")) for r in reasons if r.get("code") in said)


def may_look(person: Person) -> bool:
    """Whether approvals are anything to this person: supervisors, and who has a skill that some protocol names."""
    if may(person, May.APPROVE):
        return True
    wanted = {p.content.approver_skill for p in switched_on() if p.content.approver_skill}
    return bool(wanted and wanted & held.codes_of(person))
