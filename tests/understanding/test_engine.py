"""The trained engine: what it reads, that it is the same every time, and that no text breaks it."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcenter.understanding.engine import ORDER, Trained, as_read
from netcenter.understanding.features import see
from netcenter.understanding.language import LANGUAGES, languages_of
from netcenter.understanding.model import Table, pack, shipped, unpack
from netcenter.understanding.rules import KINDS

ENGINE = Trained()


@pytest.mark.parametrize(
    ("text", "language", "kind", "mood"),
    [
        ("Hola, mi pedido llegó roto y quiero un reembolso", "es", "claim", "negative"),
        ("¿A qué hora abren los domingos?", "es", "question", "neutral"),
        ("Esto es una vergüenza, nunca más les compro", "es", "complaint", "negative"),
        ("Riquísimas las medialunas, los felicito de corazón", "es", "praise", "positive"),
        ("Muchas gracias por todo", "es", "thanks", "positive"),
        ("Estaría bueno que tengan pan de masa madre los lunes", "es", "suggestion", None),
        ("Olá, vocês têm pão sem glúten?", "pt", "question", None),
        ("O pão veio mofado, que absurdo", "pt", "complaint", "negative"),
        ("My cake never arrived and I want a refund", "en", "claim", "negative"),
        ("The best bread in town, amazing!", "en", "praise", "positive"),
        ("Gane dinero desde casa, siga el enlace de mi perfil", "es", "spam", None),
    ],
)
def test_it_reads(text, language, kind, mood):
    (read,) = ENGINE.read([text])
    assert (read.language, read.kind) == (language, kind)
    assert mood is None or read.mood == mood
    assert read.why and set(" ".join(read.why).split()) <= set(
        text.replace(",", " ,").replace("!", " !").split()
    ) | set(read.why)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_what_has_no_words_is_other_and_calm(text):
    (whole,) = ENGINE.read_whole([text])
    assert whole.kind["other"] == 1 and whole.sentiment["neutral"] == 1 and whole.abuse == 0 and not whole.why


def test_what_no_eye_reads_to_its_end_is_no_reason():
    (whole,) = Trained().read_whole(["gracias" * 100])
    assert all(len(word) <= 40 for word in whole.why)


def test_a_text_reads_the_same_whatever_stands_beside_it():
    texts = ["Mi pedido no llegó", "Thanks!", "", "Que absurdo, ninguém atende 😡"]
    together = ENGINE.read_whole(texts)
    alone = [ENGINE.read_whole([text])[0] for text in texts]
    assert [one.line() for one in together] == [one.line() for one in alone]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.text(max_size=200), max_size=5))
def test_it_reads_anything(texts):
    wholes = ENGINE.read_whole(texts)
    assert len(wholes) == len(texts)
    for whole in wholes:
        assert all(0 <= p <= 1 for p in (*whole.kind.values(), whole.abuse, whole.actionable, whole.hints.arousal))
        for shares in (whole.sentiment, whole.emotion, whole.urgency):
            assert sum(shares.values()) == pytest.approx(1, abs=1e-3)
        json.dumps(whole.line(), allow_nan=False)
    for read in ENGINE.read(texts):
        assert read.kind in KINDS and read.language in ("", *LANGUAGES)


def test_the_same_lines_come_out_whatever_the_seed_of_hashes():
    lines = b'{"id":1,"text":"Nadie contesta, verg\xc3\xbcenza"}\n{"id":"b","text":"Obrigada!"}\n'
    outs = {
        subprocess.run(
            [sys.executable, "-m", "netcenter.site.command", "read"], input=lines, capture_output=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    (out,) = outs
    first, second = (json.loads(line) for line in out.splitlines())
    assert (first["id"], second["id"]) == (1, "b") and (first["language"], second["language"]) == ("es", "pt")
    assert set(first["kind"]) == set(ORDER) and set(first["urgency"]) == {"low", "normal", "high"}
    assert set(first["emotion"]) == {"anger", "disgust", "fear", "joy", "sadness", "surprise", "others"}


def test_a_bad_line_is_told_with_its_number_and_the_rest_goes_on():
    lines = b'{"id":1,"text":"Hola"}\nnonsense\n{"id":3}\n\n{"id":4,"text":"Hi there","language":"en-GB"}'
    done = subprocess.run(
        [sys.executable, "-m", "netcenter.site.command", "read"], input=lines, capture_output=True, check=True
    )
    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["id"] for one in out] == [1, 4] and out[1]["language"] == "en" and out[1]["language_p"] == 1
    told = done.stderr.decode().splitlines()
    assert [t.partition(":")[0] for t in told] == ["line 2", "line 3"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("¿Dónde está mi paquete?", "es"), ("Onde está meu pacote?", "pt"), ("Where is my parcel?", "en"),
        ("muchas gracias", "es"), ("muito obrigada", "pt"), ("thank you", "en"),
        ("No funciona nada", "es"), ("Não funciona nada", "pt"), ("nao chegou ainda", "pt"), ("todavía nada", "es"),
    ],
)  # fmt: skip
def test_it_tells_languages_apart(text, language):
    ((told, probability),) = languages_of([text])
    assert told == language and probability > 0.5


def test_a_name_alone_has_no_language():
    assert languages_of(["@aurora #pan https://x.example", "👍", "12345"]) == [("", 0.0)] * 3


def test_weights_survive_being_packed():
    import numpy as np

    weights = np.array([[0.0, -2.0], [0.01, 4.0], [-0.5, 0.3]], dtype=np.float32)
    again = unpack(*pack(weights))
    assert np.abs(again - weights).max() < 0.04 and again[0, 0] == 0


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("Pendeja", 0.5, 1),  # one word, as a shop review may be: which expert is asked must not matter
        ("Hipócrita", 0.5, 1),
        ("vai tomar no cu, seu idiota", 0.5, 1),
        ("Mi pedido no llegó y nadie contesta, es una vergüenza", 0, 0.5),  # anger at a brand is no abuse
        ("Produto veio quebrado, quero meu dinheiro de volta", 0, 0.5),
    ],
)
def test_abuse_is_told_from_anger(text, least, most):
    assert least <= ENGINE.read_whole([text])[0].abuse <= most


def test_packed_weights_say_what_plain_ones_say():
    texts = ["Mi pedido no llegó", "Que absurdo, ninguém atende"]
    table = shipped().table
    plain = Table(table.hashes, table.idf, table.block, unpack(table.weights, table.largest), table.bias)
    weighed = table.weigh(see(texts), len(texts))
    assert table.sums(weighed) == pytest.approx(plain.sums(weighed), abs=1e-4)
    column = np.array([0, 5])
    assert table.shares(weighed, column) == pytest.approx(plain.shares(weighed, column), abs=1e-5)


def test_who_listens_hears_what_the_others_say():
    read = shipped()
    (name,) = read.beside
    column, other = read.columns[name], read.columns[read.about["beside"][name][0]]
    sums = np.zeros((2, len(read.table.bias)))
    sums[1, other.start] = 5  # the second text is negative, the other expert says
    moved = read.listened(sums.copy()) - sums
    assert column.probabilities(moved)[1, 0] > column.probabilities(moved)[0, 0]
    moved[:, column.start : column.end] = 0
    assert not moved.any()


@pytest.mark.parametrize(
    ("shares", "kind"),
    [
        ({"complaint": 0.45, "question": 0.4}, "complaint"),
        ({"complaint": 0.39, "question": 0.3}, "question"),
        ({"claim": 0.45, "question": 0.48}, "question"),
    ],
)
def test_what_is_nearly_sure_and_likelier_than_all_else_is_a_grievance(shares, kind):
    (whole,) = ENGINE.read_whole(["Mi pedido"])
    assert as_read(replace(whole, kind=dict.fromkeys(ORDER, 0.0) | shares), "", False).kind == kind
