"""The manuals that the house brings: whole in three languages, and what they say passes the guard."""

import re

import pytest

from netcenter.guard.draft import Draft, Never, Reading
from netcenter.guard.rules import examine
from netcenter.protocols.content import kept, read
from netcenter.protocols.manuals import LANGUAGES, MANUALS, manual
from netcenter.understanding.lexicon import DEFAULT_TOPICS
from netcenter.understanding.rules import KINDS

EVERY = [pytest.param(one, id=one.key) for name in MANUALS for one in manual(name)]
HOLE = re.compile(r"\{\{([^{}]+)\}\}")
SAID = {  # what somebody might have written, by language: complaints want an apology, praise wants none
    "complaint": {"es": "Es una vergüenza, no funciona nada", "en": "This is a disgrace, nothing works",
                  "pt": "É uma vergonha, nada funciona"},
    "praise": {"es": "¡Excelente atención, gracias!", "en": "Excellent service, thank you!",
               "pt": "Excelente atendimento, obrigado!"},
    "question": {"es": "¿Cómo lo hago?", "en": "How do I do it?", "pt": "Como faço?"},
    "suggestion": {"es": "Estaría bueno que abran los domingos", "en": "It would be nice if you opened on Sundays",
                   "pt": "Seria bom se abrissem aos domingos"},
}  # fmt: skip


@pytest.mark.parametrize("one", EVERY)
def test_it_is_whole_in_every_language(one):
    content = one.content
    texts = [content.titles, *(s.texts for s in content.steps), *(w.texts for w in content.words),
             *(w.names for w in content.words), *([content.notes] if content.notes else [])]  # fmt: skip
    assert content.steps and content.words
    for each in texts:
        assert set(each) == set(LANGUAGES) and all(each.values())
    assert len({s.key for s in content.steps}) == len(content.steps)
    holes = [[len(HOLE.findall(w.texts[code])) for code in LANGUAGES] for w in content.words]
    assert all(len(set(row)) == 1 for row in holes), "the same blanks in every language"


@pytest.mark.parametrize("one", EVERY)
def test_it_asks_for_what_is_read(one):
    when = one.content.when
    assert not when.is_open
    assert set(when.kinds) <= set(KINDS) and set(when.topics) <= set(DEFAULT_TOPICS)


@pytest.mark.parametrize("one", EVERY)
def test_it_comes_back_as_it_was_kept(one):
    assert read(kept(one.content)) == one.content


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("one", EVERY)
def test_its_words_pass_the_guard_once_their_blanks_are_filled(one, language):
    when = one.content.when
    kind = next(k for k in (*when.kinds, "question" if when.places else "complaint") if k in SAID)
    for words in one.content.words:
        text = HOLE.sub("7", words.texts[language].replace("{{customer.first_name}}", "Dana"))
        found = examine(Draft(
            text, (SAID[kind][language],), language=language, reading=Reading(kind), customer_name="Dana Quiroga",
            never=tuple(Never(phrase, one.content.never_grade) for phrase in one.content.never),
        ))  # fmt: skip
        assert [f for f in found if f.severity == "block"] == []
        weak = {"never_said", "no_apology", "vague_time", "non_apology", "wrong_language"}
        assert [f for f in found if f.rule in weak] == []


def test_praise_is_never_apologised_to():
    praise = next(p for p in manual("common") if p.key == "common/praise")
    for language in LANGUAGES:
        for words in praise.content.words:
            said = (SAID["praise"][language],)
            found = examine(Draft(words.texts[language], said, language=language, reading=Reading("praise")))
            assert "apology_to_praise" not in {f.rule for f in found}
