"""Reading what was handed on: to whom, by whom, and the link that leads there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core import signing
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from netcenter.cases.models import Case
from netcenter.lib.prepared import prepared
from netcenter.lib.refused import Refused
from netcenter.people.models import Person
from netcenter.people.permissions import May, may
from netcenter.routing.models import Referral

VALID = timedelta(days=7)
TOLD_FOR = timedelta(hours=1)  # so long what has ended stays in the list of who handed it on
MOST = 50
_SALT = "netcenter.asked"


def still_asked() -> Exists:
    """A condition on cases: somebody responsible has been asked, so nothing of it rings."""
    return Exists(Referral.objects.filter(case=OuterRef("pk"), ended_at=None))


def open_referral(case_id: int) -> Referral | None:
    """Whose the case is now, when it was handed on."""
    return next(iter(_open(case_id)), None)


@prepared
def _open(case_id: int) -> QuerySet[Referral]:
    return _known().filter(case_id=case_id, ended_at=None)


def _known() -> QuerySet[Referral]:
    return Referral.objects.select_related("owner", "operator", "area", "case__customer", "case__brand",
                                           "case__account")  # fmt: skip


def asked_of(person: Person) -> QuerySet[Referral]:
    """What is asked of the person now, the first to be due first: all that a limited seat may see."""
    if not may(person, May.ANSWER_ASKED):
        return Referral.objects.none()
    return _known().filter(owner=person, ended_at=None).order_by("due_at", "id")


def asked_now(person: Person) -> list[Referral]:
    """The same as a list, the first of them."""
    return _asked(person.pk) if may(person, May.ANSWER_ASKED) else []


@prepared
def _asked(person_id: int) -> QuerySet[Referral]:
    return _known().filter(owner=person_id, ended_at=None).order_by("due_at", "id")[:MOST]


def handed_on_by(person: Person, now: datetime) -> list[Referral]:
    """What the person handed on and is not over, and what has just ended."""
    seen: dict[int, Referral] = {}
    for one in _handed_on(person.pk, now - TOLD_FOR):  # handed on twice: the latest word counts
        seen.setdefault(one.case_id, one)
    return sorted(seen.values(), key=lambda r: (r.ended_at is not None, r.due_at))


@prepared
def _handed_on(person_id: int, since: datetime) -> QuerySet[Referral]:
    lately = Q(ended_at=None) | Q(ended_at__gt=since)
    return _known().filter(lately, operator=person_id).order_by("-id")[:MOST]


@prepared
def open_of(case_id: int) -> QuerySet[Referral]:
    """What was handed on of the case, if it is not over: one at most."""
    return Referral.objects.select_related("owner", "area").filter(case_id=case_id, ended_at=None)


def refuse_if_asked(case_id: int, person: Person | None) -> None:
    """Raise Refused while somebody is asked for an answer in the case, unless it is this person."""
    asked = next(iter(open_of(case_id)), None)
    if asked is not None and (person is None or asked.owner_id != person.pk):
        raise Refused("asked", _("It is with %(name)s (%(area)s). Take it back first.") % {
            "name": asked.owner.name, "area": asked.area.name})  # fmt: skip


def refuse_if_awaiting(case: Case) -> None:
    """Raise Refused while an answer of the locked case waits for approval: until then it stays where it is."""
    if case.approval_since is not None:
        raise Refused("awaits_approval", _("An answer waits for approval here. Decide on it, or take it back first."))


# --- The link ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lead:
    """Where a link leads: to what was asked, and for whom it was made. It opens nothing by itself."""

    referral: Referral
    person_id: int


def token_of(referral: Referral, person: Person) -> str:
    """What stands in the link that this person gets: good for a week, for them and this asking alone."""
    return signing.dumps({"r": referral.pk, "p": person.pk, "c": referral.case_id}, salt=_SALT)


def lead_of(token: str) -> Lead:
    """Where the link leads. Raises Refused("forged" | "expired")."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=VALID)
    except signing.SignatureExpired as error:
        raise Refused("expired", _("This link is too old: it was good for seven days.")) from error
    except signing.BadSignature as error:
        raise Refused("forged", _("This link is not whole. Open it from the mail again.")) from error
    referral = _known().filter(pk=told["r"], case_id=told["c"]).first()
    if referral is None:
        raise Refused("forged", _("This link is not whole. Open it from the mail again."))
    return Lead(referral, told["p"])


def refuse_unless_asked(referral: Referral, person: Person) -> None:
    """Raise Refused("over" | "climbed" | "not_yours") unless the person is asked for it now."""
    if referral.ended_at is not None:
        raise Refused("over", over_words(referral))
    if referral.owner_id != person.pk:
        raise Refused("not_yours", _("It is with %(name)s now.") % {"name": referral.owner.name})


def over_words(referral: Referral) -> str:
    """How it ended, in a sentence to somebody who comes too late."""
    words = {
        Referral.Outcome.ANSWERED: _("This has been answered. There is nothing more to do."),
        Referral.Outcome.GIVEN_BACK: _("This was given back. There is nothing more to do."),
        Referral.Outcome.TAKEN_BACK: _("The operators have taken this back. There is nothing more to do."),
    }
    return words[Referral.Outcome(referral.outcome)]


def waiting_for(case: Case) -> bool:
    """Whether the case could be handed on: something waits in it and nobody is asked yet."""
    return case.waiting_since is not None and not Referral.objects.filter(case=case, ended_at=None).exists()
