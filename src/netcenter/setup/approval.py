"""Settings: whose answers wait for a second pair of eyes."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.people.access import PersonRequest, needs
from netcenter.people.models import Person
from netcenter.people.permissions import May, may
from netcenter.protocols.known import approval_rule
from netcenter.protocols.writing import save_approval_rule
from netcenter.setup.topics import topic_choices

CRISES = ((0, gettext_lazy("In no crisis")), (1, gettext_lazy("From yellow")), (2, gettext_lazy("From orange")),
          (3, gettext_lazy("Only in red")))  # fmt: skip


class ApprovalForm(forms.Form):
    trainees = forms.BooleanField(
        label=gettext_lazy("What trainees answer"), required=False,
        help_text=gettext_lazy("Who is one is said on the person's own page."),
    )  # fmt: skip
    crisis_from = forms.TypedChoiceField(
        label=gettext_lazy("What anybody answers in a crisis"), choices=CRISES, coerce=int
    )
    topics = forms.MultipleChoiceField(
        label=gettext_lazy("What anybody answers about these topics"), choices=topic_choices, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


@needs(May.SET_STANDARDS)
def approval(request: PersonRequest) -> HttpResponse:
    kept = approval_rule()
    initial = {"trainees": kept.trainees, "crisis_from": kept.crisis_from, "topics": kept.topics}
    form = ApprovalForm(request.POST or None, initial=initial)
    if request.method == "POST":

        def keep(v: dict) -> bool:
            save_approval_rule(v["trainees"], v["crisis_from"], v["topics"], request.user, clock.now())
            return True

        if saved(form, keep):
            messages.success(request, _("Saved. It counts for what is sent from now on."))
            return redirect("setup:protocols")
    active = Person.objects.filter(is_active=True)
    approvers = [p.name for p in active if may(p, May.APPROVE)]
    context = {
        "form": form, "heading": _("Approval"), "back": ("setup:protocols", _("Protocols")), "remove": None,
        "lead": _("A second pair of eyes before an answer leaves: it may be changed or returned; the promise runs on."),
        "consequences": {
            "trainees": _("Trainees now: %(names)s") % {
                "names": ", ".join(active.filter(is_trainee=True).values_list("name", flat=True)) or "–"},
            "crisis_from": _("Who may approve now: %(names)s") % {"names": ", ".join(approvers)},
        },
    }  # fmt: skip
    return render(request, "setup/form.html", context, status=422 if form.errors else 200)
