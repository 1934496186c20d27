"""What visitors' browsers fetch."""

import gzip
import hashlib
import re

import pytest

from netcenter.helpcenter import claims, queries, views, widget
from netcenter.helpcenter.rules import UPLOADS_PER_ADDRESS, Meter, Pace
from netcenter.lib import blobs
from tests.company import found

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
TOKEN = "t" * 43


@pytest.fixture
def company(settings, tmp_path, monkeypatch):
    settings.BLOBS_ROOT = tmp_path
    monkeypatch.setattr(views, "_uploads", Meter(UPLOADS_PER_ADDRESS))
    return found()


def upload(client, company, name="tarta.png", body=PNG, **headers):
    headers = {"authorization": f"Visitor {TOKEN}", **headers}
    path = f"/chat/{company.chat.key}/files?name={name}"
    return client.post(path, body, content_type="application/octet-stream", headers=headers)


def test_the_widget_is_one_script_below_30_kb(client, company):
    response = client.get(f"/chat/{company.chat.key}/widget.js", headers={"accept-encoding": "gzip"})
    assert response["Content-Type"].startswith("text/javascript")
    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) < 30 * 1024
    script = gzip.decompress(response.content).decode()
    assert company.chat.key in script
    assert not re.search(r"\b(innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval)\b", script)
    assert not re.search(r'setAttribute\("style"|[{,] ?style: ', script)


def test_the_widget_is_cached_until_the_account_changes(client, company):
    path = f"/chat/{company.chat.key}/widget.js"
    first = client.get(path)
    assert client.get(path, headers={"if-none-match": first["ETag"]}).status_code == 304
    company.chat.config = {"colour": "#aa0000"}
    company.chat.save()
    changed = client.get(path, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert b"--light-fill:#aa0000" in changed.content


def test_what_an_administrator_types_cannot_break_out_of_the_script(client, company):
    company.chat.config = {"title": "</script><script>alert(1)</script>\u2028"}
    company.chat.save()
    body = client.get(f"/chat/{company.chat.key}/widget.js").content.decode()
    assert "</script>" not in body and "\u2028" not in body


def test_every_word_is_there_in_three_languages():
    words = widget.words()
    assert set(words) == {"es", "en", "pt"}
    for name, english in words["en"].items():
        for code in ("es", "pt"):
            assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", words[code][name])), (code, name)
    assert words["es"]["send"] == "Enviar" and words["pt"]["you"] == "Você"


def test_the_scripts_ask_only_for_words_that_exist():
    source = "".join((widget.FOLDER / f"{name}.js").read_text() for name in widget.SOURCES)
    asked = set(re.findall(r'\bt\("(\w+)"', source))
    assert asked and asked <= set(widget.WORDS)


@pytest.mark.parametrize("page", ["", "demo", "widget.js", "files"])
def test_a_chat_that_does_not_exist_or_is_paused_is_not_found(client, company, page):
    assert client.get(f"/chat/nobody/{page}").status_code in (404, 405)
    company.chat.enabled = False
    company.chat.save()
    assert client.options(f"/chat/{company.chat.key}/files").status_code == 404
    assert client.get(f"/chat/{company.api.key}/{page}").status_code in (404, 405)


def test_the_pages_to_meet_the_chat_on_show_it(client, company):
    for page in ("", "demo"):
        response = client.get(f"/chat/{company.chat.key}/{page}")
        assert f"/chat/{company.chat.key}/widget.js" in response.content.decode()


def test_a_file_is_kept_and_claimed_by_its_visitor(client, company):
    response = upload(client, company, origin="https://aurora.example")
    told = response.json()
    assert response["Access-Control-Allow-Origin"] == "https://aurora.example"
    assert told["blob"] == hashlib.sha256(PNG).hexdigest() and told["mime"] == "image/png"
    assert blobs.get(told["blob"]) == PNG


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("programa.exe", b"MZ", 415, "bad_type"),
        ("tarta.png", b"<html>", 415, "bad_type"),
        ("nota.txt", b"", 400, "empty_file"),
        ("nota.txt", b"x" * (10 * 2**20 + 1), 413, "too_big"),
    ],
)
def test_it_says_clearly_which_files_it_does_not_take(client, company, name, body, status, code):
    response = upload(client, company, name, body)
    assert (response.status_code, response.json()["code"]) == (status, code)


def test_uploads_need_a_token_an_allowed_site_and_patience(client, company):
    assert upload(client, company, authorization="Visitor short").status_code == 401
    company.chat.config = {"sites": "aurora.example"}
    company.chat.save()
    assert upload(client, company, origin="https://evil.example").status_code == 403
    codes = [upload(client, company, origin="https://aurora.example").status_code for _ in range(21)]
    assert codes[0] == 200 and codes[-1] == 429


def test_nobody_fills_the_disk_through_the_widget(client, company, monkeypatch):
    monkeypatch.setattr(views, "_bytes", Meter(Pace(2000, 1)))
    url = f"/chat/{company.chat.key}/files?name=a.txt"

    def upload(address: str) -> int:
        more = {"HTTP_AUTHORIZATION": f"Visitor {TOKEN}", "REMOTE_ADDR": address}
        return client.generic("POST", url, b"x" * 900, content_type="text/plain", **more).status_code

    assert [upload(f"2001:db8::{i}") for i in range(3)] == [200, 200, 429]
    assert upload("203.0.113.9") == 200
    monkeypatch.setattr(views, "_all_bytes", Meter(Pace(1000, 1)))
    assert [upload("203.0.113.10"), upload("203.0.113.11")] == [200, 429]


def test_a_browser_may_ask_before_it_uploads(client, company):
    response = client.options(f"/chat/{company.chat.key}/files", headers={"origin": "https://aurora.example"})
    assert response.status_code == 204
    assert "Authorization" in response["Access-Control-Allow-Headers"]


def test_a_file_is_opened_by_its_unguessable_address_alone(client, company):
    company.deliver(company.said("Mira", attachments=[]), at=None)
    from netcenter.cases.models import Attachment, Message

    message = Message.objects.get()
    message.account = company.chat
    message.save()
    picture = Attachment.objects.create(
        message=message, name="tarta.png", mime="image/png", size=1, blob=blobs.put(PNG)
    )
    page = Attachment.objects.create(message=message, name="a.html", mime="text/html", size=1, blob=blobs.put(b"<b>"))
    base = f"/chat/{company.chat.key}/files"
    shown = client.get(f"{base}/{picture.pk}/{claims.pass_for(company.chat.key, picture.pk)}")
    assert b"".join(shown.streaming_content) == PNG
    assert "inline" in shown["Content-Disposition"] and "sandbox" in shown["Content-Security-Policy"]
    held = client.get(f"{base}/{page.pk}/{claims.pass_for(company.chat.key, page.pk)}")
    assert "attachment" in held["Content-Disposition"] and held["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"{base}/{picture.pk}/{claims.pass_for(company.chat.key, page.pk)}").status_code == 404
    assert queries.attachment(company.api.pk, picture.pk) is None
