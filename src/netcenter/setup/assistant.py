"""Settings: the assistant that drafts, for which brands, and what of a customer may leave the house."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from netcenter.accounts.models import Brand
from netcenter.assistant import actions, drafting
from netcenter.assistant.actions import Setup
from netcenter.assistant.queries import has_key, kept
from netcenter.assistant.rules import Sends
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May

SENDS = (
    ("words", gettext_lazy("What they wrote and what still waits")),
    ("history", gettext_lazy("What was said in the case before")),
    ("name", gettext_lazy("Their name")),
)
ADDRESS = RegexValidator(r"^https?://[^\s?#@]+$", gettext_lazy("It begins with https:// and holds no password."))


class AssistantForm(forms.Form):
    base_url = forms.CharField(
        label=gettext_lazy("Address"), max_length=300, required=False,
        validators=[ADDRESS],
        help_text=gettext_lazy("Of any endpoint that speaks as OpenAI's: https://api.example.com/v1"),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    model = forms.CharField(
        label=gettext_lazy("Model"), max_length=120, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    key = forms.CharField(
        label=gettext_lazy("Key"), max_length=500, required=False,
        validators=[RegexValidator(r"^[\x21-\x7e]+$", gettext_lazy("Letters, figures and signs, without spaces."))],
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    brands = forms.ModelMultipleChoiceField(
        Brand.objects, label=gettext_lazy("Brands for which it drafts"), required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("With none, it is off: nothing leaves the house."),
    )  # fmt: skip
    sends = forms.MultipleChoiceField(
        label=gettext_lazy("What of a customer leaves the house"), choices=SENDS, required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "With nothing ticked, only your protocols and canned answers are sent. Mails, telephones, addresses, cards "
            "and other long numbers never leave: a blank stands for each, and is filled again here."
        ),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("brands"):
            for name in ("base_url", "model"):
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, _("Without it, it can draft for nobody."))
        return values

    def setup(self) -> Setup:
        v = self.cleaned_data
        sends = Sends(**{name: name in v["sends"] for name, _label in SENDS})
        return Setup(v["base_url"], v["model"], v["key"], [brand.pk for brand in v["brands"]], sends)


@needs(May.SET_UP)
def assistant(request: PersonRequest) -> HttpResponse:
    now = kept()
    form = AssistantForm(request.POST or None, initial=_initial(now))
    if has_key(now):
        form.fields["key"].help_text = _("One is kept. Leave this empty to keep it; it is never shown again.")

    def keep(_values: dict[str, Any]) -> bool:
        actions.save(form.setup(), clock.now(), request.user.actor)
        return True

    if request.method == "POST" and saved(form, keep):
        messages.success(request, _("Saved. It counts for what is sent from now on."))
        return redirect("setup:assistant")
    drafts_for = [brand.name for brand in now.brands.all()] if now.pk else []
    context = {"form": form, "drafts_for": drafts_for}
    return render(request, "setup/assistant.html", context, status=422 if form.errors else 200)


def _initial(now: Any) -> dict[str, Any]:
    sends = [name for name, _label in SENDS if getattr(now, f"sends_{name}")]
    brands = list(now.brands.all()) if now.pk else []
    return {"base_url": now.base_url, "model": now.model, "brands": brands, "sends": sends}


@needs(May.SET_UP)
@require_POST
def assistant_test(request: PersonRequest) -> HttpResponse:
    """Ask it for one word, without anything of any customer, and say what came of it."""
    problem = drafting.test() if kept().base_url else _("Save an address and a model first.")
    return render(request, "setup/assistant_test.html", {"problem": problem})
