"""Connecting accounts: secrets stay secret, errors are clear, tests end."""

import re
import time

import pytest
from django.urls import reverse

from netcenter.accounts.models import Account, Health
from netcenter.accounts.queries import connection_of
from netcenter.channels.contract import Channel, Check, Connection
from netcenter.channels.registry import channel
from netcenter.events.models import Event
from netcenter.setup.connection_test import checks

MAIL = {
    "name": "Correo", "address": "hola@example.com", "password": "s3cr3t-app-password", "imap_host": "imap.example.com",
    "imap_security": "ssl", "smtp_host": "smtp.example.com", "smtp_security": "starttls", "folder": "INBOX",
    "history_days": "1", "copies": "own",
}  # fmt: skip


def connected(admin, company, **more):
    answer = admin.post(reverse("setup:account_add", args=["email"]), {**MAIL, "brand": company.brand.pk, **more})
    assert answer.status_code == 302, answer.content.decode()
    return Account.objects.get(channel="email")


def test_a_mailbox_is_connected_and_its_password_sealed(admin, company):
    account = connected(admin, company)
    assert account.address == "hola@example.com" and account.config["smtp_host"] == "smtp.example.com"
    assert "password" not in account.config and b"s3cr3t" not in bytes(account.sealed)
    assert connection_of(account).secrets == {"password": "s3cr3t-app-password"}
    assert Event.objects.filter(kind="account.connected", actor=company.charlie.actor).exists()


def test_a_saved_password_is_never_sent_to_a_server_that_was_named_later(admin, company):
    account = connected(admin, company)
    url = reverse("setup:account", args=[account.pk])
    for host in ("imap_host", "smtp_host"):
        answer = admin.post(url, {**MAIL, "password": "", host: "mail.evil.example"})
        assert answer.status_code == 422 and "another server" in answer.content.decode()
    account.refresh_from_db()
    assert account.config["imap_host"] == "imap.example.com" and account.config["smtp_host"] == "smtp.example.com"
    assert admin.post(url, {**MAIL, "password": "", "folder": "Kunden"}).status_code == 302
    assert admin.post(url, {**MAIL, "password": "another", "imap_host": "mail.example.com"}).status_code == 302
    account.refresh_from_db()
    assert connection_of(account).secrets["password"] == "another"


def test_a_secret_is_in_no_page_even_when_something_else_was_wrong(admin, company):
    url = reverse("setup:account_add", args=["email"])
    wrong = {**MAIL, "brand": company.brand.pk, "address": "no address", "dkim_key": "-----BEGIN PRIVATE KEY-----"}
    answer = admin.post(url, wrong)
    assert answer.status_code == 422
    assert "s3cr3t" not in answer.content.decode() and "BEGIN PRIVATE" not in answer.content.decode()


def test_a_saved_secret_is_in_no_page(admin, company):
    account = connected(admin, company)
    for path in (reverse("setup:account", args=[account.pk]), reverse("setup:accounts")):
        assert "s3cr3t" not in admin.get(path).content.decode()


def test_a_wrong_form_does_not_give_the_secret_back(admin, company):
    values = {**MAIL, "brand": company.brand.pk, "smtp_host": ""}
    answer = admin.post(reverse("setup:account_add", args=["email"]), values)
    assert answer.status_code == 422 and "s3cr3t" not in answer.content.decode()


def test_an_empty_secret_stays_and_a_new_one_replaces_it(admin, company):
    account = connected(admin, company)
    path = reverse("setup:account", args=[account.pk])
    assert "Saved. Type to replace it." in admin.get(path).content.decode()
    admin.post(path, {**MAIL, "password": "", "name": "Otro"})
    account.refresh_from_db()
    assert account.name == "Otro" and connection_of(account).secrets["password"] == "s3cr3t-app-password"
    admin.post(path, {**MAIL, "password": "new one"})
    account.refresh_from_db()
    assert connection_of(account).secrets["password"] == "new one"


@pytest.mark.parametrize(
    ("field", "value"),
    [("address", "nope"), ("address", ""), ("password", ""), ("smtp_host", ""), ("imap_port", "x"), ("imap_port", "-1"),
     ("imap_port", "70000"), ("imap_security", "rot13"), ("name", ""), ("name", "x" * 81), ("brand", "999"),
     ("folder", "")],
)  # fmt: skip
def test_what_is_wrong_is_said_and_connects_nothing(admin, company, field, value):
    values = {**MAIL, "brand": company.brand.pk, field: value}
    answer = admin.post(reverse("setup:account_add", args=["email"]), values)
    assert answer.status_code == 422 and "field-error" in answer.content.decode()
    assert not Account.objects.filter(channel="email").exists()


def test_the_same_address_is_not_connected_twice(admin, company):
    connected(admin, company)
    answer = admin.post(reverse("setup:account_add", args=["email"]), {**MAIL, "brand": company.brand.pk})
    assert answer.status_code == 422 and "hola@example.com is already connected" in answer.content.decode()


def test_an_address_is_not_changed_to_one_that_is_connected(admin, company):
    first = connected(admin, company)
    values = {**MAIL, "brand": company.brand.pk, "address": "b@example.com"}
    admin.post(reverse("setup:account_add", args=["email"]), values)
    other = Account.objects.get(address="b@example.com")
    answer = admin.post(reverse("setup:account", args=[other.pk]), {**MAIL, "address": first.address})
    assert answer.status_code == 422


def test_a_channel_that_is_not_installed_is_not_found(admin):
    assert admin.get(reverse("setup:account_add", args=["carrier-pigeon"])).status_code == 404


def test_a_made_up_secret_is_shown_once(admin, company):
    answer = admin.post(
        reverse("setup:account_add", args=["api"]),
        {"brand": company.brand.pk, "name": "Shop", "webhook_url": "https://shop.example/in"},
    )
    secret = connection_of(Account.objects.get(name="Shop")).secrets["secret"]
    assert len(secret) > 30
    assert secret in admin.get(answer["Location"]).content.decode()
    assert secret not in admin.get(answer["Location"]).content.decode()


def test_the_session_does_not_keep_the_secret_readable(admin, company):
    admin.post(reverse("setup:account_renew", args=[company.api.pk, "secret"]))
    secret = connection_of(Account.objects.get(pk=company.api.pk)).secrets["secret"]
    assert secret not in str(dict(admin.session))


def test_a_renewed_secret_replaces_the_old_one(admin, company):
    before = connection_of(company.api).secrets["secret"]
    answer = admin.post(reverse("setup:account_renew", args=[company.api.pk, "secret"]))
    after = connection_of(Account.objects.get(pk=company.api.pk)).secrets["secret"]
    assert after != before and after in admin.get(answer["Location"]).content.decode()
    assert admin.post(reverse("setup:account_renew", args=[company.api.pk, "webhook_url"])).status_code == 404


def test_an_account_tells_where_it_is_reached(admin, company, settings):
    html = admin.get(reverse("setup:account", args=[company.api.pk])).content.decode()
    assert f"{settings.PUBLIC_URL}/hooks/{company.api.key}" in html
    html = admin.get(reverse("setup:account", args=[company.chat.pk])).content.decode()
    assert f"/chat/{company.chat.key}/widget.js" in html and "/hooks/" not in html


def test_an_account_is_paused_and_resumed(admin, company):
    path = reverse("setup:account_switch", args=[company.api.pk])
    for said, enabled in (("no", False), ("yes", True)):
        admin.post(path, {"enabled": said})
        assert Account.objects.get(pk=company.api.pk).enabled is enabled


@pytest.mark.parametrize(
    ("health", "words"),
    [({}, "Nothing heard yet"), ({"failures_in_row": 1, "error": "timed out"}, "Trying again"),
     ({"failures_in_row": 4, "error": "<b>refused</b>"}, "&lt;b&gt;refused"),
     ({"permanent": True, "error": "token expired"}, "Not working")],
)  # fmt: skip
def test_the_list_says_how_each_wire_fares(admin, company, health, words):
    Health.objects.filter(account=company.api).update(**health)
    assert words in admin.get(reverse("setup:accounts")).content.decode()


# --- The test of a connection -------------------------------------------------------------------

WIRE = Connection("k", "a", "n", {}, {})


class Hanging(Channel):
    def health(self, connection):
        yield Check("first", True)
        time.sleep(5)
        yield Check("never", True)


class Broken(Channel):
    def health(self, connection):
        yield Check("first", True)
        raise RuntimeError("boom")


def test_a_test_that_hangs_ends_with_what_is_known():
    began = time.monotonic()
    told = list(checks(Hanging(), WIRE, longest=0.3))
    assert time.monotonic() - began < 2
    assert [(c.ok, c.label) for c in told] == [(True, "first"), (False, "In time")]


def test_a_channel_that_breaks_is_a_failed_check():
    told = list(checks(Broken(), WIRE, longest=5))
    assert [c.ok for c in told] == [True, False] and told[1].detail == "boom"


def test_checks_come_one_by_one():
    said = checks(Hanging(), WIRE, longest=0.5)
    began = time.monotonic()
    assert next(said).label == "first" and time.monotonic() - began < 0.3
    said.close()


def test_the_page_of_a_test_is_a_list_in_the_persons_language(admin, company):
    answer = admin.post(reverse("setup:account_test", args=[company.chat.pk]))
    html = b"".join(answer.streaming_content).decode()
    assert answer.streaming and re.findall("<li", html) and "Everything works." in html


def test_what_the_other_side_calls_its_things_is_shown_as_it_is(admin, company, monkeypatch):
    company.charlie.language = "es"
    company.charlie.save()
    told = [Check("Folder of sent mail", True, "Sent"), Check("Incoming mail", True, words="No sign-in needed.")]
    monkeypatch.setattr(type(channel("api")), "health", lambda self, connection: iter(told))
    html = b"".join(admin.post(reverse("setup:account_test", args=[company.api.pk])).streaming_content).decode()
    assert "Carpeta de enviados" in html and ">Sent<" in html and "No hace falta acceso." in html


def test_a_colour_that_is_none_is_refused(admin, company):
    url = reverse("setup:account", args=[company.chat.pk])
    assert admin.post(url, {"name": "Chat", "colour": "reddish"}).status_code == 422
    assert admin.post(url, {"name": "Chat", "colour": ""}).status_code == 302
    assert admin.post(url, {"name": "Chat", "colour": "#0f766e"}).status_code == 302


def test_the_page_says_before_what_the_widget_is_to_be_pasted(admin, company):
    html = admin.get(reverse("setup:account", args=[company.chat.pk])).content.decode()
    assert "before &lt;/body&gt; on every page" in html


def test_credentials_that_cannot_be_opened_are_said_so(admin, company):
    Account.objects.filter(pk=company.chat.pk).update(sealed=b"gAAAAA-not-ours")
    html = b"".join(admin.post(reverse("setup:account_test", args=[company.chat.pk])).streaming_content).decode()
    assert "cannot be opened" in html
    path = reverse("setup:account", args=[company.chat.pk])
    assert admin.get(path).status_code == 200
    assert admin.post(path, {"name": "Chat"}).status_code == 302
    html = b"".join(admin.post(reverse("setup:account_test", args=[company.chat.pk])).streaming_content).decode()
    assert "Everything works." in html
