"""Settings: how many cases of each channel fill somebody's desk."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from netcenter.channels.registry import channels
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.people.access import PersonRequest, needs
from netcenter.people.actions import desk_of
from netcenter.people.capacity import MOST, most_of, set_capacity
from netcenter.people.models import Person
from netcenter.people.permissions import May, may
from netcenter.people.rules import FULL

AS_THE_CHANNEL = ""


class CapacityForm(forms.Form):
    percent = forms.IntegerField(
        label=gettext_lazy("Size of the desk, in percent"), min_value=10, max_value=400,
        help_text=gettext_lazy("Beginners take less than 100. It counts for what is not set above."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, network in channels().items():
            weight = network.capabilities.weight
            label = _("%(n)d, as the channel says") % {"n": max(1, FULL // weight)}
            choices = [(AS_THE_CHANNEL, label), ("0", _("None of these"))]
            if weight < FULL:  # one call fills the desk, whatever is set
                choices += [(str(n), str(n)) for n in MOST]
            self.fields[f"most_{kind}"] = forms.ChoiceField(label=_(network.name), choices=choices, required=False)

    @property
    def rows(self) -> list[tuple[Any, forms.BoundField]]:
        """Each channel with its field."""
        return [(network, self[f"most_{kind}"]) for kind, network in channels().items()]

    def most(self) -> dict[str, int | None]:
        said = {kind: self.cleaned_data.get(f"most_{kind}", "") for kind in channels()}
        return {kind: int(text) if text else None for kind, text in said.items()}


@needs(May.SET_STANDARDS)
def capacity(request: PersonRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=pk)
    form = CapacityForm(request.POST or None, initial=_initial(person))
    if request.method == "POST":
        done = saved(form, lambda v: set_capacity(
            person, v["percent"], form.most(), clock.now(), request.user.actor) or person)  # fmt: skip
        if done is not None:
            messages.success(request, _("What fills the desk of %(name)s is saved.") % {"name": person.name})
            return redirect("boards:team")
    administers = may(request.user, May.SET_UP)
    context = {"form": form, "person": person, "administers": administers}
    return render(request, "setup/capacity.html", context, status=422 if form.errors else 200)


def _initial(person: Person) -> dict[str, Any]:
    kept = {f"most_{kind}": str(most) for kind, most in most_of(person).items()}
    return {"percent": desk_of(person).capacity, **kept}
