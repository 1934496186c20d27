"""The living style page: every element in every state, so that one can look at it."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from netcenter.lib import clock
from netcenter.look import icons

TOKENS = [
    "bg",
    "surface",
    "sunken",
    "hover",
    "pressed",
    "line",
    "line-strong",
    "control",
    "faint",
    "text",
    "strong",
    "ink",
    "ink-soft",
    "kept",
    "kept-soft",
    "near",
    "near-soft",
    "orange",
    "broken",
    "broken-soft",
    "public",
    "public-soft",
]


class SampleForm(forms.Form):
    """One of each control."""

    name = forms.CharField(label=_("Name"), help_text=_("What customers read under your answers."))
    email = forms.EmailField(label=_("E-mail"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    greeting = forms.CharField(label=_("Greeting"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    rings = forms.BooleanField(label=_("Ring on the phone too"), required=False)
    place = forms.ChoiceField(
        label=_("Answer"), choices=[("private", _("Private")), ("public", _("Public"))], widget=forms.RadioSelect
    )


def may_look(request: HttpRequest) -> bool:
    return settings.DEBUG or getattr(getattr(request, "user", None), "is_staff", False)


def style(request: HttpRequest) -> HttpResponse:
    if not may_look(request):
        raise Http404
    now = clock.now()
    wrong = SampleForm({"wrong-name": "", "wrong-email": "alice"}, prefix="wrong")
    hour = timedelta(hours=1)
    return render(
        request,
        "look/style.html",
        {
            "tokens": TOKENS,
            "icon_names": sorted(icons.names()),
            "form": SampleForm(initial={"name": "Alice Ortega", "language": "es", "place": "private"}),
            "wrong": wrong,
            "at": now,
            "moments": [now, now - hour / 12, now - 3 * hour, now - 50 * hour, now - 400 * hour, now + hour / 3],
            "promises": [
                (now - hour / 4, now + hour * 0.75),
                (now - hour / 2, now + hour / 2),
                (now - hour * 0.85, now + hour * 0.15),
                (now - hour, now - hour / 14),
                (now - hour, now + 30 * hour),
            ],
            "spans": [35, 240, 3900, 7200, 183600],
        },
    )


def sample_dialog(request: HttpRequest) -> HttpResponse:
    if not may_look(request):
        raise Http404
    return render(request, "look/sample_dialog.html")


def offline(request: HttpRequest) -> HttpResponse:
    """What the service worker shows when there is no network; it names nobody, so it may be kept."""
    return render(request, "look/offline.html")
