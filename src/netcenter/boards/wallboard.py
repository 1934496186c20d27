"""Pages for a glance: the team as it is, the day from five metres."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from netcenter.accounts.queries import organisation
from netcenter.boards import now as boards_now
from netcenter.boards.seats import drawer
from netcenter.boards.seats import team as seated
from netcenter.channels.registry import channels
from netcenter.lib import clock
from netcenter.lib.fragments import wants
from netcenter.lib.refused import Refused
from netcenter.people.access import PersonRequest, needs
from netcenter.people.models import Desk, Person
from netcenter.people.permissions import May
from netcenter.people.rules import is_over
from netcenter.routing.moving import move, moves

DAYLIGHT = range(7, 20)  # hours in which a wallboard is black on white, unless somebody chose otherwise


@needs(May.SEE_ALL)
@require_safe
def team(request: PersonRequest) -> HttpResponse:
    now, seats = clock.now(), seated()
    states = {state: sum(1 for s in seats if s.desk.state == state) for state in Desk.State.values}
    over = sum(1 for s in seats if s.desk.state == Desk.State.BREAK and is_over(s.desk.break_until, now))
    context = {
        "seats": seats, "seat": drawer(request.user, now), "states": states, "over": over,
    }  # fmt: skip
    return render(request, "boards/team_now.html" if wants(request, "team-now") else "boards/team.html", context)


@needs(May.REASSIGN)
@require_http_methods(["GET", "POST"])
def team_state(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a colleague's state: ask which and why, then do it."""
    person = get_object_or_404(Person, pk=pk, is_active=True)
    if request.method == "GET":
        form = {"method": "post", "action": reverse("boards:team_state", args=[pk])}
        return render(request, "people/move.html", {"colleague": person, "moves": moves(), "form": form})
    try:
        move(person, request.POST.get("choice", ""), request.POST.get("why", ""), clock.now(), request.user)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        state = Desk.objects.get(person=person).get_state_display()
        messages.success(request, _("%(name)s: %(state)s") % {"name": person.name, "state": state})
    return redirect("boards:team")


@needs(May.SEE_ALL)
@require_safe
def wallboard(request: PersonRequest) -> HttpResponse:
    now = clock.now()
    chosen = request.COOKIES.get("theme", "")
    theme = chosen if chosen in ("light", "dark") else "light" if timezone.localtime(now).hour in DAYLIGHT else "dark"
    house = organisation()
    context = {
        "wall": boards_now.wall(now), "theme": theme, "at": now, "channels": channels(),
        "organisation": house.name if house else "",
    }  # fmt: skip
    return render(request, "boards/wall.html" if wants(request, "wall") else "boards/wallboard.html", context)
