"""Settings: what the reading engine learns from this company, and what that would change."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_POST, require_safe

from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May
from netcenter.understanding import teaching
from netcenter.understanding.labelled import labelled
from netcenter.understanding.models import Correction, Layer

MOST_ROWS = 50_000


class ExampleForm(forms.Form):
    topic = forms.CharField(label=gettext_lazy("Topic"), max_length=80)
    text = forms.CharField(
        label=gettext_lazy("What customers write about it"), max_length=20_000, widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("One example in each line."),
    )  # fmt: skip


class FileForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Labelled messages"), help_text=gettext_lazy("A CSV file with the columns text and topic.")
    )


@needs(May.SET_STANDARDS)
@require_safe
def reading(request: PersonRequest) -> HttpResponse:
    return _page(request, ExampleForm(), FileForm())


def _page(request: PersonRequest, one: forms.Form, many: forms.Form, status: int = 200) -> HttpResponse:
    layers = list(Layer.objects.defer("weights").order_by("made_at"))
    busy = set(Layer.objects.filter(weights=b"").values_list("pk", flat=True))
    context: dict[str, Any] = {
        "topics": list(teaching.topics()), "one": one, "many": many, "corrections": Correction.objects.count(),
        "fewest": teaching.FEWEST, "words": _kinds(),
    }  # fmt: skip
    for what in Layer.What:
        mine = [layer for layer in layers if layer.what == what]
        context["kinds" if what == Layer.What.KINDS else "topics_layers"] = {
            "on": next((layer for layer in mine if layer.is_on), None),
            "offered": next((layer for layer in mine if not layer.is_on and layer.pk not in busy), None),
            "busy": any(layer.pk in busy for layer in mine),
        }
    return render(request, "setup/reading.html", context, status=status)


def _kinds() -> dict[str, str]:
    return {
        "complaint": _("Complaint"), "claim": _("Claim"), "question": _("Question"), "suggestion": _("Suggestion"),
        "praise": _("Praise"), "thanks": _("Thanks"), "spam": _("Spam"), "not_for_us": _("Not for us"),
        "other": pgettext("kind of message", "Other"),
    }  # fmt: skip


@needs(May.SET_STANDARDS)
@require_POST
def reading_examples(request: PersonRequest) -> HttpResponse:
    """Examples from a file, or written by hand."""
    if "file" in request.FILES:
        many = FileForm(request.POST, request.FILES)
        if not many.is_valid():
            return _page(request, ExampleForm(), many, 422)
        pairs = labelled(many.cleaned_data["file"].read())[:MOST_ROWS]
        if not pairs:
            many.add_error("file", _("There is no row with a text and a topic in it."))
            return _page(request, ExampleForm(), many, 422)
    else:
        one = ExampleForm(request.POST)
        if not one.is_valid():
            return _page(request, one, FileForm(), 422)
        lines = [line.strip() for line in one.cleaned_data["text"].splitlines()]
        pairs = [(line, one.cleaned_data["topic"].strip()) for line in lines if line]
    count = teaching.add_examples([t for t, _k in pairs], [k for _t, k in pairs], clock.now(), request.user.actor)
    messages.success(request, ngettext("%(n)d example is kept.", "%(n)d examples are kept.", count) % {"n": count})
    return redirect("setup:reading")


@needs(May.SET_STANDARDS)
@require_POST
def reading_forget(request: PersonRequest) -> HttpResponse:
    topic = request.POST.get("topic", "")
    teaching.forget_topic(topic, clock.now(), request.user.actor)
    messages.success(request, _("%(name)s is removed.") % {"name": topic})
    return redirect("setup:reading")


@needs(May.SET_STANDARDS)
@require_POST
def reading_learn(request: PersonRequest, what: str) -> HttpResponse:
    try:
        teaching.ask(what, clock.now(), request.user.actor)
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("setup:reading")


@needs(May.SET_STANDARDS)
@require_POST
def reading_switch(request: PersonRequest, pk: int) -> HttpResponse:
    on = request.POST.get("on") == "1"
    try:
        teaching.switch(pk, on, clock.now(), request.user.actor)
        messages.success(request, _("New messages are read with it.") if on else _("New messages are read without it."))
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("setup:reading")
