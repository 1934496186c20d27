"""A company's own topics, and its own layer over the kinds."""

import subprocess
import sys

import numpy as np
import pytest

from netcenter.understanding import own, topics
from netcenter.understanding.engine import Trained

BREAD = ["pan sin sal", "el pan duro", "pan de campo fresco", "una hogaza de pan", "pan tostado", "medio kilo de pan"]
BIKES = [
    "rueda pinchada",
    "cadena de bicicleta",
    "el freno de la bici",
    "bici nueva",
    "rueda de bicicleta",
    "casco de bici",
]
TEXTS, TOPICS = BREAD + BIKES, ["bread"] * 6 + ["bikes"] * 6


def test_it_learns_topics():
    found, quality = topics.fit_and_judge(TEXTS, TOPICS)
    shares = found.read(["quiero pan", "mi bici perdió una rueda"])
    assert found.labels == ("bikes", "bread")
    assert shares[0].argmax() == 1 and shares[1].argmax() == 0 and np.allclose(shares.sum(axis=1), 1)
    assert quality.judged == 12 and quality.accuracy > 0.5 and set(quality.of) == {"bikes", "bread"}


def test_the_same_examples_give_the_same_topics(tmp_path):
    for name in ("a", "b"):
        topics.save(topics.fit(TEXTS, TOPICS), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert np.allclose(topics.load(tmp_path / "a").read(TEXTS), topics.fit(TEXTS, TOPICS).read(TEXTS), atol=0.05)


@pytest.mark.parametrize("pairs", [[], [("a", "x")], [("a", "x")] * 4, [("a", "x"), ("b", "y"), ("c", "x")]])
def test_it_says_when_there_is_nothing_to_learn(pairs):
    with pytest.raises(ValueError, match="two topics"):
        topics.chosen(pairs)


def test_a_spreadsheet_in_spanish_teaches_too(tmp_path):
    rows = "".join(f"{text};{topic}\r\n" for text, topic in zip(TEXTS, TOPICS, strict=True))
    (tmp_path / "x.csv").write_bytes(f"Mensaje;Tema\r\n{rows}".encode("cp1252"))
    assert topics.examples(tmp_path / "x.csv") == (TEXTS, TOPICS)


def test_a_file_that_holds_no_topics_is_refused(tmp_path):
    (tmp_path / "x").write_bytes(b"nothing of ours")
    with pytest.raises(ValueError, match="holds no topics") as refused:
        topics.load(tmp_path / "x")
    assert "pickle" not in str(refused.value)


def test_the_command_learns_topics_and_reads_with_them(tmp_path):
    labelled, out = tmp_path / "labelled.csv", tmp_path / "topics.model"
    labelled.write_text("text,topic\n" + "".join(f"{t},{k}\n" for t, k in zip(TEXTS, TOPICS, strict=True)))
    command = [sys.executable, "-m", "netcenter.site.command"]
    done = subprocess.run(
        [*command, "topics", "fit", str(labelled), "--out", str(out)], capture_output=True, check=True
    )
    assert b"12 examples of 2 topics" in done.stdout
    (whole,) = Trained(topics=topics.load(out)).read_whole(["el pan de ayer"])
    assert max(whole.topic, key=whole.topic.get) == "bread"


def test_what_was_corrected_moves_the_kinds():
    said = [
        f"{word} para el sábado" for word in ("torta", "tarta", "budín", "pastel", "rosca", "pan dulce", "alfajores")
    ]
    cases = [own.Case(f"{one} {n}", "other", "question") for one in said for n in range(4)]
    engine = Trained()
    layer, effect = own.learn(cases, engine)
    assert effect.after > effect.before and effect.after > 0.8 and effect.corrected == len(cases)
    again = own.from_bytes(own.as_bytes(layer))
    text = ["torta grande para el sábado"]
    (before,), (after,) = engine.read_whole(text), Trained(layer=again).read_whole(text)
    assert after.kind["question"] > before.kind["question"] and max(after.kind, key=after.kind.get) == "question"


def test_what_the_company_calls_not_for_us_is_believed_and_measured_as_the_house_reads():
    who = (
        "pastelera",
        "maestro panadero",
        "cajera",
        "repartidor con moto",
        "ayudante de cocina",
        "vendedora",
        "hornero",
    )
    ends = ("y busco trabajo, ¿toman gente?", "con diez años de experiencia, les dejo mi currículum")
    cases = [own.Case(f"Soy {one} {end}", "question", "not_for_us") for one in who for end in ends]
    kept = ("¿Tienen pan sin gluten?", "¿A qué hora abren?", "¿Hacen tortas para bodas?", "¿Hay lugar el sábado?")
    cases += [own.Case(f"{text} {n}", "question", "question") for text in kept for n in range(5)]
    layer, effect = own.learn(cases, Trained())
    said = ["Hola, soy camarera y busco trabajo, ¿están tomando?", "Hola, ¿están?", "¿Tienen pan de centeno?"]
    assert [r.kind for r in Trained(layer=layer).read(said)] == ["not_for_us", "question", "question"]
    right = [r.kind == c.now for r, c in zip(Trained().read([c.text for c in cases]), cases, strict=True)]
    assert effect.before == sum(right) / len(right) and effect.after > effect.before
