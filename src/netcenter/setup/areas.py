"""Settings: areas of the company, and who is responsible for what belongs there."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from netcenter.accounts.queries import organisation
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.lib.refused import Refused
from netcenter.people import areas as kept_areas
from netcenter.people.access import PersonRequest, needs
from netcenter.people.areas import AreaDetails
from netcenter.people.models import Area, Person
from netcenter.people.permissions import May, may
from netcenter.routing.models import Referral
from netcenter.setup.actions import add_owner
from netcenter.setup.forms import ScreenLanguageField
from netcenter.setup.people import invite

MOST = 6  # people of one area: longer chains would climb for days
LONGEST = 7 * 24 * 60  # minutes


class AreaForm(forms.Form):
    """The people are as many choices, in the order of climbing; an empty one in between is skipped."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("Like: Invoices."))
    about = forms.CharField(
        label=gettext_lazy("What belongs there"), max_length=200, required=False,
        help_text=gettext_lazy("For operators, who choose by it: refunds, double charges, tickets."),
    )  # fmt: skip
    promise_minutes = forms.IntegerField(
        label=gettext_lazy("Minutes to answer"), min_value=15, max_value=LONGEST,
        help_text=gettext_lazy("In the hours of the standard. At half and at nine tenths of it the person is reminded; "
                               "then it climbs to the next."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Person.objects.filter(is_active=True)
        for i in range(MOST):
            self.fields[f"person_{i}"] = forms.ModelChoiceField(
                people,
                required=False,
                label=_("Responsible") if i == 0 else _("Deputy %(n)d") % {"n": i},
                empty_label=_("Nobody"),
            )

    @property
    def order(self) -> list[forms.BoundField]:
        return [self[f"person_{i}"] for i in range(MOST)]

    def details(self) -> AreaDetails:
        values = self.cleaned_data
        people = [p.pk for i in range(MOST) if (p := values.get(f"person_{i}"))]
        return AreaDetails(values["name"], values["about"], values["promise_minutes"], people)


class OwnerForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    language = ScreenLanguageField()


@needs(May.SET_STANDARDS)
@require_safe
def areas(request: PersonRequest) -> HttpResponse:
    return render(request, "setup/areas.html", {"areas": kept_areas.areas()})


@needs(May.SET_STANDARDS)
def area(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    kept = get_object_or_404(Area, pk=pk) if pk else None
    form = AreaForm(request.POST or None, initial=_initial(kept))
    if request.method == "POST":
        done = saved(form, lambda _v: _save(kept, form, request))
        if done is not None:
            messages.success(request, _("%(name)s is saved.") % {"name": done.name})
            return redirect("setup:area", done.pk) if kept is None else redirect("setup:areas")
    context = {"form": form, "area": kept, "open": _open(kept), "may_invite": may(request.user, May.SET_UP)}
    return render(request, "setup/area.html", context, status=422 if form.errors else 200)


def _save(kept: Area | None, form: AreaForm, request: PersonRequest) -> Area:
    try:
        return kept_areas.save_area(kept, form.details(), clock.now(), request.user.actor)
    except Refused as refused:
        if refused.code == "twice":  # shown beside the first of the people
            raise Refused(refused.code, refused.message, field="person_0") from refused
        raise


def _initial(kept: Area | None) -> dict[str, Any]:
    if kept is None:
        return {"promise_minutes": 240}
    people = {f"person_{i}": p for i, p in enumerate(kept_areas.responsible(kept)[:MOST])}
    return {"name": kept.name, "about": kept.about, "promise_minutes": kept.promise_minutes, **people}


def _open(kept: Area | None) -> str:
    """What is with its people now, said before anything is changed."""
    count = Referral.objects.filter(area=kept, ended_at=None).count() if kept else 0
    told = ngettext("%(n)d case is with its people now.", "%(n)d cases are with its people now.", count)
    return told % {"n": count} if count else ""


@needs(May.SET_STANDARDS)
@require_POST
def area_remove(request: PersonRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Area, pk=pk)
    try:
        kept_areas.remove_area(kept, clock.now(), request.user.actor)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("setup:area", pk)
    messages.success(request, _("%(name)s is removed.") % {"name": kept.name})
    return redirect("setup:areas")


@never_cache
@needs(May.SET_UP)
def area_invite(request: PersonRequest, pk: int) -> HttpResponse:
    """Somebody who is only responsible: they answer what is handed on to them, and see nothing else."""
    kept, house = get_object_or_404(Area, pk=pk), organisation()
    form = OwnerForm(request.POST or None, initial={"language": house.language if house else "es"})
    if request.method == "POST":
        zone = house.timezone if house else "UTC"
        done = saved(form, lambda v: add_owner(kept, **v, timezone=zone, now=clock.now(), actor=request.user.actor))
        if done is not None:
            return invite(request, done)
    context = {
        "form": form, "heading": _("Invite to %(area)s") % {"area": kept.name}, "back": ("setup:areas", _("Areas")),
        "lead": _("They answer only what is handed on to them, from a link in a mail, and see nothing else."),
    }  # fmt: skip
    return render(request, "setup/form.html", context, status=422 if form.errors else 200)
