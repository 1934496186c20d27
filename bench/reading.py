"""How well and how fast messages are read: `python -m bench.reading FOLDER --model FILE --language-model FILE`.

FOLDER holds the labelled files (scripts/reading_sources.py). The model must have been trained without a fifth of them,
as `scripts/train_reading.py FOLDER --hold-out 0 --out FILE` does; that fifth is judged here, text alone being told.
With several, `--model F0 F1 F2 …`, the fifths 0, 1, 2 … are judged together, each by the one that had not seen it;
`--language-model L0 L1 L2 …` and `--topics` go with them. Left without a language model, the shipped one has seen all.
Without `--model` only speed, start-up and memory are measured, with the shipped one. Intervals: 95 %, by resampling.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from reading_sources import Row, rows  # noqa: E402

from netcenter.understanding import engine as engines  # noqa: E402
from netcenter.understanding import language, topics  # noqa: E402
from netcenter.understanding.engine import ORDER, Trained, Whole, as_read  # noqa: E402
from netcenter.understanding.greeting import only_greets  # noqa: E402

RESAMPLED = 300
MOODS = ("negative", "neutral", "positive")
Score = Callable[[np.ndarray, np.ndarray], float]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--model", type=Path, nargs="*", default=[])
    asked.add_argument("--language-model", type=Path, nargs="*", default=[])
    asked.add_argument("--hold-out", type=int, default=0)
    asked.add_argument("--topics", action="store_true", help="Also fit banking77's topics: a minute a fifth.")
    asked.add_argument("--once", action="store_true", help="Judge of rows with the same words the first alone.")
    given = asked.parse_args()
    every = list(rows(given.folder))
    kept = [r for r in every if r.part % 5 == given.hold_out]
    fifths = range(given.hold_out, given.hold_out + max(1, len(given.model)))
    if given.model:
        speech = given.language_model or [language.SHIPPED] * len(fifths)
        both = [one for each in zip(fifths, given.model, speech, strict=True) for one in read_by(every, *each)]
        judge(once(both) if given.once else both)
    if given.topics:
        judge_topics(given.folder, fifths)
    speed([r.text for r in kept])


def read_by(every: Sequence[Row], fifth: int, file: Path, speech: Path) -> list[tuple[Row, Whole]]:
    kept = [r for r in every if r.part % 5 == fifth]
    language.SHIPPED = speech
    language._weights.cache_clear()  # it keeps those of the fifth before
    return list(zip(kept, Trained(model=file).read_whole([r.text for r in kept]), strict=True))


def once(both: Sequence[tuple[Row, Whole]]) -> list[tuple[Row, Whole]]:
    first = {(row.file, row.plain): (row, whole) for row, whole in reversed(both)}
    return list(reversed(first.values()))


def judge(both: Sequence[tuple[Row, Whole]]) -> None:
    print("| question | rows | measure | got | 95 % | baseline | must | aim |\n|---|---|---|---|---|---|---|---|")
    for name, file, question, measures in QUESTIONS:
        mine = [(r, w) for r, w in both if r.file == file and question in r.answers]
        for label, score, take, baseline, must, aim in measures:
            taken = [take(r, w) for r, w in mine]
            truth, said = np.array([t for t, _ in taken]), np.array([s for _, s in taken])
            low, high = interval(score, truth, said)
            print(f"| {name} | {len(mine)} | {label} | {score(truth, said):.3f} | {low:.3f}-{high:.3f} "
                  f"| {baseline} | {must} | {aim} |", flush=True)  # fmt: skip
    judge_language(both)
    judge_grievances(both)


def judge_grievances(both: Sequence[tuple[Row, Whole]]) -> None:
    """What it does that a grievance counts from 40 % where nothing is sure: `engine.NEARLY`, against never."""
    print(
        "\n| grievances | rows | precision, recall without | with | only with it | of which are | \n" + "|---" * 6 + "|"
    )
    for name, truth_of in GRIEVANCES:
        mine = [(r, w, t) for r, w in both if (t := truth_of(r)) is not None]
        truth = np.array([t for _, _, t in mine], dtype=bool)
        read = [(r, w) for r, w, _ in mine]
        without, with_it = taken_for_grievances(read, 2.0), taken_for_grievances(read, engines.NEARLY)
        moved = with_it & ~without
        print(f"| {name} | {len(mine)} | {_both(truth, without)} | {_both(truth, with_it)} | {moved.sum()} "
              f"| {(moved & truth).sum()} |", flush=True)  # fmt: skip


def taken_for_grievances(read: Sequence[tuple[Row, Whole]], nearly: float) -> np.ndarray:
    shipped, engines.NEARLY = engines.NEARLY, nearly
    try:
        kinds = [as_read(whole, "", only_greets(row.text)).kind for row, whole in read]
    finally:
        engines.NEARLY = shipped
    return np.isin(kinds, ("complaint", "claim"))


def _both(truth: np.ndarray, said: np.ndarray) -> str:
    return f"{(truth & said).sum() / max(1, said.sum()):.3f}, {(truth & said).sum() / max(1, truth.sum()):.3f}"


def judge_language(both: Sequence[tuple[Row, Whole]]) -> None:
    mine = [(r, w) for r, w in both if r.language and r.file != "primer" and len(language.letters_of(r.text)) >= 2]
    for label, some, must in (
        ("all", mine, ".99 | .995"), ("under 40 characters", [m for m in mine if len(m[0].text) < 40], ".96 | .975"),
        *((f"{code}", [m for m in mine if m[0].language == code], " | ") for code in language.LANGUAGES),
    ):  # fmt: skip
        truth = np.array([r.language for r, _ in some])
        said = np.array([w.language for _, w in some])
        low, high = interval(accuracy, truth, said)
        print(
            f"| language, {label} | {len(some)} | accuracy | {accuracy(truth, said):.4f} "
            f"| {low:.4f}-{high:.4f} | | {must} |"
        )


def judge_topics(folder: Path, fifths: Sequence[int]) -> None:
    import csv
    import gzip

    with gzip.open(folder / "topic" / "banking77_en.csv.gz", "rt", newline="") as file:
        pairs = [(Row(r["text"], "banking77_en", "en", {}), r["intent"]) for r in csv.DictReader(file)]
    both = [one for k in fifths for one in topics_read(pairs, k)]
    truth, said = np.array([t for t, _ in both]), np.array([s for _, s in both])
    low, high = interval(accuracy, truth, said)
    print(
        f"| topics fit, banking77 | {len(both)} | accuracy | {accuracy(truth, said):.3f} "
        f"| {low:.3f}-{high:.3f} | .910 | .91 | .93 |"
    )


def topics_read(pairs: Sequence[tuple[Row, str]], fifth: int) -> list[tuple[str, str]]:
    """Of each query of a fifth its topic, and the one that it was read as by who had learned from the others."""
    learn = [(r.text, i) for r, i in pairs if r.part % 5 != fifth]
    test = [(r.text, i) for r, i in pairs if r.part % 5 == fifth]
    own = topics.fit([t for t, _ in learn], [i for _, i in learn])
    said = own.read([t for t, _ in test]).argmax(axis=1)
    return [(truth, own.labels[s]) for (_, truth), s in zip(test, said.tolist(), strict=True)]


# --- Measures -------------------------------------------------------------------------------------


def accuracy(truth: np.ndarray, said: np.ndarray) -> float:
    return float((truth == said).mean())


def f1_of(truth: np.ndarray, said: np.ndarray, label: object) -> float:
    both = ((truth == label) & (said == label)).sum()
    all_ = (truth == label).sum() + (said == label).sum()
    return float(2 * both / all_) if all_ else 0.0


def macro(truth: np.ndarray, said: np.ndarray) -> float:
    return float(np.mean([f1_of(truth, said, label) for label in np.unique(truth)]))


def negative(truth: np.ndarray, said: np.ndarray) -> float:
    return f1_of(truth, said, "negative")


def yes(truth: np.ndarray, said: np.ndarray) -> float:
    return f1_of(truth, said >= 0.5, True)


def macro_yes(truth: np.ndarray, said: np.ndarray) -> float:
    return macro(truth, said >= 0.5)


def auc(truth: np.ndarray, said: np.ndarray) -> float:
    order = np.argsort(said, kind="stable")
    rank = np.empty(len(said))
    _values, at, count = np.unique(said[order], return_inverse=True, return_counts=True)
    rank[order] = (np.cumsum(count) - (count - 1) / 2)[at]
    good = truth.astype(bool)
    if not good.any() or good.all():
        return 0.5
    return float((rank[good].sum() - good.sum() * (good.sum() + 1) / 2) / (good.sum() * (~good).sum()))


def calibration(truth: np.ndarray, said: np.ndarray) -> float:
    """Expected calibration error of one label's probability, in ten steps."""
    step = np.minimum((said * 10).astype(int), 9)
    return float(sum(abs(said[step == b].mean() - truth[step == b].mean()) * (step == b).mean() for b in set(step)))


def interval(score: Score, truth: np.ndarray, said: np.ndarray) -> tuple[float, float]:
    chance = np.random.RandomState(1)
    some = [chance.randint(0, len(truth), len(truth)) for _ in range(RESAMPLED)]
    low, high = np.quantile([score(truth[s], said[s]) for s in some], (0.025, 0.975))
    return float(low), float(high)


# --- What is asked --------------------------------------------------------------------------------

Take = Callable[[Row, Whole], tuple[object, object]]


def _likeliest(shares: dict[str, float]) -> str:
    return max(shares, key=lambda label: shares[label])


def _mood(row: Row, whole: Whole) -> tuple[str, str]:
    return row.answers["sentiment"], _likeliest(whole.sentiment)


def _negative(row: Row, whole: Whole) -> tuple[bool, float]:
    return row.answers["sentiment"] == "negative", whole.sentiment["negative"]


def _kind(kind: str) -> Take:
    return lambda row, whole: (row.answers[kind] == "yes", whole.kind[kind])


def _abuse(row: Row, whole: Whole) -> tuple[bool, float]:
    return row.answers["abuse"] == "yes", whole.abuse


FOUR = ("question", "complaint", "claim", "not_for_us")


def _four(row: Row, whole: Whole) -> tuple[str, str]:
    first = row.answers["kinds"].split()[0]
    return first if first in FOUR else "not_for_us", max(FOUR, key=lambda k: whole.kind[k])


def _useful(row: Row, whole: Whole) -> tuple[bool, float]:
    return row.answers["kinds"].split()[0] in ("question", "claim", "complaint", "suggestion"), whole.actionable


def _feeling(row: Row, whole: Whole) -> tuple[str, str]:
    return row.answers["emotion"], _likeliest(whole.emotion)


def _is_grievance(file: str, question: str, yes: tuple[str, ...], no: tuple[str, ...]) -> Callable[[Row], bool | None]:
    """Of the rows of a file, whether they are; None of those that nobody can tell."""

    def truth(row: Row) -> bool | None:
        told = row.answers.get(question, "") if row.file == file else ""
        return True if told in yes else False if told in no else None

    return truth


def _labelled(language: str) -> Callable[[Row], bool | None]:
    def truth(row: Row) -> bool | None:
        known = row.file != "primer" and row.language == language and "kinds" in row.answers
        return bool({"complaint", "claim"} & set(row.answers["kinds"].split())) if known else None

    return truth


# Moods and stars stand in for grievances where nobody has told these
GRIEVANCES: tuple[tuple[str, Callable[[Row], bool | None]], ...] = (
    *((f"labelled by kind, {code}", _labelled(code)) for code in language.LANGUAGES),
    ("complaints en", _is_grievance("complaints_en", "complaint", ("yes",), ("no",))),
    ("airlines en, negative", _is_grievance("airlines_en", "sentiment", ("negative",), ("neutral", "positive"))),
    ("airlines es, negative", _is_grievance("airlines_es", "sentiment", ("negative",), ("neutral", "positive"))),
    ("Olist pt, 1-2 stars against 4-5", _is_grievance("olist_reviews_pt", "sentiment", ("negative",), ("positive",))),
    ("Reclame Aqui pt, all are", lambda row: True if row.file == "reclameaqui_pt" else None),
)

Measure = tuple[str, Score, Take, str, str, str]
QUESTIONS: tuple[tuple[str, str, str, list[Measure]], ...] = (
    ("mood, TASS es", "tass2020_es", "sentiment", [("macro F1", macro, _mood, ".562", ".56", ".63")]),
    ("mood, airlines es", "airlines_es", "sentiment", [
        ("macro F1", macro, _mood, ".568", ".57", ".63"), ("negative F1", negative, _mood, ".740", ".74", ".77"),
        ("negative AUC", auc, _negative, ".820", ".82", ".86"),
        ("negative ECE", calibration, _negative, "", ".05", ".02")]),
    ("mood, airlines en", "airlines_en", "sentiment", [
        ("macro F1", macro, _mood, ".751", ".75", ".78"), ("negative F1", negative, _mood, ".890", ".89", ".91")]),
    ("mood, Olist pt", "olist_reviews_pt", "sentiment", [
        ("negative F1", negative, _mood, ".884", ".88", ".90"), ("negative AUC", auc, _negative, ".93", ".93", ".95")]),
    ("abuse, OffendES es", "offendes_es", "abuse", [
        ("macro F1", macro_yes, _abuse, ".819", ".81", ".84"), ("AUC", auc, _abuse, ".922", ".92", ".94")]),
    ("abuse, ToLD-Br pt", "told_br_pt", "abuse", [("macro F1", macro_yes, _abuse, ".747", ".74", ".77")]),
    ("complaint en", "complaints_en", "complaint", [("F1", yes, _kind("complaint"), ".758", ".75", ".80")]),
    ("suggestion en", "suggestion_en", "suggestion", [("F1", yes, _kind("suggestion"), ".53", ".53", ".65")]),
    ("emotion, EmoEvent es", "emoevent_es", "emotion", [("macro F1", macro, _feeling, ".505", ".50", ".56")]),
    ("emotion, EmoEvent en", "emoevent_en", "emotion", [("macro F1", macro, _feeling, "", "", "")]),
    ("not for us, CrisisLex", "crisislex_relevance", "not_for_us", [
        ("F1", yes, _kind("not_for_us"), ".74", ".73", ".80")]),
    ("kinds, messagetype es", "messagetype_es", "kinds", [
        ("four kinds, macro F1", macro, _four, ".48", ".48", ".65"),
        ("actionable AUC", auc, _useful, ".80", ".80", ".88")]),
    ("spam, YouTube", "youtube_spam", "spam", [("F1", yes, _kind("spam"), "", "", "")]),
)  # fmt: skip


# --- Speed ----------------------------------------------------------------------------------------


def speed(texts: Sequence[str]) -> None:
    """Seconds are the processor's: of the engine alone, and of the command from its start to its end."""
    engine = Trained()
    began = time.process_time()
    engine.read_whole(texts[:1])
    loaded = time.process_time() - began
    some = list(texts[:6000])
    began = time.process_time()
    engine.read_whole(some)
    rate = len(some) / (time.process_time() - began)
    lines = "".join(json.dumps({"id": n, "text": t}) + "\n" for n, t in enumerate(some))
    command = [sys.executable, "-m", "netcenter.site.command", "read"]
    one, many = (_spent(command, words) for words in (lines.partition("\n")[0] + "\n", lines))
    print(f"\n{rate:.0f} messages a second and core; first reading after {loaded:.2f} s. `netcenter read`: one line in "
          f"{one[0]:.2f} s of processor, {len(some)} in {many[0]:.2f} s, {len(some) / (many[0] - one[0]):.0f}/s; "
          f"{many[1]:.0f} MiB at most; kinds: {len(ORDER)}")  # fmt: skip


def _spent(command: list[str], words: str) -> tuple[float, float]:
    code = "import resource,subprocess,sys;subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,check=True);" \
           "u=resource.getrusage(resource.RUSAGE_CHILDREN);print(u.ru_utime+u.ru_stime,u.ru_maxrss/1024)"  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code, *command], input=words, capture_output=True, text=True, check=True
    )
    seconds, mebibytes = done.stdout.split()
    return float(seconds), float(mebibytes)


if __name__ == "__main__":
    main()
