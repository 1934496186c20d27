"""What each fact means to whom: which parts of whose screens are old now.

Parts: "ring" (what rings at my desk), "mine", "waiting", "team", "presence" (my own state and load), "mentions",
"case:12", "side:12", "customer", "ledger", "rounds", "heard", "settings", and "all".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

EVERYONE = "everyone"
EVERY_BRAND = "brand:*"  # followed by those who see all brands
MOST_PARTS = 60
ALL = "all"

_LISTS = frozenset({"waiting", "mine", "ledger"})
_QUIET = ("message.reacted", "message.reached", "message.file_fetched")  # they change one case, and no list
# Whom it rings sees at once that the caller has hung up or asks to be called, and who it is.
_WHILE_IT_RINGS = ("message.called", "customer.learned")
_SETTINGS = {
    "person", "break", "team", "skill", "queue", "standard", "calendar", "answer", "brand", "organisation", "account",
    "area", "search", "site", "source", "webhook", "token", "article", "layer", "topics", "protocol",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Notice:
    """These parts are old for whoever follows this topic. `kind` is told only where somebody must act at once."""

    topic: str
    parts: frozenset[str]
    case_id: int | None = None
    kind: str = ""


def audience(kind: str, case_id: int | None, operator_id: int | None, brand_id: int | None) -> list[Notice]:
    """Who must hear of a fact, and what of their screens it makes old. Never more than they may see."""
    noun, _, verb = kind.partition(".")
    case = frozenset({f"case:{case_id}"}) if case_id else frozenset()
    brand = f"brand:{brand_id}" if brand_id else ""
    own = f"person:{operator_id}" if operator_id else ""
    if noun == "offer":
        theirs = frozenset({"ring", "mine", "presence"}) | case
        # Nobody else learns at whose desk it rings; that somebody has taken it changes the case for all.
        others = frozenset({"waiting", "team"}) | (case if verb == "accepted" else frozenset())
        return _notices((own, theirs, case_id, kind), (brand, others, None, ""))
    if noun == "desk":
        return _notices(
            (own, frozenset({"ring", "mine", "presence"}), None, ""), (EVERYONE, frozenset({"team"}), None, "")
        )
    if kind in ("queue.paused", "queue.resumed", "queue.crisis"):
        return _notices((brand, frozenset({"settings", "pauses", "waiting"}), None, ""))
    if kind in ("protocol.followed", "protocol.ticked", "protocol.unticked"):
        beside = case | frozenset({f"protocol:{case_id}"})
        return _notices((own, beside, case_id, ""), (brand, beside, case_id, ""))
    if noun == "assistant" and verb != "changed":  # the message that comes of it tells the others
        return _notices((own, case, case_id, ""))
    if noun in _SETTINGS or noun == "assistant":
        return _notices((brand or EVERYONE, frozenset({"settings"}), None, ""))
    if noun == "referral":
        # Whoever is asked may see nothing of the brand; what happened is told to who must act or know.
        return _notices((own, case | _LISTS, case_id, kind), (brand, case | _LISTS, None, ""))
    if noun == "sighting":
        return _notices((brand, frozenset({"heard"}), None, ""))
    if noun == "round":
        return _notices((brand, frozenset({"rounds"}), None, ""))
    if kind in _WHILE_IT_RINGS:
        beside = frozenset({f"side:{case_id}"}) if noun == "customer" else frozenset[str]()
        parts = case | beside | _LISTS | {"ring"}
        return _notices((own, parts, case_id, ""), (brand, parts, case_id, ""))
    if kind in _QUIET or noun == "post":  # a post that spreads must not make every list look again
        return _notices((own, case, case_id, ""), (brand, case, None, ""))
    if kind == "case.writing":
        return _notices((brand, case, case_id, ""))
    parts = case | _LISTS | (frozenset({"customer"}) if noun == "customer" else frozenset())
    mentioned = frozenset({"mentions"}) if kind == "note.mentioned" else frozenset()
    return _notices((own, parts | mentioned, case_id, kind if mentioned else ""), (brand, parts, case_id, ""))


def _notices(*told: tuple[str, frozenset[str], int | None, str]) -> list[Notice]:
    return [Notice(*one) for one in told if one[0] and one[1]]


def merge(parts: Iterable[str]) -> list[str]:
    """The parts in one frame; when they are many it is cheaper to look at everything again."""
    merged = sorted(set(parts))
    return [ALL] if ALL in merged or len(merged) > MOST_PARTS else merged


def topics_of(person_id: int, brand_ids: Iterable[int] | None) -> tuple[str, ...]:
    """What a person's screens follow; `brand_ids` None means every brand."""
    brands = (EVERY_BRAND,) if brand_ids is None else tuple(f"brand:{b}" for b in brand_ids)
    return (f"person:{person_id}", EVERYONE, *brands)


def concerned(topic: str) -> tuple[str, ...]:
    """The topics on which a notice for `topic` is published: who sees all brands need not follow each."""
    return (topic, EVERY_BRAND) if topic.startswith("brand:") else (topic,)


def payload(parts: Iterable[str], case_id: int | None = None, kind: str = "") -> Mapping[str, object]:
    """The data of a refresh."""
    told: dict[str, object] = {"topics": merge(parts)}
    if case_id:
        told["case"] = case_id
    if kind:
        told["kind"] = kind
    return told
