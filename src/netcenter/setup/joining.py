"""Coming in: by an invitation, or in the demo by one click."""

from allauth.mfa.utils import is_mfa_enabled
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from netcenter.accounts.queries import organisation
from netcenter.lib import clock
from netcenter.people import staff
from netcenter.people.invitations import invited
from netcenter.people.models import Desk, Person
from netcenter.people.permissions import May, may
from netcenter.routing.presence import set_state
from netcenter.setup.welcome import BACKEND

DEMO_PEOPLE = "@demo.netcenter.example"


class JoinForm(forms.Form):
    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False,
        help_text=gettext_lazy("At least 10 characters. A sentence is good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )  # fmt: skip


@never_cache
@sensitive_post_parameters()
def join(request: HttpRequest, token: str) -> HttpResponse:
    """The invited person chooses a password and is in."""
    person = invited(token)
    if person is None:
        return render(request, "setup/join_over.html", status=410)
    if person.language in dict(settings.LANGUAGES) and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(person.language)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            staff.join(person, form.cleaned_data["password"], clock.now())
        except ValidationError as weak:
            form.add_error("password", weak)
        else:
            return _enter(request, person)
    house = organisation()
    context = {"form": form, "person": person, "organisation": house.name if house else ""}
    return render(request, "setup/join.html", context, status=422 if form.errors else 200)


def _enter(request: HttpRequest, person: Person) -> HttpResponse:
    if is_mfa_enabled(person):  # a link replaces the password, never the second step
        messages.success(request, _("Your password is changed. Sign in with it."))
        return redirect("account_login")
    login(request, person, BACKEND)
    welcome = _("Welcome, %(name)s. Set yourself available and the next message may ring for you.")
    if not may(person, May.ANSWER):
        welcome = _("Welcome, %(name)s. What is asked of you stands here.")
    messages.success(request, welcome % {"name": person.first_name})
    return redirect("/")


# --- The demo ---------------------------------------------------------------------------------------------------------


@never_cache
@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """Who one can be in the demo."""
    if request.user.is_authenticated:
        return redirect("/")
    people = Person.objects.filter(email__endswith=DEMO_PEOPLE, is_active=True).prefetch_related("skills")
    return render(request, "setup/demo.html", {"people": sorted(people, key=lambda p: (_RANK.get(p.role, 9), p.name))})


_RANK = {
    Person.Role.OPERATOR: 0, Person.Role.SUPERVISOR: 1, Person.Role.ADMINISTRATOR: 2, Person.Role.OWNER: 3,
}  # fmt: skip


@require_POST
def demo_sign_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign in as one of them, available. Routed only in the demo, and checked again here."""
    if not settings.DEMO:
        raise Http404
    person = get_object_or_404(Person, pk=pk, email__endswith=DEMO_PEOPLE, is_active=True)
    login(request, person, BACKEND)
    if may(person, May.ANSWER):
        set_state(person, Desk.State.AVAILABLE, clock.now(), person)
    return redirect("/")
