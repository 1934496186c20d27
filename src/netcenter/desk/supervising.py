"""The supervisor's pages at the desk: watch live, whisper, take over, pin; and what the operator reads of it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from netcenter.cases.models import Case
from netcenter.desk import queries, watching
from netcenter.desk.acts import act, done, off_the_desk
from netcenter.desk.views import at_desk, case_of, draw, frame, is_fragment, me, opened
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.people.models import Person
from netcenter.people.permissions import May, may, require, visible_brands
from netcenter.routing.models import Crisis, Queue
from netcenter.routing.pausing import pin as pin_to
from netcenter.routing.scene import people
from netcenter.routing.why import WhatIf, explain
from netcenter.routing.words import Names, hindrance

PIN_MINUTES = (5, 10, 30, 0)


@at_desk
@require_safe
def watch(request: HttpRequest, case_id: int) -> HttpResponse:
    """The case as it is being answered, read only. The operator is told."""
    require(me(request), May.SEE_ALL)
    found = case_of(request, case_id)
    watching.watch(found, me(request), clock.now())
    context = {**opened(request, found), "watched": True, **_seen(found)}
    return (
        draw(request, "watch", **context)
        if is_fragment(request)
        else draw(request, "desk", **frame(request), **context)
    )


@at_desk
@require_safe
def watched(request: HttpRequest, case_id: int) -> HttpResponse:
    """What of it changes while one looks on; says at once that this person still does."""
    require(me(request), May.SEE_ALL)
    found = case_of(request, case_id)
    watching.watch(found, me(request), clock.now())
    return draw(request, "watch_now", case=found, **_seen(found))


def _seen(found: Case) -> dict[str, Any]:
    return {"seen": watching.seen(found, clock.now())}


@act
def unwatch(request: HttpRequest) -> HttpResponse:
    """Look on no more."""
    watching.stop_watching(me(request), clock.now())
    return done()


@at_desk
@require_safe
def beside(request: HttpRequest, case_id: int) -> HttpResponse:
    """What stands beside the composer: who looks on, whispers, and that the case was taken over."""
    found = case_of(request, case_id)
    return draw(request, "beside", case=found, beside=watching.beside(found, me(request), clock.now()))


@act
def whisper(request: HttpRequest, case_id: int) -> HttpResponse:
    """Say something to whoever answers."""
    found = case_of(request, case_id)
    said = watching.whisper(found, request.POST.get("text", ""), me(request), clock.now())
    return done(f"case:{found.pk}", whispered={"text": _("Whispered to %(name)s.") % {"name": said.to.name}})


@act
def whisper_read(request: HttpRequest, note_id: int) -> HttpResponse:
    """Put a whisper aside."""
    watching.put_aside(note_id, me(request), clock.now())
    return done("beside")


@at_desk
def barge(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take over from a colleague: ask why, then do it."""
    require(me(request), May.REASSIGN)
    found = case_of(request, case_id)
    if request.method != "POST":
        return draw(request, "barge", case=found, seen=watching.seen(found, clock.now()))
    return _barge(request, case_id)


@act
def _barge(request: HttpRequest, case_id: int) -> HttpResponse:
    found = case_of(request, case_id)
    watching.barge(found, request.POST.get("reason", ""), me(request), clock.now())
    return done("lists", "presence", "ring", open={"url": reverse("desk:case", args=[found.pk])})


@at_desk
def pin(request: HttpRequest, case_id: int) -> HttpResponse:
    """Let it ring at one desk only: ask whose, say what follows, then do it."""
    require(me(request), May.REASSIGN)
    found = case_of(request, case_id)
    if request.method != "POST":
        return draw(request, "pin", case=found, choices=_pin_choices(found), minutes=PIN_MINUTES)
    return _pin(request, case_id)


def _pin_choices(found: Case) -> list[tuple[Person, str, str]]:
    """Who it can be pinned to, where they are, and what follows from it."""
    now = clock.now()
    told = {c.who.person.pk: c for c in explain(found, now, WhatIf()).candidates}
    known = Names(queries.skill_names())
    choices = []
    for somebody in people(now):
        one = told.get(somebody.person.pk)
        if one is None:
            continue
        blocks = ", ".join(hindrance(r, known) for r in one.reasons if r.code != "pinned")
        lasting = one.who.is_here and not blocks
        words = _("rings at once") if lasting else _("waits: %(why)s") % {"why": blocks}
        if not one.who.is_here:
            words = _("is not at their desk: it rings elsewhere until they are back")
        choices.append((somebody.person, somebody.state, words))
    return sorted(choices, key=lambda c: (c[1] != "available", c[0].name))


@act
def _pin(request: HttpRequest, case_id: int) -> HttpResponse:
    found = case_of(request, case_id)
    to = next((p for p, _state, _words in _pin_choices(found) if str(p.pk) == request.POST.get("to")), None)
    if to is None:
        raise Refused("nobody", _("Choose who it goes to."))
    minutes = request.POST.get("minutes", "0")
    allowed = int(minutes) if minutes.isdigit() and int(minutes) in PIN_MINUTES else 0
    pin_to(found.pk, to, request.POST.get("reason", "")[:200], me(request), clock.now(), allowed or None)
    return off_the_desk(request, found.pk, _("It rings only at %(name)s's desk.") % {"name": to.name})


@at_desk
@require_safe
def pauses(request: HttpRequest) -> HttpResponse:
    """Which queues are paused or in a crisis, for everybody whose brand it is."""
    found = told_of(me(request))
    paused, crises = [q for q in found if q.paused_at], [q for q in found if q.crisis]
    return draw(request, "pauses", paused=paused, crises=crises, may_resume=may(me(request), May.REASSIGN))


def told_of(person: Person) -> list[Queue]:
    """The queues of the person's brands that are paused or in a crisis, the worst first."""
    found = Queue.objects.filter(visible_brands(person)).exclude(paused_at=None, crisis=Crisis.NONE)
    return list(found.select_related("brand", "paused_by", "crisis_by").order_by("-crisis", "name"))
