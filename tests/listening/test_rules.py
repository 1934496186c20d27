"""What a search finds."""

import pytest

from netcenter.listening.rules import Wanted, backoff, hashtags, lines, span


@pytest.mark.parametrize(
    ("phrases", "excluded", "text", "found"),
    [
        (("panadería aurora",), (), "Fui a la PANADERIA\n  Aurora hoy", "panadería aurora"),
        (("aurora",), (), "Las auroras boreales", ""),
        (("aurora",), ("boreal",), "Una aurora boreal", ""),
        (("aurora",), ("boreal",), "Aurora y la aurora boreales", "aurora"),
        (("aurora + pan",), (), "El pan de la Aurora", "aurora + pan"),
        (("aurora + pan",), (), "La Aurora", ""),
        (("#aurora",), (), "Qué rico #Aurora!", "#aurora"),
        (("@aurora", "otra"), (), "hola @aurora", "@aurora"),
        (("c++ (rápido)",), (), "aprenda c++ (rápido) ya", "c++ (rápido)"),
        (("a.b",), (), "axb", ""),
        ((), (), "lo que sea", ""),
        (("  ", "+"), (), "lo que sea", ""),
        (("日本",), (), "日本 語", "日本"),
    ],
)
def test_it_finds_whole_words_in_a_row(phrases, excluded, text, found):
    assert Wanted(tuple(phrases), tuple(excluded)).found_in(text) == found


@pytest.mark.parametrize(
    ("languages", "language", "is_of"),
    [((), "de", True), (("es",), "es", True), (("es",), "es-AR", True), (("es",), "pt", False), (("es",), "", True)],
)
def test_it_keeps_to_languages(languages, language, is_of):
    assert Wanted(("x",), languages=languages).is_of(language) is is_of


@pytest.mark.parametrize(
    ("places", "told", "is_there"),
    [
        ((), ("",), True), (("Rosario",), ("", "Inundación en ROSARIO hoy"), True), (("Rosario",), ("Córdoba",), False),
        (("São Paulo",), ("sao paulo", ""), True), (("Rosario",), ("rosarios",), False),
    ],
)  # fmt: skip
def test_it_keeps_to_places(places, told, is_there):
    assert Wanted(("x",), places=places).is_there(*told) is is_there


def test_what_a_field_holds():
    assert lines(" a  b \n\n a b\nc; d\n") == ["a b", "c", "d"]
    assert len(lines("\n".join(map(str, range(500))))) == 100


def test_hashtags_of_phrases():
    assert hashtags(["Pan Aurora", "a + b", "#Dulce", "!!"]) == ["panaurora", "dulce"]


def test_what_was_found_is_marked():
    text = "Ayer en la Panadería  Aurora"
    start, end = span("panadería aurora", text)
    assert text[start:end] == "Panadería  Aurora"
    assert span("a + b", "a b") == (0, 0) and span("zzz", text) == (0, 0)


def test_who_fails_is_asked_more_and_more_rarely():
    assert [backoff(n, 300) for n in (0, 1, 2)] == [300, 600, 1200] and backoff(99, 300) == 86_400
