"""Taking what a visitor uploads."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from netcenter.channels.webchat.channel import CHANNEL
from netcenter.channels.webchat.wire import File
from netcenter.helpcenter import claims
from netcenter.helpcenter.frames import ClaimedFile
from netcenter.helpcenter.rules import file_name, file_type
from netcenter.lib import blobs
from netcenter.lib.refused import Refused

MAX_FILE = CHANNEL.capabilities.max_attachment


@dataclass(frozen=True)
class Uploaded:
    """A stored file and what proves whose it is."""

    file: File
    claim: str


def keep_upload(visitor: str, name: str, content: bytes) -> Uploaded:
    """Store a visitor's file, durable before this returns. Raises Refused(bad_type | too_big | empty_file)."""
    name = file_name(name) or "file"
    if not content:
        raise Refused("empty_file", _("This file is empty."))
    if len(content) > MAX_FILE:
        raise Refused("too_big", _("This file is too big."))
    mime = file_type(name, content[:16])
    if not mime:
        raise Refused("bad_type", _("Files of this kind cannot be sent."))
    file = File(blobs.put(content), name, mime, len(content))
    return Uploaded(file, claims.claim_of(visitor, file))


def proven(visitor: str, claimed: tuple[ClaimedFile, ...]) -> tuple[File, ...]:
    """The files that this visitor uploaded. Raises Refused(bad_file) when one is somebody else's, changed or swept."""
    files = tuple(File(c.blob, c.name, c.mime, c.size) for c in claimed)
    own = all(claims.is_claimed(visitor, file, c.claim) for file, c in zip(files, claimed, strict=True))
    if not own or not all(blobs.touch(file.blob) for file in files):
        raise Refused("bad_file", _("This file was not uploaded here."))
    return files
