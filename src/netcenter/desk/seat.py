"""The limited seat: whoever is asked for an answer sees that one case and nothing else of the house.

`asked` is the only way to a case from here: signed in, named by an open referral. A link says where, never who.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from netcenter import flow, judging
from netcenter.cases import drafts
from netcenter.cases.actions import lock
from netcenter.cases.models import Attachment, Case
from netcenter.desk import answering, queries
from netcenter.desk.acts import MOST_TEXT
from netcenter.desk.files import attached
from netcenter.desk.views import draw, is_fragment, me
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.outbox.actions import Reply
from netcenter.outbox.models import Dispatch
from netcenter.people.models import Person
from netcenter.people.permissions import May, require
from netcenter.routing import referrals
from netcenter.routing.asked import asked_of, lead_of, refuse_unless_asked
from netcenter.routing.models import Referral

View = Callable[..., HttpResponse]
ANSWER, TELL, GIVE_BACK = "answer", "tell", "give_back"
STATUS = {"forged": 404, "expired": 410, "over": 410, "bad_form": 422}


def seated(view: View) -> View:
    """For people who may be asked. Who is not signed in may do so first, and comes back here."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return HttpResponse(status=401) if is_fragment(request) else redirect_to_login(request.get_full_path())
        require(me(request), May.ANSWER_ASKED)
        return view(request, *args, **kwargs)

    return never_cache(guarded)


def asked(request: HttpRequest, referral_id: int) -> Referral:
    """What is asked of this person. Raises Refused: it is over, or somebody else's, or never was."""
    found = asked_of(me(request)).filter(pk=referral_id).first()
    if found is not None:
        return found
    known = Referral.objects.select_related("owner", "operator").filter(pk=referral_id).first()
    if known is not None and me(request).pk in _ever_asked(known):
        refuse_unless_asked(known, me(request))
    raise Refused("not_yours", _("This is not asked of you."))


def _ever_asked(referral: Referral) -> set[int]:
    """Who may know how it went on: who is or was asked, and who asked."""
    return {referral.owner_id, referral.operator_id, *referrals.asked_before(referral)}


def refused_page(request: HttpRequest, refused: Refused, status: int = 403) -> HttpResponse:
    """A closed door, with the reason."""
    response = draw(request, "seat_closed", refused=refused)
    response.status_code = STATUS.get(refused.code, status)
    return response


def opened(view: View) -> View:
    """A view of one asking: a closed door is a page that says why, or for a fragment, that the page is old."""

    @wraps(view)
    def careful(request: HttpRequest, referral_id: int, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            referral = asked(request, referral_id)
        except Refused as refused:
            if is_fragment(request):
                return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"seat:over": {}})})
            return refused_page(request, refused)
        return view(request, referral, *args, **kwargs)

    return seated(careful)


# --- Pages ------------------------------------------------------------------------------------------------------------


@require_safe
@seated
def mine(request: HttpRequest) -> HttpResponse:
    """What is asked of me."""
    return draw(request, "seat_mine", asked=list(asked_of(me(request))[:100]))


@require_safe
@seated
def link(request: HttpRequest, token: str) -> HttpResponse:
    """From the mail. The link opens nothing by itself: it leads who is named in it to their seat."""
    try:
        lead = lead_of(token)
        if lead.person_id != me(request).pk:
            raise Refused("other_person", _("This link was sent to somebody else."), signed_in=me(request).name)
        if lead.referral.owner_id != me(request).pk or lead.referral.ended_at is not None:
            refuse_unless_asked(lead.referral, me(request))
    except Refused as refused:
        return refused_page(request, refused)
    return redirect("desk:seat", lead.referral.pk)


@require_safe
@opened
def seat(request: HttpRequest, referral: Referral) -> HttpResponse:
    """The question, the story, and where to answer."""
    referrals.seen(referral, clock.now())
    return _page(request, referral)


def _page(request: HttpRequest, referral: Referral, refused: Refused | None = None, **more: Any) -> HttpResponse:
    draft = drafts.draft_of(referral.case_id, me(request))
    response = draw(request, "seat", **_told(referral), **{
        "place": next(iter(queries.places(referral.case)), None), "key": answering.new_key(), "text": draft,
        "mode": ANSWER, "refused": refused, "promise": queries.running_promise(referral.case_id), **more,
    })  # fmt: skip
    response.status_code = 422 if refused else 200
    return response


def _told(referral: Referral) -> dict[str, Any]:
    story, turns = queries.story(referral.case)
    return {"seat": referral, "case": referral.case, "story": story, "turns": turns}


@require_safe
@opened
def story(request: HttpRequest, referral: Referral) -> HttpResponse:
    """The words of the case, again."""
    return draw(request, "story", **_told(referral))


@require_safe
@opened
def file(request: HttpRequest, referral: Referral, attachment_id: int) -> HttpResponse:
    """An attachment of this case."""
    return attached(request, Attachment.objects.filter(message__case=referral.case_id), attachment_id)


# --- Verbs ------------------------------------------------------------------------------------------------------------


@require_POST
@opened
def draft(request: HttpRequest, referral: Referral) -> HttpResponse:
    """Keep what is being written, and say what the guard makes of it."""
    person, now, text = me(request), clock.now(), request.POST.get("text", "")[:MOST_TEXT]
    drafts.save_draft(referral.case_id, person, text, now)
    if request.POST.get("mode", ANSWER) != ANSWER or not text.strip():
        drafts.stop_writing(referral.case_id, person, now)
        return draw(request, "findings", findings=[], writer=None)
    writer = drafts.start_writing(referral.case_id, person, now)
    place = next(iter(queries.places(referral.case)), None)
    findings = judging.findings(referral.case, place.thread.pk if place else 0, text, person, typing=True)
    return draw(request, "findings", findings=findings, writer=writer)


@require_POST
@seated
def send(request: HttpRequest, referral_id: int) -> HttpResponse:
    """Answer the customer, tell the operator, or give it back."""
    person, text = me(request), request.POST.get("text", "")[:MOST_TEXT]
    mode = request.POST.get("mode", ANSWER)
    sent = Dispatch.objects.filter(key=request.POST.get("key", ""), message__operator=person)
    if mode == ANSWER and sent.exists():
        return redirect("desk:asked")  # a second press
    try:
        referral = asked(request, referral_id)
        key = answering.key_of(request.POST.get("key", ""))
    except Refused as refused:
        return refused_page(request, refused)
    try:
        said = _do(request, referral, mode, text, key)
    except Refused as refused:
        return _page(request, referral, refused, mode=mode, text=text)
    drafts.save_draft(referral.case_id, person, "", clock.now())
    drafts.stop_writing(referral.case_id, person, clock.now())
    messages.success(request, said)
    return redirect("desk:asked")


def _do(request: HttpRequest, referral: Referral, mode: str, text: str, key: str) -> str:
    """Do it, and say what was done."""
    person, now, seen = me(request), clock.now(), request.POST.get("seen", "")
    if mode == TELL:
        referrals.tell(referral.pk, person, text, now)
        return _("%(name)s has your note and answers.") % {"name": referral.operator.name}
    if mode == GIVE_BACK:
        referrals.give_back(referral.pk, person, text, now)
        return _("Given back. The operators have it again.")
    place = next(iter(queries.places(referral.case)), None)
    if place is None:
        raise Refused("no_place", _("It cannot be answered here. Tell the operator."))
    _answer(referral, Reply(text, key, place.thread.pk, int(seen) if seen.isdigit() else None), person)
    return _("Sent to %(name)s in your name.") % {"name": referral.case.customer.name or _("the customer")}


@transaction.atomic
def _answer(referral: Referral, reply: Reply, person: Person) -> None:
    """Send it unless it was taken back or has climbed meanwhile, or a colleague is writing. Raises Refused."""
    now = clock.now()
    lock(referral.case_id)
    refuse_unless_asked(Referral.objects.select_related("owner").get(pk=referral.pk), person)
    writer = drafts.start_writing(referral.case_id, person, now)
    if writer is not None:
        raise Refused("writing", _("%(name)s is writing an answer. Yours is kept as a draft.") % {"name": writer.name})
    flow.answer(Case.objects.get(pk=referral.case_id), reply, person, now)
