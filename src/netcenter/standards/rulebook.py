"""Writing the company's standards and calendars. Promises that run already keep the time they were made with."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.refused import Refused
from netcenter.lib.taken import refuse_if_taken
from netcenter.standards.models import Calendar, Standard


@dataclass(frozen=True)
class Rule:
    """For messages of this kind, channel and brand ("" and None: any): within so many minutes of this calendar."""

    measure: str
    minutes: int
    calendar_id: int
    kind: str = ""
    channel: str = ""
    brand_id: int | None = None


@dataclass(frozen=True)
class Week:
    """A calendar as it is written down: see standards.models.Calendar."""

    name: str
    timezone: str
    always: bool = False
    hours: dict[str, list[list[str]]] = field(default_factory=dict)
    country: str = ""
    region: str = ""
    closed_days: list[str] = field(default_factory=list)


@transaction.atomic
def save_standard(standard: Standard | None, rule: Rule, now: datetime, actor: str) -> Standard:
    """A new or changed standard. Raises Refused when one for the same messages exists."""
    kept = standard or Standard()
    for name, value in asdict(rule).items():
        setattr(kept, name, value)
    with refuse_if_taken("exists", _("There is a standard for exactly these messages already. Change that one.")):
        kept.save()
    record(event("standard.set", now, actor, brand_id=rule.brand_id, standard=kept.pk, rule=_plain(rule)))
    wakeup.wake("routing")
    return kept


def _plain(rule: Rule) -> dict:
    return {k: v for k, v in asdict(rule).items() if k != "brand_id"}


@transaction.atomic
def remove_standard(standard: Standard, now: datetime, actor: str) -> None:
    """The next most specific standard counts from now on."""
    record(event("standard.removed", now, actor, brand_id=standard.brand_id, standard=standard.pk, rule=str(standard)))
    standard.delete()
    wakeup.wake("routing")


@transaction.atomic
def save_calendar(calendar: Calendar | None, week: Week, now: datetime, actor: str) -> Calendar:
    """A new or changed calendar. Raises Refused when the name is taken."""
    kept = calendar or Calendar()
    for name, value in asdict(week).items():
        setattr(kept, name, value)
    with refuse_if_taken("name_taken", _("There is a calendar of this name already."), field="name"):
        kept.save()
    record(event("calendar.changed" if calendar else "calendar.added", now, actor, calendar=kept.pk, name=kept.name))
    wakeup.wake("routing")
    return kept


@transaction.atomic
def remove_calendar(calendar: Calendar, now: datetime, actor: str) -> None:
    """Raises Refused while a standard uses it."""
    pk = calendar.pk
    try:
        with transaction.atomic():
            calendar.delete()
    except ProtectedError as error:
        raise Refused("in_use", _("Standards still use this calendar. Give them another one first.")) from error
    record(event("calendar.removed", now, actor, calendar=pk, name=calendar.name))
