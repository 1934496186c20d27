"""Writing canned answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from netcenter.events.actions import event, record
from netcenter.lib.taken import refuse_if_taken
from netcenter.protocols.models import CannedAnswer


@dataclass(frozen=True)
class Words:
    """A canned answer as it is written down; `texts` is language -> text."""

    name: str
    shortcut: str
    brand_id: int | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def save_answer(answer: CannedAnswer | None, words: Words, now: datetime, actor: str) -> CannedAnswer:
    """A new or changed canned answer. Raises Refused when the shortcut is taken."""
    kept = answer or CannedAnswer()
    kept.name, kept.shortcut, kept.brand_id = words.name.strip(), words.shortcut.strip().lower(), words.brand_id
    kept.texts = {language: text.strip() for language, text in words.texts.items() if text.strip()}
    with refuse_if_taken("shortcut_taken", _("Another answer has this shortcut already."), field="shortcut"):
        kept.save()
    record(event("answer.changed" if answer else "answer.added", now, actor, brand_id=words.brand_id,
                 answer=kept.pk, shortcut=kept.shortcut))  # fmt: skip
    return kept


@transaction.atomic
def remove_answer(answer: CannedAnswer, now: datetime, actor: str) -> None:
    """What was already sent with it stays as it is."""
    record(event("answer.removed", now, actor, brand_id=answer.brand_id, answer=answer.pk, shortcut=answer.shortcut))
    answer.delete()
