"""The verbs of presence: mine, and for supervisors a colleague's."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from netcenter.desk.acts import act, done
from netcenter.desk.views import at_desk, me, team
from netcenter.lib import clock
from netcenter.people.actions import extend_wrap_up
from netcenter.people.models import Person
from netcenter.people.permissions import May, require
from netcenter.routing import presence
from netcenter.routing.moving import move, moves


@act
def state(request: HttpRequest) -> HttpResponse:
    """Change my own presence."""
    person = me(request)
    reason = request.POST.get("reason", "")[:80]
    presence.set_state(person, request.POST.get("state", ""), clock.now(), person, reason)
    return done("presence", "ring", "lists", "nothing")


@act
def no_more(request: HttpRequest) -> HttpResponse:
    """Finish what I have and give me no more; or the other way round."""
    person = me(request)
    presence.set_no_more(person, request.POST.get("on") == "yes", clock.now(), person)
    return done("presence", "ring", "lists", "nothing")


@act
def more_time(request: HttpRequest) -> HttpResponse:
    """A minute more to wrap up."""
    extend_wrap_up(me(request), request.POST.get("reason", ""), clock.now())
    return done("presence")


@at_desk
def colleague_state(request: HttpRequest, person_id: int) -> HttpResponse:
    """A supervisor changes somebody's presence: ask which and why, then do it."""
    require(me(request), May.REASSIGN)
    colleague = get_object_or_404(Person, pk=person_id, is_active=True)
    if request.method != "POST":
        form = {"hx-post": reverse("desk:colleague_state", args=[person_id]), "hx-target": "#move-says"}
        return render(request, "people/move.html", {"colleague": colleague, "moves": moves(), "form": form})
    return _move(request, colleague)


@act
def _move(request: HttpRequest, colleague: Person) -> HttpResponse:
    move(colleague, request.POST.get("choice", ""), request.POST.get("why", ""), clock.now(), me(request))
    response = team(request)
    response["HX-Retarget"], response["HX-Reswap"] = "#dialog", "innerHTML"
    return response
