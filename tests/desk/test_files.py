"""Strangers' bytes: what a browser may show, what it may only save, and who may have it at all."""

import time

import pytest
from django.test import Client
from django.urls import reverse

from netcenter.accounts.models import Brand
from netcenter.cases.models import Attachment, Case, Message
from netcenter.desk import files
from netcenter.desk.rules import image_type
from netcenter.lib import blobs, clock
from netcenter.lib.http import Answered, HttpFailed
from tests.company import Company

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
HX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def message(company: Company) -> Message:
    company.deliver(company.said("Le mando la factura.", at=clock.now()))
    return Message.objects.get()


@pytest.fixture
def client(company: Company) -> Client:
    client = Client()
    client.force_login(company.alice)
    return client


@pytest.fixture(autouse=True)
def _no_mail_was_slow_before():
    files._silent.clear()


def attached(message: Message, name: str, mime: str, content: bytes) -> str:
    made = Attachment.objects.create(message=message, name=name, mime=mime, size=len(content), blob=blobs.put(content))
    return reverse("desk:file", args=[made.pk])


def test_an_image_is_shown_and_a_page_that_calls_itself_image_is_only_saved(client, message):
    shown = client.get(attached(message, "pan.png", "image/png", PNG))
    assert shown["Content-Type"] == "image/png" and shown["Content-Disposition"].startswith("inline")
    saved = client.get(attached(message, "pan.png", "image/png", b"<html><script>alert(1)</script>"))
    assert saved["Content-Type"] == "application/octet-stream"
    assert saved["Content-Disposition"].startswith("attachment")
    for answer in (shown, saved):
        assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]


MP3 = b"ID3\x04" + bytes(range(200))


@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=0-", (0, 204)), ("bytes=0-1", (0, 2)), ("bytes=100-199", (100, 100)), ("bytes=200-999", (200, 4)),
     ("bytes=-4", (200, 4)), ("bytes=-999", (0, 204)), ("Bytes=5-5", (5, 1))],
)  # fmt: skip
def test_a_sound_is_sought_by_its_parts(client, message, asked, part):
    answer = client.get(attached(message, "buzon.mp3", "audio/mpeg", MP3), headers={"range": asked})
    begin, length = part
    assert (answer.status_code, answer["Content-Length"]) == (206, str(length))
    assert answer["Content-Range"] == f"bytes {begin}-{begin + length - 1}/{len(MP3)}"
    assert answer.getvalue() == MP3[begin : begin + length] and answer["Content-Type"] == "audio/mpeg"
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "bytes=9-3", "bytes=-", "lines=1-2", "bytes=x-y", "0-5", ""])
def test_what_is_asked_for_otherwise_is_the_whole(client, message, asked):
    answer = client.get(attached(message, "buzon.mp3", "audio/mpeg", MP3), headers={"range": asked})
    assert (answer.status_code, answer.getvalue()) == (200, MP3)
    assert (answer["Accept-Ranges"], answer["Content-Length"]) == ("bytes", str(len(MP3)))


def test_a_part_behind_the_end_is_refused_and_an_old_part_never_joined_to_a_new_file(client, message):
    url = attached(message, "buzon.mp3", "audio/mpeg", MP3)
    for asked in ("bytes=204-", "bytes=999-1000", "bytes=-0"):
        answer = client.get(url, headers={"range": asked})
        assert (answer.status_code, answer["Content-Range"]) == (416, "bytes */204")
    whole = client.get(url, headers={"range": "bytes=5-9", "if-range": '"another"'})
    assert whole.status_code == 200
    same = client.get(url, headers={"range": "bytes=5-9", "if-range": whole["ETag"]})
    assert same.status_code == 206 and same.getvalue() == MP3[5:10]


def test_a_file_of_another_brand_does_not_exist(client, message):
    url = attached(message, "pan.png", "image/png", PNG)
    Case.objects.update(brand=Brand.objects.create(name="Borealis"))
    assert client.get(url).status_code == 404
    assert client.get(reverse("desk:formatted", args=[message.pk]), **HX).status_code == 404
    assert Client().get(url).status_code == 302


def test_a_file_whose_bytes_are_gone_is_a_plain_404(client, message):
    made = Attachment.objects.create(message=message, name="x", mime="image/png", blob="0" * 64)
    assert client.get(reverse("desk:file", args=[made.pk])).status_code == 404


@pytest.mark.parametrize("html", [
    "<script>alert(1)</script>", '<img src=x onerror="alert(1)">', '<a href="javascript:alert(1)">x</a>',
    '<iframe src="https://evil.example"></iframe>', '<form action="https://evil.example"><input></form>',
    '<svg><a xlink:href="javascript:alert(1)"></a></svg>', '<div style="position:fixed" onclick="x()">x</div>',
    '<base href="https://evil.example">', '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<img src="data:text/html,<script>alert(1)</script>">', '<p id="reply" class="ring">x</p>',
])  # fmt: skip
def test_hostile_html_can_do_nothing(html):
    clean = files.clean_html(html).lower()
    for bad in ("script", "onerror", "onclick", "javascript:", "iframe", "<form", "style=", "<base", "<meta", "data:",
                "<svg", "id=", "class="):  # fmt: skip
        assert bad not in clean, clean


def test_pictures_from_elsewhere_stay_away_until_asked_for(client, message, monkeypatch):
    Message.objects.update(
        html='<p>Hola <b>ya</b></p><img src="https://spy.example/a.png?x=1&amp;y=2"><img src="cid:logo">'
    )
    Attachment.objects.create(message=message, name="l.png", mime="image/png", blob=blobs.put(PNG), content_id="<logo>")
    url = reverse("desk:formatted", args=[message.pk])
    page = client.get(url, **HX).content.decode()
    assert "<b>ya</b>" in page and "spy.example" not in page and "/desk/file/" in page
    page = client.get(url, {"images": "1"}, **HX).content.decode()
    fetched = reverse("desk:remote_image", args=[message.pk, 0])
    assert fetched in page and "spy.example" not in page
    asked = []
    monkeypatch.setattr(files, "request", lambda method, url, **more: asked.append(url) or Answered(200, {}, PNG))
    assert client.get(fetched)["Content-Type"] == "image/png"
    assert asked == ["https://spy.example/a.png?x=1&y=2"]
    monkeypatch.setattr(files, "request", lambda *_a, **_k: Answered(200, {}, b"<svg onload=alert(1)>"))
    assert client.get(fetched).status_code == 404

    def refused(*_a, **_k):
        raise HttpFailed("a private network")

    monkeypatch.setattr(files, "request", refused)
    assert client.get(fetched).status_code == 404
    assert client.get(reverse("desk:remote_image", args=[message.pk, 1])).status_code == 404


@pytest.mark.parametrize("src", [
    " https://spy.example/a", "//spy.example/a", "/\\spy.example/a", "HTTPS://spy.example/a", "\thttps://spy.example/a",
    "https:spy.example/a", "http://spy.example/a b", "cid:https://spy.example/a",
])  # fmt: skip
def test_no_spelling_makes_the_browser_fetch_a_picture_by_itself(client, message, src):
    Message.objects.update(html=f'<img alt="a>b" src="{src}"><img src="{src}" alt="src=&quot;x&quot;>">')
    for asked in ({}, {"images": "1"}):
        page = client.get(reverse("desk:formatted", args=[message.pk]), asked, **HX).content.decode()
        assert "spy.example" not in page.lower()


def test_a_link_without_a_site_leads_nowhere():
    assert "href" not in files.clean_html('<a href="/desk/case/1/">x</a><a href="//evil.example">y</a>')


@pytest.mark.parametrize("unit", ["<div>", "<ul><li>", "<table><td>", "<b><i>", "<a><div>"])
def test_a_mail_made_to_be_slow_is_drawn_quickly(unit):
    began = time.thread_time()
    files.clean_html(unit * (500_000 // len(unit)))
    assert time.thread_time() - began < 5  # 100,000 nested elements take minutes


def test_a_picture_that_is_slow_keeps_nobody_waiting_twice(client, message, monkeypatch):
    Message.objects.update(html='<img src="https://a.example/1"><img src="https://b.example/2">')
    asked = []

    def slow(method, url, **more):
        asked.append((url, more["private"]))
        raise HttpFailed("did not answer")

    monkeypatch.setattr(files, "request", slow)
    for number in (0, 1):
        assert client.get(reverse("desk:remote_image", args=[message.pk, number])).status_code == 404
    assert asked == [("https://a.example/1", False)]  # and never into our own network, whatever webhooks may


@pytest.mark.parametrize(("head", "kind"), [
    (PNG, "image/png"), (b"\xff\xd8\xff\xe0rest", "image/jpeg"), (b"GIF89a....", "image/gif"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"), (b"<svg xmlns=", ""), (b"%PDF-1.4", ""), (b"", ""),
])  # fmt: skip
def test_images_are_known_by_their_first_bytes(head, kind):
    assert image_type(head) == kind
