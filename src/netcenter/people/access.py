"""Who may open a page: signed in, and with the right."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from netcenter.people.models import Person
from netcenter.people.permissions import May, require

View = Callable[..., Any]


class PersonRequest(HttpRequest):
    """A request of somebody who is signed in: what a guarded view gets."""

    user: Person  # type: ignore[assignment]


def needs(right: May) -> Callable[[View], View]:
    """A view for people with the right: others get 403, and who is not signed in may do so first."""

    def guard(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            require(request.user, right)  # type: ignore[arg-type]
            return view(request, *args, **kwargs)

        return login_required(checked)

    return guard
