"""Settings: why people are on a break, and how long each should last."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.people.access import PersonRequest, needs
from netcenter.people.breaks import (
    BreakDetails,
    add_usual_breaks,
    break_reasons,
    move_break,
    remove_break,
    save_break,
)
from netcenter.people.models import BreakReason, Desk
from netcenter.people.permissions import May


class BreakForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=60, help_text=gettext_lazy("In your own words."))
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), min_value=0, max_value=600, required=False,
        help_text=gettext_lazy("How long it should last at most. Empty: as long as it takes."),
    )  # fmt: skip

    def details(self) -> BreakDetails:
        return BreakDetails(self.cleaned_data["name"], self.cleaned_data["minutes"] or 0)


@needs(May.SET_STANDARDS)
@require_safe
def breaks(request: PersonRequest) -> HttpResponse:
    return render(request, "setup/breaks.html", {"breaks": break_reasons()})


@needs(May.SET_STANDARDS)
def break_reason(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    kept = get_object_or_404(BreakReason, pk=pk) if pk else None
    initial = {"name": kept.name, "minutes": kept.minutes or None} if kept else {}
    form = BreakForm(request.POST or None, initial=initial)
    if request.method == "POST":
        done = saved(form, lambda _v: save_break(kept, form.details(), clock.now(), request.user.actor))
        if done is not None:
            messages.success(request, _("%(name)s is saved.") % {"name": done.name})
            return redirect("setup:breaks")
    context = {
        "form": form, "heading": kept.name if kept else _("A new reason for a break"),
        "back": ("setup:breaks", _("Breaks")),
        "remove": ("setup:break_remove", kept.pk, _("Remove this reason"), _on_it(kept)) if kept else None,
    }  # fmt: skip
    return render(request, "setup/form.html", context, status=422 if form.errors else 200)


def _on_it(kept: BreakReason) -> str:
    """What removing it means, said before it is done."""
    count = Desk.objects.filter(state=Desk.State.BREAK, reason=kept.name).count()
    if not count:
        return _("Nobody can choose it any more. What is on the record stays.")
    return ngettext(
        "%(n)d person is on this break now, and stays so. Nobody can choose it any more.",
        "%(n)d people are on this break now, and stay so. Nobody can choose it any more.",
        count,
    ) % {"n": count}


@needs(May.SET_STANDARDS)
@require_POST
def break_remove(request: PersonRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(BreakReason, pk=pk)
    remove_break(kept, clock.now(), request.user.actor)
    messages.success(request, _("%(name)s is removed.") % {"name": kept.name})
    return redirect("setup:breaks")


@needs(May.SET_STANDARDS)
@require_POST
def break_move(request: PersonRequest, pk: int) -> HttpResponse:
    """One place up or down in the menu."""
    move_break(get_object_or_404(BreakReason, pk=pk), request.POST.get("to") == "up", clock.now(), request.user.actor)
    return redirect("setup:breaks")


@needs(May.SET_STANDARDS)
@require_POST
def breaks_usual(request: PersonRequest) -> HttpResponse:
    """The usual reasons, in the language of who adds them."""
    add_usual_breaks(clock.now(), request.user.actor)
    return redirect("setup:breaks")
