"""Where the assistant is switched on, what it can be told of a case, and what it drafted."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from netcenter.assistant.known import MEMORY
from netcenter.assistant.models import Assistant, Drafted
from netcenter.assistant.rules import MOST_TURNS, Material, Sends, Turn
from netcenter.assistant.wire import Endpoint
from netcenter.cases.models import Case, Message
from netcenter.lib.prepared import prepared
from netcenter.lib.secrets import Locked, unseal
from netcenter.protocols.content import Content, spoken
from netcenter.protocols.queries import answers_for, text_in


@prepared
def _on(brand_id: int) -> QuerySet[Assistant, tuple[int]]:
    return Assistant.objects.filter(brands=brand_id).exclude(base_url="").values_list("pk")


def is_on(brand_id: int) -> bool:
    """Whether somebody who answers for the brand can ask it, as it stands now."""
    return bool(_on(brand_id))


def kept() -> Assistant:
    """How it is set up; what counts while nobody has."""
    return Assistant.objects.order_by("pk").first() or Assistant()


def has_key(assistant: Assistant) -> bool:
    return bool(endpoint_of(assistant).key)


def endpoint_of(assistant: Assistant) -> Endpoint:
    """The endpoint with its key opened; without one when the key of the house is gone."""
    try:
        key = unseal(assistant.sealed).get("key", "")
    except Locked:
        key = ""
    return Endpoint(assistant.base_url, assistant.model, key)


def sends_of(assistant: Assistant) -> Sends:
    """What of a customer may leave."""
    return Sends(assistant.sends_words, assistant.sends_history, assistant.sends_name)


@prepared
def _unsent(case_id: int, person_id: int) -> QuerySet[Drafted]:
    return Drafted.objects.filter(case_id=case_id, by_id=person_id, state="done").order_by("-id")[:20]


def unsent(case_id: int, person_id: int) -> list[Drafted]:
    """The drafts that this person asked for here and has not answered with yet, the latest first."""
    return _unsent(case_id, person_id)


def shown(case: Case, person_id: int) -> Drafted | None:
    """The latest of them, as long as nothing was said in the case since."""
    latest = next(iter(unsent(case.pk, person_id)), None)
    return latest if latest is not None and latest.at >= case.last_at else None


def beside(case: Case, person_id: int) -> dict[str, Any]:
    """What a composer is drawn from."""
    on = case.brand_id in MEMORY.get().brands
    return {"assistant_on": on, "drafted": shown(case, person_id) if on else None}


def material_of(
    case: Case, contents: Sequence[tuple[int, Content]], never: Sequence[str], *, is_public: bool, most: int
) -> Material:  # fmt: skip
    """All that a draft could rest on. `contents`: the protocols of the case, each with the id of its version."""
    language = case.language or case.brand.language
    rows = Message.objects.filter(case=case).exclude(text="").order_by("-sent_at", "-id")
    told = rows.values_list("id", "text", "direction", "state")[:MOST_TURNS]
    turns = [Turn(pk, text, way == "out", state == "waiting") for pk, text, way, state in reversed(told)]
    if not any(turn.waits for turn in turns):  # answered already: it is about their last words
        last = next((n for n in range(len(turns) - 1, -1, -1) if not turns[n].ours), None)
        turns = [Turn(t.pk, t.text, t.ours, n == last) for n, t in enumerate(turns)]
    handles = case.customer.identities.values_list("name", "email", "phone")
    return Material(
        brand=case.brand.name, language=language, is_public=is_public, most=most,
        steps=[(s.key, spoken(s.texts, language)) for _pk, content in contents for s in content.steps],
        words=[
            (f"w{pk}.{n}", spoken(w.names, language), spoken(w.texts, language, case.brand.language))
            for pk, content in contents for n, w in enumerate(content.words, 1)
        ],
        answers=[(str(a.pk), a.name, text_in(a, language)) for a in answers_for(case.brand_id)],
        never=never, turns=turns, customer=case.customer.name,
        handles=[handle for row in handles for handle in row if handle],
    )  # fmt: skip
