"""Why people are on a break: the company's own list, in its own words."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from netcenter.events.actions import event, record
from netcenter.lib.prepared import prepared
from netcenter.lib.taken import refuse_if_taken
from netcenter.people.models import BreakReason, Desk

USUAL = (
    (gettext_noop("Lunch"), 60), (gettext_noop("Short break"), 15), (gettext_noop("Meeting"), 0),
    (gettext_noop("Training"), 0), (gettext_noop("Away from the desk"), 5),
)  # fmt: skip


@dataclass(frozen=True)
class BreakDetails:
    """What a supervisor says of a reason. `minutes` 0: as long as it takes."""

    name: str
    minutes: int = 0


def minutes_of(name: str) -> int:
    """How long a break for this reason should last at most; 0: as long as it takes, or nobody knows it."""
    return BreakReason.objects.filter(name=name).values_list("minutes", flat=True).first() or 0


def break_reasons() -> list[BreakReason]:
    """The list, in its order."""
    return _reasons()


@prepared
def _reasons() -> QuerySet[BreakReason]:
    return BreakReason.objects.all()


@transaction.atomic
def save_break(kept: BreakReason | None, details: BreakDetails, now: datetime, actor: str) -> BreakReason:
    """A new or changed reason, the new ones last. Who is on a break for it keeps the time they were given.

    Raises Refused when the name is taken.
    """
    reason, was = kept or BreakReason(), kept.name if kept else ""
    if kept is None:
        reason.position = 1 + (BreakReason.objects.aggregate(last=Max("position"))["last"] or 0)
    reason.name, reason.minutes = " ".join(details.name.split()), details.minutes
    with refuse_if_taken("name_taken", _("There is a reason of this name already."), field="name"):
        reason.save()
    if kept:
        on_it = Q(state=Desk.State.BREAK) | Q(back_to=Desk.State.BREAK)
        Desk.objects.filter(on_it, reason=was).update(reason=reason.name)
    record(event("break.changed" if kept else "break.added", now, actor, name=reason.name, minutes=reason.minutes))
    return reason


@transaction.atomic
def move_break(reason: BreakReason, up: bool, now: datetime, actor: str) -> None:
    """One place up or down."""
    order = list(BreakReason.objects.select_for_update())
    at = [r.pk for r in order].index(reason.pk)
    to = min(max(at + (-1 if up else 1), 0), len(order) - 1)
    order.insert(to, order.pop(at))
    for place, one in enumerate(order, 1):
        BreakReason.objects.filter(pk=one.pk).update(position=place)
    record(event("break.changed", now, actor, name=reason.name, minutes=reason.minutes))


@transaction.atomic
def remove_break(reason: BreakReason, now: datetime, actor: str) -> None:
    """Nobody can choose it any more; who is on a break for it stays so."""
    record(event("break.removed", now, actor, name=reason.name))
    reason.delete()


def add_usual_breaks(now: datetime, actor: str) -> None:
    """The usual reasons, in the language that is spoken now; those that are there already are left alone."""
    known = set(BreakReason.objects.values_list("name", flat=True))
    for name, minutes in USUAL:
        if _(name) not in known:
            save_break(None, BreakDetails(_(name), minutes), now, actor)
