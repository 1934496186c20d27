"""Settings: accounts on networks. Connecting, testing, pausing; what is secret is never shown again."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from netcenter.accounts import actions
from netcenter.accounts.models import Account, Brand
from netcenter.accounts.queries import connection_of
from netcenter.channels.contract import Channel, Connection
from netcenter.channels.registry import channel, channels
from netcenter.intake.models import Delivery
from netcenter.intake.reconciling import try_again
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.lib.secrets import Locked, seal, unseal
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May
from netcenter.setup import consent
from netcenter.setup.connection_form import ConnectionForm
from netcenter.setup.connection_test import checks
from netcenter.setup.standing import standing


@needs(May.SET_UP)
@require_safe
def accounts(request: PersonRequest) -> HttpResponse:
    found = list(Account.objects.select_related("brand", "health"))
    context = {
        "accounts": [(account, channels().get(account.channel)) for account in found],
        "unreadable": Delivery.objects.filter(state=Delivery.State.UNREADABLE).count(),
    }
    return render(request, "setup/accounts.html", context)


@needs(May.SET_UP)
@require_safe
def account_choose(request: PersonRequest) -> HttpResponse:
    by_hand = [network for network in channels().values() if network.fields]  # others make their accounts themselves
    return render(request, "setup/account_choose.html", {"channels": by_hand})


@sensitive_post_parameters()
@needs(May.SET_UP)
def account_add(request: PersonRequest, kind: str) -> HttpResponse:
    network = _network(kind)
    if not Brand.objects.exists():
        messages.info(request, _("An account belongs to a brand. Add the brand first."))
        return redirect("setup:brand_add")
    form = ConnectionForm(network, None, request.POST or None, pasted=_pasted(network, request.POST))
    if request.method != "POST":
        form.initial.update(consent.typed(request, kind))
    elif consent.asks(network):
        there = saved(form, lambda v: _sign_in(request, network, form, v))
        if there is not None:
            return there
    else:
        done = saved(form, lambda v: actions.connect(
            v["brand"], kind, v["name"], form.address, form.values, clock.now(), request.user.actor))  # fmt: skip
        if done is not None:
            consent.show_once(request, done)
            messages.success(request, _("%(name)s is connected. Test it now.") % {"name": done.name})
            return redirect("setup:account", done.pk)
    context = {"form": form, "channel": network, "back_address": consent.redirect_address()}
    return render(request, "setup/account_add.html", context, status=422 if form.errors else 200)


def _pasted(network: Channel, given: Mapping[str, Any]) -> frozenset[str]:
    """The fields of the step whose button says that nobody needs to sign in: without them they would have to."""
    step = next((step for step in network.steps if step.instead and "instead" in given), None)
    return frozenset(step.fields) if step else frozenset()


def _sign_in(request: PersonRequest, network: Channel, form: ConnectionForm, values: dict[str, Any]) -> HttpResponse:
    """Off to the network, with what was filled in; nothing is connected before the person comes back."""
    hidden = {f.name for f in network.fields if f.secret or f.kind == "secret"}
    config = {k: v for k, v in form.values.items() if k not in hidden}
    kept = {k: v for k, v in form.values.items() if k in hidden}
    wire = Connection("", form.address, values["name"], config, kept, values["brand"].name)
    return consent.leave(
        request, network, wire, brand=values["brand"].pk, name=values["name"], address=form.address,
        values=dict(form.values), config=config, secrets=kept,
    )  # fmt: skip


@sensitive_post_parameters()
@never_cache
@needs(May.SET_UP)
def account(request: PersonRequest, pk: int) -> HttpResponse:
    kept = get_object_or_404(Account.objects.select_related("brand", "health"), pk=pk)
    network = _network(kept.channel)
    form = ConnectionForm(network, kept, request.POST or None)
    if request.method == "POST":

        def change(values: dict[str, Any]) -> bool:
            actions.change(kept, values["name"], form.address, form.values, clock.now(), request.user.actor)
            try_again(kept.pk, clock.now())
            return True

        if saved(form, change):
            messages.success(request, _("Saved. Test it to be sure."))
            return redirect("setup:account", pk)
    context = {"form": form, "account": kept, "channel": network, "once": _once(request, pk), **_places(kept, network)}
    return render(request, "setup/account.html", context, status=422 if form.errors else 200)


def _places(account: Account, network: Channel) -> dict[str, Any]:
    """Where the network reaches us, and what to paste into one's own site."""
    try:
        embed = network.embed(connection_of(account), settings.PUBLIC_URL)
    except Locked:
        embed = ""
    return {
        "hook": f"{settings.PUBLIC_URL}/hooks/{account.key}" if network.pushes else "",
        "embed": embed,
        "state": standing(account, network),
        "consents": consent.asks(network),
        "back_address": consent.redirect_address(),
        "renewable": [field for field in network.fields if field.generated],
    }


def _once(request: PersonRequest, pk: int) -> dict[str, str]:
    """The secrets to be shown now and never again, by the name of their field."""
    try:
        told = unseal((request.session.get(consent.ONCE) or "").encode())
    except Locked:
        told = {}
    if told.get("account") != pk:
        return {}
    del request.session[consent.ONCE]
    return {name: value for name, value in told.items() if name != "account"}


@needs(May.SET_UP)
@require_POST
def account_switch(request: PersonRequest, pk: int) -> HttpResponse:
    """Pause or resume."""
    kept = get_object_or_404(Account, pk=pk)
    enabled = request.POST.get("enabled") == "yes"
    actions.switch(kept, enabled, clock.now(), request.user.actor)
    said = _("%(name)s receives and sends again.") if enabled else _("%(name)s is paused.")
    messages.success(request, said % {"name": kept.name})
    return redirect("setup:account", pk)


@needs(May.SET_UP)
@require_POST
def account_renew(request: PersonRequest, pk: int, field: str) -> HttpResponse:
    """Make up a new secret and show it once."""
    kept = get_object_or_404(Account, pk=pk)
    if field not in {f.name for f in _network(kept.channel).fields if f.generated}:
        raise Http404
    fresh = actions.renew_secret(kept, field, clock.now(), request.user.actor)
    request.session[consent.ONCE] = seal({"account": pk, field: fresh}).decode()
    return redirect("setup:account", pk)


@needs(May.SET_UP)
@require_POST
def account_test(request: PersonRequest, pk: int) -> StreamingHttpResponse:
    """The checks as list items, each sent as soon as it is known."""
    kept = get_object_or_404(Account.objects.select_related("brand"), pk=pk)
    lines = _lines(_network(kept.channel), kept, translation.get_language() or settings.LANGUAGE_CODE)
    response = StreamingHttpResponse(lines, content_type="text/html; charset=utf-8")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _lines(network: Channel, account: Account, language: str) -> Iterator[str]:
    ok = True
    with translation.override(language):
        try:
            wire = connection_of(account)
        except Locked:
            yield render_to_string("setup/check.html", {"locked": True})
            return
        for check in checks(network, wire):
            ok &= check.ok or not check.needed
            yield render_to_string("setup/check.html", {"check": check, "words": _words})
        yield render_to_string("setup/check.html", {"done": True, "ok": ok})


def _words(text: str) -> str:
    return _(text) if text else ""


def _network(kind: str) -> Channel:
    try:
        return channel(kind)
    except KeyError as error:
        raise Http404(kind) from error
