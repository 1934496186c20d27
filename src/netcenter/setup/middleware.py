"""Before the first run there is nothing to show but the first-run page."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from netcenter.accounts.queries import organisation

OPEN = ("/look/", "/static/", "/api/", "/chat/")  # what a page is made of, and machines, who cannot be led anywhere
Next = Callable[[HttpRequest], HttpResponse]


class FirstRunMiddleware:
    """Leads every page to the first run while no organisation exists; asks no more once one does."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        self.founded = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self.founded and not _is_open(request.path):
            self.founded = organisation() is not None
            if not self.founded and not request.user.is_authenticated:
                return redirect("setup:welcome")
        return self.get_response(request)


def _is_open(path: str) -> bool:
    return path == reverse("setup:welcome") or path.startswith(OPEN)
