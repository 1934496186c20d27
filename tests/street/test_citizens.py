"""The same seed is the same person; each in their own language, with no gaps in what they say."""

import random
from collections import Counter

import pytest

from netcenter.street.citizens import Citizen, Utterance, citizen
from netcenter.street.matters import CHAT, MAIL, MATTERS, Matter
from netcenter.street.words import LANGUAGES, Voice, matters_of, texts
from netcenter.understanding.language import languages_of

BY_NAME = {matter.name: matter for matter in MATTERS}


def somebody(seed: int = 1, **chosen: object) -> Citizen:
    return citizen(random.Random(seed), **chosen)  # type: ignore[arg-type]


def spoken(person: Citizen) -> list[str]:
    """Everything that somebody says in a conversation that goes badly and then well."""
    said: list[Utterance | None] = [person.opening()]
    said += [person.nag(), person.nag()]
    said += [person.react("?", "Ana", automatic=False), person.react("Why? Which order?", "Ana", automatic=False)]
    said.append(person.react("We are sorry and refund it today.", "Ana", automatic=False))
    return [text for one in said if one for text in (*one.lines, one.subject) if text]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_every_matter(language):
    assert matters_of(language) == BY_NAME.keys()
    for matter in MATTERS:
        said = texts(language)[matter.name]
        assert len(said["open"]) >= 2
        assert len(said["subject"]) >= 2
        assert matter.is_spam or (said["more"] and said["answer"])


def test_there_is_enough_to_talk_about():
    openings = {line for language in LANGUAGES for name in BY_NAME for line in texts(language)[name]["open"]}
    assert len(MATTERS) >= 40
    assert len(openings) >= 40 * 3 * 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("matter", MATTERS, ids=lambda m: m.name)
def test_every_text_can_be_filled_in_every_dialect(language, matter):
    for seed in range(5):
        voice = Voice(language, random.Random(seed))
        said = texts(language)
        for template in [line for part in said[matter.name].values() for line in part]:
            whole(voice.fill(template))
        for template in [line for part in said["talk"].values() if isinstance(part, list) for line in part]:
            whole(voice.fill(template))


def whole(text: str) -> None:
    assert text.strip()
    assert not set("{}") & set(text), text
    assert "  " not in text, text


def test_nothing_that_is_said_is_empty_or_has_a_gap():
    for seed in range(150):
        lines = spoken(somebody(seed))
        assert lines
        for line in lines:
            whole(line)


def test_the_same_seed_is_the_same_person_who_says_the_same():
    assert spoken(somebody(7)) == spoken(somebody(7))
    assert somebody(7).email == somebody(7).email
    assert spoken(somebody(7)) != spoken(somebody(8))


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_writes_is_read_in_the_language_they_write(language):
    misread = Counter()
    for seed in range(8):
        for matter in MATTERS:
            person = somebody(seed, matter=matter, language=language, way=MAIL)
            text = " ".join(person.opening().lines)
            misread[matter.name] += languages_of([text])[0][0] != language
    assert not {name: n for name, n in misread.items() if n > 1}  # of 8; names and short words mislead


@pytest.mark.parametrize("language", LANGUAGES)
def test_even_hurried_thumbs_are_read_in_their_language(language):
    misread = 0
    for seed in range(100):
        text = " ".join(somebody(seed, language=language, way=CHAT).opening().lines)
        misread += languages_of([text])[0][0] != language
    assert misread <= 5


def test_articles_and_prepositions_meet_as_they_should():
    said = [line for seed in range(200) for line in spoken(somebody(seed, way=MAIL))]
    for wrong in (" a el ", " de el ", " em o ", " em a ", " de no ", " for on "):
        assert not [line for line in said if wrong in f" {line.lower()} "]


def test_spam_is_said_once_and_answers_to_nothing():
    spammer = somebody(matter=BY_NAME["spam_seo"])
    spammer.opening()
    assert spammer.is_done
    assert spammer.react("Please stop.", "Ana", automatic=False) is None
    assert spammer.nag() is None


def test_who_is_ignored_asks_again_then_is_fed_up_and_then_leaves():
    person = somebody(matter=BY_NAME["hours"], way=CHAT)
    person.moves_to = ""
    person.opening()
    patience, temper = person.patience, person.temper
    first, second, third = person.nag(), person.nag(), person.nag()
    assert first and second and third is None
    assert person.is_done and person.pleased is False
    assert person.patience > patience and person.temper > temper


def test_who_is_ignored_may_try_another_way_as_the_same_person():
    person = somebody(matter=BY_NAME["gluten_free"], way=MAIL)
    person.moves_to, email = CHAT, person.email
    person.opening()
    person.nag()
    said = person.nag()
    assert said is not None
    assert said.way == person.way == CHAT
    assert person.email == email


def test_a_machine_s_words_do_not_end_the_waiting():
    person = somebody(matter=BY_NAME["hours"])
    person.opening()
    assert person.react("We will answer soon.", "", automatic=True) is None
    assert not person.is_done
    assert person.nag() is not None


def test_who_is_asked_tells_more():
    person = somebody(matter=BY_NAME["mouldy_bread"], language="en")
    person.opening()
    said = person.react("We are sorry. Do you still have the receipt?", "Ana", automatic=False)
    assert said is not None
    assert not person.is_done


def test_an_angry_person_who_is_brushed_off_grows_angrier():
    person = somebody(matter=BY_NAME["allergic_reaction"])
    person.temper = 1.0
    person.opening()
    assert person.react("ok", "Ana", automatic=False) is not None
    assert person.pleased is False


def test_a_good_answer_ends_well_for_most():
    pleased = 0
    for seed in range(200):
        person = somebody(seed, matter=BY_NAME["double_charge"])
        person.opening()
        for _turn in range(4):
            person.react(person.voice.answer(person.matter), "Ana", automatic=False)
        assert person.is_done
        pleased += bool(person.pleased)
    assert pleased > 150


def test_all_ways_languages_and_dialects_are_met_in_the_street():
    people = [somebody(seed) for seed in range(400)]
    assert {p.way for p in people} == {"chat", "mail", "app"}
    assert {p.voice.language for p in people} == set(LANGUAGES)
    assert len({p.voice.dialect for p in people}) == 5
    assert len({p.email for p in people}) > 390


def test_a_closed_way_is_not_taken():
    people = [somebody(seed, ways=(MAIL,)) for seed in range(100)]
    assert {p.way for p in people} == {MAIL}
    assert not any(p.moves_to for p in people)


def test_mould_is_shown():
    matter: Matter = BY_NAME["mouldy_bread"]
    photos = [photo for seed in range(10) for photo in somebody(seed, matter=matter).opening().photos]
    assert photos
    assert all(p.content.startswith(b"\x89PNG") and len(p.content) < 10_000 for p in photos)
    assert len({p.content for p in photos}) == len(photos)


def test_a_menu_is_used_by_most_and_ignored_by_some_and_read_by_who_uses_it():
    labels = ["Facturas y pagos", "Un pedido", "Otra cosa"]
    chosen = {}
    for name in ("invoice", "late_order", "vegan"):
        people = [somebody(seed, matter=BY_NAME[name], language="es") for seed in range(200)]
        chosen[name] = Counter(person.choose(labels) for person in people)
    assert {name: set(found) for name, found in chosen.items()} == {
        "invoice": {0, None}, "late_order": {1, None}, "vegan": {2, None}}  # fmt: skip
    assert all(40 < found[None] < 120 for found in chosen.values())
    assert somebody(matter=BY_NAME["vegan"]).choose([]) is None
