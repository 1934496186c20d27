"""Which subscription to rings is this browser's: whoever sits down here next must not get somebody else's."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from netcenter.people.models import Person, PushSubscription

COOKIE = "push"  # outlives the session, since the browser's subscription does too
YEAR = 365 * 24 * 3600


def remember(answer: HttpResponse, subscription: PushSubscription) -> None:
    """Let the browser that gets this answer say later which subscription it has."""
    answer.set_signed_cookie(
        COOKIE, str(subscription.pk), max_age=YEAR, httponly=True, samesite="Lax", secure=settings.SECURE
    )


def subscription_of(request: HttpRequest) -> PushSubscription | None:
    """The subscription that was made on this browser, while it lasts."""
    told = request.get_signed_cookie(COOKIE, default="")
    return PushSubscription.objects.filter(pk=told).first() if told else None


def leave(request: HttpRequest, besides: Person | None = None) -> None:
    """This browser is rung no more, unless its subscription is this person's."""
    known = subscription_of(request)
    if known is not None and (besides is None or known.person_id != besides.pk):
        known.delete()
