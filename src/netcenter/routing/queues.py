"""Queues: which team answers for a brand, what that requires, and what customers who wait are told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from netcenter.accounts.models import Account, Brand
from netcenter.channels.registry import channel
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.refused import Refused
from netcenter.lib.text import clean
from netcenter.people.models import Person
from netcenter.people.permissions import May, may
from netcenter.routing.models import Queue, QueueSkill
from netcenter.routing.texts import MOST, unknown

ROOM = 160  # characters that a filled variable may add, with which a text must still fit its network


@dataclass(frozen=True)
class QueueDetails:
    """Who is rung for a brand: a team (None: everybody of the brand), with these skills, for so long.

    `skills` is skill to level, or just skills (level 1).
    """

    team_id: int | None = None
    skills: Iterable[int] | Mapping[int, int] = ()
    needs_language: bool = True
    ring_seconds: int = 20
    wrap_up_seconds: int = 0

    @property
    def levels(self) -> dict[int, int]:
        return dict(self.skills) if isinstance(self.skills, Mapping) else dict.fromkeys(self.skills, 1)


@dataclass(frozen=True)
class Honesty:
    """What customers who wait are told by itself; `texts` is kind to language to words, "" for the house's own."""

    tells_busy: bool = True
    tells_closed: bool = True
    busy_after_seconds: int = 120
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@transaction.atomic
def set_queue(brand: Brand, details: QueueDetails, now: datetime, actor: str) -> Queue:
    """Make or change the brand's queue."""
    queue, _new = Queue.objects.update_or_create(
        brand=brand,
        defaults={
            "name": brand.name, "team_id": details.team_id, "needs_language": details.needs_language,
            "ring_seconds": details.ring_seconds, "wrap_up_seconds": details.wrap_up_seconds,
        },
    )  # fmt: skip
    levels = details.levels
    if dict(queue.requirements.values_list("skill_id", "level")) != levels:
        queue.requirements.all().delete()
        QueueSkill.objects.bulk_create(
            QueueSkill(queue=queue, skill_id=skill, level=min(3, max(1, level))) for skill, level in levels.items()
        )
    record(event("queue.changed", now, actor, brand_id=brand.pk, queue=queue.pk, team=details.team_id))
    wakeup.wake("routing", "people")
    return queue


@transaction.atomic
def ensure_queue(brand: Brand, now: datetime, actor: str) -> Queue:
    """The brand's queue, made when it has none; only its name follows the brand's."""
    queue = Queue.objects.filter(brand=brand).first()
    if queue is None:
        return set_queue(brand, QueueDetails(), now, actor)
    Queue.objects.filter(pk=queue.pk).exclude(name=brand.name).update(name=brand.name)
    return queue


@transaction.atomic
def set_honesty(queue: Queue, told: Honesty, now: datetime, actor: str) -> None:
    """Change what waiting customers are told. Raises Refused; `kind` and `language` say whose words are wrong."""
    texts = dict(queue.texts)
    for kind, words in told.texts.items():
        kept = {code: clean(text).strip() for code, text in words.items()}
        for code, text in kept.items():
            refuse_unfit(queue, kind, code, text)
        texts[kind] = {code: text for code, text in kept.items() if text}
    Queue.objects.filter(pk=queue.pk).update(
        tells_busy=told.tells_busy, tells_closed=told.tells_closed, busy_after_seconds=told.busy_after_seconds,
        texts=texts,
    )  # fmt: skip
    record(event("queue.words_changed", now, actor, brand_id=queue.brand_id, queue=queue.pk, busy=told.tells_busy,
                 closed=told.tells_closed, after=told.busy_after_seconds, before=queue.texts))  # fmt: skip
    wakeup.wake("routing")


def refuse_unfit(queue: Queue, kind: str, language: str, text: str) -> None:
    """Raise Refused when these words could not be said: a variable that nothing fills, or too long for a network."""
    data: dict[str, Any] = {"kind": kind, "language": language}
    if wrong := unknown(text):
        names = ", ".join(f"{{{{{name}}}}}" if name not in ("{{", "}}") else name for name in wrong)
        raise Refused("unknown_variable", _("Nothing fills %(names)s.") % {"names": names}, **data)
    most = min([MOST, *_room(queue.brand_id)])
    if len(text) > most:
        raise Refused(
            "too_long", _("At most %(most)d characters, so that it fits everywhere.") % {"most": most}, **data
        )


def _room(brand_id: int) -> list[int]:
    kinds = Account.objects.filter(brand=brand_id, enabled=True).values_list("channel", flat=True).distinct()
    lengths = [channel(kind).capabilities.max_length for kind in kinds]
    return [length - ROOM for length in lengths if length]


def rung_for(people: Iterable[int], details: QueueDetails) -> list[Person]:
    """Who could be rung for a brand with these people and this queue, whatever the customer's language."""
    members, wanted = set(people), details.levels
    found = []
    for person in Person.objects.filter(is_active=True).prefetch_related("teams", "levels__skill", "skills"):
        if not may(person, May.ANSWER) or (person.pk not in members and not may(person, May.SEE_ALL)):
            continue
        if details.team_id is not None and details.team_id not in {t.pk for t in person.teams.all()}:  # type: ignore[attr-defined]
            continue
        knows = {known.skill_id: known.level for known in person.levels.all()}  # type: ignore[attr-defined]
        if all(knows.get(skill, 0) >= level for skill, level in wanted.items()):
            found.append(person)
    return found


def languages_of(people: Iterable[Person]) -> dict[str, int]:
    """How many of them speak each language; who has no language on record is rung for all, as "*"."""
    spoken: dict[str, int] = {}
    for person in people:
        codes = [s.code.removeprefix("language:") for s in person.skills.all() if s.code.startswith("language:")]
        for code in codes or ["*"]:
            spoken[code] = spoken.get(code, 0) + 1
    return spoken
