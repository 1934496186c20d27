"""Handing on at the desk: to whom, what is asked, and what the customer is told meanwhile."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from netcenter import flow
from netcenter.cases.models import Case
from netcenter.courtesy.handing_on import holding_words
from netcenter.desk import answering, queries
from netcenter.desk.acts import MOST_TEXT, act, done, off_the_desk
from netcenter.desk.views import at_desk, case_of, draw, me
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.look.formats import moment
from netcenter.outbox.actions import Reply
from netcenter.people.areas import areas
from netcenter.people.models import Area, Person
from netcenter.routing import referrals

MOST_QUESTION = 2000  # characters


@at_desk
def hand_on(request: HttpRequest, case_id: int) -> HttpResponse:
    """Hand on to whoever is responsible: ask, then do it."""
    found = case_of(request, case_id)
    if request.method == "POST":
        return _hand_on(request, case_id)
    return draw(
        request, "hand_on", case=found, areas=_areas(me(request)), holding=holding_words(found, me(request)),
        place=next(iter(queries.places(found)), None), promise=queries.running_promise(found.pk),
        key=answering.new_key(), seen=request.GET.get("seen", ""),
    )  # fmt: skip


def _areas(person: Person) -> list[tuple[Area, Person]]:
    """The areas and who would be asked in each: nobody hands on to themselves."""
    asked = ((area, next((o.person for o in area.owners if o.person_id != person.pk), None)) for area in areas())  # type: ignore[attr-defined]
    return [(area, owner) for area, owner in asked if owner is not None]


@act
def _hand_on(request: HttpRequest, case_id: int) -> HttpResponse:
    found, person = case_of(request, case_id), me(request)
    area = next((a for a, _owner in _areas(person) if str(a.pk) == request.POST.get("area")), None)
    if area is None:
        raise Refused("no_area", _("Choose whom it concerns."))
    holding = _holding(request, found)
    referral = flow.hand_on(found, area, request.POST.get("question", "")[:MOST_QUESTION], holding, person, clock.now())
    told = _("With %(name)s until %(until)s. You will hear of it.")
    return off_the_desk(request, found.pk, told % {"name": referral.owner.name, "until": moment(referral.due_at)})


def _holding(request: HttpRequest, found: Case) -> Reply | None:
    """What the customer is told meanwhile; nothing, when it was emptied."""
    text, seen = request.POST.get("holding", "")[:MOST_TEXT].strip(), request.POST.get("seen", "")
    place = next(iter(queries.places(found)), None)
    if not text or place is None:
        return None
    key = answering.key_of(request.POST.get("key", ""))
    return Reply(text, key, place.thread.pk, int(seen) if seen.isdigit() else None)


@act
def take_back(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take the case after all."""
    found = case_of(request, case_id)
    referrals.take_back(found.pk, me(request), clock.now())
    return done("lists", "presence", "ring", open={"url": reverse("desk:case", args=[found.pk])})
