"""What the desk shows of where somebody is: the switch, what runs under it, and what must be said aloud."""

from typing import Any

from django.utils.translation import gettext as _

from netcenter.people.actions import MISSED
from netcenter.people.breaks import break_reasons
from netcenter.people.models import Desk
from netcenter.routing.models import Offer

AT_WORK = (Desk.State.AVAILABLE, Desk.State.BUSY, Desk.State.WRAP_UP)


def more_time_reasons() -> list[str]:
    """What a wrap-up is usually prolonged for."""
    return [_("Writing up the case"), _("Another system"), _("Asking a colleague")]


def switch(desk: Desk) -> dict[str, Any]:
    """What the presence switch is drawn from."""
    return {"desk": desk, "break_reasons": break_reasons(), "more_time": more_time_reasons()}


def notice(desk: Desk) -> dict[str, Any]:
    """What is said at the head of the desk while nothing rings: set away for missed rings, or nothing is left."""
    finished = desk.no_more and desk.state in AT_WORK and not holds_any(desk)
    return {
        "missed": was_set_away(desk), "finished": finished,
        "break_reasons": break_reasons() if finished else [],
    }  # fmt: skip


def was_set_away(desk: Desk) -> bool:
    """Whether the house set the person away for missed rings."""
    return desk.state == Desk.State.BREAK and desk.reason == MISSED


def holds_any(desk: Desk) -> bool:
    """Whether anything rings at the desk or is held there."""
    return Offer.objects.filter(operator=desk.pk, state__in=Offer.LIVE).exists()
