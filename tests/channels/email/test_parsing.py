"""What the fixtures cannot hold: mails built to hurt, and any bytes at all."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcenter.channels.contract import Connection, Inbound, Raw, Unreadable
from netcenter.channels.email import parts
from netcenter.channels.email.channel import CHANNEL
from netcenter.channels.email.charsets import decode, header
from netcenter.channels.email.html_text import text_of
from netcenter.channels.email.identity import base_subject, message_ids, our_message_id
from netcenter.channels.email.quoting import split, unflow
from tests.channels.email.hostile import HEAD, HOSTILE
from tests.channels.keeping import assert_sane

CONNECTION = Connection("acc", "hola@panaderia.example", "Panadería Sol", {}, {})
SECONDS = 8.0  # of a slow processor; what is quadratic needs minutes


def parse(body):
    return CHANNEL.parse(Raw(body, "x"), CONNECTION)


@pytest.mark.parametrize("name", HOSTILE)
def test_what_was_built_to_hurt_is_read_or_refused_in_time(name):
    began = time.thread_time()
    try:
        happenings = parse(HOSTILE[name])
    except Unreadable:
        happenings = []
    assert time.thread_time() - began < SECONDS
    for happening in happenings:
        assert_sane(happening)


@pytest.mark.parametrize("name", ["10,000 nested parts", "5,000 mails within mails"])
def test_what_is_too_deep_to_take_apart_is_kept_as_a_file(name):
    (inbound,) = parse(HOSTILE[name])
    assert inbound.author.external_id == "dana@correo.example"
    assert inbound.attachments and inbound.attachments[0].content


def test_attachments_are_bounded_and_the_loss_is_told():
    (inbound,) = parse(HOSTILE["1,000 attachments"])
    assert len(inbound.attachments) <= parts.MAX_ATTACHMENTS + 2
    assert "too many" in [each.missing for each in inbound.attachments]


def test_an_attachment_over_the_limit_is_named_and_left_out(monkeypatch):
    monkeypatch.setattr(parts, "MAX_ATTACHMENT_BYTES", 10)
    body = HEAD + b"Content-Type: image/jpeg; name=pan.jpg\r\n\r\n" + b"x" * 11
    (inbound,) = parse(body)
    assert [(each.name, each.missing) for each in inbound.attachments] == [("pan.jpg", "too large")]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_are_read_or_unreadable(body):
    for whole in (body, HEAD + b"\r\n" + body, HEAD + body):
        try:
            happenings = parse(whole)
        except Unreadable:
            continue
        for happening in happenings:
            assert_sane(happening)


HEADER_NAMES = (
    "From",
    "Reply-To",
    "Subject",
    "Message-ID",
    "References",
    "Date",
    "Content-Type",
    "List-Id",
    "Received",
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(HEADER_NAMES), st.text(max_size=80)), max_size=8), st.text(max_size=300))
def test_any_headers_are_read_or_unreadable(headers, text):
    lines = [f"{name}: {value}" for name, value in headers]
    try:
        happenings = parse("\r\n".join([*lines, "", text]).encode("utf-8", "replace"))
    except Unreadable:
        return
    for happening in happenings:
        assert_sane(happening)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_no_word_is_lost_between_text_and_quote(text):
    written, quoted = split(text)
    assert set(text.split()) <= set(f"{written} {quoted}".split())


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>!-/abp lockqute='\"&;#10\n", max_size=400))
def test_html_of_any_shape_gives_text(html):
    assert isinstance(text_of(html), str)


@pytest.mark.parametrize(
    ("content", "charset", "text"),
    [
        ("mañana".encode(), "us-ascii", "mañana"),
        ("mañana".encode("cp1252"), "utf-8", "mañana"),
        ("12 €".encode("cp1252"), "iso-8859-1", "12 €"),
        ("12 €".encode("iso-8859-15"), "iso-8859-15", "12 €"),
        ("привет".encode("koi8-r"), "koi8-r", "привет"),
        ("mañana".encode("utf-16"), "utf-16", "mañana"),
        (b"pan\x81\x8d", "", "pan\x81\x8d"),
        (b"pan", "base64", "pan"),
        (b"pan", "no such charset", "pan"),
        (b"a\x00b\r\nc", "utf-8", "ab\nc"),
    ],
)
def test_charsets_lie_and_are_read_all_the_same(content, charset, text):
    assert decode(content, charset) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?Q?Ma=C3=B1ana?=", "Mañana"),
        ("=?iso-8859-1?Q?Se=F1or?= Pan", "Señor Pan"),
        ("=?utf-8?B?!!!?=", "=?utf-8?B?!!!?="),
        ("uno\r\n dos", "uno dos"),
        (None, ""),
    ],
)
def test_headers_are_read_as_people_wrote_them(value, text):
    assert header(value) == text


@pytest.mark.parametrize(
    ("subject", "base", "is_reply"),
    [
        ("Pan", "Pan", False),
        ("Re: Pan", "Pan", True),
        ("RV: Re[2]: RES: Pan", "Pan", True),
        ("[EXTERNO] Re: Pan", "Pan", True),
        ("Receta: Pan", "Receta: Pan", False),
        ("", "", False),
    ],
)
def test_subjects_lose_what_programs_put_before_them(subject, base, is_reply):
    assert base_subject(subject) == (base, is_reply)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Hola\n\nOn Mon, Mar 2, 2026 at 9:30 AM Care <c@x.test> wrote:\n> a", "Hola"),
        ("Hola\n\nEl lun, 2 mar 2026 a las 9:30, Care (<c@x.test>) escribió:\n> a", "Hola"),
        ("Olá\n\nEm seg., 2 de mar. de 2026 às 09:30, Care <c@x.test> escreveu:\n\n> a", "Olá"),
        ("Hola\n\n________________________________\nDe: Care\nEnviado: lunes\nPara: Dana\nAsunto: Pan\n\na", "Hola"),
        ("Hola\n\n-----Mensaje original-----\nDe: Care\n\na", "Hola"),
        ("> a\n\nsí\n\n> b\n\nno", "sí\n\n\nno"),
        ("Hola\n\nEnviado desde mi iPhone", "Hola"),
        ("> solo cita", "> solo cita"),
        ("El panadero escribió:\nhola", "El panadero escribió:\nhola"),
    ],
)
def test_quotes_and_signatures_are_told_apart(text, written):
    assert split(text)[0] == written


def test_flowed_lines_are_joined_within_their_depth():
    assert unflow("uno \ndos\n> tres \n> cuatro\n-- \nfirma") == "uno dos\n> tres cuatro\n-- \nfirma"


def test_two_mails_with_one_message_id_are_two_messages():
    one, other = parse(HEAD + b"\r\nhola"), parse(HEAD + b"\r\nadi\xc3\xb3s")
    assert one[0].external_id != other[0].external_id
    assert message_ids([one[0].external_id]) == message_ids([other[0].external_id]) == ("<h@correo.example>",)


def test_the_same_mail_over_another_way_is_one_message():
    direct = parse(b"Received: from a; Mon, 02 Mar 2026 10:00:00 +0000\r\n" + HEAD + b"\r\nhola")
    again = parse(HEAD + b"Content-Transfer-Encoding: base64\r\n\r\naG9sYQ==")
    assert direct[0].external_id == again[0].external_id


def test_someone_elses_mail_under_our_message_id_is_no_receipt():
    stolen = our_message_id("k", CONNECTION.address).encode()
    (happening,) = parse(b"From: eve@x.test\r\nMessage-ID: " + stolen + b"\r\n\r\nhola")
    assert isinstance(happening, Inbound)
    assert happening.automatic == "loop"
