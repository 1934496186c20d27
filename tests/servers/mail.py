"""Debian's own Postfix and Dovecot, for the length of a test run.

The fixture `mail_server` gives an object with `smtp_port`, `imap_port`, `password`, `config()` (of an e-mail account),
`address(name)` (a mailbox of ours), `customer(name)` (one elsewhere), `deliver(…)`, `messages(address)` and
`mailbox(address)`. Every name is a mailbox, made when first used; mail to `customer("nobody")` bounces.
"""

from __future__ import annotations

import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from imap_tools import MailBoxUnencrypted

OURS, THEIRS = "lab.test", "customer.test"
PASSWORD = "pw"
MASTER = Path("/usr/share/postfix/master.cf.dist")
START_SECONDS = 20.0

DOVECOT = """
protocols = imap lmtp
base_dir = {run}
state_dir = {lab}/state
log_path = {lab}/dovecot.log
listen = 127.0.0.1
ssl = yes
ssl_cert = <{lab}/cert.pem
ssl_key = <{lab}/key.pem
disable_plaintext_auth = no
mail_location = maildir:{lab}/store/%d/%n
first_valid_uid = 1
auth_mechanisms = plain login
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
default_login_user = dovenull
default_internal_user = dovecot
mail_max_userip_connections = 500
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={user} home={lab}/store/%d/%n allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service lmtp {{
  unix_listener {spool}/private/dovecot-lmtp {{
    mode = 0666
  }}
}}
service auth {{
  unix_listener {spool}/private/auth {{
    mode = 0666
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@{ours}
}}
"""

POSTFIX = """
compatibility_level = 3.6
queue_directory = {spool}
data_directory = {lab}/data
maillog_file = {lab}/postfix.log
maillog_file_prefixes = {lab}
myhostname = mx.{ours}
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
inet_protocols = ipv4
virtual_mailbox_domains = {ours} {theirs}
virtual_transport = lmtp:unix:private/dovecot-lmtp
virtual_mailbox_maps = static:ok
recipient_delimiter =
transport_maps = inline:{{ {{ nobody@{theirs} = nobody: }} }}
default_transport = error:no way out of here
relayhost =
smtpd_tls_security_level = may
smtpd_tls_cert_file = {lab}/cert.pem
smtpd_tls_key_file = {lab}/key.pem
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_auth_enable = yes
message_size_limit = 60000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
in_flow_delay = 0
alias_maps =
"""


class MailServer:
    """Where it listens, and what a test wants of it."""

    host = "127.0.0.1"
    password = PASSWORD

    def __init__(self, lab: Path) -> None:
        self.lab = lab
        self.smtp_port, self.imap_port, self.imaps_port = _free_port(), _free_port(), _free_port()
        self.certificate = lab / "cert.pem"  # for 127.0.0.1; trusted where SSL_CERT_FILE names it

    def address(self, name: str) -> str:
        return f"{name}@{OURS}"

    def customer(self, name: str = "dana") -> str:
        return f"{name}@{THEIRS}"

    def config(self, **more: object) -> dict[str, object]:
        """The `config` of an e-mail account on this server; its secrets are {"password": …}."""
        plain = {"imap_security": "plain", "smtp_security": "plain"}
        ports = {"imap_port": self.imap_port, "smtp_port": self.smtp_port}
        return {"imap_host": self.host, "smtp_host": self.host, **plain, **ports, "folder": "INBOX", **more}

    def deliver(
        self, to: str, text: str = "Hola", *, subject: str = "Pan", sender: str = "", raw: bytes = b"", **headers: str
    ) -> str:
        """Bring a mail by SMTP, as the world would; returns its Message-ID. Header names may be written with _."""
        sender = sender or self.customer()
        message_id = headers.pop("message_id", "") or make_msgid(domain=THEIRS)
        if not raw:
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = f"Dana <{sender}>", to, subject, message_id
            for name, value in headers.items():
                mail[name.replace("_", "-")] = value
            mail.set_content(text)
            raw = mail.as_bytes()
        with smtplib.SMTP(self.host, self.smtp_port, timeout=20) as smtp:
            smtp.sendmail(sender, [to], raw)
        return message_id

    @contextmanager
    def mailbox(self, address: str, folder: str = "INBOX") -> Iterator[MailBoxUnencrypted]:
        with MailBoxUnencrypted(self.host, self.imap_port, timeout=20).login(address, PASSWORD, folder) as box:
            yield box

    def messages(self, address: str, *, at_least: int = 0, folder: str = "INBOX", seconds: float = 15.0) -> list:
        """The mails in a mailbox (imap_tools' MailMessage), waiting until there are `at_least` so many."""
        deadline = time.monotonic() + seconds
        with self.mailbox(address, folder) as box:
            while True:
                box.client.noop()
                found = list(box.fetch(mark_seen=False))
                if len(found) >= at_least or time.monotonic() > deadline:
                    return found
                time.sleep(0.1)

    def make_folder(self, address: str, folder: str) -> None:
        with self.mailbox(address) as box:
            box.folder.create(folder)

    def append(self, address: str, folder: str, text: str) -> None:
        """Put a mail straight into a folder."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Message-ID"] = self.customer(), address, make_msgid(domain=THEIRS)
        mail.set_content(text)
        with self.mailbox(address) as box:
            box.append(mail.as_bytes(), folder)

    def renumber(self, address: str, folder: str) -> None:
        """The same folder with the same mails under a new UIDVALIDITY, as a restored server gives it."""
        with self.mailbox(address) as box:
            box.folder.rename(folder, f"{folder}-old")
            box.folder.create(folder)
            box.folder.set(f"{folder}-old")
            box.copy(box.uids(), folder)


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    """Raises RuntimeError, in words, when it cannot run here."""
    if missing := [each for each in ("dovecot", "postfix") if not _program(each)]:
        raise RuntimeError(
            f"{' and '.join(missing)} not installed (apt-get install postfix dovecot-imapd dovecot-lmtpd)"
        )
    if os.geteuid() != 0:
        raise RuntimeError("Postfix and Dovecot start as root only")
    lab = Path(tempfile.mkdtemp(prefix="nc-mail-"))
    server = MailServer(lab)
    try:
        _configure(server)
        _run(_program("dovecot"), "-c", str(lab / "dovecot.conf"))
        _run(_program("postfix"), "-c", str(lab / "postfix"), "start")
        _await(server)
        yield server
    finally:
        subprocess.run([_program("postfix"), "-c", str(lab / "postfix"), "stop"], capture_output=True, timeout=30)
        subprocess.run([_program("doveadm"), "-c", str(lab / "dovecot.conf"), "stop"], capture_output=True, timeout=30)
        shutil.rmtree(lab, ignore_errors=True)


@pytest.fixture(scope="session")
def mail_server() -> Iterator[MailServer]:
    with running_mail_server_or_skip() as server:
        yield server


@contextmanager
def running_mail_server_or_skip() -> Iterator[MailServer]:
    running = running_mail_server()
    try:
        server = running.__enter__()
    except RuntimeError as reason:
        pytest.skip(f"no real mail server: {reason}")
    try:
        yield server
    finally:
        running.__exit__(None, None, None)


# --- Setting up ---------------------------------------------------------------------------------


def _configure(server: MailServer) -> None:
    lab = server.lab
    lab.chmod(0o755)
    spool, run = lab / "spool", lab / "run"
    for folder in ("store", "data", "spool", "postfix", "run", "state"):
        (lab / folder).mkdir()
    mail_user = pwd.getpwnam("mail")
    os.chown(lab / "store", mail_user.pw_uid, mail_user.pw_gid)
    os.chown(lab / "data", pwd.getpwnam("postfix").pw_uid, -1)
    names = {
        "lab": lab,
        "spool": spool,
        "run": run,
        "user": "mail",
        "password": PASSWORD,
        "ours": OURS,
        "theirs": THEIRS,
    }
    (lab / "dovecot.conf").write_text(DOVECOT.format(imap_port=server.imap_port, imaps_port=server.imaps_port, **names))
    _certify(lab)
    (lab / "postfix" / "main.cf").write_text(POSTFIX.format(**names))
    (lab / "postfix" / "master.cf").write_text(_master(server.smtp_port))
    _run(_program("postfix"), "-c", str(lab / "postfix"), "check")


def _certify(lab: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of a test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (lab / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (lab / "key.pem").write_bytes(secret)
    (lab / "key.pem").chmod(0o600)


def _master(smtp_port: int) -> str:
    """Debian's services without their chroot, SMTP on our port, and a logger of its own."""
    lines = []
    for line in MASTER.read_text().splitlines():
        words = line.split()
        if line[:1].isalpha() and len(words) >= 8:
            words[4] = "n"
            if words[:2] == ["smtp", "inet"]:
                words[0] = f"127.0.0.1:{smtp_port}"
            line = " ".join(words)
        lines.append(line)
    if not any(line.startswith("postlog") for line in lines):
        lines.append("postlog unix-dgram n - n - 1 postlogd")
    # Accepts like any other, then bounces: the address nobody@ elsewhere.
    lines.append("nobody unix - n n - - pipe user=mail argv=/bin/sh -c {exit 67}")
    return "\n".join(lines) + "\n"


def _await(server: MailServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    for port in (server.smtp_port, server.imap_port):
        while True:
            try:
                with socket.create_connection((server.host, port), timeout=1) as connection:
                    if connection.recv(10):
                        break
            except OSError:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"nothing answers on port {port}: {_log(server.lab)}") from None
                time.sleep(0.05)


def _log(lab: Path) -> str:
    return " | ".join(log.read_text()[-500:] for log in sorted(lab.glob("*.log")))


def _run(*command: str) -> None:
    # Into a file: a daemon keeps a pipe open and we would wait for its end.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=60)
        output.seek(0)
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {output.read().strip()[-500:]}")


def _program(name: str) -> str:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
