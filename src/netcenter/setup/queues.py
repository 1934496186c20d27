"""Settings: queues. Who is rung for a brand, how that widens, and what customers who wait are told."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from netcenter.accounts.models import Brand
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.lib.refused import Refused
from netcenter.people.access import PersonRequest, needs
from netcenter.people.models import Skill, Team
from netcenter.people.permissions import May
from netcenter.routing import texts
from netcenter.routing.models import OverflowStep, Queue
from netcenter.routing.overflow import MOST_STEPS, Wanted, set_chain
from netcenter.routing.queues import Honesty, QueueDetails, ensure_queue, rung_for, set_honesty, set_queue
from netcenter.setup.consequences import consequences
from netcenter.setup.said import said_now
from netcenter.standards.models import Standard

CODES = (("es", "Español"), ("en", "English"), ("pt", "Português"))
LEVELS = ((0, gettext_lazy("Not needed")), (1, gettext_lazy("Can help out")), (2, gettext_lazy("Knows it well")),
          (3, gettext_lazy("Expert")))  # fmt: skip
TELLS = (("busy", gettext_lazy("While everybody is busy")), ("closed", gettext_lazy("Out of hours")))


@dataclass(frozen=True)
class Row:
    """One step of the chain in the form."""

    after: forms.BoundField
    kind: forms.BoundField
    team: forms.BoundField
    is_used: bool


class QueueForm(forms.Form):
    team = forms.ModelChoiceField(
        Team.objects, label=gettext_lazy("Team"), required=False, empty_label=gettext_lazy("Everybody of the brand"),
        help_text=gettext_lazy("Only its members are rung."),
    )  # fmt: skip
    needs_language = forms.BooleanField(
        label=gettext_lazy("Ring only people who speak the customer's language"), required=False
    )
    ring_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds that it rings"), min_value=5, max_value=300,
        help_text=gettext_lazy("Then it rings at the next desk."),
    )  # fmt: skip
    wrap_up_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds of wrap-up"), min_value=0, max_value=3600,
        help_text=gettext_lazy("After a case, before the next ring. 0: none."),
    )  # fmt: skip
    tells_busy = forms.BooleanField(label=gettext_lazy("Tell who waits while everybody is busy"), required=False)
    tells_closed = forms.BooleanField(label=gettext_lazy("Tell who writes out of hours when it opens"), required=False)
    busy_after_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds of waiting until then"), min_value=5, max_value=86_400,
        help_text=gettext_lazy("Each customer is told once. Praise and thanks are left in peace."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = list(Skill.objects.exclude(code__startswith="language:"))
        for skill in self.asked:
            self.fields[f"skill_{skill.pk}"] = forms.TypedChoiceField(
                label=skill.name,
                choices=LEVELS,
                coerce=int,
                required=False,
                empty_value=0,  # type: ignore[arg-type]
            )
        kinds = [("", _("No step")), *OverflowStep.Kind.choices]
        for i in range(MOST_STEPS):
            self.fields[f"after_{i}"] = forms.IntegerField(label=_("Seconds of waiting"), required=False, min_value=1)
            self.fields[f"kind_{i}"] = forms.ChoiceField(label=_("What happens"), choices=kinds, required=False)
            self.fields[f"team_{i}"] = forms.ModelChoiceField(
                Team.objects, label=_("Team"), required=False, empty_label=_("Choose a team")
            )
        for kind, _label in TELLS:
            for code, name in CODES:
                self.fields[f"{kind}_{code}"] = forms.CharField(
                    label=name, required=False, max_length=texts.MOST,
                    widget=forms.Textarea({"rows": 3, "placeholder": texts.DEFAULTS[kind][code], "data-words": True,
                                           "lang": code}),
                )  # fmt: skip

    @property
    def skills(self) -> list[forms.BoundField]:
        return [self[f"skill_{skill.pk}"] for skill in self.asked]

    @property
    def rows(self) -> list[Row]:
        return [
            Row(self[f"after_{i}"], self[f"kind_{i}"], self[f"team_{i}"], bool(self[f"kind_{i}"].value()))
            for i in range(MOST_STEPS)
        ]

    @property
    def words(self) -> Iterator[tuple[str, str, list[forms.BoundField]]]:
        for kind, label in TELLS:
            yield kind, str(label), [self[f"{kind}_{code}"] for code, _name in CODES]

    def details(self) -> QueueDetails:
        v = self.cleaned_data
        levels = {s.pk: level for s in self.asked if (level := v.get(f"skill_{s.pk}") or 0)}
        return QueueDetails(
            v["team"].pk if v.get("team") else None, levels, bool(v.get("needs_language")), v.get("ring_seconds") or 20,
            v.get("wrap_up_seconds") or 0,
        )  # fmt: skip

    def used(self) -> list[int]:
        """The rows in which a step stands."""
        return [i for i in range(MOST_STEPS) if self.cleaned_data.get(f"kind_{i}")]

    def chain(self) -> list[Wanted]:
        v = self.cleaned_data
        return [
            Wanted(v.get(f"after_{i}") or 0, v[f"kind_{i}"], v[f"team_{i}"].pk if v.get(f"team_{i}") else None)
            for i in self.used()
        ]

    def honesty(self) -> Honesty:
        v = self.cleaned_data
        said = {kind: {code: v.get(f"{kind}_{code}", "") for code, _name in CODES} for kind, _label in TELLS}
        return Honesty(bool(v.get("tells_busy")), bool(v.get("tells_closed")), v.get("busy_after_seconds") or 120, said)


@needs(May.SET_STANDARDS)
@require_safe
def queues(request: PersonRequest) -> HttpResponse:
    found = Brand.objects.select_related("queue__team").prefetch_related("queue__overflow__team", "people")
    rows = [(brand, getattr(brand, "queue", None) or Queue(brand=brand)) for brand in found]
    return render(request, "setup/queues.html", {"rows": rows})


@needs(May.SET_STANDARDS)
def queue(request: PersonRequest, pk: int) -> HttpResponse:
    """One brand's queue; `pk` is the brand's, whose only queue it is."""
    brand = get_object_or_404(Brand, pk=pk)
    kept = Queue.objects.filter(brand=brand).first() or ensure_queue(brand, clock.now(), request.user.actor)
    form = QueueForm(request.POST or None, initial=_initial(kept))
    if request.method == "POST" and saved(form, lambda _v: _save(brand, form, request)) is not None:
        messages.success(request, _("%(name)s is saved.") % {"name": brand.name})
        return redirect("setup:queues")
    context = {
        "form": form, "brand": brand, "queue": kept, "calendars": _calendars(brand), "variables": _variables(),
        "consequences": _consequences(brand, QueueDetails(kept.team_id, _levels(kept), kept.needs_language), kept),
        "said": said_now(kept, clock.now()),
    }  # fmt: skip
    return render(request, "setup/queue.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _save(brand: Brand, form: QueueForm, request: PersonRequest) -> Queue:
    """The whole page or nothing of it; what is refused is shown beside its field."""
    now, actor = clock.now(), request.user.actor
    kept = set_queue(brand, form.details(), now, actor)
    try:
        set_chain(kept, form.chain(), now, actor)
        set_honesty(kept, form.honesty(), now, actor)
    except Refused as refused:
        field = None
        if "step" in refused.data:
            rows = form.used()
            row = rows[min(refused.data["step"], len(rows) - 1)]
            field = {"team_missing": "team_", "own_team": "team_", "twice": "kind_"}.get(refused.code, "after_")
            field = f"{field}{row}"
        elif "kind" in refused.data:
            field = f"{refused.data['kind']}_{refused.data['language']}"
        raise Refused(refused.code, refused.message, field=field) from refused
    return kept


@needs(May.SET_STANDARDS)
@require_POST
def queue_preview(request: PersonRequest, pk: int) -> HttpResponse:
    """What the form as it stands would mean: who would be rung, and what customers would read now."""
    brand = get_object_or_404(Brand, pk=pk)
    kept = get_object_or_404(Queue, brand=brand)
    form = QueueForm(request.POST)
    form.is_valid()
    drawn = Queue(brand=brand, texts={**kept.texts, **form.honesty().texts})
    drawn.pk = kept.pk
    context = {
        "consequences": _consequences(brand, form.details(), kept), "said": said_now(drawn, clock.now()),
    }  # fmt: skip
    return render(request, "setup/queue_says.html", context)


def _consequences(brand: Brand, details: QueueDetails, kept: Queue) -> list[tuple[str, str]]:
    people = list(brand.people.filter(is_active=True).values_list("pk", flat=True))
    before = rung_for(people, QueueDetails(kept.team_id, _levels(kept), kept.needs_language))
    return consequences(people, details, before)


def _levels(kept: Queue) -> dict[int, int]:
    return dict(kept.requirements.values_list("skill_id", "level"))


def _initial(kept: Queue) -> dict[str, Any]:
    plain = ("needs_language", "ring_seconds", "wrap_up_seconds", "tells_busy", "tells_closed", "busy_after_seconds")
    initial = {"team": kept.team, **{name: getattr(kept, name) for name in plain}}
    initial |= {f"skill_{skill}": level for skill, level in _levels(kept).items()}
    for i, step in enumerate(kept.overflow.select_related("team")):
        initial |= {f"after_{i}": step.after_seconds, f"kind_{i}": step.kind, f"team_{i}": step.team}
    for kind, _label in TELLS:
        initial |= {f"{kind}_{code}": text for code, text in kept.texts.get(kind, {}).items()}
    return initial


def _calendars(brand: Brand) -> list[Any]:
    """The hours under which the brand's cases fall, with where they are set."""
    rules = Standard.objects.filter(brand__in=[brand.pk]) | Standard.objects.filter(brand=None)
    return sorted({r.calendar for r in rules.select_related("calendar")}, key=lambda c: c.name)


def _variables() -> list[tuple[str, str]]:
    told = {
        "customer.first_name": _("The customer's first name; left out while it is not known."),
        "wait": _("How long it takes, as estimated: what it says is promised."),
        "opens": _("When it opens next."), "brand": _("The brand's name."),
    }  # fmt: skip
    return [(name, told[name]) for name in texts.VARIABLES]
