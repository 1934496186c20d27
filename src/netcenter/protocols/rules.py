"""Which protocol fits a case, and why somebody else looks at an answer first: pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, Literal, TypeVar
from typing import Protocol as Shape

SIGNS = ("angry", "legal", "threat", "abuse", "churn", "personal")
ANGRY, LIKELY = 0.6, 0.5  # arousal, and the chance of a hint, from which it is a sign
TOPIC = 0.3  # share from which a message is about a topic
LONGEST = 8000  # characters looked at for words


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold. What is left empty holds always; of several values one is enough.

    Topics and words say together what it is about: one of either is enough.
    """

    kinds: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    words: tuple[str, ...] = ()  # beginnings of words, in any language
    moods: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    crisis: int = 0  # from this level on

    @property
    def is_open(self) -> bool:
        """It asks for nothing, and so would fit everything."""
        return self == Condition()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a case when a protocol is looked for."""

    brand_id: int
    kind: str = ""
    topics: tuple[str, ...] = ()
    text: str = ""  # what the customer wrote and what still waits
    mood: str = ""
    signs: tuple[str, ...] = ()
    channel: str = ""
    place: str = ""
    crisis: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the customer, and what was read in it. `read` holds the chances of a reading, as they are kept."""

    text: str
    place: str = ""
    mood: str = ""
    arousal: float = 0.0
    read: Mapping[str, Any] = field(default_factory=dict)


def gather(said: Sequence[Said], brand_id: int, kind: str, channel: str, crisis: int = 0) -> Facts:
    """What several messages say together, the latest last: its mood and place, every topic, every sign."""
    last = said[-1] if said else Said("")
    topics = {t for one in said for t, share in (one.read.get("topic") or {}).items() if share >= TOPIC}
    return Facts(
        brand_id, kind, tuple(sorted(topics)), "\n".join(one.text for one in said), last.mood,
        tuple(sign for sign in SIGNS if any(_shows(sign, one) for one in said)), channel, last.place, crisis,
    )  # fmt: skip


def _shows(sign: str, said: Said) -> bool:
    hints = said.read.get("hints") or {}
    match sign:
        case "angry":
            return said.arousal >= ANGRY and said.mood != "positive"
        case "abuse":
            return max(said.read.get("abuse") or 0, said.read.get("hate") or 0) >= LIKELY
        case "personal":
            return bool(hints.get("personal"))
    return float(hints.get(sign) or 0) >= LIKELY


class Fitting(Shape):
    """What is chosen among."""

    @property
    def pk(self) -> int: ...

    @property
    def brand_id(self) -> int | None: ...

    @property
    def when(self) -> Condition: ...


_WORD = re.compile(r"\w+")
_BLANK = re.compile(r"\{\{[^{}]*\}\}")
P = TypeVar("P", bound=Fitting)


def fits(when: Condition, facts: Facts) -> bool:
    """Whether every condition holds. One that asks for nothing fits nothing: it would hide what is said on purpose."""
    if when.is_open:
        return False
    about = not (when.topics or when.words) or _meets(when.topics, facts.topics) or says(when.words, facts.text)
    return (
        about
        and (not when.kinds or facts.kind in when.kinds)
        and (not when.moods or facts.mood in when.moods)
        and (not when.signs or _meets(when.signs, facts.signs))
        and (not when.channels or facts.channel in when.channels)
        and (not when.places or facts.place in when.places)
        and facts.crisis >= when.crisis
    )


def telling(when: Condition, facts: Facts) -> int:
    """How much it says of this case that these conditions hold. A crisis before all; what it is about before what kind;
    a narrow list before a long one.
    """
    about = 16 if says(when.words, facts.text) else 12 if _meets(when.topics, facts.topics) else 0
    kinds = max(1, 8 - len(when.kinds)) if when.kinds else 0
    beside = 4 * bool(when.channels) + 2 * bool(when.places) + 2 * bool(when.moods) + 10 * bool(when.signs)
    return 64 * when.crisis + about + kinds + beside


def fitting(protocols: Iterable[P], facts: Facts) -> list[P]:
    """Those that fit, the most telling first; of equals the brand's own, then the older one."""
    mine = [p for p in protocols if p.brand_id in (None, facts.brand_id) and fits(p.when, facts)]
    return sorted(mine, key=lambda p: (-telling(p.when, facts), p.brand_id is None, p.pk))


def says(words: Sequence[str], text: str) -> bool:
    """Whether one of these words begins one of the text's."""
    known = tuple(w for w in words if w.strip())
    return bool(known and text) and _pattern(known).search(fold(text[:LONGEST])) is not None


def fold(text: str) -> str:
    """Without accents and capitals."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in split if not unicodedata.combining(c))


def _meets(wanted: Sequence[str], found: Sequence[str]) -> bool:
    return not set(wanted).isdisjoint(found)


@lru_cache(maxsize=1024)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    parts = sorted((r"\s+".join(map(re.escape, fold(w).split())) for w in words), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})")


# --- A second pair of eyes ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody else looks before it leaves. `about` names the topic, the level or the protocol."""

    code: str  # trainee, crisis, topic, protocol
    about: str = ""
    skill: str = ""  # who has it may approve, too


@dataclass(frozen=True, slots=True)
class Looks:
    """Whose answers wait, beside what protocols ask for."""

    trainees: bool = True
    crisis_from: int = 2  # 0: in no crisis
    topics: tuple[str, ...] = ()


def reasons_to_look(looks: Looks, is_trainee: bool, facts: Facts, asking: Iterable[tuple[str, str]]) -> list[Reason]:
    """Every reason that there is. `asking`: name and approvers' skill of the protocols that want it."""
    found = [Reason("trainee")] if is_trainee and looks.trainees else []
    if looks.crisis_from and facts.crisis >= looks.crisis_from:
        found.append(Reason("crisis", str(facts.crisis)))
    found += [Reason("topic", topic) for topic in facts.topics if topic in looks.topics]
    return [*found, *(Reason("protocol", name, skill) for name, skill in asking)]


# --- What kept words are worth --------------------------------------------------------------------

Outcome = Literal["thanked", "angry", "asked", "closed", ""]
UNLIKE = 0.7  # changed so far, it was not used after all


def changed_by(kept: str, sent: str) -> float:
    """How far the sent words are from the kept ones: 0 as they stood, 1 nothing of them is left. Blanks count nothing.

    Words added before or behind are no change of what was kept.
    """
    said, kept_words = _WORD.findall(fold(sent)), _WORD.findall(_BLANK.sub(" ", fold(kept)))
    if not kept_words:
        return 1.0
    blocks = SequenceMatcher(None, kept_words, said, autojunk=False).get_matching_blocks()
    return 1 - sum(block.size for block in blocks) / len(kept_words)


def followed_by(next_kind: str, next_mood: str, is_closed: bool) -> Outcome:
    """What came of an answer, by the customer's next words in the case; none and closed: nothing was left to say."""
    if next_kind in ("thanks", "praise"):
        return "thanked"
    if next_kind in ("complaint", "claim") or next_mood == "negative":
        return "angry"
    if next_kind:
        return "asked"
    return "closed" if is_closed else ""


def worth(outcomes: Iterable[str], alike: Iterable[str] = ()) -> float:
    """How well words did, 0 to 1: what was thanked for or closed, against what was followed by anger.

    Those of cases `alike` the present one count twice. Few uses say little: everything begins at one half.
    """
    good = bad = 1.0
    for outcome in (*outcomes, *alike):
        good += {"thanked": 1.0, "closed": 0.7, "asked": 0.3}.get(outcome, 0.0)
        bad += {"angry": 1.0, "asked": 0.7, "closed": 0.3}.get(outcome, 0.0)
    return good / (good + bad)
