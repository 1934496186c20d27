"""Pace, files, colours, and who can answer."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcenter.helpcenter import claims, colour
from netcenter.helpcenter.rules import Meter, Pace, Status, file_name, file_type, network_of, status

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 8
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_whoever_is_faster_than_the_pace_learns_how_long_to_wait():
    meter = Meter(Pace(burst=3, per_second=0.5))
    assert [meter.take("dana", 0) for _ in range(4)] == [0, 0, 0, 2]
    assert meter.take("bob", 0) == 0
    assert meter.take("dana", 1.9) == pytest.approx(0.1)
    assert meter.take("dana", 2) == 0


def test_who_takes_much_at_once_waits_for_as_much():
    meter = Meter(Pace(10, 2))
    assert meter.take("a", 0, 9) == 0
    assert meter.take("a", 0, 5) == 2
    assert meter.take("a", 2, 5) == 0


@pytest.mark.parametrize(("address", "network"), [
    ("203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"), ("2001:db8:1:2::9", "2001:db8:1:2::"),
    ("::ffff:203.0.113.9", "203.0.113.9"), ("fe80::1%eth0", "fe80::"), ("?", "?"), ("", ""),
])  # fmt: skip
def test_all_the_addresses_of_one_house_are_one(address, network):
    assert network_of(address) == network


def test_the_meter_does_not_grow_without_bound():
    meter = Meter(Pace(2, 1), most_keys=100)
    for i in range(1000):
        meter.take(f"visitor-{i}", 0)
    assert len(meter._left) == 100


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60))
def test_it_never_lets_more_through_than_burst_and_pace_allow(moments):
    meter, moments = Meter(Pace(5, 2)), sorted(moments)
    passed = sum(1 for at in moments if not meter.take("dana", at))
    assert passed <= 5 + 2 * (moments[-1] - moments[0]) + 1e-6


@pytest.mark.parametrize(
    ("name", "head", "mime"),
    [
        ("tarta.png", PNG, "image/png"),
        ("tarta.JPG", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("tarta.jpg", PNG, "image/png"),  # what it is, not what it is called
        ("tarta.webp", b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        ("tarta.png", b"<svg onload=alert(1)>", ""),  # not an image at all
        ("nota.pdf", b"%PDF-1.7", "application/pdf"),
        ("nota.txt", PNG, "text/plain"),  # downloaded, never shown
        ("programa.exe", b"MZ", ""),
        ("pagina.html", b"<html>", ""),
        ("dibujo.svg", b"<svg>", ""),
        ("sin_extension", b"hola", ""),
        ("datos.zip", b"PK\x03\x04", "application/zip"),
    ],
)
def test_it_takes_files_for_what_they_are(name, head, mime):
    assert file_type(name, head) == mime


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\fotos\\tarta.png", "tarta.png"),
        ("fac\u202efdp.exe", "facfdp.exe"),
        ("a\x00b\n.txt", "ab.txt"),
        ("x" * 500 + ".pdf", "x" * 150 + ".pdf"),
        ("...", ""),
    ],
)
def test_names_of_files_cannot_mislead(told, name):
    assert file_name(told) == name


@given(st.text(max_size=400))
def test_every_name_fits_its_column(told):
    name = file_name(told)
    assert len(name) <= 200 and "/" not in name and "\x00" not in name
    assert name == name.encode().decode()


@given(st.integers(0, 0xFFFFFF), st.booleans())
def test_every_colour_can_be_read(number, dark):
    shades = colour.shades(f"#{number:06x}", dark)
    surface = colour.DARK_SURFACE if dark else colour.LIGHT_SURFACE
    assert colour.contrast(shades.fill, shades.on) >= 4.5
    assert colour.contrast(shades.fill, surface) >= 3
    assert colour.contrast(shades.ink, surface) >= 4.5


def test_a_colour_that_reads_well_stays_as_it_is():
    assert colour.shades("#0f766e").fill == "#0f766e"
    assert colour.parse("#0AF") == "#00aaff"
    assert colour.parse("red") == colour.parse("url(x)") == ""
    assert colour.shades("nonsense") == colour.shades(colour.DEFAULT)


@pytest.mark.parametrize(
    ("free", "present", "is_open", "expected"),
    [
        (1, 2, True, Status("here")),
        (0, 2, True, Status("busy")),
        (0, 0, True, Status("away")),  # open by the calendar, and still nobody is there
        (0, 0, False, Status("away", MONDAY)),
        (1, 1, False, Status("here")),  # somebody stayed longer
    ],
)
def test_it_says_honestly_who_can_answer(free, present, is_open, expected):
    assert status(free, present, is_open, MONDAY) == expected


def test_a_file_can_be_claimed_only_by_who_uploaded_it_and_only_as_it_was():
    from netcenter.channels.webchat.wire import File

    file = File("a" * 64, "tarta.png", "image/png", 10)
    claim = claims.claim_of("dana", file)
    assert claims.is_claimed("dana", file, claim)
    assert not claims.is_claimed("bob", file, claim)
    assert not claims.is_claimed("dana", File("a" * 64, "tarta.html", "text/html", 10), claim)


def test_a_pass_opens_one_attachment_of_one_account():
    shown = claims.pass_for("key", 7)
    assert claims.is_pass("key", 7, shown)
    assert not claims.is_pass("key", 8, shown)
    assert not claims.is_pass("other", 7, shown)
