"""What a person fills in to connect a mailbox, and the same read back with its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Connection, Field, Step

SECURITY = (
    ("ssl", _("SSL/TLS (recommended)")),
    ("starttls", _("STARTTLS")),
    ("plain", _("No encryption (only on this machine)")),
)
COPIES = (
    ("own", _("Send ourselves a blind copy: proves what left, even after a crash")),
    ("sent", _("Save it in the folder of sent mail")),
    ("server", _("The mail server saves it by itself (Gmail, Microsoft 365)")),
)
IMAP_PORTS = {"ssl": 993, "starttls": 143, "plain": 143}
SMTP_PORTS = {"ssl": 465, "starttls": 587, "plain": 25}

STEPS = (
    Step(
        _("Make a password for programs"),
        _("At Gmail and most providers your everyday password will not do: switch on the two-step verification, and "
          "make an app password. At Gmail that is here; elsewhere the help of your provider says where. Microsoft "
          "(Outlook, Hotmail, Microsoft 365) lets no program read mail with a password any more: let it forward your "
          "mail to a mailbox of another provider, and connect that one."),
        "https://myaccount.google.com/apppasswords", fields=("address", "password"),
    ),
    Step(
        _("Name the servers"),
        _("Your provider's help names them, as IMAP and SMTP. At Gmail: imap.gmail.com and smtp.gmail.com. Nothing in "
          "the mailbox is moved or marked as read."),
        fields=("imap_host", "imap_security", "smtp_host", "smtp_security"),
    ),
)  # fmt: skip

FIELDS: tuple[Field, ...] = (
    Field("address", _("Address"), _("The address that customers write to."), kind="email"),
    Field("user", _("User name"), _("Empty: the address."), required=False, rare=True),
    Field(
        "password",
        _("Password"),
        _("At Gmail and most providers: an app password. Outlook takes none any more."),
        kind="secret",
        secret=True,
        sent_to=("imap_host", "smtp_host"),
    ),
    Field("imap_host", _("Incoming server (IMAP)"), _("For example imap.gmail.com."), required=False),
    Field("imap_security", _("Incoming encryption"), kind="choice", default="ssl", choices=SECURITY),
    Field("imap_port", _("Incoming port"), _("Empty: the usual one."), kind="number", required=False, rare=True),
    Field("smtp_host", _("Outgoing server (SMTP)"), _("For example smtp.gmail.com.")),
    Field("smtp_security", _("Outgoing encryption"), kind="choice", default="starttls", choices=SECURITY),
    Field("smtp_port", _("Outgoing port"), _("Empty: the usual one."), kind="number", required=False, rare=True),
    Field("smtp_user", _("Outgoing user name"), _("Only when it differs."), required=False, rare=True),
    Field(
        "smtp_password",
        _("Outgoing password"),
        _("Only when it differs."),
        kind="secret",
        secret=True,
        required=False,
        rare=True,
        sent_to=("smtp_host",),
    ),
    Field("folder", _("Folder"), _("Where customers' mail arrives."), default="INBOX", rare=True),
    Field(
        "history_days",
        _("Days to look back"),
        _("When connecting, unanswered mail of the last days comes in too. 0: only what arrives from now on."),
        kind="number",
        default=1,
        rare=True,
    ),
    Field(
        "mark_seen", _("Mark mail as read once it is stored"), kind="checkbox", required=False, default=False, rare=True
    ),
    Field("copies", _("Copies of what we send"), kind="choice", default="own", choices=COPIES, rare=True),
    Field("sent_folder", _("Folder of sent mail"), _("Empty: found by itself."), required=False, rare=True),
    Field(
        "signature",
        _("Signature"),
        _("Below every mail, for example the postal address."),
        required=False,
        lines=True,
        rare=True,
    ),
    Field("html", _("Send an HTML version too"), kind="checkbox", required=False, default=False, rare=True),
    Field(
        "dkim_selector", _("DKIM selector"), _("Only when your mail server does not sign."), required=False, rare=True
    ),
    Field("dkim_key", _("DKIM private key (PEM)"), kind="secret", secret=True, required=False, lines=True, rare=True),
)


@dataclass(frozen=True, slots=True)
class Server:
    host: str
    port: int
    security: str  # "ssl", "starttls" or "plain"
    user: str
    password: str


def incoming(connection: Connection) -> Server | None:
    """The IMAP server; None when mail is only pushed to our port."""
    config, secrets = connection.config, connection.secrets
    if not config.get("imap_host"):
        return None
    security = str(config.get("imap_security") or "ssl")
    port = _number(config, "imap_port", IMAP_PORTS.get(security, 993))
    user = str(config.get("user") or connection.address)
    return Server(str(config["imap_host"]), port, security, user, secrets.get("password", ""))


def outgoing(connection: Connection) -> Server | None:
    """The SMTP server; None when this account cannot send. Without a password there is no login."""
    config, secrets = connection.config, connection.secrets
    if not config.get("smtp_host"):
        return None
    security = str(config.get("smtp_security") or "starttls")
    port = _number(config, "smtp_port", SMTP_PORTS.get(security, 587))
    user = str(config.get("smtp_user") or config.get("user") or connection.address)
    return Server(
        str(config["smtp_host"]), port, security, user, secrets.get("smtp_password") or secrets.get("password", "")
    )


def folder(connection: Connection) -> str:
    return str(connection.config.get("folder") or "INBOX")


def copies(connection: Connection) -> str:
    return str(connection.config.get("copies") or "own")


def history_days(connection: Connection) -> int:
    return _number(connection.config, "history_days", 1)


def _number(config: Mapping[str, Any], name: str, default: int) -> int:
    value = config.get(name)
    return default if value in (None, "") else int(value)
