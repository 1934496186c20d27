"""Servers that are not there, refuse, or answer as few do; and what a person is told of it."""

import smtplib
import socket
from contextlib import contextmanager
from imaplib import IMAP4
from types import SimpleNamespace

import pytest

from netcenter.channels.contract import ChannelError, Connection
from netcenter.channels.email import health, mailbox
from netcenter.channels.email.channel import CHANNEL
from netcenter.channels.email.html_text import text_of
from netcenter.channels.email.mailbox import Session

SERVERS = {"imap_host": "imap.sol.test", "smtp_host": "smtp.sol.test", "imap_user": "sol", "smtp_user": "sol"}
CONNECTION = Connection("acc", "hola@sol.test", "Sol", SERVERS, {"password": "x"})


class Client:
    """What imaplib keeps of a server: the answers are the test's."""

    def __init__(self, **answers) -> None:
        self.untagged_responses = dict(answers.pop("told", {}))
        self.answers, self.closed = answers, False

    def uid(self, verb, *_more):
        return self.answers[verb]

    def noop(self):
        if error := self.answers.get("noop"):
            raise error

    def shutdown(self):
        self.closed = True


class Folders:
    def __init__(self, *listed) -> None:
        self.listed = [SimpleNamespace(name=name, flags=flags) for name, flags in listed]

    def list(self):
        return self.listed

    def set(self, folder, readonly):
        """Opened."""


def session(client=None, *folders) -> Session:
    one = Session.__new__(Session)
    one.box = SimpleNamespace(client=client or Client(), folder=Folders(*folders))
    one.uidvalidity = one.uidnext = 0
    one.last_uid, one.used_at = None, 0.0
    return one


# --- Health -------------------------------------------------------------------------------------------


@contextmanager
def nobody(*_more, **_named):
    yield


def told(monkeypatch, connect=nobody, opened=None, smtp=None) -> list[tuple[str, bool, str]]:
    monkeypatch.setattr(health.socket, "create_connection", connect)
    monkeypatch.setattr(health, "Session", opened or (lambda server: session()))
    monkeypatch.setattr(health, "smtp_session", smtp or (lambda server: nobody()))
    return [(str(check.label), check.ok, str(check.advice)) for check in CHANNEL.health(CONNECTION)]


def raising(error):
    def fail(*_more, **_named):
        raise error

    return fail


@pytest.mark.parametrize("error, advice", [
    (socket.gaierror(-2, "unknown"), "typing mistake"), (ConnectionRefusedError(), "Check the port"),
    (TimeoutError("timed out"), "firewall"),
])  # fmt: skip
def test_a_server_that_is_not_reached_says_what_to_look_at(monkeypatch, error, advice):
    checks = told(monkeypatch, connect=raising(error))
    assert [(label, ok) for label, ok, _advice in checks] == [
        ("Incoming server is reachable", False), ("Outgoing server is reachable", False),
    ]  # fmt: skip
    assert all(advice in said for _label, _ok, said in checks)


@pytest.mark.parametrize("said, advice", [
    ("certificate verify failed", "not valid for this name"),
    ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "port"),
    ("STARTTLS extension not supported", "do not match"), ("too busy", "in a minute"),
])  # fmt: skip
def test_what_a_server_says_becomes_what_a_person_can_do(monkeypatch, said, advice):
    checks = told(monkeypatch, opened=raising(IMAP4.error(said)), smtp=raising(ChannelError(said)))
    assert [label for label, ok, _advice in checks if not ok] == ["Signing in to the mailbox", "Signing in to send"]
    assert all(advice in words for _label, ok, words in checks if not ok)


def test_a_refused_password_of_either_server_asks_for_an_app_password(monkeypatch):
    def refused(server):
        try:
            raise smtplib.SMTPAuthenticationError(535, b"no")
        except smtplib.SMTPAuthenticationError as error:
            raise ChannelError("SMTP: no") from error

    checks = told(monkeypatch, opened=raising(IMAP4.error("[AUTHENTICATIONFAILED] no")), smtp=refused)
    assert ["app password" in words for _label, ok, words in checks if not ok] == [True, True]
    assert all("Microsoft 365 take no password any more" in words for _label, ok, words in checks if not ok)


def test_a_mailbox_without_announcements_and_without_a_sent_folder_is_told(monkeypatch):
    one = session(Client(told={"UIDVALIDITY": [b"7"]}), ("INBOX", ()))
    one.can_idle = lambda: False
    send = SimpleNamespace(has_extn=lambda name: False)

    @contextmanager
    def smtp(server):
        yield send

    checks = told(monkeypatch, opened=lambda server: one, smtp=smtp)
    assert ("New mail is announced at once", True, "") in checks
    assert ("Signing in to send", True, "") in checks
    assert one.box.client.closed


def test_without_servers_it_says_what_is_missing():
    checks = list(CHANNEL.health(Connection("acc", "hola@sol.test", "Sol", {}, {})))
    assert [(str(check.label), check.ok) for check in checks] == [("Incoming mail", True), ("Outgoing mail", False)]


# --- The mailbox --------------------------------------------------------------------------------------


def test_a_folder_without_uidvalidity_is_not_read():
    with pytest.raises(IMAP4.error, match="UIDVALIDITY"):
        session(Client()).select("INBOX")


@pytest.mark.parametrize("folders, found", [
    ([("INBOX", ()), ("Enviados", ())], "Enviados"),
    ([("Salida", ("\\HasNoChildren", "\\Sent")), ("Sent", ())], "Salida"),
    ([("INBOX", ())], ""),
])  # fmt: skip
def test_the_folder_of_sent_mail_is_the_marked_one_or_one_of_a_usual_name(folders, found):
    one = session(None, *folders)
    assert one.sent_folder() == found and one.sent_folder("Otra") == "Otra"


def test_a_fetch_is_understood_wherever_the_server_says_the_uid():
    before, after = (b"1 (UID 5 BODY[] {2}", b"hi"), (b"2 (BODY[] {3}", b"hey")
    one = session(Client(FETCH=("OK", [before, after, b" UID 6)", b"3 (UID 7 FLAGS ())", None])))
    assert list(one._fetch([5, 6, 7], "BODY.PEEK[]")) == [
        (b"1 (UID 5 BODY[] {2}", b"hi"), (b"2 (BODY[] {3}  UID 6)", b"hey"), (b"3 (UID 7 FLAGS ())", None),
    ]  # fmt: skip
    assert list(session(Client(FETCH=("OK", [before])))._fetch([5], "BODY.PEEK[]")) == [before]
    with pytest.raises(IMAP4.error, match="FETCH"):
        list(session(Client(FETCH=("NO", [b"[SERVERBUG]"])))._fetch([5], "BODY.PEEK[]"))


def test_a_session_that_died_while_nobody_used_it_is_opened_anew(monkeypatch):
    dead, fresh = session(Client(noop=OSError("broken pipe"))), session()
    opened = [dead, fresh]
    monkeypatch.setattr(mailbox, "Session", lambda server: opened.pop(0))
    with mailbox.borrowed(CONNECTION) as one:
        assert one is dead
    dead.used_at = -mailbox.STALE_AFTER - 1e9
    with mailbox.borrowed(CONNECTION) as one:
        assert one is fresh and dead.box.client.closed
    with pytest.raises(ChannelError), mailbox.borrowed(CONNECTION):
        raise OSError("the wire broke")
    assert fresh.box.client.closed
    with pytest.raises(ChannelError, match="no incoming server"), mailbox.borrowed(Connection("acc", "", "", {}, {})):
        pass


@pytest.mark.parametrize("error, permanent", [
    (IMAP4.error("[AUTHENTICATIONFAILED] no"), True), (IMAP4.error("[UNAVAILABLE] AUTHENTICATIONFAILED later"), False),
    (IMAP4.abort("closed"), False), (TimeoutError(), False),
])  # fmt: skip
def test_only_a_refused_login_needs_a_person(error, permanent):
    with pytest.raises(ChannelError) as raised, mailbox.translated():
        raise error
    assert raised.value.permanent is permanent


# --- HTML ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("html, text", [
    ("<pre>uno\n  dos</pre>fin", "uno\n  dos\nfin"), ("uno<hr>dos", "uno\n--------\ndos"),
    ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"), ('<img alt="Un pan">', "[Un pan]"),
    ("<ul><li>a<li>b</ul>", "- a\n- b"),
])  # fmt: skip
def test_html_becomes_the_words_that_were_seen(html, text):
    assert " ".join(text_of(html).split()) == " ".join(text.split())
