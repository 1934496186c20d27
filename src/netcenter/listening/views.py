"""What was heard: the list, what becomes of each; and the door for pages that link to ours."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.listening import actions, hearing, queries
from netcenter.listening.models import Search, Sighting
from netcenter.listening.rules import span
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May, visible_brands

STATES = ("new", "case", "passed")
AROUND = 180  # characters of the words on each side of what was found
MOST_FORM = 8192  # bytes of a notification


def kind_words() -> dict[str, str]:
    """The kinds that matter for whoever listens, in words."""
    return {
        "complaint": _("Complaint"), "claim": _("Claim"), "question": _("Question"), "suggestion": _("Suggestion"),
        "praise": _("Praise"), "thanks": _("Thanks"),
    }  # fmt: skip


@needs(May.ANSWER)
@require_safe
def heard(request: PersonRequest) -> HttpResponse:
    """What was heard, the newest first."""
    given = {name: request.GET.get(name, "") for name in ("state", "search", "before")}
    numbers = {k: int(v) if v.isdigit() and len(v) < 18 else None for k, v in given.items()}
    state = given["state"] if given["state"] in STATES else "new"
    listed = queries.listed(request.user, state, numbers["search"], numbers["before"])
    searches = Search.objects.filter(visible_brands(request.user)).order_by("name")
    return render(request, "listening/heard.html", {
        "listed": listed, "state": state, "search": numbers["search"], "searches": searches, **_shown(listed.sightings),
    })  # fmt: skip


def _shown(sightings: list[Sighting]) -> dict[str, Any]:
    return {"cases": queries.cases_of(sightings), "kinds": kind_words(), "around": around}


def around(sighting: Sighting) -> tuple[str, str, str]:
    """The words before what was found, what was found, and the words behind it."""
    text = sighting.text or sighting.title
    start, end = span(sighting.phrase, text) if sighting.phrase else (0, 0)
    first, last = max(0, start - AROUND), end + AROUND * 2
    before = ("…" if first else "") + text[first:start]
    return before, text[start:end], text[end:last] + ("…" if len(text) > last else "")


def _mine(request: PersonRequest, pk: int) -> Sighting:
    return get_object_or_404(queries.visible(request.user), pk=pk)


@needs(May.ANSWER)
@require_safe
def copies(request: PersonRequest, pk: int) -> HttpResponse:
    """Who repeated it."""
    return render(request, "listening/copies.html", {"copies": queries.copies(_mine(request, pk))})


@needs(May.ANSWER)
@require_POST
def become_case(request: PersonRequest, pk: int) -> HttpResponse:
    """It becomes a case, which waits and rings like any other."""
    sighting = _mine(request, pk)
    actions.become_case(sighting.pk, clock.now(), request.user.actor)
    return _again(request, pk, _("It is a case now: it rings like any other."))


@needs(May.ANSWER)
@require_POST
def put_aside(request: PersonRequest, pk: int) -> HttpResponse:
    """Nothing to do."""
    actions.put_aside(_mine(request, pk).pk, clock.now(), request.user.actor)
    return _again(request, pk, _("Put aside."))


@needs(May.ANSWER)
@require_POST
def bring_back(request: PersonRequest, pk: int) -> HttpResponse:
    """There is something to do after all."""
    actions.put_aside(_mine(request, pk).pk, clock.now(), request.user.actor, back=True)
    return _again(request, pk, "")


def _again(request: PersonRequest, pk: int, says: str) -> HttpResponse:
    """The row as it stands now."""
    sighting = _mine(request, pk)
    response = render(request, "listening/sighting.html", {"s": sighting, **_shown([sighting])})
    if says:
        response["HX-Trigger"] = json.dumps({"flash": {"text": says}})
    return response


# --- The door -------------------------------------------------------------------------------------

_STATUS = {"no_address": 400, "not_ours": 400, "too_many": 429}


@csrf_exempt
def webmention(request: HttpRequest) -> HttpResponse:
    """https://www.w3.org/TR/webmention/#receiving-webmentions: believed only once it was looked up."""
    if request.method != "POST":
        return HttpResponse(
            b"POST source and target here.\n",
            content_type="text/plain",
            status=405 if request.method not in ("GET", "HEAD") else 200,
        )
    if int(request.headers.get("Content-Length") or 0) > MOST_FORM:
        return HttpResponse(status=413)
    try:
        hearing.told(request.POST.get("source", ""), request.POST.get("target", ""), clock.now())
    except Refused as refused:
        return HttpResponse(
            f"{refused.code}\n".encode(), content_type="text/plain", status=_STATUS.get(refused.code, 400)
        )
    return HttpResponse(b"it will be looked up\n", content_type="text/plain", status=202)
