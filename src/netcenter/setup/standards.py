"""Settings: the company's standards, and what they mean for a message written now."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from netcenter.accounts.models import Brand
from netcenter.channels.registry import channels
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.lib.fragments import wants
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May
from netcenter.standards import rulebook
from netcenter.standards.models import Calendar, Standard
from netcenter.standards.queries import due_for
from netcenter.standards.rulebook import Rule

KINDS = (
    ("", gettext_lazy("Every kind")), ("complaint", gettext_lazy("Complaint")), ("claim", gettext_lazy("Claim")),
    ("question", gettext_lazy("Question")), ("suggestion", gettext_lazy("Suggestion")),
    ("praise", gettext_lazy("Praise")), ("thanks", gettext_lazy("Thanks")), ("other", gettext_lazy("Other")),
)  # fmt: skip
UNITS = (("1", gettext_lazy("minutes")), ("60", gettext_lazy("hours")), ("1440", gettext_lazy("days")))


def channel_choices() -> list[tuple[str, str]]:
    return [("", _("Every channel")), *((c.kind, _(c.name)) for c in channels().values())]


class StandardForm(forms.Form):
    measure = forms.ChoiceField(
        label=gettext_lazy("What is promised"),
        choices=[(m.value, m.label) for m in Standard.Measure if m is not Standard.Measure.RESOLUTION],
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("Kind of message"), choices=KINDS, required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=channel_choices, required=False)
    brand = forms.ModelChoiceField(
        Brand.objects, label=gettext_lazy("Brand"), required=False, empty_label=gettext_lazy("Every brand")
    )
    amount = forms.IntegerField(label=gettext_lazy("Within"), min_value=1, max_value=100_000)
    unit = forms.ChoiceField(label=gettext_lazy("Unit"), choices=UNITS)
    calendar = forms.ModelChoiceField(
        Calendar.objects.order_by("name"), label=gettext_lazy("In the hours of"), empty_label=None,
        help_text=gettext_lazy("Only open hours count. A day is 24 open hours."),
    )  # fmt: skip

    def rule(self) -> Rule:
        v = self.cleaned_data
        return Rule(
            measure=v["measure"], minutes=v["amount"] * int(v["unit"]), calendar_id=v["calendar"].pk, kind=v["kind"],
            channel=v["channel"], brand_id=v["brand"].pk if v["brand"] else None,
        )  # fmt: skip


class ExampleForm(forms.Form):
    """A message that somebody imagines."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of message"), choices=KINDS[1:], required=False)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), choices=channel_choices, required=False)
    brand = forms.ModelChoiceField(Brand.objects, label=gettext_lazy("Brand"), required=False, empty_label=None)


@needs(May.SET_STANDARDS)
@require_safe
def standards(request: PersonRequest) -> HttpResponse:
    rules = Standard.objects.select_related("brand", "calendar")
    order = {kind: i for i, (kind, _label) in enumerate(KINDS)}
    shown = sorted(rules, key=lambda r: (r.measure, r.brand.name if r.brand else "", r.channel, order.get(r.kind, 99)))
    form = ExampleForm(request.GET if "kind" in request.GET else {"kind": "complaint"})
    example = _example(form)
    if wants(request, "example"):
        return render(request, "setup/example.html", {"example": example})
    context = {
        "rules": shown, "kinds": dict(KINDS), "channel_names": dict(channel_choices()), "example": example,
        "example_form": form, "calendars": Calendar.objects.order_by("name"), "Measure": Standard.Measure,
    }  # fmt: skip
    return render(request, "setup/standards.html", context)


def _example(form: ExampleForm) -> dict[str, Any]:
    """What the standards promise to a message of this kind, written now."""
    form.is_valid()
    chosen = form.cleaned_data
    brand = chosen.get("brand") or Brand.objects.first()
    now, kind = clock.now(), chosen.get("kind") or "question"
    found = due_for(brand.pk if brand else 0, chosen.get("channel") or "", kind, Standard.Measure.FIRST, now)
    return {"kind": dict(KINDS)[kind], "due_at": found[1] if found else None, "rule": found[0] if found else None}


@needs(May.SET_STANDARDS)
def standard(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    kept = get_object_or_404(Standard, pk=pk) if pk else None
    form = StandardForm(request.POST or None, initial=_initial(kept))
    if request.method == "POST":
        done = saved(form, lambda _v: rulebook.save_standard(kept, form.rule(), clock.now(), request.user.actor))
        if done is not None:
            messages.success(request, _("Saved. It counts from now on; promises already made stay as they are."))
            return redirect("setup:standards")
    warning = _("The next most general standard counts instead. Promises already made stay as they are.")
    remove = ("setup:standard_remove", kept.pk, _("Remove this standard"), warning) if kept else None
    context = {
        "form": form, "heading": _("Standard") if kept else _("A new standard"), "remove": remove,
        "lead": _("The most specific standard counts: brand before channel before kind."),
        "back": ("setup:standards", _("Standards")), "pair": ("amount", "unit"),
        "consequences": {"calendar": _("What is written from now on follows this; promises already made stay.")},
    }  # fmt: skip
    return render(request, "setup/form.html", context, status=422 if form.errors else 200)


def _initial(kept: Standard | None) -> dict[str, Any]:
    if kept is None:
        return {"amount": 4, "unit": "60"}
    unit = next(u for u in (1440, 60, 1) if kept.minutes % u == 0)
    return {
        "measure": kept.measure, "kind": kept.kind, "channel": kept.channel, "brand": kept.brand,
        "amount": kept.minutes // unit, "unit": str(unit), "calendar": kept.calendar,
    }  # fmt: skip


@needs(May.SET_STANDARDS)
@require_POST
def standard_remove(request: PersonRequest, pk: int) -> HttpResponse:
    rulebook.remove_standard(get_object_or_404(Standard, pk=pk), clock.now(), request.user.actor)
    messages.success(request, _("The standard is removed."))
    return redirect("setup:standards")
