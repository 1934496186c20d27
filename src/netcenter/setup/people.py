"""Settings: people. Inviting, changing, dismissing; nobody is ever deleted."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from netcenter.accounts.models import Brand
from netcenter.accounts.queries import organisation
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.lib.refused import Refused
from netcenter.people import staff
from netcenter.people.access import PersonRequest, needs
from netcenter.people.models import Person, Skill, Team
from netcenter.people.permissions import May
from netcenter.people.staff import Details
from netcenter.setup.actions import deactivate, end_sessions
from netcenter.setup.forms import ScreenLanguageField, Several, ZoneField, ids

LEVELS = [(0, "–"), (1, gettext_lazy("Can help out")), (2, gettext_lazy("Good")), (3, gettext_lazy("Expert"))]


class PersonForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail address"), help_text=gettext_lazy("To sign in with."))
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Person.Role.choices, widget=forms.RadioSelect)
    is_trainee = forms.BooleanField(
        label=gettext_lazy("Still learning"), required=False,
        help_text=gettext_lazy("Somebody else approves what they answer before it leaves."),
    )  # fmt: skip
    language = ScreenLanguageField()
    timezone = ZoneField()
    brands = Several(Brand.objects, label=gettext_lazy("Brands"), help_text=gettext_lazy(
        "Operators see only these. Supervisors and administrators see all."))  # fmt: skip
    teams = Several(Team.objects, label=gettext_lazy("Teams"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.skills = list(Skill.objects.all())
        for skill in self.skills:
            self.fields[f"skill_{skill.pk}"] = forms.TypedChoiceField(
                label=skill.name, choices=LEVELS, coerce=int, required=False, empty_value=None
            )

    @property
    def levels(self) -> list[forms.BoundField]:
        return [self[f"skill_{skill.pk}"] for skill in self.skills]

    def details(self) -> Details:
        values = self.cleaned_data
        levels = {s.pk: level for s in self.skills if (level := values.get(f"skill_{s.pk}") or 0)}
        plain = {name: values[name] for name in ("name", "email", "role", "language", "timezone", "is_trainee")}
        return Details(**plain, brands=ids(values["brands"]), teams=ids(values["teams"]), levels=levels)


@needs(May.SET_UP)
@require_safe
def people(request: PersonRequest) -> HttpResponse:
    found = Person.objects.select_related("desk").prefetch_related("teams", "skills").order_by("-is_active", "name")
    return render(request, "setup/people.html", {"people": found})


@never_cache
@needs(May.SET_UP)
def person_add(request: PersonRequest) -> HttpResponse:
    form = PersonForm(request.POST or None, initial=_first())
    if request.method == "POST":
        done = saved(form, lambda _v: staff.add(form.details(), clock.now(), request.user.actor))
        if done is not None:
            return invite(request, done)
    context = {"form": form, "person": None}
    return render(request, "setup/person.html", context, status=422 if form.errors else 200)


@needs(May.SET_UP)
def person(request: PersonRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Person, pk=pk)
    form = PersonForm(request.POST or None, initial=_initial(kept))
    if request.method == "POST":
        done = saved(form, lambda _v: staff.change(kept, form.details(), clock.now(), request.user.actor))
        if done is not None:
            messages.success(request, _("%(name)s is saved.") % {"name": form.cleaned_data["name"]})
            return redirect("setup:people")
    held = kept.held_cases.count()
    context = {"form": form, "person": kept, "leaving": _leaving(held), "joined": kept.has_usable_password()}
    return render(request, "setup/person.html", context, status=422 if form.errors else 200)


def _first() -> dict[str, Any]:
    house = organisation()
    return {
        "role": Person.Role.OPERATOR, "language": house.language if house else "es",
        "timezone": house.timezone if house else "UTC", "brands": list(Brand.objects.all()),
        "teams": list(Team.objects.all()[:1]),
    }  # fmt: skip


def _initial(kept: Person) -> dict[str, Any]:
    levels = {f"skill_{level.skill_id}": level.level for level in kept.levels.all()}
    return {
        "name": kept.name, "email": kept.email, "role": kept.role, "language": kept.language,
        "timezone": kept.timezone, "is_trainee": kept.is_trainee,
        "brands": list(kept.brands.all()), "teams": list(kept.teams.all()), **levels,
    }  # fmt: skip


def _leaving(held: int) -> str:
    """What deactivating somebody means, said before it is done."""
    if not held:
        return _("They are signed out everywhere and cannot sign in again. What they wrote stays under their name.")
    return ngettext(
        "They are signed out everywhere. The %(n)d case they hold rings at a colleague's desk. What they wrote stays.",
        "They are signed out everywhere. The %(n)d cases they hold ring at colleagues' desks. What they wrote stays.",
        held,
    ) % {"n": held}


@never_cache
@needs(May.SET_UP)
@require_POST
def person_invite(request: PersonRequest, pk: int) -> HttpResponse:
    """A new link for somebody who lost it, or forgot the password."""
    return invite(request, get_object_or_404(Person, pk=pk, is_active=True))


def invite(request: PersonRequest, invited: Person) -> HttpResponse:
    """Show the link, and mail it where mail works."""
    token = staff.invite(invited, clock.now(), request.user.actor)
    link = settings.PUBLIC_URL + reverse("setup:join", args=[token])
    house = organisation()
    with translation.override(invited.language):
        words = {"person": invited, "link": link, "by": request.user, "organisation": house.name if house else ""}
        subject = _("%(organisation)s invites you to Netcenter") % words
        body = render_to_string("setup/invitation.txt", words)
    try:
        send_mail(" ".join(subject.split()), body, None, [invited.email])
        mailed = True
    except OSError:  # smtplib's errors are OSErrors too
        mailed = False
    return render(request, "setup/invited.html", {"person": invited, "link": link, "mailed": mailed})


@needs(May.SET_UP)
@require_POST
def person_switch(request: PersonRequest, pk: int) -> HttpResponse:
    """Deactivate, or take back."""
    kept = get_object_or_404(Person, pk=pk)
    try:
        if request.POST.get("active") == "yes":
            staff.reactivate(kept, clock.now(), request.user.actor)
            messages.success(request, _("%(name)s may sign in again.") % {"name": kept.name})
        else:
            deactivate(kept, clock.now(), request.user)
            end_sessions(kept)
            messages.success(request, _("%(name)s no longer works here.") % {"name": kept.name})
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("setup:person", pk)
