"""What a protocol holds, and how it is kept: pure. Everything that is read or said stands in several languages."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from netcenter.protocols.rules import Condition

Texts = Mapping[str, str]  # language -> words
Grade = Literal["block", "warn"]
MOST = 30  # steps, words or phrases of one protocol


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. `key` stays when the words change, so that what is ticked stays ticked."""

    key: str
    texts: Texts


@dataclass(frozen=True, slots=True)
class Words:
    """Words to begin from, in the customer's language; what stands in {{…}} the operator fills in."""

    names: Texts
    texts: Texts


@dataclass(frozen=True, slots=True)
class Content:
    """One version of a protocol."""

    titles: Texts
    when: Condition
    steps: tuple[Step, ...] = ()
    words: tuple[Words, ...] = ()
    never: tuple[str, ...] = ()  # phrases
    never_grade: Grade = "block"
    answer_skill: str = ""  # only who has it may answer; "": everybody
    approval: bool = False
    approver_skill: str = ""  # who has it may approve, too
    notes: Texts = field(default_factory=dict)  # what one should know, above the steps


def spoken(texts: Texts, *languages: str) -> str:
    """The words in the first of these languages that there are, else in any."""
    return next((texts[code] for code in (*languages, "es", "en") if texts.get(code)), next(iter(texts.values()), ""))


def kept(content: Content) -> dict[str, Any]:
    """As it stands in the table; `read` is the way back."""
    return asdict(content)


def read(row: Mapping[str, Any]) -> Content:
    """The content of a row. Fields that a later version knows are left out."""
    when = row.get("when", {})
    told: dict[str, Any] = {
        f.name: int(when[f.name]) if f.name == "crisis" else tuple(when[f.name])
        for f in fields(Condition) if f.name in when
    }  # fmt: skip
    plain = {
        name: row[name]
        for name in ("never_grade", "answer_skill", "approval", "approver_skill", "notes") if name in row
    }  # fmt: skip
    return Content(
        titles=row["titles"], when=Condition(**told),
        steps=tuple(Step(s["key"], s["texts"]) for s in row.get("steps", ())),
        words=tuple(Words(w["names"], w["texts"]) for w in row.get("words", ())),
        never=tuple(row.get("never", ())), **plain,
    )  # fmt: skip
