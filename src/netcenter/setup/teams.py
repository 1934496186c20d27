"""Settings: teams and skills."""

from django import forms
from django.contrib import messages
from django.core.validators import RegexValidator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.people import staff
from netcenter.people.access import PersonRequest, needs
from netcenter.people.models import Person, Skill, Team
from netcenter.people.permissions import May
from netcenter.routing.models import Queue
from netcenter.setup.forms import Several, ids

CODE = r"^[\w-]+(:[\w-]+)?$"


class TeamForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    members = Several(Person.objects.filter(is_active=True), label=gettext_lazy("Members"))


class SkillForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80, help_text=gettext_lazy("Like: Invoices."))
    code = forms.CharField(
        label=gettext_lazy("Code"), max_length=60,
        validators=[RegexValidator(CODE, gettext_lazy("Letters, figures and hyphens, without spaces."))],
        help_text=gettext_lazy("Short and lasting: it cannot be changed. Languages are language:es, language:pt."),
    )  # fmt: skip


@needs(May.SET_STANDARDS)
@require_safe
def teams(request: PersonRequest) -> HttpResponse:
    found = Team.objects.prefetch_related("members")
    queues: dict[int, list[str]] = {}
    for team, brand in Queue.objects.filter(team__isnull=False).values_list("team_id", "brand__name"):
        queues.setdefault(team, []).append(brand)
    return render(request, "setup/teams.html", {"teams": found, "queues": queues})


@needs(May.SET_STANDARDS)
def team(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    kept = get_object_or_404(Team, pk=pk) if pk else None
    initial = {"name": kept.name, "members": list(kept.members.all())} if kept else {}
    form = TeamForm(request.POST or None, initial=initial)
    if request.method == "POST":
        done = saved(form, lambda v: staff.save_team(
            kept, v["name"], ids(v["members"]), clock.now(), request.user.actor))  # fmt: skip
        if done is not None:
            messages.success(request, _("%(name)s is saved.") % {"name": done.name})
            return redirect("setup:teams")
    brands = list(Queue.objects.filter(team=kept).values_list("brand__name", flat=True)) if kept else []
    warning = _("It answers for %(brands)s. Without it, everybody of the brand would be rung.") % {
        "brands": ", ".join(brands)} if brands else _("No brand is answered by it alone.")  # fmt: skip
    context = {
        "form": form, "heading": kept.name if kept else _("A new team"), "back": ("setup:teams", _("Teams")),
        "remove": ("setup:team_remove", kept.pk, _("Remove this team"), warning) if kept else None,
    }  # fmt: skip
    return render(request, "setup/form.html", context, status=422 if form.errors else 200)


@needs(May.SET_STANDARDS)
@require_POST
def team_remove(request: PersonRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Team, pk=pk)
    staff.remove_team(kept, clock.now(), request.user.actor)
    messages.success(request, _("%(name)s is removed.") % {"name": kept.name})
    return redirect("setup:teams")


@needs(May.SET_STANDARDS)
@require_safe
def skills(request: PersonRequest) -> HttpResponse:
    found = Skill.objects.annotate(people=Count("person", distinct=True), queues=Count("queue", distinct=True))
    return render(request, "setup/skills.html", {"skills": found})


@needs(May.SET_STANDARDS)
def skill(request: PersonRequest, pk: int | None = None) -> HttpResponse:
    kept = get_object_or_404(Skill, pk=pk) if pk else None
    form = SkillForm(request.POST or None, initial={"name": kept.name, "code": kept.code} if kept else {})
    if kept:
        form.fields["code"].disabled = True
    if request.method == "POST":
        done = saved(form, lambda v: staff.save_skill(kept, v["code"], v["name"], clock.now(), request.user.actor))
        if done is not None:
            messages.success(request, _("%(name)s is saved.") % {"name": done.name})
            return redirect("setup:skills")
    context = {
        "form": form, "heading": kept.name if kept else _("A new skill"), "back": ("setup:skills", _("Skills")),
        "remove": ("setup:skill_remove", kept.pk, _("Remove this skill"), _missed(kept)) if kept else None,
    }  # fmt: skip
    return render(request, "setup/form.html", context, status=422 if form.errors else 200)


def _missed(kept: Skill) -> str:
    """What removing the skill means, said before it is done."""
    people = Person.objects.filter(skills=kept).count()
    told = ngettext(
        "%(n)d person has it. Brands that ask for it would ring for anybody of theirs.",
        "%(n)d people have it. Brands that ask for it would ring for anybody of theirs.",
        people,
    )
    return told % {"n": people}


@needs(May.SET_STANDARDS)
@require_POST
def skill_remove(request: PersonRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Skill, pk=pk)
    staff.remove_skill(kept, clock.now(), request.user.actor)
    messages.success(request, _("%(name)s is removed.") % {"name": kept.name})
    return redirect("setup:skills")
