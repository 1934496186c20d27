"""The service worker, and subscribing a browser to rings."""

import json
from pathlib import Path
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET, require_POST

from netcenter.live import push
from netcenter.people.browsers import remember, subscription_of
from netcenter.people.models import Person

_WORKER = Path(__file__).parent / "static/live/sw.js"


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """From the root, since a worker rules only what lies below its own address; asked for anew each time."""
    answer = HttpResponse(_WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = "/"
    return answer


@require_GET
@login_required
def push_key(request: HttpRequest) -> HttpResponse:
    """What the browser needs to subscribe, and whether it is subscribed for who asks."""
    known = subscription_of(request)
    return JsonResponse({"key": push.public_key(), "on": known is not None and known.person_id == request.user.pk})


@require_POST
@login_required
def push_subscribe(request: HttpRequest) -> HttpResponse:
    """The browser's subscription, as its own JSON."""
    told = _told(request)
    if not push.is_subscription(told.get("endpoint"), told.get("keys")):
        return JsonResponse({"error": "not_a_subscription"}, status=400)
    keys = {name: str(told["keys"][name]) for name in ("p256dh", "auth")}
    answer = JsonResponse({"subscribed": True})
    remember(answer, push.subscribe(cast(Person, request.user), told["endpoint"], keys))
    return answer


@require_POST
@login_required
def push_unsubscribe(request: HttpRequest) -> HttpResponse:
    """Never again on this browser."""
    push.unsubscribe(cast(Person, request.user), str(_told(request).get("endpoint", "")))
    return JsonResponse({"subscribed": False})


def _told(request: HttpRequest) -> dict[str, Any]:
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
