"""What the boards reckon."""

from datetime import timedelta

import pytest

from netcenter.boards.rules import BOUNDS, HEIGHT, HEX_BYTES, RAW_BYTES, chart, safe_meta, short_age, shown, span
from tests.company import NOON

HOUR = timedelta(hours=1)


def test_every_age_begins_where_the_next_ends():
    spans = [span(i, NOON) for i in range(len(BOUNDS))]
    assert spans[0] == (NOON - HOUR, None)
    assert spans[-1] == (None, NOON - 72 * HOUR)
    assert [after for after, _until in spans[:-1]] == [until for _after, until in spans[1:]]


def test_a_chart_leaves_out_the_hours_to_come():
    drawn = chart([5] * 24, [1] * 24, hour_now=9.5)
    assert len(drawn.bars) == 10
    assert len(drawn.line.split()) == 10
    assert drawn.now_x == pytest.approx(285)


def test_the_tallest_bar_fits_the_box():
    drawn = chart([0, 1000, 3], [0, 2, 0], hour_now=2.1)
    assert drawn.top == 1000
    assert all(y >= 0 and height <= HEIGHT for _x, y, height, _n in drawn.bars)


@pytest.mark.parametrize(
    ("raw", "is_hex"),
    [
        (b'{"text": "hola"}', False),
        ("¿Dónde está mi pedido? 你好".encode(), False),
        (b"", False),
        (b"\x00\x01\x02\x89PNG\r\n\x1a\n" * 40, True),
        ("Olá, não".encode("utf-16"), True),
        (bytes(range(256)), True),
    ],
)
def test_raw_bytes_are_shown_as_text_only_where_they_are_text(raw, is_hex):
    assert shown(raw, len(raw)).is_hex is is_hex


def test_what_is_shown_is_bounded_and_says_so():
    long = shown(b"a" * RAW_BYTES * 2, RAW_BYTES * 2)
    assert len(long.text) == RAW_BYTES and long.is_cut
    octets = shown(b"\x00" * HEX_BYTES * 2, HEX_BYTES * 2)
    assert octets.text.count("\n") == HEX_BYTES // 16 - 1 and octets.is_cut


def test_control_characters_of_a_text_are_made_harmless():
    assert shown(b"bell \x07" + b"x" * 200, 206).text.startswith("bell ·xx")


def test_what_opens_doors_is_left_out_of_the_headers():
    headers = {"Authorization": "Bearer abc", "X-Netcenter-Signature": "v1=ff", "from": "dana"}
    assert dict(safe_meta({"headers": headers, "uid": 7})) == {
        "headers.Authorization": "…", "headers.X-Netcenter-Signature": "…", "headers.from": "dana", "uid": "7",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("span", "words"),
    [(timedelta(seconds=20), "0 min"), (timedelta(minutes=25), "25 min"), (HOUR, "1 h 00"), (3.1 * HOUR, "3 h 06"),
     (24 * HOUR, "1 d"), (115 * HOUR, "4 d"), (-HOUR, "0 min")],
)  # fmt: skip
def test_an_age_is_short_enough_for_the_wall(span, words):
    assert short_age(span) == words
