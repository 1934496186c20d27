"""What the reading engine learns from: labelled texts in a folder, and what is asked of them.

Any subset of the files will do: what is missing is left out. The rows are not part of this project; mind their
licences. `reading_labels.csv` holds kinds given by this project to rows of those files, by number, without the texts.
`reading_primer.csv` is the project's own.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
KINDS = ("question", "complaint", "claim", "praise", "suggestion", "thanks", "spam", "not_for_us", "other")
MOODS = ("negative", "neutral", "positive")
FEELINGS = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "others")
URGENCIES = ("low", "normal", "high")
_MOOD = {"neg": "negative", "neu": "neutral", "pos": "positive"}
_NOISE = re.compile(r"https?://\S+|@\w+")


@dataclass(slots=True)
class Row:
    """A text, where it comes from, and what is known of it: question to label."""

    text: str
    file: str
    language: str
    answers: dict[str, str]
    id: str = ""
    weight: float = 1.0

    @property
    def plain(self) -> str:
        """The text without links, names and signs."""
        return re.sub(r"[\W_]+", " ", _NOISE.sub(" ", self.text.lower())).strip()

    @property
    def part(self) -> int:
        """One of 30 parts; texts that are the same when plain are in one."""
        return zlib.crc32(self.plain.encode()) % 30


def _yes(value: str) -> str:
    return "yes" if value == "1" else "no"


def _is(value: str, one: str) -> str:
    return "yes" if value == one else "no"


# file: its folder, its language, what its rows answer
_FILES: dict[str, tuple[str, str, Callable[[dict[str, str]], dict[str, str]]]] = {
    "tass2020_es": ("sentiment", "es", lambda r: {"sentiment": _MOOD[r["label"]]}),
    "airlines_es": ("sentiment", "es", lambda r: {"sentiment": _MOOD[r["label"]]}),
    "airlines_en": ("sentiment", "en", lambda r: {"sentiment": _MOOD[r["label"]]}),
    "olist_reviews_pt": ("sentiment", "pt", lambda r: {"sentiment": _MOOD[r["label"]]}),
    "emoevent_es": ("emotion", "es", lambda r: {"emotion": r["emotion"]}),
    "emoevent_en": ("emotion", "en", lambda r: {"emotion": r["emotion"], "abuse": _is(r["offensive"], "OFF")}),
    "offendes_es": ("toxicity", "es", lambda r: {"abuse": _yes(r["toxic"]), "hate": _is(r["label"], "OFG")}),
    "told_br_pt": ("toxicity", "pt", lambda r: {
        "abuse": _yes(r["toxic"]),
        "hate": _yes(str(int(any(int(float(r[c])) > 0 for c in ("homophobia", "racism", "misogyny", "xenophobia"))))),
    }),
    "complaints_en": ("type", "en", lambda r: {"complaint": _yes(r["complaint"])}),
    "suggestion_en": ("type", "en", lambda r: {"suggestion": _yes(r["suggestion"])}),
    "crisislex_relevance": ("type", "", lambda r: {"not_for_us": _is(r["informativeness"], "Not related")}),
    "youtube_spam": ("type", "", lambda r: {"spam": _yes(r["spam"])}),
    "messagetype_es": ("type", "es", lambda r: {"kinds": r["type"], "urgency": r["urgency"]}),
    "reclameaqui_pt": ("type", "pt", lambda r: {}),
    "banking77_en": ("topic", "en", lambda r: {}),
    "banamex_es": ("conversations", "es", lambda r: {}),
    "twcs_sample_en": ("conversations", "en", lambda r: {}),
    "twcs_spotifycares_en": ("conversations", "en", lambda r: {}),
}  # fmt: skip


_EACH = {"twcs_spotifycares_en": 8, "banking77_en": 4}  # of these, which only tell where texts come from, not all


def rows(folder: Path, without: frozenset[str] = frozenset()) -> Iterator[Row]:
    """All rows of all files that are there, the project's own first."""
    if "primer" not in without:
        yield from _primer()
    given = _given()
    for name, (kind, language, answers) in _FILES.items():
        path = folder / kind / f"{name}.csv.gz"
        if name in without or not path.exists():
            continue
        with gzip.open(path, "rt", newline="") as file:
            for number, row in enumerate(csv.DictReader(file)):
                if row.get("inbound", "True") != "True" or number % _EACH.get(name, 1):
                    continue
                text = f"{row['title']}\n{row['text']}" if row.get("title") else row["text"]
                known = answers(row) | given.get((name, row.get("id", "")), {})
                yield Row(text, name, language, known, row.get("id", ""))


def _primer() -> Iterator[Row]:
    with (HERE / "reading_primer.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            answers = {k: row[k] for k in ("kinds", "urgency", "sentiment")}
            yield Row(row["text"], "primer", row["language"], answers)


def _given() -> dict[tuple[str, str], dict[str, str]]:
    with (HERE / "reading_labels.csv").open(newline="") as file:
        return {(r["file"], r["id"]): {"kinds": r["kinds"], "urgency": r["urgency"]} for r in csv.DictReader(file)}


# --- Who learns from what -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expert:
    """Answers one question from the rows of some files, each with its weight; `as_no` are rows that are none.

    It may listen to other experts who have not learned from its own rows.
    """

    name: str
    question: str
    labels: tuple[str, ...]
    files: dict[str, float]
    as_no: dict[str, float]
    strength: float  # C of the logistic regression
    beside: tuple[str, ...] = ()  # experts whose answers it listens to; they must stand before it
    by_meaning: float = 0  # how much what the text means counts beside its words


EXPERTS = (
    Expert(
        "sentiment.tass", "sentiment", MOODS, {"tass2020_es": 1, "airlines_es": 0.3, "primer": 0.5}, {}, 0.5,
        by_meaning=1,
    ),
    Expert("sentiment.airlines_en", "sentiment", MOODS, {"airlines_en": 1, "primer": 0.5}, {}, 1.5, by_meaning=1),
    Expert("sentiment.olist", "sentiment", MOODS, {"olist_reviews_pt": 1, "primer": 0.5}, {}, 1.5, by_meaning=1),
    Expert("emotion.es", "emotion", FEELINGS, {"emoevent_es": 1, "emoevent_en": 0.5}, {}, 1, by_meaning=1),
    Expert("emotion.en", "emotion", FEELINGS, {"emoevent_en": 1, "emoevent_es": 0.5}, {}, 1, by_meaning=1),
    Expert(
        "abuse.offendes", "abuse", ("yes",), {"offendes_es": 1}, {"banamex_es": 0.3, "primer": 0.3}, 2, by_meaning=0.3
    ),
    Expert(
        "abuse.told", "abuse", ("yes",), {"told_br_pt": 1}, {"reclameaqui_pt": 0.3, "primer": 0.3}, 1.5, by_meaning=0.3
    ),
    Expert(
        "abuse.en", "abuse", ("yes",), {"emoevent_en": 1}, {"complaints_en": 0.3, "primer": 0.3}, 1, by_meaning=1
    ),
    Expert(
        "abuse.any", "abuse", ("yes",), {"told_br_pt": 1, "offendes_es": 1, "emoevent_en": 0.5},
        {"banamex_es": 0.3, "reclameaqui_pt": 0.3, "complaints_en": 0.3, "primer": 0.3}, 2,
    ),
    Expert(
        "sentiment.airlines_es", "sentiment", MOODS, {"airlines_es": 1, "primer": 0.5}, {}, 0.75,
        beside=("emotion.es", "abuse.offendes", "sentiment.airlines_en", "sentiment.olist"), by_meaning=1,
    ),
    Expert("hate", "hate", ("yes",), {"told_br_pt": 1, "offendes_es": 1}, {"primer": 0.3}, 1),
    Expert("complaint.en", "complaint", ("yes",), {"complaints_en": 1}, {}, 2, by_meaning=1),
    Expert("suggestion.en", "suggestion", ("yes",), {"suggestion_en": 1}, {}, 2, by_meaning=1),
    Expert("not_for_us.crisis", "not_for_us", ("yes",), {"crisislex_relevance": 1}, {}, 6, by_meaning=1),
    Expert("spam.comments", "spam", ("yes",), {"youtube_spam": 1}, {"primer": 0.3}, 2),
)  # fmt: skip

# Which expert is heard on texts that seem to come from which file; "*" on the others
HEARD: dict[str, dict[str, str]] = {
    "sentiment": {
        "tass2020_es": "sentiment.tass", "offendes_es": "sentiment.tass", "emoevent_es": "sentiment.tass",
        "airlines_es": "sentiment.airlines_es", "banamex_es": "sentiment.airlines_es",
        "olist_reviews_pt": "sentiment.olist", "reclameaqui_pt": "sentiment.olist", "told_br_pt": "sentiment.olist",
        "crisislex_relevance": "sentiment.tass", "*": "sentiment.airlines_en",
    },
    "emotion": {
        **dict.fromkeys(("tass2020_es", "offendes_es", "emoevent_es", "airlines_es", "banamex_es", "told_br_pt",
                         "olist_reviews_pt", "reclameaqui_pt", "crisislex_relevance"), "emotion.es"), "*": "emotion.en",
    },
    "abuse": {  # a word alone may seem to come from anywhere
        **dict.fromkeys(("tass2020_es", "offendes_es", "emoevent_es", "airlines_es", "banamex_es"), "abuse.offendes"),
        "told_br_pt": "abuse.told", **dict.fromkeys(("emoevent_en", "airlines_en", "complaints_en", "suggestion_en",
                                                     "twcs_sample_en", "twcs_spotifycares_en"), "abuse.en"),
        "*": "abuse.any",
    },
}  # fmt: skip
