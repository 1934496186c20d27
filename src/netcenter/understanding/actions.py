"""Reading messages, in batches, telling their cases what they say, and taking corrections."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from netcenter.cases.models import Case, Customer, Message
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.bulk import insert_many, update_many
from netcenter.lib.prepared import prepared
from netcenter.lib.refused import Refused
from netcenter.lib.rows import fresh
from netcenter.lib.transactions import atomic
from netcenter.understanding.models import Correction, Layer, Reading
from netcenter.understanding.rules import KINDS, Engine, Read, most_careful

if TYPE_CHECKING:
    from netcenter.understanding.topics import Topics


def engine() -> Engine:
    """The engine as it is switched on now: the shipped model, and what this company taught it.

    It is loaded when first asked: a house that only shows pages needs no model.
    """
    on = dict(Layer.objects.filter(is_on=True).values_list("what", "pk"))
    return _engine(on.get(Layer.What.TOPICS), on.get(Layer.What.KINDS))


@lru_cache(maxsize=2)
def _engine(topics: int | None, kinds: int | None) -> Engine:
    from netcenter.understanding.engine import Trained

    return Trained(None if topics is None else _weights(topics), None if kinds is None else _weights(kinds))


@lru_cache(maxsize=4)
def _weights(layer: int) -> "Topics":
    from netcenter.understanding import own

    return own.from_bytes(bytes(Layer.objects.get(pk=layer).weights))


def read(texts: Sequence[str]) -> list[Read]:
    """What the texts say, in order. Takes time, so call it outside any transaction."""
    return engine().read(texts) if texts else []


@prepared
def _waiting(case_ids: list[int]) -> QuerySet[Message, tuple[int, int]]:
    rows = Message.objects.filter(case_id__in=case_ids, state=Message.State.WAITING)
    return rows.values_list("pk", "case_id")


@atomic
def keep(messages: Sequence[Message], reads: Sequence[Read], now: datetime) -> None:
    """Keep the readings of messages that were just recorded. Their cases take up language, kind and urgency.

    A case that begins to wait anew starts from this message; one that waits already keeps its gravest kind.
    """
    insert_many(
        [
            fresh(
                Reading,
                message=m,
                language=r.language,
                kind=r.kind,
                mood=r.mood,
                arousal=r.arousal,
                urgency=r.urgency,
                probabilities=r.probabilities,
                why=list(r.why),
                engine=r.engine,
            )
            for m, r in zip(messages, reads, strict=True)
        ]
    )
    new = {m.pk for m in messages}
    waited = {case_id for pk, case_id in _waiting([*{m.case_id for m in messages}]) if pk not in new}
    cases: dict[int, Case] = {}
    customers: dict[int, Customer] = {}
    for message, read in zip(messages, reads, strict=True):
        if message.automatic:
            continue
        if message.case_id not in cases and message.case_id not in waited:
            message.case.kind, message.case.urgency = "", "normal"
        case = cases.setdefault(message.case_id, message.case)
        case.kind = most_careful([case.kind, read.kind])
        case.urgency = "high" if "high" in (case.urgency, read.urgency) else "normal"
        language = read.language or case.language or case.customer.language or case.brand.language
        case.language = language.replace("_", "-").partition("-")[0].lower()  # "es-AR" is Spanish
        if not case.customer.language:
            case.customer.language = case.language
            customers[case.customer_id] = case.customer
    update_many(list(cases.values()), ["kind", "urgency", "language"])
    update_many(list(customers.values()), ["language"])


@atomic
def correct(case: Case, message_id: int, kind: str, now: datetime, actor: str) -> None:
    """Say what kind a message is, or that it was read right; its case takes it up. Raises Refused."""
    reading = Reading.objects.filter(message_id=message_id, message__case=case).first()
    if kind not in KINDS or reading is None:
        raise Refused("unknown", _("There is no such reading any more."))
    known = Correction.objects.filter(message_id=message_id).first()
    was = known.was if known else reading.kind
    Correction.objects.update_or_create(
        message_id=message_id, defaults={"was": was, "now": kind, "actor": actor, "at": now}
    )
    Reading.objects.filter(pk=message_id).update(kind=kind, corrected_by=actor)
    said = Reading.objects.filter(message__case=case, message__state=Message.State.WAITING)
    gravest = most_careful(list(said.values_list("kind", flat=True))) or kind
    Case.objects.filter(pk=case.pk).update(kind=gravest)
    record(event("reading.corrected", now, actor, case_id=case.pk, brand_id=case.brand_id,
                 message=message_id, was=was, became=kind))  # fmt: skip
    wakeup.wake("routing")
