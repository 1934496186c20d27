"""What visitors' browsers fetch: the script, files both ways, and two pages to meet the chat on."""

import gzip
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from netcenter.channels.webchat.wire import visitor_hash
from netcenter.helpcenter import claims, queries, widget
from netcenter.helpcenter.actions import MAX_FILE, keep_upload
from netcenter.helpcenter.frames import is_token
from netcenter.helpcenter.queries import Place
from netcenter.helpcenter.rules import (
    BYTES_OF_ALL,
    BYTES_PER_ADDRESS,
    SHOWN,
    UPLOADS_PER_ADDRESS,
    Meter,
    network_of,
)
from netcenter.lib import blobs, clock
from netcenter.lib.refused import Refused

SCRIPT_SECONDS = 300  # a changed colour shows after five minutes; the ETag makes asking cheap
PIECE = 64 * 1024

_uploads, _bytes, _all_bytes = Meter(UPLOADS_PER_ADDRESS), Meter(BYTES_PER_ADDRESS), Meter(BYTES_OF_ALL)
View = Callable[..., HttpResponseBase]


def of_place(view: View) -> View:
    """The account of the address, or 404."""

    @wraps(view)
    def wrapped(request: HttpRequest, key: str, **more: Any) -> HttpResponseBase:
        place = queries.place(key)
        if place is None:
            raise Http404
        return view(request, place, **more)

    return wrapped


@require_safe
@of_place
def script(request: HttpRequest, place: Place) -> HttpResponse:
    """The widget. Public: any site may load it, and the socket decides whether it may speak there."""
    body, etag = widget.script(place)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f'W/"{etag}"'  # weak: the same script, packed or not
    response = HttpResponse(_gzip(body) if packed else body, content_type="text/javascript; charset=utf-8")
    if packed:
        response["Content-Encoding"] = "gzip"
    response = get_conditional_response(request, etag=etag, response=response) or response
    patch_vary_headers(response, ["Accept-Encoding"])
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={SCRIPT_SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"  # for sites that load it with `crossorigin`
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@lru_cache(maxsize=64)
def _gzip(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


@require_safe
@of_place
def page(request: HttpRequest, place: Place) -> HttpResponse:
    """The chat alone, for a link in a mail or a profile."""
    return render(request, "helpcenter/page.html", {"place": place})


@require_safe
@of_place
def demo(request: HttpRequest, place: Place) -> HttpResponse:
    """A plain page with the widget on it, and how to put it on one's own."""
    address = request.build_absolute_uri(f"/chat/{place.key}/widget.js")
    return render(request, "helpcenter/demo.html", {"place": place, "address": address})


@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
@of_place
def upload(request: HttpRequest, place: Place) -> HttpResponse:
    """Take a visitor's file: the bytes as the body, the name in the query, the visitor's token as authorisation."""
    origin = request.headers.get("Origin", "")
    if not place.sites.allow(origin, own=request.get_host()):
        return JsonResponse({"code": "origin"}, status=403)
    response = HttpResponse(status=204) if request.method == "OPTIONS" else _take(request, place)
    response["Access-Control-Allow-Origin"] = origin or "*"
    response["Access-Control-Allow-Methods"] = "POST"
    response["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    response["Access-Control-Max-Age"] = "86400"
    patch_vary_headers(response, ["Origin"])
    return response


def _take(request: HttpRequest, place: Place) -> JsonResponse:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Visitor" or not is_token(token):
        return JsonResponse({"code": "bad_token"}, status=401)
    if wait := _wait(request, clock.now().timestamp()):
        return JsonResponse({"code": "slow"}, status=429, headers={"Retry-After": str(int(wait) + 1)})
    try:
        content = _body(request)
        kept = keep_upload(visitor_hash(place.key, token), request.GET.get("name", "")[:1000], content)
    except Refused as refused:
        status = 413 if refused.code == "too_big" else 415 if refused.code == "bad_type" else 400
        return JsonResponse({"code": refused.code, "message": refused.message}, status=status)
    except UnreadablePostError:
        return JsonResponse({"code": "upload_failed"}, status=400)
    file = kept.file
    return JsonResponse(
        {"blob": file.blob, "name": file.name, "mime": file.mime, "size": file.size, "claim": kept.claim}
    )


def _wait(request: HttpRequest, now: float) -> float:
    """Seconds until this address may upload as much as it wants to: nobody who does is known."""
    length = request.headers.get("Content-Length", "")
    size = min(int(length), MAX_FILE) if length.isdecimal() and len(length) < 12 else MAX_FILE
    who = network_of(request.META.get("REMOTE_ADDR", ""))
    return _uploads.take(who, now) or _bytes.take(who, now, size) or _all_bytes.take("", now, size)


def _body(request: HttpRequest) -> bytes:
    """The whole body, never more than a file may have. Raises Refused(too_big)."""
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > MAX_FILE:
        raise Refused("too_big", _("This file is too big."))
    held = bytearray()
    while piece := request.read(PIECE):
        held += piece
        if len(held) > MAX_FILE:
            raise Refused("too_big", _("This file is too big."))
    return bytes(held)


@require_safe
@of_place
def download(request: HttpRequest, place: Place, attachment_id: int, shown: str) -> HttpResponseBase:
    """A file of a conversation, for whoever has its unguessable address. Nothing in it can run on our site."""
    may_open = claims.is_pass(place.key, attachment_id, shown)
    if not may_open or (found := queries.attachment(place.account_id, attachment_id)) is None:
        raise Http404
    try:
        file = blobs.path(found.blob).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    inline = found.mime in SHOWN
    response = FileResponse(file, as_attachment=not inline, filename=found.name, content_type=found.mime)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
