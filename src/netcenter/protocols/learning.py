"""Which kept words answers began from, how far they were changed, and what followed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery

from netcenter.cases.models import Message
from netcenter.protocols.models import CannedAnswer, Use, Version
from netcenter.protocols.rules import UNLIKE, changed_by, followed_by, worth

SPAN = timedelta(days=90)
MOST = 5000  # uses that are looked at
MOST_USED = 5  # in one answer
_REF = re.compile(r"a([0-9]{1,9})|w([0-9]{1,9})\.([0-9]{1,3})")


@dataclass
class Record:
    """How some kept words did."""

    used: int = 0
    changed: float = 0.0  # on average
    outcomes: list[str] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)  # in cases of the kind that was asked for

    def count(self, outcome: str) -> int:
        return self.outcomes.count(outcome)

    @property
    def worth(self) -> float:
        return worth(self.outcomes, self.alike)


def keep(message: Message, used: str, sent: str, now: datetime) -> int:
    """Note what the sent words began from. `used` comes from the form: "a12,w7.1"; what it cannot be is left out."""
    refs = [match.groups() for ref in used.split(",")[:MOST_USED] if (match := _REF.fullmatch(ref)) is not None]
    brand_id, language = message.case.brand_id, message.case.language or message.case.brand.language
    made = []
    for answer in CannedAnswer.objects.filter(pk__in=[int(a) for a, _v, _w in refs if a]):
        if answer.brand_id in (None, brand_id):
            made.append(_use(message, answer.texts, language, sent, now, answer=answer))
    numbers = {int(v): int(w) for a, v, w in refs if not a}
    for version in Version.objects.select_related("protocol").filter(pk__in=list(numbers)):
        words, number = version.content.get("words", []), numbers[version.pk]
        if version.protocol.brand_id in (None, brand_id) and 1 <= number <= len(words):
            texts = words[number - 1]["texts"]
            made.append(_use(message, texts, language, sent, now, version=version, words=number))
    return len(Use.objects.bulk_create([use for use in made if use.changed <= UNLIKE]))


def _use(
    message: Message, texts: Mapping[str, str], language: str, sent: str, now: datetime, **what: Any
) -> Use:  # fmt: skip
    kept = texts.get(language) or texts.get("es") or next(iter(texts.values()), "")
    return Use(message=message, kind=message.case.kind, changed=changed_by(kept, sent), at=now, **what)


def records(now: datetime, kind: str = "", brand_id: int | None = None) -> dict[int, Record]:
    """How each canned answer did lately; with `kind`, in cases of that kind twice as much."""
    following = Message.objects.filter(
        case=OuterRef("message__case"), direction=Message.Direction.IN, sent_at__gt=OuterRef("message__sent_at"),
        automatic="",
    ).order_by("sent_at", "id")  # fmt: skip
    uses = Use.objects.filter(answer__isnull=False, at__gte=now - SPAN)
    uses = uses.filter(message__case__brand=brand_id) if brand_id else uses
    following_kind, following_mood = (Subquery(following.values(f"reading__{what}")[:1]) for what in ("kind", "mood"))
    told = uses.annotate(next_kind=following_kind, next_mood=following_mood).order_by("-id")
    rows = told.values_list("answer_id", "changed", "kind", "next_kind", "next_mood", "message__case__closed_at")
    found: dict[int, Record] = {}
    for answer_id, changed, was, next_kind, next_mood, closed_at in rows[:MOST]:
        one = found.setdefault(answer_id, Record())
        one.used += 1
        one.changed += (changed - one.changed) / one.used
        outcome = followed_by(next_kind or "", next_mood or "", closed_at is not None)
        one.outcomes.append(outcome)
        if kind and was == kind:
            one.alike.append(outcome)
    return found


def by_worth(answers: Sequence[CannedAnswer], known: Mapping[int, Record]) -> list[CannedAnswer]:
    """What did best first; of equals as they were."""
    return sorted(answers, key=lambda a: -(known[a.pk].worth if a.pk in known else 0.5))
