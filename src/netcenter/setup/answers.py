"""Settings: canned answers in three languages."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from netcenter.accounts.models import Brand
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May
from netcenter.protocols import actions
from netcenter.protocols.actions import Words
from netcenter.protocols.learning import records
from netcenter.protocols.models import CannedAnswer
from netcenter.protocols.queries import VARIABLES, fill, text_in, unknown_variables
from netcenter.setup.actions import LANGUAGES


class AnswerForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    shortcut = forms.CharField(
        label=gettext_lazy("Shortcut"), max_length=40,
        help_text=gettext_lazy("Typed on the desk after a slash: /hours."),
        validators=[RegexValidator(r"^[\w-]+$", gettext_lazy("Letters, figures and hyphens, without spaces."))],
    )  # fmt: skip
    brand = forms.ModelChoiceField(
        Brand.objects, label=gettext_lazy("Brand"), required=False, empty_label=gettext_lazy("Every brand")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for code, name in LANGUAGES:
            self.fields[f"text_{code}"] = forms.CharField(
                label=name, required=False, max_length=8000,
                widget=forms.Textarea({"rows": 5, "lang": code, "data-words": code}),
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for code, _name in LANGUAGES:
            if unknown := unknown_variables(values.get(f"text_{code}", "")):
                told = _("Nothing fills {{%(name)s}}. Known are: %(known)s")
                self.add_error(f"text_{code}", told % {"name": unknown[0], "known": ", ".join(VARIABLES)})
        if not any(values.get(f"text_{code}") for code, _name in LANGUAGES) and not self.errors:
            self.add_error("text_es", _("Write it in at least one language."))
        return values

    @property
    def texts(self) -> list[forms.BoundField]:
        return [self[f"text_{code}"] for code, _name in LANGUAGES]

    def words(self) -> Words:
        v = self.cleaned_data
        texts = {code: v[f"text_{code}"] for code, _name in LANGUAGES}
        return Words(v["name"], v["shortcut"].removeprefix("/"), v["brand"].pk if v["brand"] else None, texts)


@needs(May.SET_STANDARDS)
@require_safe
def answers(request: PersonRequest) -> HttpResponse:
    known = records(clock.now())
    found = [
        (a, text_in(a, request.user.language[:2]), known.get(a.pk))
        for a in CannedAnswer.objects.select_related("brand")
    ]
    return render(request, "setup/answers.html", {"answers": found, "any_used": bool(known)})


@needs(May.SET_STANDARDS)
def answer(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    kept = get_object_or_404(CannedAnswer, pk=pk) if pk else None
    form = AnswerForm(request.POST or None, initial=_initial(kept))
    if request.method == "POST":
        done = saved(form, lambda _v: actions.save_answer(kept, form.words(), clock.now(), request.user.actor))
        if done is not None:
            messages.success(request, _("%(name)s is saved.") % {"name": done.name})
            return redirect("setup:answers")
    context = {"form": form, "answer": kept, "variables": _variables(request)}
    return render(request, "setup/answer.html", context, status=422 if form.errors else 200)


def _initial(kept: CannedAnswer | None) -> dict[str, Any]:
    if kept is None:
        return {}
    texts = {f"text_{code}": text for code, text in kept.texts.items()}
    return {"name": kept.name, "shortcut": kept.shortcut, "brand": kept.brand, **texts}


def _variables(request: PersonRequest) -> list[tuple[str, str, str]]:
    """(variable, what it is, an example) for everything that can be filled."""
    brand = Brand.objects.first()
    told = {
        "customer.name": (_("the customer's name"), "Dana Quiroga"),
        "customer.first_name": (_("the customer's first name"), "Dana"),
        "operator.name": (_("your name"), request.user.name),
        "operator.first_name": (_("your first name"), request.user.first_name),
        "brand.name": (_("the brand"), brand.name if brand else ""),
        "case.id": (_("the case's number"), "1204"),
    }
    return [(name, *told[name]) for name in VARIABLES if name in told]


@needs(May.SET_STANDARDS)
@require_POST
def answer_preview(request: PersonRequest) -> HttpResponse:
    """The texts as a customer would read them."""
    values = {name: example for name, _told, example in _variables(request)}
    texts = [(code, name, request.POST.get(f"text_{code}", "")[:8000]) for code, name in LANGUAGES]
    filled = [(code, name, fill(text, values), unknown_variables(text)) for code, name, text in texts if text.strip()]
    return render(request, "setup/answer_preview.html", {"texts": filled})


@needs(May.SET_STANDARDS)
@require_POST
def answer_remove(request: PersonRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(CannedAnswer, pk=pk)
    actions.remove_answer(kept, clock.now(), request.user.actor)
    messages.success(request, _("%(name)s is removed.") % {"name": kept.name})
    return redirect("setup:answers")
