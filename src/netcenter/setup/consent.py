"""Signing in at a network that has accounts to connect: there, back through one address, and the choice of which.

What must not be seen lies sealed in the session meanwhile; what comes back is believed only with our own signature, of
this person, once, within an hour.
"""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from netcenter.accounts import actions
from netcenter.accounts.models import Account, Brand
from netcenter.accounts.queries import connection_of, generated_secrets
from netcenter.channels.contract import Channel, ChannelError, Connection, Grant
from netcenter.channels.registry import channel
from netcenter.intake.reconciling import try_again
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.lib.secrets import Locked, seal, unseal
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May
from netcenter.setup.failing import why_not

# Sealed in the session: on the way, back with what may be chosen, and what was typed when nothing came of it.
ONCE = "shown_once"  # sealed in the session between connecting and the page that shows it
WAY, CHOICE, TYPED = "consent_way", "consent_choice", "consent_typed"
SALT = "setup.consent"
LONGEST = 3600  # seconds between going and coming back


def asks(network: Channel) -> bool:
    """Whether an account of this network is connected by signing in there."""
    return network.can("authorize") and any(step.consent for step in network.steps)


def redirect_address() -> str:
    """Where every network sends people back: pasted into its settings."""
    return settings.PUBLIC_URL + reverse("setup:account_back")


def leave(request: PersonRequest, network: Channel, wire: Connection, **kept: Any) -> HttpResponse:
    """Off to the network. `kept`: what is needed when the person comes back. Raises Refused."""
    nonce = secrets.token_urlsafe(16)
    state = signing.dumps({"nonce": nonce, "person": request.user.pk}, salt=SALT)
    try:
        consent = network.authorize(wire, redirect_address(), state)
    except ChannelError as error:
        raise Refused("unreachable", why_not(error)) from error
    way = {"kind": network.kind, "nonce": nonce, "keep": dict(consent.keep), **kept}
    request.session[WAY] = seal(way).decode()
    if consent.url.startswith(redirect_address()):  # nobody needs to sign in: straight back
        return redirect(consent.url)
    return _out(request, network, consent.url)


def _out(request: PersonRequest, network: Channel, url: str) -> HttpResponse:
    """Off by a page, not a redirect: browsers let no form (form-action) lead on to another house."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:  # a server that somebody typed in may say anything
        raise Refused("unreachable", _("The network named no page where one could sign in."))
    return render(request, "setup/account_leave.html", {"channel": network, "there": url, "host": parts.hostname})


@never_cache
@needs(May.SET_UP)
@require_safe
def account_back(request: PersonRequest) -> HttpResponse:
    """They signed in there, or did not want to: what may be connected now."""
    way = _taken(request, WAY)
    told = request.GET.dict()
    if way is None or not _is_ours(told.get("state", ""), way, request):
        messages.error(request, _("That took too long, or it began in another window. Begin once more."))
        return redirect("setup:account_choose")
    network = channel(way["kind"])
    again = reverse("setup:account", args=[way["account"]]) if way.get("account") else reverse(
        "setup:account_add", args=[way["kind"]])  # fmt: skip
    if not way.get("account"):
        request.session[TYPED] = seal({n: way[n] for n in ("kind", "brand", "name", "address", "config")}).decode()
    if "error" in told:
        why = told.get("error_description") or told["error"]
        messages.error(request, _("Nothing was connected. The network says: %(why)s") % {"why": why[:200]})
        return redirect(again)
    try:
        grants = network.exchange(_wire(way), told, redirect_address(), way["keep"])
    except ChannelError as error:
        messages.error(request, _("Nothing was connected.") + " " + why_not(error))
        return redirect(again)
    if not grants:
        messages.error(request, _("There is nothing to connect under this sign-in, or a right was not given there."))
        return redirect(again)
    if way.get("account"):
        return _renew(request, way["account"], grants)
    request.session.pop(TYPED, None)
    request.session[CHOICE] = seal({**way, "grants": [_plain(g) for g in grants]}).decode()
    return redirect("setup:account_grants")


@never_cache
@needs(May.SET_UP)
def account_grants(request: PersonRequest) -> HttpResponse:
    """Which of them to connect, each as an account of its own."""
    choice = _opened(request, CHOICE)
    if choice is None:
        return redirect("setup:account_choose")
    grants = [_grant(g) for g in choice["grants"]]
    if request.method != "POST":
        known = set(Account.objects.filter(channel=choice["kind"]).values_list("address", flat=True))
        listed = [(n, g, bool(g.address) and g.address in known) for n, g in enumerate(grants)]
        return render(request, "setup/account_grants.html", {"channel": channel(choice["kind"]), "listed": listed})
    chosen = {int(n) for n in request.POST.getlist("grant") if n.isdigit()}
    done, brand = [], get_object_or_404(Brand, pk=choice["brand"])
    named = choice["name"] if len(chosen) == 1 else ""  # of several, each has the network's own name for it
    for n, grant in enumerate(grants):
        if n in chosen:
            try:
                done.append(actions.connect(
                    brand, choice["kind"], (named or grant.name or choice["name"])[:80],
                    grant.address or choice["address"], choice["values"], clock.now(), request.user.actor, grant,
                ))  # fmt: skip
            except Refused as refused:
                messages.error(request, refused.message)
    if not done:
        messages.error(request, _("Choose at least one that is not connected yet."))
        return redirect("setup:account_grants")
    request.session.pop(CHOICE, None)
    if len(done) == 1:
        show_once(request, done[0])
    messages.success(request, _("%(names)s: connected. Test it now.") % {"names": ", ".join(a.name for a in done)})
    return redirect("setup:account", done[0].pk) if len(done) == 1 else redirect("setup:accounts")


@needs(May.SET_UP)
@require_POST
def account_again(request: PersonRequest, pk: int) -> HttpResponse:
    """Sign in once more for an account whose credentials ended or lack a right."""
    kept = get_object_or_404(Account.objects.select_related("brand"), pk=pk)
    network = channel(kept.channel)
    try:
        if not asks(network):
            raise Refused("no_consent", _("This network has no sign-in: change the settings below."))
        wire = connection_of(kept)
        return leave(request, network, wire, account=pk, config=dict(wire.config), secrets=dict(wire.secrets))
    except Refused as refused:
        messages.error(request, refused.message)
    except Locked:
        messages.error(request, _("The key of these credentials is missing. Connect the account anew."))
    return redirect("setup:account", pk)


def _renew(request: PersonRequest, pk: int, grants: tuple[Grant, ...]) -> HttpResponse:
    kept = get_object_or_404(Account, pk=pk)
    same = next((g for g in grants if g.address == kept.address), grants[0] if len(grants) == 1 else None)
    if same is None or (same.address and kept.address and same.address != kept.address):
        messages.error(
            request, _("%(address)s is not among what this sign-in may connect.") % {"address": kept.address}
        )
    elif actions.renewed(kept, same, clock.now()):
        actions.ask_anew(kept)
        try_again(kept.pk, clock.now())
        messages.success(request, _("Signed in again. Test it now."))
    return redirect("setup:account", pk)


def show_once(request: PersonRequest, account: Account) -> None:
    """What the house made up and a person has to paste at the network, on the next page and never again."""
    network = channel(account.channel)
    pasted = {name for step in network.steps for name in step.fields} if network.steps else None
    told = {n: v for n, v in generated_secrets(account).items() if pasted is None or n in pasted}
    request.session[ONCE] = seal({"account": account.pk, **told}).decode()


def typed(request: PersonRequest, kind: str) -> dict[str, Any]:
    """What was filled in before a network said no, but for the secrets: nobody types it twice. Given once."""
    found = _taken(request, TYPED) or {}
    if found.get("kind") != kind:
        return {}
    told = {name: value for name in ("brand", "name", "address") if (value := found.get(name))}
    return {**found["config"], **told}


def _is_ours(state: str, way: dict[str, Any], request: PersonRequest) -> bool:
    try:
        told = signing.loads(state, salt=SALT, max_age=LONGEST)
    except signing.BadSignature:
        return False
    return told.get("nonce") == way["nonce"] and told.get("person") == request.user.pk


def _taken(request: PersonRequest, name: str) -> dict[str, Any] | None:
    found = _opened(request, name)
    request.session.pop(name, None)
    return found


def _opened(request: PersonRequest, name: str) -> dict[str, Any] | None:
    try:
        return unseal((request.session.get(name) or "").encode()) or None
    except Locked:
        return None


def _wire(way: dict[str, Any]) -> Connection:
    """The account as far as it is known before it is one."""
    if way.get("account"):
        kept = Account.objects.select_related("brand").filter(pk=way["account"]).first()
        if kept is not None:
            return replace(connection_of(kept), config=way["config"], secrets=way["secrets"])
    return Connection("", way.get("address", ""), way.get("name", ""), way["config"], way["secrets"])


def _plain(grant: Grant) -> dict[str, Any]:
    expires = grant.expires_at.isoformat() if grant.expires_at else ""
    return {"secrets": dict(grant.secrets), "config": dict(grant.config), "expires_at": expires,
            "address": grant.address, "name": grant.name}  # fmt: skip


def _grant(told: dict[str, Any]) -> Grant:
    expires = datetime.fromisoformat(told["expires_at"]) if told["expires_at"] else None
    return Grant(told["secrets"], told["config"], expires, told["address"], told["name"])
