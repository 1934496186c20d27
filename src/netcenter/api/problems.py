"""Errors as RFC 9457 problems, in the language of the person whose key it is."""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import HttpError, Throttled, ValidationError

from netcenter.lib.refused import Refused

MEDIA = "application/problem+json"


def problem(status: int, code: str, detail: str, errors: Iterable[Mapping[str, str]] = ()) -> HttpResponse:
    """One problem. `code` is for machines, `detail` for people."""
    told: dict[str, Any] = {"type": "about:blank", "title": _titles().get(status, _("It did not work")),
                            "status": status, "code": code, "detail": detail}  # fmt: skip
    if listed := list(errors):
        told["errors"] = listed
    answer = HttpResponse(orjson.dumps(told), status=status, content_type=MEDIA)
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def install(api: NinjaAPI) -> None:
    """Answer every error of this API as a problem. Bugs are not caught: they are loud."""
    api.add_exception_handler(Refused, _refused)
    api.add_exception_handler(RequestDataTooBig, _too_large)
    api.add_exception_handler(PermissionDenied, _forbidden)
    api.add_exception_handler(Http404, _missing)
    api.add_exception_handler(ObjectDoesNotExist, _missing)
    api.add_exception_handler(Throttled, _too_fast)
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(ValidationError, _invalid)


def _refused(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(409, error.code, error.message)


def _too_large(_request: HttpRequest, _error: object) -> HttpResponse:
    return problem(413, "too_large", _("The request is too large."))


def _forbidden(_request: HttpRequest, _error: object) -> HttpResponse:
    return problem(403, "forbidden", _("You may not do this, or this key may not."))


def _missing(_request: HttpRequest, _error: object) -> HttpResponse:
    return problem(404, "not_found", _("There is no such thing, or you may not see it."))


def _too_fast(_request: HttpRequest, _error: object) -> HttpResponse:
    return problem(429, "too_fast", _("Too many requests with this key. Wait as long as Retry-After says."))


def _http(_request: HttpRequest, error: Any) -> HttpResponse:
    if error.status_code == 401:
        return problem(401, "unauthorized", _("Send a valid key: Authorization: Bearer nct_…"))
    if error.status_code == 400:
        return problem(400, "not_json", _("The body is not JSON."))
    return problem(error.status_code, "error", error.message)


def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    return problem(422, "invalid", _("Something in the request is not as it must be."), map(_flaw, error.errors))


def _flaw(error: Mapping[str, Any]) -> dict[str, str]:
    """pydantic's error with its place; what is usual is said in the person's language."""
    where = [str(part) for part in error["loc"]]
    inner = where[2:] if where[0] == "body" else where[1:]
    said = {
        "missing": _("is required"),
        "int_parsing": _("must be a whole number"),
        "string_type": _("must be a string"),
        "datetime_from_date_parsing": _("must be a time like 2026-03-02T09:00:00Z"),
    }
    return {"path": "/" + "/".join(inner), "problem": said.get(error["type"], error["msg"])}


def _titles() -> dict[int, str]:
    return {
        400: _("The request cannot be read"),
        401: _("Who are you?"),
        403: _("Not allowed"),
        404: _("Not found"),
        409: _("Not possible now"),
        413: _("Too large"),
        422: _("The request is not valid"),
        429: _("Too fast"),
        503: _("Not ready"),
    }
