"""What was hidden, deleted or blocked in a month: by whom, why, with whose second look, and the words as they were."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from netcenter.accounts.models import Brand
from netcenter.boards.rules import cell
from netcenter.cases.models import Message
from netcenter.channels.registry import channel
from netcenter.lib import clock
from netcenter.outbox.models import Deed
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May
from netcenter.understanding.models import Reading

VERBS = ("hide", "delete_theirs", "delete_ours", "show", "block", "unblock")
GRIEVANCES = ("complaint", "claim")
MOST = 2000


@dataclass(frozen=True)
class Row:
    """One deed of the report."""

    deed: Deed
    verb: str
    network: str
    customer: str
    is_grievance: bool
    looked: str  # who had the second look, and what they said; "" when none was asked
    answered: bool


def verb_names() -> dict[str, str]:
    return {
        "hide": _("Hidden"), "delete_theirs": _("Deleted, a customer's"), "delete_ours": _("Deleted, ours"),
        "show": _("Shown again"), "block": _("Author blocked"), "unblock": _("Author unblocked"),
    }  # fmt: skip


def wish_names() -> dict[str, str]:
    """What somebody wanted and did not get, or not yet."""
    return {
        "hide": _("Hide"), "delete_theirs": _("Delete, a customer's"), "delete_ours": _("Delete, ours"),
        "show": _("Show again"), "block": _("Block the author"), "unblock": _("Unblock the author"),
    }  # fmt: skip


def month_of(text: str, today: date) -> date:
    """The first day of the month "2026-11"; of the present one when it is none."""
    try:
        year, month = map(int, text.split("-"))
        return date(year, month, 1) if 1970 <= year <= 2200 else today.replace(day=1)
    except ValueError:
        return today.replace(day=1)


def bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when a month lasts, in the reader's zone."""
    following = (month + timedelta(days=32)).replace(day=1)
    return tuple(datetime(d.year, d.month, 1, tzinfo=zone).astimezone(UTC) for d in (month, following))  # type: ignore[return-value]


@needs(May.SEE_LEDGER)
@require_safe
def moderation(request: PersonRequest) -> HttpResponse:
    """The month, as a page or as CSV."""
    zone = timezone.get_current_timezone()
    month = month_of(request.GET.get("month", ""), timezone.localtime(clock.now()).date())
    since, until = bounds(month, ZoneInfo(str(zone)))
    brands = list(Brand.objects.order_by("name"))  # who sees the ledger sees every brand
    chosen = request.GET.get("brand", "")
    brand_id = int(chosen) if chosen.isdecimal() and len(chosen) < 18 else None
    rows = list(_rows(since, until, brand_id))
    if request.GET.get("form") == "csv":
        return _csv(rows, month)
    gone = Message.objects.filter(direction=Message.Direction.IN, deleted_at__gte=since, deleted_at__lt=until)
    gone = gone.filter(case__brand=brand_id) if brand_id else gone
    ours = {r.deed.message_id or 0 for r in rows if r.verb == "delete_theirs" and r.deed.state == Deed.State.DONE}
    earlier = (month - timedelta(days=1)).replace(day=1)
    later = (month + timedelta(days=32)).replace(day=1)
    done = [r for r in rows if r.deed.state == Deed.State.DONE]
    context = {
        "rows": rows, "month": month, "earlier": earlier.strftime("%Y-%m"), "brands": brands, "brand": brand_id,
        "later": later.strftime("%Y-%m") if later <= timezone.localtime(clock.now()).date() else "",
        "names": verb_names(), "wishes": wish_names(),
        "counts": {verb: sum(r.verb == verb for r in done) for verb in VERBS},
        "grievances": sum(r.is_grievance and r.verb in ("hide", "delete_theirs") for r in done),
        "dropped": sum(r.deed.state == Deed.State.DROPPED for r in rows),
        "vanished": gone.exclude(pk__in=ours).count(), "tab": "moderation", "more": len(rows) == MOST,
    }  # fmt: skip
    return render(request, "boards/moderation.html", context)


def _rows(since: datetime, until: datetime, brand_id: int | None) -> Iterable[Row]:
    deeds = Deed.objects.filter(verb__in=VERBS, asked_at__gte=since, asked_at__lt=until)
    if brand_id:
        deeds = deeds.filter(account__brand=brand_id)
    known = deeds.select_related("by", "account", "message__identity", "case__customer", "approval__seen_by")
    found = list(known.order_by("-asked_at", "-id")[:MOST])
    kinds = dict(
        Reading.objects.filter(message__in=[d.message_id for d in found if d.message_id]).values_list(
            "message_id", "kind"
        )
    )
    for deed in found:
        message, approval = deed.message, getattr(deed, "approval", None)
        looked = ""
        if approval is not None:
            looked = approval.seen_by.name if approval.seen_by else _("nobody yet")
            looked += f": {approval.note}" if approval.note else ""
        kind = {kinds.get(deed.message_id or 0), deed.case.kind if deed.case else ""}
        customer = message.identity.known_as if message and message.identity else ""
        yield Row(
            deed, deed.verb, _(channel(deed.account.channel).name), customer,
            bool(message and message.direction == Message.Direction.IN and kind & set(GRIEVANCES)), looked,
            bool(message and message.state == Message.State.ANSWERED),
        )  # fmt: skip


def _csv(rows: Iterable[Row], month: date) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="moderation-{month:%Y-%m}.csv"'
    response.write("\ufeff")  # spreadsheets take it for another alphabet else
    writer = csv.writer(response)
    writer.writerow(["asked_at", "done_at", "what", "state", "network", "account", "author", "complaint", "words",
                     "reason", "by", "second_look", "answered", "case"])  # fmt: skip
    for row in rows:
        deed = row.deed
        writer.writerow([cell(v) for v in (
            deed.asked_at.isoformat(), deed.done_at.isoformat() if deed.done_at else "", deed.verb, deed.state,
            row.network, deed.account.name, row.customer, "yes" if row.is_grievance else "no", deed.before, deed.reason,
            deed.by.name, row.looked, "yes" if row.answered else "no", str(deed.case_id or ""),
        )])  # fmt: skip
    return response
