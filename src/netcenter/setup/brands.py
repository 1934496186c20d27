"""Settings: brands and their people. Who of these is rung is the queue's (queues.py)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from netcenter.accounts.actions import BrandDetails
from netcenter.accounts.models import Brand
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.people.access import PersonRequest, needs
from netcenter.people.models import Person
from netcenter.people.permissions import May
from netcenter.routing.models import Queue
from netcenter.routing.queues import QueueDetails, rung_for
from netcenter.setup.actions import LANGUAGES, save_brand
from netcenter.setup.consequences import consequences
from netcenter.setup.forms import CustomerLanguageField, Several, colour, ids


class BrandForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    language = CustomerLanguageField(label=gettext_lazy("Language when the customer's is unknown"))
    colour = forms.CharField(
        label=gettext_lazy("Colour"), validators=[colour], widget=forms.TextInput(attrs={"type": "color"}),
        help_text=gettext_lazy("Of the chat, and wherever the brand is told from others."),
    )  # fmt: skip
    signature = forms.CharField(
        label=gettext_lazy("Signature"), max_length=200, required=False,
        help_text=gettext_lazy("Below every answer that has room for it."),
    )  # fmt: skip
    people = Several(
        Person.objects.filter(is_active=True), label=gettext_lazy("People"),
        help_text=gettext_lazy("Operators see and answer only the brands they belong to. Supervisors see all."),
    )  # fmt: skip


@needs(May.SET_UP)
@require_safe
def brands(request: PersonRequest) -> HttpResponse:
    working = Count("people", filter=Q(people__is_active=True), distinct=True)
    found = Brand.objects.select_related("queue__team").annotate(
        accounts_count=Count("accounts", distinct=True), people_count=working
    )
    return render(request, "setup/brands.html", {"brands": found, "languages": dict(LANGUAGES)})


@needs(May.SET_UP)
def brand(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    """A new brand, or one that is there."""
    kept = get_object_or_404(Brand, pk=pk) if pk else None
    form = BrandForm(request.POST or None, initial=_initial(kept))
    if request.method == "POST":
        now, actor = clock.now(), request.user.actor
        if (done := saved(form, lambda v: save_brand(kept, _brand(v), now, actor))) is not None:
            messages.success(request, _("%(name)s is saved.") % {"name": done.name})
            return redirect("setup:brands")
    context = {"form": form, "brand": kept, "consequences": _consequences(_initial(kept), kept)}
    return render(request, "setup/brand.html", context, status=422 if form.errors else 200)


@needs(May.SET_UP)
@require_POST
def brand_consequences(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    """What saving the form as it stands would mean, said before it is done."""
    kept = get_object_or_404(Brand, pk=pk) if pk else None
    form = BrandForm(request.POST)
    form.is_valid()
    told = _consequences(form.cleaned_data, kept)
    return render(request, "setup/consequences.html", {"consequences": told})


def _initial(kept: Brand | None) -> dict[str, Any]:
    if kept is None:
        return {"language": "es", "colour": "#4254c5", "people": list(Person.objects.filter(is_active=True))}
    return {
        "name": kept.name, "language": kept.language, "colour": kept.colour, "signature": kept.signature,
        "people": list(kept.people.all()),
    }  # fmt: skip


def _brand(values: dict[str, Any]) -> BrandDetails:
    plain = {name: values[name] for name in ("name", "language", "colour", "signature")}
    return BrandDetails(**plain, people=ids(values["people"]))


def _queue(kept: Brand | None) -> QueueDetails:
    queue = Queue.objects.filter(brand=kept).first() if kept else None
    if queue is None:
        return QueueDetails()
    levels = dict(queue.requirements.values_list("skill_id", "level"))
    return QueueDetails(queue.team_id, levels, queue.needs_language, queue.ring_seconds)


def _consequences(values: dict[str, Any], kept: Brand | None) -> list[tuple[str, str]]:
    """Who of these people would be rung, by the queue as it is."""
    queue = _queue(kept)
    before = rung_for(ids(kept.people.all()), queue) if kept else []
    return consequences(ids(values.get("people") or []), queue, before)
