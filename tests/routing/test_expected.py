"""The expected wait: tables, and what must hold for any line."""

import math
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcenter.routing import spoken, texts
from netcenter.routing.expected import CORRECTION, Line, Outcome, Pace, correction, estimate, pace, wilson
from netcenter.routing.spoken import LANGUAGES

NOW = datetime(2026, 3, 4, 15, 0, tzinfo=UTC)  # a Wednesday, noon in Buenos Aires
BAIRES = ZoneInfo("America/Argentina/Buenos_Aires")


def line(ahead=3.0, people=2, slots=6.0, free=0.0, handling=600.0, answering=120.0, overtaking=0.0) -> Line:
    return Line(ahead, people, slots, free, Pace(handling, 50), Pace(answering, 50), overtaking)


lines = st.builds(
    line, ahead=st.floats(0, 5000), people=st.integers(1, 500), slots=st.floats(1, 2000), free=st.floats(0, 50),
    handling=st.floats(5, 7200), answering=st.floats(5, 3600), overtaking=st.floats(0, 1),
)  # fmt: skip


def simulated(at: Line, p: float, seed: int = 7) -> float:
    """The same by throwing dice: every place becomes free after an exponential time."""
    dice = random.Random(seed)
    needed = max(0, math.ceil(at.ahead + 1 - at.free))
    waits = []
    for _ in range(6000):
        rest = sum(dice.expovariate(at.slots / at.handling.seconds) for _ in range(needed))
        waits.append(rest + at.pick_up + dice.expovariate(1 / at.answering.seconds))
    return sorted(waits)[int(p * len(waits))]


@pytest.mark.parametrize("at", [line(), line(ahead=0), line(ahead=40, slots=3.0), line(ahead=1, slots=2.0, free=2.0)])
def test_it_says_what_dice_say(at):
    told = estimate(at)
    assert told.median == pytest.approx(simulated(at, 0.5), rel=0.08, abs=6)
    assert told.p80 == pytest.approx(simulated(at, 0.8), rel=0.08, abs=6)


@given(lines)
def test_it_is_never_a_promise_to_answer_at_once(at):
    told = estimate(at)
    assert 0 < told.median <= told.p80 < math.inf


@given(lines, st.floats(0, 100))
def test_more_people_before_you_never_shorten_the_wait(at, more):
    longer = estimate(Line(at.ahead + more, at.people, at.slots, at.free, at.handling, at.answering, at.overtaking))
    assert longer.p80 >= estimate(at).p80 * 0.999


@given(lines, st.floats(1, 4))
def test_slower_people_never_shorten_the_wait(at, slower):
    held = Pace(at.handling.seconds * slower, 50)
    longer = estimate(Line(at.ahead, at.people, at.slots, at.free, held, at.answering, at.overtaking / slower))
    assert longer.p80 >= estimate(at).p80 * 0.999


@given(lines, st.floats(0, 20))
def test_more_places_never_lengthen_the_wait(at, more):
    wider = Line(at.ahead, at.people, at.slots + more, at.free + more, at.handling, at.answering, at.overtaking)
    assert estimate(wider).p80 <= estimate(at).p80 * 1.001


def test_it_says_nothing_when_nobody_is_here():
    assert estimate(line(people=0, slots=0.0)) is None


def test_few_observations_are_drawn_to_what_is_usual():
    assert pace([], 300) == Pace(300, 0)
    assert pace([60] * 10, 300).seconds == 180
    assert pace([60] * 990, 300).seconds == pytest.approx(62.4)
    assert pace([1e9], 300).seconds < 2000  # a case that was forgotten is no pace


def test_it_learns_from_what_came():
    dice = random.Random(3)
    real = [Outcome(600, dice.expovariate(1 / 600)) for _ in range(400)]  # in truth 966 s are needed for four of five
    factor = correction(real)
    kept = sum(o.real <= o.raw * factor for o in real) / len(real)
    assert 0.78 <= kept <= 0.83 and factor == pytest.approx(1.61, rel=0.12)


@given(st.lists(st.builds(Outcome, st.floats(1, 1e5), st.floats(0, 1e6)), max_size=60))
def test_its_correction_is_bounded(outcomes):
    low, high = CORRECTION
    assert low <= correction(outcomes) <= high


def test_one_bad_day_changes_little():
    assert correction([]) == 1
    assert correction([Outcome(60, 6000)]) == pytest.approx(3 ** (1 / 11))


@pytest.mark.parametrize(
    ("kept", "of", "low", "high"), [(0, 0, 0, 1), (8, 10, 0.490, 0.943), (80, 100, 0.711, 0.867), (10, 10, 0.722, 1)]
)
def test_the_interval_is_wilsons(kept, of, low, high):
    assert wilson(kept, of) == (pytest.approx(low, abs=0.001), pytest.approx(high, abs=0.001))


SAID = [
    (3, 4, "es", "en unos 5 minutos", 5),
    (7, 18, "es", "en unos 10 minutos, a más tardar en 20", 20),
    (7, 18, "en", "in about 10 minutes, 20 at the latest", 20),
    (7, 18, "pt", "em cerca de 10 minutos, no máximo em 20", 20),
    (60, 170, "es", "hoy antes de las 15:00", 180),
    (60, 170, "en", "today before 3:00 PM", 180),
    (60, 170, "pt", "hoje antes das 15:00", 180),
    (300, 1300, "es", "mañana antes de las 10:00", 22 * 60),
    (300, 1300, "pt", "amanhã antes das 10:00", 22 * 60),
    (300, 780, "es", "mañana antes de la 1:00", 13 * 60),
    (300, 3 * 1440, "es", "el sábado antes de las 12:00", 3 * 1440),
    (300, 3 * 1440, "pt", "no sábado antes das 12:00", 3 * 1440),
    (300, 9 * 1440, "es", "el 13 de marzo antes de las 12:00", 9 * 1440),
]


@pytest.mark.parametrize(("median", "latest", "language", "words", "until"), SAID)
def test_it_is_said_as_people_say_it(median, latest, language, words, until):
    minute = timedelta(minutes=1)
    said = spoken.wait(NOW, NOW + median * minute, NOW + latest * minute, BAIRES, language)
    assert said.words == words.replace("12:00", "12:00") and said.until == NOW + until * minute


@given(st.floats(1, 20_000), st.floats(0, 1), st.sampled_from(LANGUAGES))
def test_it_never_names_an_earlier_time_than_it_means(latest, share, language):
    at = NOW + timedelta(minutes=latest)
    said = spoken.wait(NOW, NOW + timedelta(minutes=latest * share), at, BAIRES, language)
    assert at <= said.until <= at + timedelta(hours=1) and said.words


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_names_no_time_when_it_knows_none(language):
    assert spoken.wait(NOW, None, None, BAIRES, language).until is None


@pytest.mark.parametrize(
    ("hours", "language", "words"),
    [(18, "es", "mañana a las 6:00"), (18, "en", "tomorrow at 6:00 AM"), (18, "pt", "amanhã às 06:00"),
     (13, "es", "mañana a la 1:00"), (2, "es", "hoy a las 14:00"), (93, "en", "on Sunday at 9:00 AM")],
)  # fmt: skip
def test_the_next_opening_is_said_as_people_say_it(hours, language, words):
    assert spoken.opens(NOW, NOW + timedelta(hours=hours), BAIRES, language) == words


@pytest.mark.parametrize("kind", ["busy", "closed"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_houses_own_words_are_whole_and_say_what_they_are(kind, language):
    text = texts.DEFAULTS[kind][language]
    assert texts.unknown(text) == []
    filled = texts.fill(text, {"customer.first_name": "Dana", "wait": "W", "opens": "O", "brand": "Aurora"})
    assert "Dana" in filled and "{{" not in filled
    assert texts.signed(texts.signed(filled, language), language).count(texts.SIGNED[language]) == 1
    nameless = texts.fill(text, {"wait": "W", "opens": "O", "brand": "Aurora"})
    assert nameless.startswith(("Hola. ", "Hello. ", "Olá. "))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("{{wait}} {{ customer.first_name }}", []), ("{{ nombre }}", ["nombre"]), ("{{ }}", [""]), ("{{ wait", ["{{"]),
     ("wait }}", ["}}"]), ("{{ customer.__class__ }}", ["customer.__class__"])],
)  # fmt: skip
def test_unknown_variables_are_found(text, wrong):
    assert texts.unknown(text) == wrong


def test_a_language_without_words_is_spoken_to_in_the_brands():
    own = {"busy": {"es": "Propio"}}
    assert texts.chosen(own, "busy", "es", "pt") == ("Propio", "es")
    assert texts.chosen(own, "busy", "en-GB", "es") == (texts.DEFAULTS["busy"]["en"], "en")
    assert texts.chosen(own, "busy", "de", "es") == ("Propio", "es")
    assert texts.chosen({}, "closed", "", "pt-br") == (texts.DEFAULTS["closed"]["pt"], "pt")


@settings(max_examples=30)
@given(st.text(max_size=200), st.text(max_size=50))
def test_filling_leaves_no_hole_and_never_fills_twice(text, name):
    filled = texts.fill(text + "{{ customer.first_name }}", {"customer.first_name": name or "x"})
    assert filled.endswith(name or "x")
