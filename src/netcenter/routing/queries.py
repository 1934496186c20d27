"""What waits, and what rings where."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from netcenter.cases.models import Case
from netcenter.lib.prepared import prepared
from netcenter.people.models import Person
from netcenter.routing.asked import still_asked
from netcenter.routing.models import Offer

LANGUAGE = "language:"
DECLINED_FOR = timedelta(seconds=60)
MISSED_FOR = timedelta(minutes=5)


def waiting_cases(now: datetime) -> QuerySet[Case]:
    """The cases that wait, that nobody holds and for which nobody responsible is asked; some of them may ring."""
    return Case.objects.filter(
        Q(snoozed_until=None) | Q(snoozed_until__lte=now), ~still_asked(), waiting_since__isnull=False, holder=None
    )


def ringing_at(person: Person) -> Offer | None:
    """What rings at the person's desk now."""
    return next(iter(_ringing(person.pk)), None)


@prepared
def _ringing(person_id: int) -> QuerySet[Offer]:
    rings = Offer.objects.select_related("case__customer", "case__brand", "case__account")
    return rings.filter(operator_id=person_id, state=Offer.State.RINGING)


def live_offer(case_id: int) -> Offer | None:
    """Where the case rings or who holds it."""
    return next(iter(_live(case_id)), None)


@prepared
def _live(case_id: int) -> QuerySet[Offer]:
    return Offer.objects.select_related("operator").filter(case_id=case_id, state__in=Offer.LIVE)


def next_miss() -> datetime | None:
    """When the next ring is missed."""
    return next((until for (until,) in _next_miss()), None)


@prepared
def _next_miss() -> QuerySet[Offer, tuple[datetime]]:
    return Offer.objects.filter(state=Offer.State.RINGING).order_by("until").values_list("until")[:1]
