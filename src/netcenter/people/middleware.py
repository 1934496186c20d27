"""Each page in the person's own language and time zone."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation

from netcenter.people.permissions import remember_brands
from netcenter.people.zones import zone_of

Next = Callable[[HttpRequest], HttpResponse]


class PersonLocaleMiddleware(LocaleMiddleware):
    """Before anybody is known: a language chosen on this browser, else the browser's, else Spanish."""


class PersonMiddleware:
    """Once somebody is signed in: their language and zone."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if not person.is_authenticated:
            return self.get_response(request)
        remember_brands(person)
        if person.language in dict(settings.LANGUAGES):
            translation.activate(person.language)
            request.LANGUAGE_CODE = translation.get_language()
        with timezone.override(zone_of(person)):
            return self.get_response(request)
