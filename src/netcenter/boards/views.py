"""The ledger: the equation, what waits, what could not be read, what could not leave."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from netcenter import flow
from netcenter.boards import queries
from netcenter.boards.queries import PAGE, Slice
from netcenter.boards.rules import BOUNDS, safe_meta
from netcenter.boards.waits import drawer
from netcenter.channels.registry import channels
from netcenter.intake.actions import read_again
from netcenter.intake.models import Delivery
from netcenter.lib import clock
from netcenter.lib.fragments import wants
from netcenter.outbox.models import Dispatch
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May, may

FILTERS = ("brand", "channel", "account", "day")
MOST_AGAIN = 5000


def age_names() -> list[str]:
    return [_("under 1 h"), _("1 to 4 h"), _("4 to 24 h"), _("1 to 3 days"), _("over 3 days")]


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 2200 else None


def _slice(request: PersonRequest) -> tuple[Slice, dict[str, str]]:
    """The slice that the address asks for, and the filters to carry on; what cannot be read is left out."""
    given = {name: request.GET.get(name, "").strip() for name in FILTERS}
    brand, account, day = _whole(given["brand"]), _whole(given["account"]), _day(given["day"])
    channel = given["channel"] if given["channel"] in channels() else ""
    part = queries.slice_of(brand, channel, account, day)
    read = {"brand": brand, "channel": channel, "account": account, "day": day}
    return part, {name: str(value) for name, value in read.items() if value}


def _frame(request: PersonRequest, tab: str) -> dict[str, Any]:
    """What every page of the ledger shows around itself."""
    mends = may(request.user, May.RE_READ)
    counts = queries.counts() if mends else {}
    return {"tab": tab, "counts": counts, "mends": mends, "channels": channels()}


def _newest(request: PersonRequest, read: Callable[[int | None], Sequence[Any]], name: str) -> dict[str, Any]:
    """A page of what `read` lists, the newest first, under this name; and where the older ones begin."""
    found = read(_whole(request.GET.get("before", "")))
    return {name: found[:PAGE], "next": found[PAGE - 1].pk if len(found) > PAGE else None}


@needs(May.SEE_LEDGER)
@require_safe
def ledger(request: PersonRequest) -> HttpResponse:
    now = clock.now()
    part, chosen = _slice(request)
    until = _day(request.GET.get("until", "")) or now.astimezone(UTC).date()
    rows = queries.days(part, until)
    context = {
        **_frame(request, "ledger"), "equation": queries.equation(part), "chosen": chosen, "until": until,
        "ages": list(zip(age_names(), queries.ages(part, now), strict=True)), "days": queries.by_day(rows),
        "proofs": queries.proofs(rows),
        "choices": queries.choices(), "earlier": min(r.day for r in rows) - timedelta(days=1) if rows else None,
    }  # fmt: skip
    return render(request, "boards/ledger_now.html" if wants(request, "ledger-now") else "boards/ledger.html", context)


@needs(May.SEE_LEDGER)
@require_POST
def audit(request: PersonRequest) -> HttpResponse:
    """Count every message afresh."""
    agrees, entries, counted = queries.audited(clock.now())
    context = {"agrees": agrees, "entries": entries, "counted": counted, "at": clock.now()}
    return render(request, "boards/audit.html", context)


@needs(May.SEE_LEDGER)
@require_safe
def waiting(request: PersonRequest) -> HttpResponse:
    """Each waiting message, the oldest first, a page at a time."""
    part, chosen = _slice(request)
    age = _whole(request.GET.get("age", ""))
    age = age if age is not None and age < len(BOUNDS) else None
    now = clock.now()
    found = queries.waiting_page(part, age, _after(request.GET.get("after", "")), now)
    last = found[PAGE - 1] if len(found) > PAGE else None
    if age is not None:
        chosen["age"] = str(age)
    context = {
        **_frame(request, "waiting"), "waits": found[:PAGE], "wait": drawer(now), "chosen": chosen, "age": age,
        "age_names": age_names(), "choices": queries.choices(),
        "next": f"{last.sent_at.isoformat()}_{last.pk}" if last else "",
    }  # fmt: skip
    return render(request, "boards/waiting.html", context)


def _after(text: str) -> tuple[datetime, int] | None:
    at, _sign, pk = text.rpartition("_")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    number = _whole(pk)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC), number) if number is not None else None


# --- Unreadable deliveries --------------------------------------------------------------------------------------------


@needs(May.RE_READ)
@require_safe
def unreadable(request: PersonRequest) -> HttpResponse:
    context = _frame(request, "unreadable") | _newest(request, queries.unreadable, "deliveries")
    return render(request, "boards/unreadable.html", context)


@needs(May.RE_READ)
@require_safe
def delivery(request: PersonRequest, pk: int) -> HttpResponse:
    """One unreadable delivery: why, and what it says, as far as it can be shown."""
    found = get_object_or_404(Delivery.objects.select_related("account__brand"), pk=pk)
    raw, size = queries.raw_of(found)
    context = {
        **_frame(request, "unreadable"), "delivery": found, "raw": raw, "size": size, "meta": safe_meta(found.meta),
    }  # fmt: skip
    return render(request, "boards/delivery.html", context)


@needs(May.RE_READ)
@require_POST
def deliveries_again(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    """Read one, or all of them, once more."""
    chosen = [pk] if pk is not None else queries.unreadable_ids(MOST_AGAIN)
    count = read_again(chosen, clock.now(), request.user.actor)
    messages.success(request, ngettext("%(n)d delivery is being read again.", "%(n)d deliveries are being read again.",
                                       count) % {"n": count})  # fmt: skip
    return redirect("boards:unreadable")


# --- Dead letters -----------------------------------------------------------------------------------------------------


@needs(May.RE_READ)
@require_safe
def dead_letters(request: PersonRequest) -> HttpResponse:
    context = _frame(request, "dead") | _newest(request, queries.dead_letters, "dispatches")
    return render(request, "boards/dead_letters.html", context)


@needs(May.RE_READ)
@require_POST
def dispatch_again(request: PersonRequest, pk: int) -> HttpResponse:
    get_object_or_404(Dispatch, pk=pk)
    flow.try_again(pk, request.user, clock.now())
    messages.success(request, _("It is on its way again."))
    return redirect("boards:dead_letters")
