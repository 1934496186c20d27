"""What the desk says in words: kinds, reasons, and what happened to a case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from netcenter.look.formats import moment


def kind_words() -> dict[str, str]:
    """The kinds of a reading, in words."""
    return {
        "complaint": _("Complaint"), "claim": _("Claim"), "question": _("Question"), "suggestion": _("Suggestion"),
        "praise": _("Praise"), "thanks": _("Thanks"), "spam": _("Spam"), "not_for_us": _("Not for us"),
        "other": pgettext("kind of message", "Other"),
    }  # fmt: skip


def hint_words(hints: Mapping[str, Any]) -> list[str]:
    """What a message gives away beside its kind, as far as it is more likely than not; irony is a doubt sooner."""
    return [
        *([_("Perhaps ironic")] if hints.get("sarcasm", 0) >= 0.4 else []),
        *([_("Speaks of leaving")] if hints.get("churn", 0) >= 0.5 else []),
        *([_("Speaks of lawyers or authorities")] if hints.get("legal", 0) >= 0.5 else []),
        *([_("Threatens")] if hints.get("threat", 0) >= 0.5 else []),
        *([_("Holds personal data")] if hints.get("personal") else []),
    ]


def language_words() -> dict[str, str]:
    """The languages that are read, in words."""
    return {"es": _("Spanish"), "pt": _("Portuguese"), "en": _("English")}


def decline_reasons() -> list[tuple[str, str]]:
    """Why not now: what is kept on the record, and what the button says."""
    return [
        ("busy", _("I am finishing something")),
        ("not_mine", _("A colleague should take it")),
        ("knowledge", _("I cannot answer this")),
    ]


def reason_words(code: str) -> str:
    """A reason as it is kept, in words; words that somebody typed stay as they are."""
    known = {
        "missed": _("missed rings"), "gone": _("connection lost"),
        "back": _("connection back"), "quiet": _("nobody wrote for a while"), "answered": _("answered"),
        "closed": _("closed"), "snoozed": _("put away"), "paused": _("the queue is paused"),
        "offline": _("offline"), "break": _("on a break"), "busy": _("busy"), "wrap_up": _("wrapping up"),
        "no_more": _("takes no more"),
    }  # fmt: skip
    return known.get(code) or dict(decline_reasons()).get(code, code)


def happened(kind: str, data: Mapping[str, Any], actor: str, subject: str, dispositions: Mapping[str, str]) -> str:
    """An event of a case in words; "" for what the story shows otherwise. `actor` did it to, or at, `subject`."""
    code = str(data.get("reason") or "")
    reason = dict(decline_reasons()).get(code) if kind == "offer.declined" else None
    reason = reason or reason_words(code)
    if kind == "offer.ended" and data.get("reason") == "forgotten" and data.get("due_at"):
        due = moment(datetime.fromisoformat(str(data["due_at"])))
        told = _("Taken back from %(subject)s: idle %(minutes)s min, promise at %(due)s")
        return told % {"subject": subject, "minutes": data.get("minutes"), "due": due}
    if kind == "offer.ended" and data.get("reason") not in ("gone", "quiet"):
        return ""
    if kind == "case.disposed":
        note = f" ({data['note']})" if data.get("note") else ""
        reason = dispositions.get(str(data.get("reason")), "") + note
    variant = {
        "offer.accepted": "taken" if data.get("taken") else "",
        "offer.declined": "why" if reason else "",
        "case.passed": ("to" if subject else "") + ("why" if reason else ""),
        "menu.chosen": "late" if data.get("late") else "",
        "approval.granted": "changed" if data.get("changed") else "",
        "approval.withdrawn": "wrote" if data.get("why") == "wrote" else "",
        "menu.passed": str(data.get("why") or ""),
    }.get(kind, "")
    pattern = _patterns().get((kind, variant), "")
    label = str(data.get("label") or data.get("name") or "")
    return pattern % {"actor": actor, "subject": subject, "reason": reason, "label": label}


def _patterns() -> dict[tuple[str, str], str]:
    return {
        ("offer.rang", ""): _("It rang at %(subject)s's desk"),
        ("offer.accepted", ""): _("%(subject)s picked up"),
        ("offer.accepted", "taken"): _("%(subject)s took it"),
        ("offer.declined", ""): _("%(subject)s said not now"),
        ("offer.declined", "why"): _("%(subject)s said not now: %(reason)s"),
        ("offer.missed", ""): _("%(subject)s did not pick up"),
        ("offer.withdrawn", ""): _("The ring at %(subject)s's desk was withdrawn: %(reason)s"),
        ("offer.ended", ""): _("%(subject)s no longer has it: %(reason)s"),
        ("case.passed", "to"): _("%(actor)s passed it to %(subject)s"),
        ("case.passed", "towhy"): _("%(actor)s passed it to %(subject)s: %(reason)s"),
        ("case.passed", ""): _("%(actor)s passed it to whoever is free"),
        ("case.passed", "why"): _("%(actor)s passed it to whoever is free: %(reason)s"),
        ("case.snoozed", ""): _("%(actor)s put it away: %(reason)s"),
        ("case.woke", ""): _("It is back"),
        ("case.barged", ""): _("%(actor)s took it from %(subject)s: %(reason)s"),
        ("case.unpinned", ""): _("It waited long enough for %(subject)s: it may ring elsewhere"),
        ("case.closed", ""): _("%(actor)s closed it"),
        ("case.disposed", ""): _("%(actor)s closed it without an answer: %(reason)s"),
        ("menu.chosen", ""): _("The customer chose: %(label)s"),
        ("menu.chosen", "late"): _("The customer chose, too late to change who is rung: %(label)s"),
        ("menu.passed", "wrote"): _("The customer wrote instead of choosing: it rings without a choice"),
        ("menu.passed", "patience"): _("Nothing was chosen in time: it rings without a choice"),
        ("promise.broken", ""): _("The promise broke"),
        ("acknowledgement.broken", ""): _("The time that the customer was told has passed"),
        ("protocol.followed", ""): _("%(actor)s follows the protocol: %(label)s"),
        ("approval.asked", ""): _("%(actor)s's answer waits for approval"),
        ("approval.granted", ""): _("%(actor)s approved %(subject)s's answer"),
        ("approval.granted", "changed"): _("%(actor)s changed and approved %(subject)s's answer"),
        ("approval.returned", ""): _("%(actor)s returned %(subject)s's answer"),
        ("approval.withdrawn", ""): _("%(subject)s's answer was taken back before anybody approved it"),
        ("approval.withdrawn", "wrote"): _(
            "The customer wrote again: %(subject)s's answer was withdrawn before approval"
        ),
        ("guard.overruled", ""): _("%(actor)s sent it in spite of the guard: %(reason)s"),
        ("dispatch.retried", ""): _("%(actor)s tried to send it again"),
    }
