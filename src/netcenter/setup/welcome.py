"""The first run: whose installation this is, and its first administrator."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from netcenter.accounts.queries import organisation
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.people.models import Person
from netcenter.people.staff import weaknesses
from netcenter.protocols import writing
from netcenter.protocols.manuals import manual
from netcenter.setup import latch
from netcenter.setup.actions import Beginning, begin
from netcenter.setup.forms import (
    CountryField,
    ScreenLanguageField,
    ZoneField,
    country_of,
    former_names,
    zone_name,
    zones,
)
from netcenter.setup.protocols import manual_names

BACKEND = settings.AUTHENTICATION_BACKENDS[0]


def _kinds() -> list[tuple[str, str]]:
    return [("", _("Another one, or later")), *((k, v) for k, v in manual_names().items() if k != "common")]


class WelcomeForm(forms.Form):
    organisation = forms.CharField(label=gettext_lazy("Name of your organisation"), max_length=80)
    language = ScreenLanguageField()
    timezone = ZoneField()
    country = CountryField(
        required=False, help_text=gettext_lazy("Its public holidays do not count as working time, once you keep hours.")
    )
    manual = forms.ChoiceField(
        label=gettext_lazy("What kind of company is it?"), required=False, choices=_kinds,
        help_text=gettext_lazy(
            "It brings protocols to begin with: steps and words for its situations. Yours to change."),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("Your name"), max_length=120, help_text=gettext_lazy(
        "Customers read it under your answers."))  # fmt: skip
    email = forms.EmailField(label=gettext_lazy("Your e-mail address"), help_text=gettext_lazy("You sign in with it."))
    password = forms.CharField(
        label=gettext_lazy("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least 10 characters. A sentence is good."), strip=False,
    )  # fmt: skip

    def clean(self) -> dict:
        values = super().clean() or {}
        told = Person(name=values.get("name", ""), email=values.get("email", ""))
        if values.get("password") and (weak := weaknesses(values["password"], told)):
            self.add_error("password", ValidationError(weak))
        return values


@never_cache
@sensitive_post_parameters("password")
def welcome(request: HttpRequest) -> HttpResponse:
    """Only while there is no organisation, and only for whom the latch lets in."""
    if organisation() is not None:
        return redirect("/")
    if not latch.is_open(request):
        return render(request, "setup/welcome_locked.html", {"wrong": "code" in request.GET}, status=403)
    if "code" in request.GET:
        return redirect("setup:welcome")  # it need not stand in anybody's history
    language = request.POST.get("language") or translation.get_language()
    zone = settings.TIME_ZONE if settings.TIME_ZONE in zones() else "UTC"
    initial = {"language": language, "timezone": zone, "country": country_of(zone)}
    form = WelcomeForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        kind = form.cleaned_data.pop("manual")
        try:
            with translation.override(form.cleaned_data["language"]):
                person = begin(Beginning(**form.cleaned_data), clock.now())
        except Refused as refused:  # somebody was quicker
            messages.info(request, refused.message)
            return redirect(settings.LOGIN_URL)
        if kind:
            writing.install((*manual("common"), *manual(kind)), person, clock.now())
        login(request, person, BACKEND)
        translation.activate(person.language)
        messages.success(request, _("Netcenter is yours. Now connect the first account that customers write to."))
        return redirect("setup:account_choose")
    places = [(zone, zone_name(zone), country_of(zone), " ".join(former_names().get(zone, []))) for zone in zones()]
    context = {"form": form, "places": places}
    return render(request, "setup/welcome.html", context, status=422 if form.errors else 200)
