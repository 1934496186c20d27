"""Whether a page or only a part of it is asked for."""

from django.http import HttpRequest


def wants(request: HttpRequest, element_id: str) -> bool:
    """Whether htmx will put the answer into the element with this id (htmx 4 names it "div#id")."""
    return request.headers.get("HX-Target", "").rpartition("#")[2] == element_id
