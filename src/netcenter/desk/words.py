"""What the desk says in words: kinds, reasons, and what happened to a case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from netcenter.guard.queries import IRONIC
from netcenter.look.formats import moment
from netcenter.understanding.topic_names import topic_names

OWN_TOPIC = 0.8  # share from which a topic of the company's own is told


def moved_words(language: str) -> str:
    """What is said in public, in the customer's language, of words that were sent in private."""
    with translation.override(language):
        return _("Thank you for writing. We have sent you a private message.")


def kind_words() -> dict[str, str]:
    """The kinds of a reading, in words."""
    return {
        "complaint": _("Complaint"), "claim": _("Claim"), "question": _("Question"), "suggestion": _("Suggestion"),
        "praise": _("Praise"), "thanks": _("Thanks"), "spam": _("Spam"), "not_for_us": _("Not for us"),
        "other": pgettext("kind of message", "Other"),
    }  # fmt: skip


def hint_words(read: Mapping[str, Any], public: bool) -> list[str]:
    """What a message gives away beside its kind, as far as it is more likely than not; irony is a doubt sooner."""
    hints = read.get("hints", {})
    personal = _("Shows personal data to everybody") if public else _("Holds personal data")
    sale = {"before": _("Before they buy"), "after": _("After they bought")}.get(hints.get("sale", ""))
    topics, names = read.get("topic") or {}, topic_names()
    # A company's own topics know no "none of these": one is told where it leaves little to the others.
    told = [topic for topic, p in topics.items() if p >= (0.5 if topic in names else OWN_TOPIC)]
    likely = sorted(told, key=lambda topic: -topics[topic])
    return [
        *([_("About: %(topics)s") % {"topics": ", ".join(names.get(t, t) for t in likely[:2])}] if likely else []),
        *([_("Perhaps ironic")] if hints.get("sarcasm", 0) >= IRONIC else []),
        *([_("Speaks of leaving")] if hints.get("churn", 0) >= 0.5 else []),
        *([_("Speaks of lawyers or authorities")] if hints.get("legal", 0) >= 0.5 else []),
        *([_("Threatens")] if hints.get("threat", 0) >= 0.5 else []),
        *([pgettext("of a message", "Insults")] if read.get("abuse", 0) >= 0.5 else []),
        *([personal] if hints.get("personal") else []),
        *([sale] if sale else []),
    ]


def language_words() -> dict[str, str]:
    """The languages that are read, in words."""
    return {"es": _("Spanish"), "pt": _("Portuguese"), "en": _("English")}


_DECLINES = {
    "busy": gettext_noop("I am finishing something"),
    "not_mine": gettext_noop("A colleague should take it"),
    "knowledge": gettext_noop("I cannot answer this"),
}
_REASONS = {
    "missed": gettext_noop("missed rings"), "gone": gettext_noop("connection lost"),
    "back": gettext_noop("connection back"), "quiet": gettext_noop("nobody wrote for a while"),
    "answered": gettext_noop("answered"), "closed": gettext_noop("closed"), "snoozed": gettext_noop("put away"),
    "paused": gettext_noop("the queue is paused"), "offline": gettext_noop("offline"),
    "break": gettext_noop("on a break"), "busy": gettext_noop("busy"), "wrap_up": gettext_noop("wrapping up"),
    "no_more": gettext_noop("takes no more"),
}  # fmt: skip


def decline_reasons() -> list[tuple[str, str]]:
    """Why not now: what is kept on the record, and what the button says."""
    return [(code, _(words)) for code, words in _DECLINES.items()]


def reason_words(code: str) -> str:
    """A reason as it is kept, in words; words that somebody typed stay as they are."""
    known = _REASONS.get(code) or _DECLINES.get(code)
    return _(known) if known else code


_PATTERNS = {
    ("offer.rang", ""): gettext_noop("It rang at %(subject)s's desk"),
    ("offer.accepted", ""): gettext_noop("%(subject)s picked up"),
    ("offer.accepted", "taken"): gettext_noop("%(subject)s took it"),
    ("offer.declined", ""): gettext_noop("%(subject)s said not now"),
    ("offer.declined", "why"): gettext_noop("%(subject)s said not now: %(reason)s"),
    ("offer.missed", ""): gettext_noop("%(subject)s did not pick up"),
    ("offer.withdrawn", ""): gettext_noop("The ring at %(subject)s's desk was withdrawn: %(reason)s"),
    ("offer.ended", ""): gettext_noop("%(subject)s no longer has it: %(reason)s"),
    ("case.passed", "to"): gettext_noop("%(actor)s passed it to %(subject)s"),
    ("case.passed", "towhy"): gettext_noop("%(actor)s passed it to %(subject)s: %(reason)s"),
    ("case.passed", ""): gettext_noop("%(actor)s passed it to whoever is free"),
    ("case.passed", "why"): gettext_noop("%(actor)s passed it to whoever is free: %(reason)s"),
    ("case.snoozed", ""): gettext_noop("%(actor)s put it away: %(reason)s"),
    ("case.woke", ""): gettext_noop("It is back"),
    ("case.barged", ""): gettext_noop("%(actor)s took it from %(subject)s: %(reason)s"),
    ("case.unpinned", ""): gettext_noop("It waited long enough for %(subject)s: it may ring elsewhere"),
    ("case.closed", ""): gettext_noop("%(actor)s closed it"),
    ("case.disposed", ""): gettext_noop("%(actor)s closed it without an answer: %(reason)s"),
    ("menu.chosen", ""): gettext_noop("The customer chose: %(label)s"),
    ("menu.chosen", "late"): gettext_noop("The customer chose, too late to change who is rung: %(label)s"),
    ("menu.passed", "wrote"): gettext_noop("The customer wrote instead of choosing: it rings without a choice"),
    ("menu.passed", "patience"): gettext_noop("Nothing was chosen in time: it rings without a choice"),
    ("promise.broken", ""): gettext_noop("The promise broke"),
    ("acknowledgement.broken", ""): gettext_noop("The time that the customer was told has passed"),
    ("protocol.followed", ""): gettext_noop("%(actor)s follows the protocol: %(label)s"),
    ("approval.asked", ""): gettext_noop("%(actor)s's answer waits for approval"),
    ("approval.granted", ""): gettext_noop("%(actor)s approved %(subject)s's answer"),
    ("approval.granted", "changed"): gettext_noop("%(actor)s changed and approved %(subject)s's answer"),
    ("approval.returned", ""): gettext_noop("%(actor)s returned %(subject)s's answer"),
    ("approval.withdrawn", ""): gettext_noop("%(subject)s's answer was taken back before anybody approved it"),
    ("approval.withdrawn", "wrote"): gettext_noop(
        "The customer wrote again: %(subject)s's answer was withdrawn before approval"
    ),
    ("guard.overruled", ""): gettext_noop("%(actor)s sent it in spite of the guard: %(reason)s"),
    ("dispatch.retried", ""): gettext_noop("%(actor)s tried to send it again"),
}


def happened(kind: str, data: Mapping[str, Any], actor: str, subject: str, dispositions: Mapping[str, str]) -> str:
    """An event of a case in words; "" for what the story shows otherwise. `actor` did it to, or at, `subject`."""
    code = str(data.get("reason") or "")
    declined = _DECLINES.get(code) if kind == "offer.declined" else None
    reason = _(declined) if declined else reason_words(code)
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
    pattern = _PATTERNS.get((kind, variant), "")
    label = str(data.get("label") or data.get("name") or "")
    return pattern and _(pattern) % {"actor": actor, "subject": subject, "reason": reason, "label": label}
