from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from netcenter.lib import clock
from netcenter.look import formats

NOW = datetime(2026, 3, 9, 2, 30, tzinfo=UTC)  # in Montevideo still the evening before


@pytest.fixture(autouse=True)
def evening_in_montevideo(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with timezone.override(ZoneInfo("America/Montevideo")):
        yield


@pytest.mark.parametrize(
    ("language", "value", "digits", "text"),
    [
        ("es", 12431, None, "12\u202f431"), ("es", 1204, None, "1\u202f204"), ("es", 12.4, 1, "12,4"),
        ("pt-br", 12431, None, "12.431"), ("pt-br", 1204, None, "1.204"), ("en", 12431, None, "12,431"),
        ("en", 3.14159, 2, "3.14"), ("en", 3.14159, 0, "3"), ("es", None, None, "–"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_the_reader_writes_them(language, value, digits, text):
    with translation.override(language):
        assert formats.number(value, digits) == text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", ["ahora", "hace 5 min", "hace 3 h", "hace 2 d", "en 20 min"]),
        ("pt-br", ["agora", "há 5 min", "há 3 h", "há 2 d", "em 20 min"]),
        ("en", ["now", "5 min ago", "3 h ago", "2 d ago", "in 20 min"]),
    ],
)
def test_distance_is_told_in_the_readers_language(language, words):
    moments = [timedelta(), timedelta(minutes=-5), timedelta(hours=-3), timedelta(days=-2), timedelta(minutes=20)]
    with translation.override(language):
        told = [formats.ago(NOW + moment) for moment in moments]
    for element, word in zip(told, words, strict=True):
        assert f"data-ago>{word}</time>" in element


def test_the_exact_moment_in_the_readers_zone_is_on_hover():
    with translation.override("es"):
        element = formats.ago(NOW - timedelta(minutes=5))
    assert 'datetime="2026-03-09T02:25:00+00:00"' in element
    assert 'title="domingo, 8 de marzo de 2026, 23:25:00"' in element


@pytest.mark.parametrize(
    ("language", "offset", "text"),
    [
        ("es", timedelta(), "hoy"),
        ("es", timedelta(hours=-23, minutes=-31), "ayer"),
        ("es", timedelta(hours=1), "mañana"),
        ("pt-br", timedelta(days=-1), "ontem"),
        ("en", timedelta(days=-20), "Feb 16"),
        ("es", timedelta(days=-20), "16 feb"),
        ("es", timedelta(days=-200), "20 ago 2025"),
    ],
)
def test_today_ends_at_the_readers_midnight(language, offset, text):
    with translation.override(language):
        assert formats.day(NOW + offset) == text


def test_a_moment_of_today_is_only_its_time():
    with translation.override("es"):
        assert formats.moment(NOW) == "23:30"
        assert formats.moment(NOW - timedelta(days=1)) == "ayer, 23:30"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (35, "35 s"), (240, "4 min"), (3900, "1 h 05 min"), (7200, "2 h"), (183600, "2 d 3 h"),
        (timedelta(days=1), "1 d"), (0, "0 s"), (None, ""),
    ],
)  # fmt: skip
def test_a_span_is_told_in_at_most_two_units(span, text):
    assert formats.duration(span) == text


def test_shares_and_sizes_follow_the_language():
    with translation.override("es"):
        assert formats.percent(0.934) == "93\u00a0%"
        assert formats.percent(0.9345, 1).startswith("93,4")
        assert formats.size(2345678) == "2,3\u00a0MB"
        assert formats.size(14200) == "14\u00a0KB"
        assert formats.size(512) == "512\u00a0B"
    with translation.override("en"):
        assert formats.percent(0.934) == "93%"
        assert formats.size(2345678) == "2.3\u00a0MB"


def test_nothing_is_told_of_no_time():
    blank = [formats.ago, formats.day, formats.moment, formats.exact, formats.stamp, formats.local_clock, formats.left]
    assert {one(None) for one in blank} == {""}


@pytest.mark.parametrize("said, told", [
    ("127.0.0.1: [Errno 111] Connection refused", "127.0.0.1: nada responde en esa dirección y puerto"),
    ("[Errno 111] Connect call failed ('10.0.0.9', 5039)", "Nada responde en esa dirección y puerto"),
    ("no address is known for pbx.example.com", "pbx.example.com: esa dirección no existe"),
    ("pbx.example.com did not answer within 10 s", "pbx.example.com: no respondió a tiempo"),
    ("HTTP 401", "HTTP 401: no acepta el usuario o la contraseña"),
    ("HTTP 403: The app has no permission", "HTTP 403: The app has no permission"),
    ("The results are in", "The results are in"), ("", ""),
])  # fmt: skip
def test_a_wire_that_fails_is_told_in_words(said, told):
    with translation.override("es"):
        assert formats.told(said) == told
