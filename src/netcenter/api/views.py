"""Settings → API and webhooks: one page for keys, webhooks and dead letters."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from netcenter.api import actions, queries, tokens
from netcenter.api.forms import TokenForm, WebhookForm
from netcenter.api.models import WebhookSubscription
from netcenter.lib import clock
from netcenter.lib.forms import saved
from netcenter.people.access import PersonRequest, needs
from netcenter.people.permissions import May, may


@needs(May.ANSWER)
@never_cache
def settings(request: PersonRequest) -> HttpResponse:
    """The page; making a key and adding a webhook answer with it as well, to show the secret this once."""
    return _page(request)


@needs(May.ANSWER)
@never_cache
@require_POST
def make_token(request: PersonRequest) -> HttpResponse:
    form = TokenForm(request.POST, prefix="token")
    made = saved(form, lambda v: tokens.make(request.user, now=clock.now(), **v))
    if made is None:
        return _page(request, 422, token_form=form)
    return _page(request, fresh_token=made[0], secret=made[1])


@needs(May.ANSWER)
@require_POST
def revoke_token(request: PersonRequest, token_id: int) -> HttpResponse:
    tokens.revoke(token_id, request.user, clock.now())
    messages.success(request, _("The key no longer opens anything."))
    return redirect("api:settings")


@needs(May.SET_UP)
@never_cache
@require_POST
def add_webhook(request: PersonRequest) -> HttpResponse:
    form = WebhookForm(request.POST, prefix="webhook")
    made = saved(form, lambda v: actions.subscribe(request.user, now=clock.now(), **v))
    if made is None:
        return _page(request, 422, webhook_form=form)
    return _page(request, fresh_webhook=made[0], secret=made[1])


@needs(May.ANSWER)
@never_cache
@require_POST
def renew_webhook(request: PersonRequest, webhook_id: int) -> HttpResponse:
    try:
        secret = actions.renew(webhook_id, request.user, clock.now())
    except WebhookSubscription.DoesNotExist:
        return redirect("api:settings")
    return _page(request, fresh_webhook=WebhookSubscription.objects.get(pk=webhook_id), secret=secret)


@login_required
@require_POST
def act_on_webhook(request: PersonRequest, webhook_id: int, act: str) -> HttpResponse:
    """Pause, resume or remove."""
    acts: dict[str, Callable[[], Any]] = {
        "pause": lambda: actions.switch(webhook_id, False, request.user, clock.now()),
        "resume": lambda: actions.switch(webhook_id, True, request.user, clock.now()),
        "remove": lambda: actions.remove(webhook_id, request.user, clock.now()),
    }
    acts[act]()
    return redirect("api:settings")


@login_required
@require_POST
def try_again(request: PersonRequest, delivery_id: int | None = None) -> HttpResponse:
    count = actions.try_again(request.user, clock.now(), delivery_id)
    messages.success(request, _("Queued again: %(count)d.") % {"count": count})
    return redirect("api:settings")


def _page(request: PersonRequest, status: int = 200, **more: Any) -> HttpResponse:
    person = request.user
    told: dict[str, Any] = {
        "tokens": tokens.visible(person),
        "token_form": TokenForm(prefix="token"),
        "may_set_up": may(person, May.SET_UP),
        "may_try_again": may(person, May.RE_READ),
    }
    if told["may_set_up"]:
        told |= {"webhooks": queries.webhooks(), "webhook_form": WebhookForm(prefix="webhook")}
    if told["may_try_again"]:
        told["dead"], told["dead_count"] = queries.dead_letters()
    return render(request, "api/settings.html", told | more, status=status)
