"""The board of queues: what waits in each, who could take it; and pausing one with a reason."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from netcenter.accounts.models import Brand
from netcenter.boards import queues
from netcenter.channels.registry import channels
from netcenter.lib import clock
from netcenter.lib.fragments import wants
from netcenter.lib.refused import Refused
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May, may
from netcenter.routing import crises, pausing
from netcenter.routing.models import Crisis, Queue
from netcenter.routing.paces import Waits, imagined
from netcenter.routing.words import widening

HOURS = (0, 0.5, 1, 2, 4)  # how long a pause may be said to last


def age_names() -> list[str]:
    return [_("under 5 min"), _("5 to 15 min"), _("15 to 60 min"), _("1 to 4 h"), _("over 4 h")]


def kind_names() -> dict[str, str]:
    return {
        "complaint": _("Complaints"), "claim": _("Claims"), "question": _("Questions"),
        "praise": pgettext("kinds of messages", "Praise"),
        "suggestion": _("Suggestions"),
        "thanks": pgettext("kinds of messages", "Thanks"), "spam": _("Spam"), "not_for_us": _("Not for us"),
        "other": pgettext("kinds of messages", "Other"),
    }  # fmt: skip


def _frame(request: PersonRequest) -> dict[str, Any]:
    return {
        "channels": channels(), "age_names": age_names(), "kind_names": kind_names(), "widening": widening,
        "may_pause": may(request.user, May.REASSIGN),
    }  # fmt: skip


@never_cache
@needs(May.SEE_ALL)
@require_safe
def board(request: PersonRequest) -> HttpResponse:
    context = {**_frame(request), "lines": queues.lines(clock.now())}
    template = "boards/queues_now.html" if wants(request, "queues-now") else "boards/queues.html"
    return render(request, template, context)


@never_cache
@needs(May.SEE_ALL)
@require_safe
def cases(request: PersonRequest, pk: int) -> HttpResponse:
    """The cases that wait in one queue, of one age or kind."""
    brand = get_object_or_404(Brand, pk=pk)
    age = request.GET.get("age", "")
    chosen = int(age) if age.isdigit() and int(age) <= len(queues.BOUNDS) else None
    kind = request.GET.get("kind", "")
    kind = kind if kind in kind_names() else ""
    found = queues.page(pk, chosen, kind, clock.now())
    context = {
        **_frame(request), "brand": brand, "age": chosen, "kind": kind, "cases": found[: queues.PAGE],
        "more": len(found) > queues.PAGE,
    }  # fmt: skip
    template = "boards/queue_cases_now.html" if wants(request, "queue-cases-now") else "boards/queue_cases.html"
    return render(request, template, context)


@never_cache
@needs(May.SEE_ALL)
@require_safe
def expected(request: PersonRequest, pk: int) -> HttpResponse:
    """How long who asks something now would wait for an answer; asked apart, since it looks at many rows."""
    brand, now = get_object_or_404(Brand, pk=pk), clock.now()
    case = imagined(brand, "question", now)
    found = Waits(now).expect(case).estimate if case is not None else None
    return render(request, "boards/queue_expected.html", {"estimate": found})


@never_cache
@needs(May.REASSIGN)
def pause(request: PersonRequest, pk: int) -> HttpResponse:
    """Pause a queue: ask why and for how long, say what follows, then do it."""
    queue = get_object_or_404(Queue.objects.select_related("brand"), pk=pk)
    if request.method != "POST":
        return render(request, "boards/queue_pause.html", {"queue": queue, "hours": HOURS})
    now = clock.now()
    try:
        hours = float(request.POST.get("hours", "0"))
    except ValueError:
        hours = 0.0
    until = now + timedelta(hours=hours) if hours in HOURS and hours else None
    try:
        pausing.pause(queue, request.POST.get("reason", ""), request.user, now, until)
    except Refused as refused:
        return render(request, "boards/queue_refused.html", {"refused": refused}, status=422)
    return _done()


@needs(May.REASSIGN)
@require_POST
def resume(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a paused queue ring again."""
    queue = get_object_or_404(Queue.objects.select_related("brand"), pk=pk)
    if not pausing.resume(queue, clock.now(), request.user.actor):
        messages.info(request, _("It was ringing already."))
    return _done()


@never_cache
@needs(May.REASSIGN)
def crisis(request: PersonRequest, pk: int) -> HttpResponse:
    """Declare a brand's crisis level: ask which and why, say what follows, then do it."""
    queue = get_object_or_404(Queue.objects.select_related("brand"), pk=pk)
    if request.method != "POST":
        return render(request, "boards/queue_crisis.html", {"queue": queue, "levels": Crisis.choices[1:]})
    level = request.POST.get("level", "")
    try:
        crises.declare(
            queue, int(level) if level.isdigit() else 0, request.POST.get("reason", ""), clock.now(), request.user
        )
    except Refused as refused:
        return render(request, "boards/queue_refused.html", {"refused": refused}, status=422)
    return _done()


@needs(May.REASSIGN)
@require_POST
def calm(request: PersonRequest, pk: int) -> HttpResponse:
    """The crisis is over."""
    queue = get_object_or_404(Queue.objects.select_related("brand"), pk=pk)
    if not crises.calm(queue, clock.now(), request.user):
        messages.info(request, _("It was over already."))
    return _done()


def _done() -> HttpResponse:
    response = HttpResponse(status=204)
    response["HX-Trigger"] = '{"dialog:close": {}, "boards:changed": {}, "desk:changed": {"topics": ["pauses"]}}'
    return response
