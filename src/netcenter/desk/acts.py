"""The verbs of the desk: each checks who asks, calls one action, and says what is to be drawn again."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from netcenter import flow, judging
from netcenter.cases import actions as cases
from netcenter.cases import drafts
from netcenter.cases.models import Case, Customer, Disposition
from netcenter.cases.queries import reasons
from netcenter.channels.registry import channel
from netcenter.desk import answering, customer, queries, watching
from netcenter.desk.rules import next_case
from netcenter.desk.views import at_desk, case, case_of, draw, me
from netcenter.lib import clock
from netcenter.lib.hub import hub
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import urgent
from netcenter.outbox.models import Dispatch, HeldReply
from netcenter.people.models import Person
from netcenter.people.permissions import visible_brands
from netcenter.routing import actions as routing
from netcenter.understanding import actions as understanding

View = Callable[..., HttpResponse]
MOST_TEXT = 100_000  # characters of a draft that are kept


def act(view: View) -> View:
    """A POST at the desk. A refusal is answered as a quiet sentence, to be shown where it happened."""

    @wraps(view)
    def careful(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            return draw_refusal(request, refused)

    return at_desk(require_POST(careful))


def draw_refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    response = draw(request, "refused", refused=refused, findings=refused.data.get("findings", ()))
    response.status_code = 422
    return response


def done(*topics: str, **events: Any) -> HttpResponse:
    """Nothing to draw here, but these topics changed, and these events are for the page."""
    response = HttpResponse(status=204)
    happened = {f"desk:{name}": detail for name, detail in events.items()}
    response["HX-Trigger"] = json.dumps({"desk:changed": {"topics": list(topics)}, **happened, "dialog:close": {}})
    return response


def off_the_desk(request: HttpRequest, case_id: int, told: str) -> HttpResponse:
    """The case is dealt with: say so, and show the next one of mine."""
    following = next_case(queries.mine(me(request)), case_id)
    url = reverse("desk:case", args=[following]) if following else reverse("desk:home")
    return done("lists", "presence", "ring", f"case:{case_id}", go={"url": url, "text": told})


# --- The ring ---------------------------------------------------------------------------------------------------------


@at_desk
@require_POST
def accept(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Pick up, and open the case. Too late, that is said at the foot: the ring is gone, and what is open stays open."""
    try:
        with urgent():
            picked = routing.accept(offer_id, me(request), clock.now())
    except Refused as refused:
        late = HttpResponse(status=422)
        late["HX-Reswap"] = "none"
        told = {"text": str(refused.message), "tone": "error"}
        late["HX-Trigger"] = json.dumps({"desk:changed": {"topics": ["lists", "presence", "ring"]}, "flash": told})
        return late
    from netcenter.desk.calling import pick_up_line  # it uses the verbs of this page

    pick_up_line(picked, me(request), clock.now())
    response = case(request, picked.pk)
    url = reverse("desk:case", args=[picked.pk])
    topics = ["lists", "presence", "ring"]
    response["HX-Trigger"] = json.dumps({"desk:accepted": {"url": url}, "desk:changed": {"topics": topics}})
    return response


@act
def decline(request: HttpRequest, offer_id: int) -> HttpResponse:
    """Not now."""
    routing.decline(offer_id, me(request), request.POST.get("reason", "")[:200], clock.now())
    return done("ring", "presence", "lists")


@act
def sound(request: HttpRequest) -> HttpResponse:
    """Whether rings are heard, for this person on every screen."""
    heard = request.POST.get("sound") == "on"
    Person.objects.filter(pk=me(request).pk).update(sound=heard)
    return done("presence", sound={"sound": "on" if heard else "off"})


# --- The case ---------------------------------------------------------------------------------------------------------


@act
def take(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take a waiting case, or a colleague's with the right to."""
    found = case_of(request, case_id)
    routing.take(found.pk, me(request), clock.now())
    return done("lists", "presence", "ring", open={"url": reverse("desk:case", args=[found.pk])})


@act
def draft(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keep what is being written, prolong the lock, and say what the guard makes of it."""
    found, person, now = case_of(request, case_id), me(request), clock.now()
    text = request.POST.get("text", "")[:MOST_TEXT]
    is_note = request.POST.get("mode") == "note"
    drafts.save_draft(found.pk, person, text, now, is_note)
    if is_note:
        return draw(request, "findings", findings=[], writer=None)
    if not text.strip():
        drafts.stop_writing(found.pk, person, now)
        return draw(request, "findings", findings=[], writer=None)
    writer = drafts.start_writing(found.pk, person, now)
    watching.tell_watchers(found.pk, person, now)
    thread = request.POST.get("thread", "").partition(":")[0]
    thread_id = int(thread) if thread.isdigit() else 0
    privately = request.POST.get("thread", "").partition(":")[2] in ("private_reply", "both")
    findings = judging.findings(found, thread_id, text, person, typing=True, privately=privately)
    if writer is None and any(p.thread.pk == thread_id and p.typing for p in queries.places(found)):
        hub.tell([f"thread:{thread_id}"], "typing", {"name": person.first_name, "on": True})
    return draw(request, "findings", findings=findings, writer=writer, pieces=_pieces(found, thread_id, text))


def _pieces(found: Case, thread_id: int, text: str) -> tuple[int, str]:
    """How many messages the network makes of it, where it counts and bills them, and the letters that make it more."""
    place = next((p for p in queries.places(found) if p.thread.pk == thread_id), None)
    return channel(place.thread.account.channel).pieces(text) if place else (1, "")


@act
def reply(request: HttpRequest, case_id: int) -> HttpResponse:
    """Send what was written."""
    found, person = case_of(request, case_id), me(request)
    chosen, seen = request.POST.get("thread", ""), request.POST.get("seen", "")
    thread_id, _colon, way = chosen.partition(":")
    place = next((p for p in queries.places(found) if str(p.thread.pk) == thread_id), None)
    if place is None:
        raise Refused("no_place", _("Choose where the answer goes."))
    if place.closed and chosen not in [option.value for option in place.options]:
        raise Refused("window_over", place.closed)
    close = request.POST.get("close") == "1"
    left = answering.send(found, answering.Answer(
        text=request.POST.get("text", "")[:MOST_TEXT], key=answering.key_of(request.POST.get("key", "")),
        thread_id=place.thread.pk, seen_id=int(seen) if seen.isdigit() else None,
        files=answering.store(request.FILES.getlist("files"), place.thread), close=close,
        overrule=request.POST.get("overrule", "")[:300], used=request.POST.get("used", "")[:200],
        **answering.way_of(way, found),
    ), person, clock.now())  # fmt: skip
    sent = {"key": answering.new_key(), "mode": "reply"}
    if isinstance(left, HeldReply):
        text = _("Somebody else looks at it first. The promise keeps running.")
        return done("lists", "presence", f"case:{found.pk}", sent=sent, says={"text": text})
    if close:
        response = off_the_desk(request, found.pk, _("Sent and closed."))
        told = json.loads(response["HX-Trigger"]) | {"desk:sent": sent}
        response["HX-Trigger"] = json.dumps(told)
        return response
    return done("lists", "presence", f"case:{found.pk}", sent=sent)


@act
def note(request: HttpRequest, case_id: int) -> HttpResponse:
    """Write an internal note; who is named with @ is told."""
    found, person = case_of(request, case_id), me(request)
    text = request.POST.get("text", "")[:MOST_TEXT]
    people = queries.colleagues(found.brand, person)
    cases.note(found.pk, person, text, queries.named_in(text, people), clock.now())
    drafts.save_draft(found.pk, person, "", clock.now())
    drafts.stop_writing(found.pk, person, clock.now())
    return done(f"case:{found.pk}", sent={"key": answering.new_key(), "mode": "note"})


@at_desk
def dispose(request: HttpRequest, case_id: int) -> HttpResponse:
    """Close without an answer: ask why, then do it."""
    found = case_of(request, case_id)
    if request.method != "POST":
        likely = found.kind if found.kind in ("thanks", "spam", "not_for_us") else ""  # as it was read
        seen = request.GET.get("seen", "")
        return draw(request, "dispose", case=found, reasons=reasons(), likely=likely, seen=seen)
    return _dispose(request, case_id)


@act
def _dispose(request: HttpRequest, case_id: int) -> HttpResponse:
    found, seen = case_of(request, case_id), request.POST.get("seen", "")
    reason = request.POST.get("reason", "")
    flow.dispose(
        found, reason, request.POST.get("note", ""), int(seen) if seen.isdigit() else None, me(request), clock.now()
    )
    found.refresh_from_db(fields=["waiting_since"])
    if found.waiting_since is not None:  # it stays in hand
        words = _("What you had seen is closed. The customer has written again.")
        return done("lists", "presence", f"case:{found.pk}", says={"text": words})
    why = dict((r.value, str(r.label)) for r in Disposition.Reason).get(reason, "")
    return off_the_desk(request, found.pk, _("Closed without an answer: %(why)s.") % {"why": why})


@act
def close(request: HttpRequest, case_id: int) -> HttpResponse:
    """Close a case in which nothing waits."""
    found = case_of(request, case_id)
    flow.close(found, me(request), clock.now())
    return off_the_desk(request, found.pk, _("Closed."))


@at_desk
def snooze(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put away for a while: ask until when and why, then do it."""
    found = case_of(request, case_id)
    if request.method != "POST":
        return draw(request, "snooze", case=found, times=_times(clock.now()), promise=queries.running_promise(found.pk))
    return _snooze(request, case_id)


@act
def _snooze(request: HttpRequest, case_id: int) -> HttpResponse:
    found = case_of(request, case_id)
    chosen = request.POST.get("until", "")
    try:
        until = parse_datetime(request.POST.get("moment", "") if chosen == "other" else chosen)
    except ValueError:
        until = None
    if until is None:
        raise Refused("no_time", _("Choose until when."))
    if timezone.is_naive(until):
        until = timezone.make_aware(until)
    flow.snooze(found, until, request.POST.get("reason", ""), me(request), clock.now())
    return off_the_desk(request, found.pk, _("Put away. The promise keeps running."))


def _times(now: datetime) -> list[tuple[str, datetime]]:
    """Moments that people mean when they put something away, in their own zone."""
    here = timezone.localtime(now)
    morning = (here + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    monday = (morning + timedelta(days=(7 - morning.weekday()) % 7)).replace(hour=9)
    times = [(_("In one hour"), now + timedelta(hours=1)), (_("In three hours"), now + timedelta(hours=3)),
             (_("Tomorrow morning"), morning)]  # fmt: skip
    return times if monday == morning else [*times, (_("On Monday"), monday)]


@at_desk
def hand_on(request: HttpRequest, case_id: int) -> HttpResponse:
    """Pass to a colleague or to whoever is free: ask, then do it."""
    found = case_of(request, case_id)
    if request.method != "POST":
        return draw(request, "pass", case=found, colleagues=queries.colleagues(found.brand, me(request)))
    return _hand_on(request, case_id)


@act
def _hand_on(request: HttpRequest, case_id: int) -> HttpResponse:
    found, chosen = case_of(request, case_id), request.POST.get("to", "")
    to = None
    if chosen != "queue":
        people = queries.colleagues(found.brand, me(request))
        to = next((p for p in people if str(p.pk) == chosen), None)
        if to is None:
            raise Refused("nobody", _("Choose who it goes to."))
    routing.transfer(found.pk, to, request.POST.get("reason", "")[:200], me(request), clock.now())
    told = _("Passed to %(name)s.") % {"name": to.name} if to else _("Passed to whoever is free.")
    return off_the_desk(request, found.pk, told)


@act
def again(request: HttpRequest, message_id: int) -> HttpResponse:
    """Try to send a refused answer once more."""
    dispatch = get_object_or_404(
        Dispatch.objects.select_related("message"),
        visible_brands(me(request), "message__case__brand"),
        message_id=message_id,
    )
    flow.try_again(dispatch.pk, me(request), clock.now())
    return done(f"case:{dispatch.message.case_id}", "lists")


# --- The customer -----------------------------------------------------------------------------------------------------


@act
def about(request: HttpRequest, case_id: int) -> HttpResponse:
    """What we note of the customer."""
    found = case_of(request, case_id)
    cases.describe(found, request.POST.get("about", "")[:5000], clock.now(), me(request).actor)
    return done(saved={})


@act
def correct(request: HttpRequest, case_id: int) -> HttpResponse:
    """What kind a message really is, or that it was read right."""
    found = case_of(request, case_id)
    message, kind = request.POST.get("message", ""), request.POST.get("kind", "")
    understanding.correct(found, int(message) if message.isdecimal() else 0, kind, clock.now(), me(request).actor)
    return done(f"case:{found.pk}", f"side:{found.pk}", "lists")


@act
def merge(request: HttpRequest, case_id: int) -> HttpResponse:
    """Another customer of the house is the one of this case."""
    found = case_of(request, case_id)
    known = customer.same_customers(found, customer.identities_of(found, me(request)), me(request))
    other = next((c for c in known if str(c.pk) == request.POST.get("customer")), None)
    if other is None:
        raise Refused("not_the_same", _("They no longer share an address."))
    cases.merge(Customer.objects.get(pk=other.pk), found.customer, clock.now(), me(request).actor)
    return done(f"case:{found.pk}", f"side:{found.pk}", "lists")
