"""What the guard is told of a case: its customer, what they wrote, what was answered before and to others."""

from collections.abc import Sequence
from dataclasses import dataclass

from netcenter.accounts.models import Brand
from netcenter.cases.models import Case, Message, Thread
from netcenter.guard.draft import Draft, Never, Reading
from netcenter.people.models import Person

RECENT, LOOKED_AT = 30, 2000
IRONIC = 0.4  # doubt from which praise is said to be perhaps ironic
STARTED = 6  # words, below which a draft has only begun: nothing is missing in it yet


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the customer, and how it was read, if it was."""

    pk: int
    text: str
    place: str
    kind: str | None
    arousal: float | None
    waits: bool = True
    sarcasm: float | None = None


def draft_of(
    case: Case, thread: Thread | None, text: str, said: Sequence[Heard], operator: Person, most: int | None,
    *, closing: bool = False, typing: bool = False, never: Sequence[Never] = (), crisis: bool = False,
) -> Draft:  # fmt: skip
    """The draft with everything that the rules look at. The texts of forms come with CRLF: places are counted in LF."""
    text = text.replace("\r\n", "\n")
    public = thread is not None and thread.place == "public"
    brand = case.brand.name
    earlier, said = _apart(said)
    kinds = tuple(m.kind for m in said if m.kind)
    ironic = any((m.sarcasm or 0) >= IRONIC for m in said)
    arousal = max((m.arousal for m in said if m.arousal is not None), default=None)
    return Draft(
        text=text, messages=tuple(m.text for m in said), language=case.language,
        reading=Reading(case.kind, kinds, arousal=arousal, ironic=ironic), max_length=most, public=public,
        recent=_recent(case, (*earlier, *said)) if public else (),
        customer_name=case.customer.name, operator_name=operator.name,
        brand=brand, other_brands=tuple(Brand.objects.exclude(name=brand).values_list("name", flat=True)),
        earlier=tuple(m.text for m in earlier),
        wrote_privately=public and any(m.place == "private" for m in (*earlier, *said)),
        public_turns=_answers_in(thread, case) if public and thread else 0, closing=closing,
        unfinished=typing and len(text.split()) < STARTED, signed=bool(case.brand.signature),
        never=tuple(never), crisis=crisis,
    )  # fmt: skip


def _apart(said: Sequence[Heard]) -> tuple[Sequence[Heard], Sequence[Heard]]:
    """What was answered already, and what this draft answers: who says thanks for an apology is owed no second one.

    A draft to somebody who waits for nothing goes on from all that they said.
    """
    waiting = [m for m in said if m.waits]
    return ([m for m in said if not m.waits], waiting) if waiting else ((), said)


def _recent(case: Case, said: Sequence[Heard]) -> tuple[str, ...]:
    """What was answered to others in public lately, among the last messages of the house."""
    since = max((m.pk for m in said), default=0) - LOOKED_AT
    answers = Message.objects.filter(
        id__gt=since, account=case.account_id, direction=Message.Direction.OUT, automatic="", thread__place="public"
    ).exclude(case=case)
    return tuple(answers.order_by("-id").values_list("text", flat=True)[:RECENT])


def _answers_in(thread: Thread, case: Case) -> int:
    ours = Message.objects.filter(thread=thread, case=case, direction=Message.Direction.OUT, automatic="")
    return ours.count()
