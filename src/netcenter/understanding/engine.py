"""The engine that reads: language, kind, mood and the rest, each as probabilities, with the words that decided.

Everything is read when the first text comes, not when the house starts. The same texts give the same reading, whatever
stands beside them in a batch.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from netcenter.understanding import lexicon, model
from netcenter.understanding.greeting import only_greets
from netcenter.understanding.hints import Hints, hints_of
from netcenter.understanding.irony import irony
from netcenter.understanding.language import languages_of
from netcenter.understanding.rules import KINDS, Read
from netcenter.understanding.topics import Topics

BATCH = 256  # texts at a time: more would only need more memory
ORDER = ("question", "complaint", "claim", "praise", "suggestion", "thanks", "spam", "not_for_us", "other")
_COMPLAINT, _CLAIM, _KIND_WORDS = (
    ORDER.index("complaint"),
    ORDER.index("claim"),
    [ORDER.index("praise"), ORDER.index("thanks")],
)
WORDS_TOLD = 4
# Who greets or begins must not wait as if they had nothing to ask: these are believed only from here on.
SURELY = {"spam": 0.9, "not_for_us": 0.9, "praise": 0.65, "thanks": 0.65}
TAUGHT = 0.65  # what the company itself teaches of those counts from here on, where its layer raises them by MUCH
MUCH = 2.0  # logarithms of odds
NEARLY = 0.4  # a grievance that is likelier than all else counts from here on
SURE = 0.6  # a question is taken for angry only from here on
_HINTS = tuple(field.name for field in fields(Hints) if field.name != "topics")
_BESIDE = ("language", "language_p", "why")  # of a line, what a Read says in fields of its own


@dataclass(frozen=True, slots=True)
class Whole:
    """All that is read of one text."""

    language: str
    language_p: float
    kind: dict[str, float]
    sentiment: dict[str, float]
    emotion: dict[str, float]
    urgency: dict[str, float]
    abuse: float
    hate: float
    actionable: float
    topic: dict[str, float]
    hints: Hints
    why: tuple[str, ...]
    taught: tuple[str, ...] = ()  # kinds for which the company's own layer speaks

    def line(self) -> dict[str, Any]:
        """As `netcenter read` writes it."""
        hints = {name: getattr(self.hints, name) for name in _HINTS}
        return {
            "language": self.language, "language_p": round(self.language_p, 4),
            "kind": _rounded(self.kind), "sentiment": _rounded(self.sentiment), "emotion": _rounded(self.emotion),
            "urgency": _rounded(self.urgency), "abuse": round(self.abuse, 4), "actionable": round(self.actionable, 4),
            "topic": _rounded(self.topic), "why": list(self.why), "hate": round(self.hate, 4),
            "hints": {k: round(v, 3) if isinstance(v, float) else v for k, v in hints.items()},
        }  # fmt: skip


class Trained:
    """Reads with the shipped model and, where the company has taught some, its own topics and its own layer."""

    def __init__(self, topics: Topics | None = None, layer: Topics | None = None, model: Path | None = None) -> None:
        self._topics, self._layer, self._model = topics, layer, model

    @property
    def name(self) -> str:
        return self._loaded().version + ("+own" if self._layer else "")

    def read(self, texts: Sequence[str]) -> list[Read]:
        """For the house: the kind that says most, and all the rest beside it."""
        whole = self.read_whole(texts)
        return [as_read(one, self.name, only_greets(text)) for one, text in zip(whole, texts, strict=True)]

    def read_whole(self, texts: Sequence[str], languages: Sequence[str] | None = None) -> list[Whole]:
        """All that is read of each text, in order; a language that is known is taken as said."""
        result: list[Whole] = []
        for start in range(0, len(texts), BATCH):
            end = start + BATCH
            result += self._batch(texts[start:end], (languages or [""] * len(texts))[start:end])
        return result

    def _batch(self, texts: Sequence[str], languages: Sequence[str]) -> list[Whole]:
        said = self._loaded().read(texts)
        blank = [not tokens for tokens in said.weighed.seen.tokens]
        kinds = np.hstack([said.answer(f"kind.{kind}") for kind in ORDER])
        own: list[tuple[str, ...]] = [()] * len(texts)
        if self._layer is not None:
            sums = self._layer.sums(texts)
            kinds, own = with_layer(kinds, sums), taught(sums)
        mood, feeling, urgency = said.answer("sentiment"), said.answer("emotion"), said.answer("urgency")
        abuse, hate, actionable = (said.answer(q)[:, 0] for q in ("abuse", "hate", "actionable"))
        topics = self._own_topics(texts)
        doubt = np.array([irony(text, lexicon.plain(text)) for text in texts])
        kinds, mood, actionable = meant(doubt, kinds, mood, actionable)
        shown = kinds.argmax(axis=1)
        why = said.why([(f"kind.{ORDER[kind]}", 0) for kind in shown], WORDS_TOLD)
        spoken = [
            (language, 1.0) if language else read for language, read in zip(languages, languages_of(texts), strict=True)
        ]
        feelings = said.labels("emotion")
        anger = feeling[:, feelings.index("anger")] + feeling[:, feelings.index("disgust")]
        result = []
        for i, text in enumerate(texts):
            if blank[i]:
                result.append(_nothing(*spoken[i]))
                continue
            hints = hints_of(text, said.found[i], float(mood[i, 0]), float(anger[i]), float(doubt[i]))
            result.append(Whole(
                *spoken[i],
                kind=dict(zip(ORDER, kinds[i].tolist(), strict=True)),
                sentiment=dict(zip(("negative", "neutral", "positive"), mood[i].tolist(), strict=True)),
                emotion=dict(zip(feelings, feeling[i].tolist(), strict=True)),
                urgency=dict(zip(("low", "normal", "high"), urgency[i].tolist(), strict=True)),
                abuse=float(abuse[i]), hate=float(hate[i]), actionable=float(actionable[i]),
                topic=topics[i] if topics is not None else hints.topics, hints=hints, why=tuple(why[i]),
                taught=own[i],
            ))  # fmt: skip
        return result

    def _own_topics(self, texts: Sequence[str]) -> list[dict[str, float]] | None:
        own = self._topics
        return None if own is None else [dict(zip(own.labels, row.tolist(), strict=True)) for row in own.read(texts)]

    def _loaded(self) -> model.Model:
        return model.shipped() if self._model is None else model.kept(self._model)


def meant(
    doubt: np.ndarray, kinds: np.ndarray, mood: np.ndarray, actionable: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Kinds, moods and whether there is something to do, where kind words may be meant otherwise."""
    kinds, mood, rows = kinds.copy(), mood.copy(), np.arange(len(doubt))
    grievance = np.where(kinds[:, _CLAIM] > kinds[:, _COMPLAINT], _CLAIM, _COMPLAINT)
    kinds[:, _KIND_WORDS] *= 1 - doubt[:, None]
    kinds[rows, grievance] += doubt * (1 - kinds[rows, grievance])
    turned = doubt * mood[:, 2]
    mood[:, 0] += turned
    mood[:, 2] -= turned
    return kinds, mood, np.where(doubt > 0, np.maximum(actionable, kinds[rows, grievance]), actionable)


def with_layer(kinds: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """The shares of the kinds, moved by what the company's own layer adds to the logarithms of their odds."""
    return model.sigmoid(odds(kinds) + sums)


def taught(sums: np.ndarray) -> list[tuple[str, ...]]:
    """Of each text, the kinds for which the company's own layer speaks."""
    return [tuple(kind for kind, more in zip(ORDER, row, strict=True) if more >= MUCH) for row in sums.tolist()]


def odds(shares: np.ndarray) -> np.ndarray:
    """Their logarithms."""
    shares = np.clip(shares, 1e-4, 1 - 1e-4)
    return np.log(shares / (1 - shares))  # type: ignore[no-any-return]


def _nothing(language: str, probability: float) -> Whole:
    """Of a text without a word or a sign: a photograph alone, say."""
    return Whole(
        language, probability, kind={k: 0.0 for k in ORDER} | {"other": 1.0},
        sentiment={"negative": 0.0, "neutral": 1.0, "positive": 0.0},
        emotion=dict.fromkeys(("anger", "disgust", "fear", "joy", "sadness", "surprise"), 0.0) | {"others": 1.0},
        urgency={"low": 1.0, "normal": 0.0, "high": 0.0}, abuse=0.0, hate=0.0, actionable=0.0, topic={}, hints=Hints(),
        why=(),
    )  # fmt: skip


def as_read(whole: Whole, engine: str, only_greets: bool) -> Read:
    """For the house: the kind that a text is taken for, its mood, and all that was read."""
    kind = kind_of(whole.kind, only_greets, whole.taught)
    mood = max(whole.sentiment, key=lambda m: whole.sentiment[m])
    if kind in ("complaint", "claim") and mood == "neutral":
        mood = "negative"  # something went wrong, in however calm words
    elif kind == "question" and mood == "negative" and whole.sentiment[mood] < SURE:
        mood = "neutral"  # to ask is no grievance, unless the words say so
    line = whole.line()
    return Read(
        language=whole.language if whole.language_p >= 0.5 else "", kind=kind, mood=mood,
        arousal=round(whole.hints.arousal, 3),
        urgency="high" if whole.urgency["high"] >= max(whole.urgency.values()) else "normal",
        probabilities={k: v for k, v in line.items() if k not in _BESIDE} | {"language": line["language_p"]},
        why=whole.why, engine=engine,
    )  # fmt: skip


def kind_of(kinds: Mapping[str, float], only_greets: bool, taught: Collection[str] = ()) -> str:
    """The kind that a text is taken for."""
    least = {k: min(SURELY.get(k, 0.5), TAUGHT) if k in taught else SURELY.get(k, 0.5) for k in KINDS}
    believed = {k: kinds[k] for k in KINDS if kinds[k] >= least[k] and not only_greets}
    return max(believed, key=lambda k: believed[k], default=_open(kinds, only_greets))


def _open(kinds: Mapping[str, float], only_greets: bool) -> str:
    """What a text is taken for that says nothing surely: a question, unless a grievance is nearly sure and likelier."""
    gravest = max(("complaint", "claim"), key=lambda k: kinds[k])
    return gravest if not only_greets and kinds[gravest] >= max(NEARLY, *kinds.values()) else "question"


def _rounded(shares: Mapping[str, float]) -> dict[str, float]:
    return {key: round(share, 4) for key, share in shares.items()}
