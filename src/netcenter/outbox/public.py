"""Files of ours going out, for networks that fetch them: whoever has the address has the file, for an hour."""

from django.conf import settings
from django.core import signing
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from netcenter.cases.models import Attachment, Message
from netcenter.lib import blobs

SECONDS = 3600
SALT = "netcenter.outbox.public"


def address_of(file: Attachment) -> str:
    """Where the network finds it; made anew for each attempt."""
    token = signing.dumps(file.pk, salt=SALT, compress=False)
    return f"{settings.PUBLIC_URL}{reverse('outgoing_file', args=[token])}"


@require_safe
def outgoing_file(request: HttpRequest, token: str) -> HttpResponse:
    """The file, under the type that the operator gave it, never to be shown as a page of ours."""
    try:
        wanted = signing.loads(token, salt=SALT, max_age=SECONDS)
    except signing.BadSignature as error:
        raise Http404 from error
    ours = Attachment.objects.filter(message__direction=Message.Direction.OUT).exclude(blob="")
    found = ours.filter(pk=wanted).first()
    if found is None:
        raise Http404
    try:
        opened = blobs.path(found.blob).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(opened, as_attachment=True, filename=found.name, content_type=found.mime)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response  # type: ignore[return-value]
