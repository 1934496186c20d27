"""Settings: the organisation itself."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from netcenter.accounts.actions import change_organisation
from netcenter.accounts.queries import organisation as the_organisation
from netcenter.lib import clock
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May
from netcenter.setup.forms import ScreenLanguageField, ZoneField


class OrganisationForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    language = ScreenLanguageField(help_text=gettext_lazy("For new people; everybody may choose another one."))
    timezone = ZoneField(help_text=gettext_lazy("For new people and new calendars. The ledger's days are UTC."))
    shows_drafts = forms.BooleanField(
        label=gettext_lazy("Whoever watches sees drafts"), required=False,
        help_text=gettext_lazy("A supervisor who watches a case live also sees words that are not sent yet. "
                               "The operator is told so on the screen."),
    )  # fmt: skip


@needs(May.SET_UP)
def organisation(request: PersonRequest) -> HttpResponse:
    kept = the_organisation()
    fields = ("name", "language", "timezone", "shows_drafts")
    initial = {name: getattr(kept, name) for name in fields} if kept else {}
    form = OrganisationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        change_organisation(**form.cleaned_data, now=clock.now(), actor=request.user.actor)
        messages.success(request, _("Saved."))
        return redirect("setup:organisation")
    context = {
        "form": form, "heading": _("Organisation"), "lead": _("Whose installation this is."),
    }  # fmt: skip
    return render(request, "setup/form.html", context, status=422 if form.errors else 200)
