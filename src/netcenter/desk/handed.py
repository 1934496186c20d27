"""What the lists and the story say of handing on."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from netcenter.cases.models import Message
from netcenter.look.formats import moment
from netcenter.people.models import Person
from netcenter.routing.asked import asked_now, handed_on_by
from netcenter.routing.models import Referral

_PATTERNS = {
    "referral.asked": gettext_noop("%(actor)s handed it on to %(subject)s (%(area)s) until %(until)s: “%(question)s”"),
    "referral.seen": gettext_noop("%(actor)s opened it"),
    "referral.reminded": gettext_noop("%(subject)s was reminded: until %(until)s"),
    "referral.climbed": gettext_noop("%(before)s did not answer in time: it climbed to %(subject)s, until %(until)s"),
    "referral.answered": gettext_noop("%(actor)s answered for %(area)s"),
    "referral.told": gettext_noop("%(actor)s told %(subject)s, who answers"),
    "referral.given_back": gettext_noop("%(actor)s gave it back: %(why)s"),
    "referral.taken_back": gettext_noop("%(actor)s took it back from %(subject)s"),
    "referral.ran_out": gettext_noop("%(owner)s did not answer in time, and nobody was left to ask: it rings again"),
}


def listed(person: Person, now: datetime) -> dict[str, Any]:
    """What is asked of the person, and what they handed on."""
    return {"asked_of_me": asked_now(person), "handed_on": handed_on_by(person, now)}


def standing_words(referral: Referral) -> str:
    """How it stands with what was handed on, in a few words."""
    name = referral.owner.name
    if referral.ended_at is None:
        words = _("with %(name)s (%(area)s) until %(until)s")
        words %= {"name": name, "area": referral.area.name, "until": moment(referral.due_at)}
        return " · ".join([words, _("reminder sent")]) if referral.reminders else words
    if referral.outcome == Referral.Outcome.GIVEN_BACK:
        return _("given back by %(name)s: %(why)s") % {"name": name, "why": referral.note}
    if referral.outcome == Referral.Outcome.TAKEN_BACK:
        return _("taken back") if referral.ended_at < referral.due_at else _("nobody answered in time: it rings again")
    if Message.objects.filter(case=referral.case_id, operator=referral.owner_id, sent_at__gte=referral.at).exists():
        return _("answered by %(name)s") % {"name": name}
    return _("%(name)s has told you") % {"name": name}


def told(kind: str, data: dict[str, Any], actor: str, subject: str, names: dict[int | None, str]) -> str:
    """A step of the handing on as a line of the story; "" when it is no step."""
    pattern = _PATTERNS.get(kind, "")
    if kind == "referral.climbed" and data.get("supervisor"):
        pattern = gettext_noop("%(before)s did not answer in time: it climbed to the supervisor %(subject)s")
    return pattern and _(pattern) % {
        "actor": actor, "subject": subject, "area": data.get("area", ""), "until": _when(data.get("due_at")),
        "before": names.get(data.get("before"), ""), "why": data.get("reason", ""),
        "question": data.get("question", ""), "owner": names.get(data.get("owner"), ""),
    }  # fmt: skip


def _when(text: object) -> str:
    return moment(datetime.fromisoformat(text)) if isinstance(text, str) else ""
