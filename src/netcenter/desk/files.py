"""Files and formatted mails of customers: strangers' bytes, shown without letting them do anything."""

import os
import re
import time
from collections.abc import Callable
from itertools import count, islice

import nh3
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from netcenter.cases.models import Attachment, Message
from netcenter.desk.rules import image_type, sound_type
from netcenter.desk.views import at_desk, draw, for_operators, me
from netcenter.lib import blobs
from netcenter.lib.http import HttpFailed, request
from netcenter.lib.ranges import Outside, Part, asked_part
from netcenter.people.permissions import visible_brands

SANDBOX = "default-src 'none'; sandbox"
LONGEST_HTML = 500_000  # characters that are drawn
LARGEST_IMAGE = 4 * 2**20
MOST_IMAGES = 60
MOST_TAGS = 5000  # of one mail: thousands of them inside each other take minutes to clean
PATIENCE = 6.0  # seconds for a picture from elsewhere
SILENCE = 60.0  # seconds for which no more pictures of a mail are asked for: each would keep a thread waiting
MOST_SILENT = 1000

Picture = Callable[[str], str | None]

_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "center", "code", "dd", "del", "div", "dl", "dt", "em", "font",
    "h1", "h2", "h3", "h4", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub",
    "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"},
}  # fmt: skip
_TAG = re.compile("<[a-zA-Z]")
_ELSEWHERE = re.compile("https?://", re.IGNORECASE)
_WHOLE = re.compile(r"\s*(https?:|mailto:|tel:)", re.IGNORECASE)  # never into our own pages
_NO_PICTURE = re.compile(r'<img\b(?![^>]* src=")[^>]*>')

_silent: dict[int, float] = {}  # mails, and until when their pictures are not asked for


def _safe(headers: HttpResponse | FileResponse) -> HttpResponse:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = SANDBOX
    headers["Cache-Control"] = "private, max-age=86400, immutable"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return headers  # type: ignore[return-value]


@for_operators
def file(request: HttpRequest, attachment_id: int) -> HttpResponse:
    """An attachment: an image may be looked at, a sound heard, everything else is only saved."""
    own = visible_brands(me(request), "message__case__brand")
    return attached(request, Attachment.objects.filter(own), attachment_id)


def attached(request: HttpRequest, among: QuerySet[Attachment], attachment_id: int) -> HttpResponse:
    """One of these attachments."""
    found = get_object_or_404(among.exclude(blob=""), pk=attachment_id)
    try:
        opened = blobs.path(found.blob).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    head = opened.read(16)
    kind = image_type(head) or sound_type(head)
    opened.seek(0)
    shown = bool(kind) and "save" not in request.GET
    size, tag = opened.seek(0, os.SEEK_END), f'"{found.blob}"'
    opened.seek(0)
    asked = request.headers.get("Range", "") if request.headers.get("If-Range", tag) == tag else ""
    try:
        part = asked_part(asked, size)
    except Outside:
        opened.close()
        refused = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
        return _safe(refused)
    begin, length = part or (0, size)
    answer = FileResponse(
        Part(opened, begin, length), as_attachment=not shown, filename=found.name or f"file-{found.pk}",
        content_type=kind or "application/octet-stream", status=200 if part is None else 206,
    )  # fmt: skip
    answer["Content-Length"], answer["Accept-Ranges"], answer["ETag"] = str(length), "bytes", tag
    if part is not None:
        answer["Content-Range"] = f"bytes {begin}-{begin + length - 1}/{size}"
    return _safe(answer)


def _message(request: HttpRequest, message_id: int) -> Message:
    return get_object_or_404(Message, visible_brands(me(request), "case__brand"), pk=message_id)


def clean_html(html: str, picture: Picture = lambda _address: None) -> str:
    """HTML that can show words, lists and tables, and the pictures that `picture` gives an address of ours."""

    def attribute(tag: str, name: str, value: str) -> str | None:
        if name == "href":
            return value if _WHOLE.match(value) else None
        return picture(value.strip()) if (tag, name) == ("img", "src") else value

    cut = next(islice(_TAG.finditer(html), MOST_TAGS, None), None)
    cleaned = nh3.clean(
        html[: min(LONGEST_HTML, cut.start() if cut else LONGEST_HTML)], tags=_TAGS, attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel", "cid"}, attribute_filter=attribute,
        link_rel="noopener noreferrer nofollow", set_tag_attribute_values={"a": {"target": "_blank"}},
    )  # fmt: skip
    return _NO_PICTURE.sub("", cleaned)


def remote_images(html: str) -> list[str]:
    """The addresses of pictures that lie elsewhere, in their order."""
    found: list[str] = []
    clean_html(html, lambda address: found.append(address) if _ELSEWHERE.match(address) else None)
    return found[:MOST_IMAGES]


@at_desk
def formatted(request: HttpRequest, message_id: int) -> HttpResponse:
    """A mail as it was made. Pictures that lie elsewhere stay away until asked for: they tell who reads."""
    message, wanted = _message(request, message_id), "images" in request.GET
    own = {a.content_id.strip("<>"): a.pk for a in message.attachments.exclude(blob="") if a.content_id}
    away = count()

    def picture(address: str) -> str | None:
        if _ELSEWHERE.match(address):
            number = next(away)
            shown = wanted and number < MOST_IMAGES
            return reverse("desk:remote_image", args=[message_id, number]) if shown else None
        found = own.get(address.removeprefix("cid:")) if address.startswith("cid:") else None
        return reverse("desk:file", args=[found]) if found else None

    html = clean_html(message.html, picture)
    return draw(request, "formatted", message=message, html=html, away=0 if wanted else next(away))


@for_operators
def remote_image(request_: HttpRequest, message_id: int, number: int) -> HttpResponse:
    """A picture of a mail, fetched by the house: the sender sees neither the operator's address nor their browser."""
    away = remote_images(_message(request_, message_id).html)
    if number >= len(away) or _silent.get(message_id, 0.0) > time.monotonic():
        raise Http404
    try:
        answered = request("GET", away[number], limit=LARGEST_IMAGE, timeout=PATIENCE, private=False)
    except HttpFailed as error:
        if len(_silent) > MOST_SILENT:
            _silent.clear()
        _silent[message_id] = time.monotonic() + SILENCE
        raise Http404 from error
    kind = image_type(answered.body[:16])
    if answered.status != 200 or answered.cut or not kind:
        raise Http404
    return _safe(HttpResponse(answered.body, content_type=kind))
