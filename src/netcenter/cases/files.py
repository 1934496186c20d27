"""Files of messages: each kept once, its bytes in the blob store."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from netcenter.cases.models import Attachment, Message
from netcenter.lib.bulk import insert_many
from netcenter.lib.text import clean


@dataclass(frozen=True)
class StoredFile:
    """An attachment whose bytes are already in the blob store ("" when missing)."""

    name: str
    mime: str
    size: int
    blob: str
    content_id: str = ""
    missing: str = ""
    reference: str = ""  # from which the channel can fetch the bytes
    alt: str = ""

    @property
    def source(self) -> str:
        """By which the same file of one message is known again."""
        named = self.reference or self.blob
        return hashlib.sha256(named.encode()).hexdigest() if named else ""


def not_kept(message: Message, files: Sequence[StoredFile]) -> list[StoredFile]:
    """Those that the message does not have yet: who edits words tells all of their files again.

    Of a message with files of which we know no name, as those that we sent ourselves, nothing is new.
    """
    kept = set(message.attachments.values_list("source", flat=True))
    return [] if "" in kept else [file for file in files if file.source not in kept]


def attach(listed: Sequence[tuple[Message, Sequence[StoredFile]]]) -> list[tuple[Attachment, str]]:
    """Keep the files of messages; returns those that still must be fetched, with the network's name of each."""
    made = [(m, f, Attachment(
        message=m, name=clean(f.name)[:200], mime=f.mime[:100], size=f.size, blob=f.blob,
        content_id=f.content_id[:200], missing=f.missing[:200], alt=clean(f.alt), source=f.source,
    )) for m, files in listed for f in files]  # fmt: skip
    insert_many([attachment for _message, _file, attachment in made])
    return [(attachment, f.reference) for _message, f, attachment in made if f.reference and not f.blob]
