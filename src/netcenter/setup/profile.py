"""Settings: oneself. Where settings begin for whoever opens them."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from netcenter.lib import clock
from netcenter.people.access import PersonRequest
from netcenter.people.permissions import May, may
from netcenter.people.staff import set_preferences
from netcenter.setup.forms import ScreenLanguageField, ZoneField

YEAR = 365 * 24 * 60 * 60


class ProfileForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120, help_text=gettext_lazy(
        "Customers read it under your answers."))  # fmt: skip
    language = ScreenLanguageField()
    timezone = ZoneField()
    dense = forms.BooleanField(label=gettext_lazy("Dense rows: more on one screen"), required=False)
    sound = forms.BooleanField(label=gettext_lazy("Ring with sound"), required=False)
    telephone = forms.CharField(
        label=gettext_lazy("Your telephone"), max_length=60, required=False,
        help_text=gettext_lazy(
            "It rings when you take or make a call: +34600111222, sip:you@your-switchboard, or 201."
        ),
    )  # fmt: skip


@login_required
@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """The first page of settings that the person may use."""
    if may(request.user, May.SET_UP):
        return redirect("setup:accounts")
    return redirect("setup:standards" if may(request.user, May.SET_STANDARDS) else "setup:profile")


@login_required
def profile(request: PersonRequest) -> HttpResponse:
    person = request.user
    names = ("name", "language", "timezone", "dense", "sound", "telephone")
    form = ProfileForm(request.POST or None, initial={name: getattr(person, name) for name in names})
    if request.method == "POST" and form.is_valid():
        set_preferences(person, clock.now(), **form.cleaned_data)
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Saved."))
        response = redirect("setup:profile")
        if form.cleaned_data["dense"]:
            response.set_cookie("density", "dense", max_age=YEAR, samesite="Lax")
        else:
            response.delete_cookie("density", samesite="Lax")
        return response
    return render(request, "setup/profile.html", {"form": form}, status=422 if form.errors else 200)
