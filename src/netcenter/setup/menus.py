"""Settings: the first choice that an account offers, as its customers will see it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from netcenter.accounts.models import Account
from netcenter.channels.contract import Channel
from netcenter.channels.registry import channels
from netcenter.courtesy.menus import closing
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.people.access import PersonRequest, needs
from netcenter.people.models import Skill
from netcenter.people.permissions import May
from netcenter.routing.choices import Wanted, in_language, is_useful, language_for, numbered, reachable
from netcenter.routing.menus import MenuDetails, menus_of, save_menu, skills_of
from netcenter.setup.actions import LANGUAGES
from netcenter.setup.menu_form import MenuForm


@needs(May.SET_STANDARDS)
@require_safe
def menus(request: PersonRequest) -> HttpResponse:
    accounts = [a for a in Account.objects.select_related("brand") if (n := channels().get(a.channel)) and _can(n)]
    known = menus_of(accounts)
    rows = [(a, channels()[a.channel], known.get(a.pk)) for a in accounts]
    return render(request, "setup/menus.html", {"rows": rows, "reader": request.user.language[:2]})


@needs(May.SET_STANDARDS)
def menu(request: PersonRequest, pk: int) -> HttpResponse:
    account, network = _account(pk)
    form = MenuForm(account, network.capabilities, menus_of([account]).get(pk), request.POST or None)
    if request.method == "POST":
        done = saved(form, lambda _v: save_menu(account, form.details(), clock.now(), request.user.actor))
        if done is not None:
            messages.success(request, _("%(name)s is saved.") % {"name": account.name})
            return redirect("setup:menus")
    context = {"form": form, "account": account, "channel": network, "languages": LANGUAGES}
    return render(request, "setup/menu.html", context, status=422 if form.errors else 200)


@needs(May.SET_STANDARDS)
@require_POST
def menu_preview(request: PersonRequest, pk: int) -> HttpResponse:
    """The menu as it stands in the form, as a customer would see it, and what follows from it."""
    account, network = _account(pk)
    form = MenuForm(account, network.capabilities, None, request.POST)
    form.is_valid()
    details = form.details()
    wanted = request.POST.get("preview_language", "")
    spoken = language_for(details.question, wanted, account.brand.language[:2])
    question = details.question.get(spoken, "")
    labels = [in_language(line.labels, spoken, account.brand.language[:2]) for line in details.lines]
    buttons = network.capabilities.quick_replies
    context = {
        "account": account, "channel": network, "question": question, "labels": labels, "buttons": buttons,
        "spoken": spoken, "mail": "" if buttons else numbered(question, labels, closing(spoken)),
        "patience": details.patience_seconds, **_consequences(account, details),
    }  # fmt: skip
    return render(request, "setup/menu_preview.html", context)


def _consequences(account: Account, details: MenuDetails) -> dict[str, Any]:
    """Whether it would be asked at all, and the skills that nobody has."""
    people = list(skills_of(account.brand_id).values())
    wanted = [Wanted(line.skill_id, line.level) for line in details.lines]
    missing = {w.skill_id for w in wanted if w.skill_id and reachable(w, people) is None}
    names = Skill.objects.filter(pk__in=missing).values_list("name", flat=True)
    return {"useful": is_useful(wanted, people), "missing": list(names), "some": bool(wanted)}


def _account(pk: int) -> tuple[Account, Channel]:
    account = get_object_or_404(Account.objects.select_related("brand"), pk=pk)
    network = channels().get(account.channel)
    if network is None or not _can(network):
        raise Http404(account.channel)
    return account, network


def _can(network: Channel) -> bool:
    return network.capabilities.reply and "private" in network.capabilities.places
