"""The second pair of eyes: what waits for somebody else to agree, to what shall leave or disappear."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from netcenter import approving, judging
from netcenter.crowds.queries import asked as rounds_asked
from netcenter.desk import looking, queries
from netcenter.desk.acts import MOST_TEXT, act, done
from netcenter.desk.telling import done_words
from netcenter.desk.views import at_desk, case_of, draw, is_fragment, me
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.outbox import deeds, held
from netcenter.outbox.models import Deed, HeldReply
from netcenter.people.models import Person
from netcenter.people.permissions import May, may, require, visible_brands


@at_desk
@require_safe
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for somebody else to agree: over the desk, or as a page of its own, on a phone say."""
    person = me(request)
    if not looking.may_look(person):
        raise PermissionDenied
    return draw(request, "approvals" if is_fragment(request) else "approvals_page", **_waiting(person))


def _waiting(person: Person) -> dict[str, Any]:
    looks = may(person, May.APPROVE)
    asked, rounds = (deeds.asked(), rounds_asked(person)) if looks else ([], [])
    return {
        "asked": asked, "rounds": rounds, "deed_words": done_words(), "held": held.waiting(person),
        "why": looking.reason_words,
    }  # fmt: skip


@act
def decide(request: HttpRequest, deed_id: int) -> HttpResponse:
    """Agree to a deed, or not."""
    require(me(request), May.APPROVE)
    asked = get_object_or_404(Deed, visible_brands(me(request), "case__brand"), pk=deed_id)
    answer = request.POST.get("granted", "")
    if answer not in ("yes", "no"):
        raise Refused("no_choice", _("Agree, or say why not."))
    deeds.decide(asked.pk, me(request), granted=answer == "yes", note=request.POST.get("note", ""), now=clock.now())
    response = draw(request, "approvals", **_waiting(me(request)))
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response


@at_desk
def review(request: HttpRequest, held_id: int) -> HttpResponse:
    """One answer that waits, with its story: approve it, change it, or return it."""
    found, person = _held(request, held_id), me(request)
    if request.method != "POST":
        return _page(request, found)
    text, note = request.POST.get("text", "")[:MOST_TEXT], request.POST.get("note", "")
    granted = request.POST.get("granted") == "yes"
    try:
        approving.decide(found, person, clock.now(), granted=granted, text=text.replace("\r\n", "\n"), note=note)
    except Refused as refused:
        found.refresh_from_db()
        return _page(request, found, refused, text=text, note=note)
    said = _("Sent in %(name)s's name.") if granted else _("Returned to %(name)s with your comment.")
    messages.success(request, said % {"name": found.by.name})
    return redirect("desk:approvals")


def _page(request: HttpRequest, found: HeldReply, refused: Refused | None = None, **typed: str) -> HttpResponse:
    person, case = me(request), found.case
    story, turns = queries.story(case)
    mine = held.may_decide(person, found)
    findings = refused.data.get("findings") if refused else None
    if findings is None:
        findings = judging.findings(case, found.thread_id, typed.get("text", found.text), found.by)
    place = next((p for p in queries.places(case) if p.thread.pk == found.thread_id), None)
    response = draw(
        request, "review", held=found, case=case, story=story, turns=turns, may_decide=mine, findings=findings,
        writer=None, promise=queries.running_promise(case.pk), why=looking.reason_words(found.reasons), place=place,
        refused=refused, text=typed.get("text", found.text), note=typed.get("note", ""),
        over=held.over(found).message if found.state != HeldReply.State.ASKED else "",
    )  # fmt: skip
    response.status_code = 422 if refused else 200
    return response


@at_desk
@require_POST
def review_findings(request: HttpRequest, held_id: int) -> HttpResponse:
    """What the guard says of the changed words."""
    found = _held(request, held_id)
    findings = judging.findings(found.case, found.thread_id, request.POST.get("text", "")[:MOST_TEXT], found.by)
    return draw(request, "findings", findings=findings, writer=None)


def _held(request: HttpRequest, held_id: int) -> HeldReply:
    """The reply, for who may decide on it or wrote it; else it does not exist for them."""
    person = me(request)
    found = get_object_or_404(held.of(held_id).filter(visible_brands(person, "case__brand")))
    if found.by_id != person.pk and not held.may_decide(person, found):
        raise Http404
    return found


@act
def take_back(request: HttpRequest, case_id: int) -> HttpResponse:
    """An answer of mine that waits is a draft again."""
    found = case_of(request, case_id)
    approving.take_back(found.pk, me(request), clock.now())
    return done("lists", "presence", f"case:{found.pk}")
