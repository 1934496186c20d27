"""Mails that no person wrote: bounces and read receipts become receipts, the rest is known for what it is."""

from __future__ import annotations

import re
from datetime import datetime
from email.message import Message
from typing import Literal

from netcenter.channels.contract import Receipt
from netcenter.channels.email.charsets import decode, header, raw_header
from netcenter.channels.email.identity import LOOP_HEADER, ids, is_ours
from netcenter.channels.email.parts import children_of, kind_of, leaves, payload

MAX_REPORT = 200_000  # bytes of a report's part that are searched
MAX_DETAIL = 500

_ACTIONS: dict[str, Literal["failed", "delivered"]] = {"failed": "failed", "delivered": "delivered"}
_MAILER = re.compile(r"(?:^|[<\s])(mailer-daemon|postmaster|mail-daemon|maildelivery)(@|>|$)", re.IGNORECASE)


def receipts(mail: Message, address: str, at: datetime) -> list[Receipt]:
    """What this mail reports of mails that we sent; empty when it is no report."""
    kind = kind_of(mail)
    report = str(mail.get_param("report-type", "") or "").lower() if kind == "multipart/report" else ""
    parts = list(leaves(mail))
    if report == "disposition-notification":
        return _read(parts, at)
    if report == "delivery-status" or any(kind_of(part) == "message/delivery-status" for part in parts):
        return _delivery(mail, parts, address, at)
    if _names_mailer(mail):
        return _informal(mail, parts, address, at)
    return []


def kind_of_sender(mail: Message, address: str, key: str, author: str) -> Literal["", "auto_reply", "list", "loop"]:
    """Who wrote: "" a person, else a machine (RFC 3834), a list, or we ourselves."""
    message_id = next(iter(ids(mail.get("Message-ID"))), "")
    if key and key in [header(value) for value in mail.get_all(LOOP_HEADER, [])]:
        return "loop"
    if is_ours(message_id, address) or author == address.lower():
        return "loop"
    if _is_reply_of_a_machine(mail):
        return "auto_reply"
    return "list" if _is_list(mail, address) else ""


def is_own_list(mail: Message, address: str) -> bool:
    """Our own address is a group (Google Groups…) that passes customers' mails on to the mailbox."""
    post = header(mail.get("List-Post")).lower()
    name = header(mail.get("List-Id")).lower().rpartition("<")[2].strip("<> ")
    return f"mailto:{address.lower()}" in post or (bool(name) and name == address.lower().replace("@", "."))


def is_from_mailer(mail: Message) -> bool:
    return header(mail.get("Return-Path")) == "<>" or _names_mailer(mail)


def _names_mailer(mail: Message) -> bool:
    return bool(_MAILER.search(raw_header(mail.get("From"))))


# --- Rules --------------------------------------------------------------------------------------


def _is_reply_of_a_machine(mail: Message) -> bool:
    submitted = header(mail.get("Auto-Submitted")).partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    suppress = {word.strip().lower() for word in header(mail.get("X-Auto-Response-Suppress")).split(",")}
    if suppress & {"all", "oof", "autoreply"}:
        return True
    if any(name in mail for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Failed-Recipients")):
        return True
    return _precedence(mail) in ("auto_reply", "auto-reply") or is_from_mailer(mail)


def _is_list(mail: Message, address: str) -> bool:
    if is_own_list(mail, address):
        return False
    return _precedence(mail) in ("list", "bulk", "junk") or any(
        name in mail for name in ("List-Id", "List-Post", "List-Unsubscribe")
    )


def _precedence(mail: Message) -> str:
    return header(mail.get("Precedence")).strip().lower()


# --- Reports ------------------------------------------------------------------------------------


def _delivery(mail: Message, parts: list[Message], address: str, at: datetime) -> list[Receipt]:
    """RFC 3464. A delay is no outcome: the mail is recorded as a machine's, nothing is concluded."""
    original = _original_id(mail, parts, address)
    if not original:
        return []
    outcomes = []
    for part in parts:
        if kind_of(part) != "message/delivery-status":
            continue
        for block in children_of(part) or []:
            state = _ACTIONS.get(header(block.get("Action")).lower())
            if state:
                reason = header(block.get("Diagnostic-Code")) or header(block.get("Status"))
                who = header(block.get("Final-Recipient")).rpartition(";")[2].strip()
                outcomes.append(Receipt(original, state, at, f"{who}: {reason}".strip(": ")[:MAX_DETAIL]))
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    return failed[:1] or outcomes[:1]


def _informal(mail: Message, parts: list[Message], address: str, at: datetime) -> list[Receipt]:
    """A bounce in no standard form: a mailer writes to us and shows a mail of ours."""
    if re.search(r"\b(delay|warning|retras|atras)", header(mail.get("Subject")), re.IGNORECASE):
        return []
    original = _original_id(mail, parts, address, must_be_ours=True)
    return [Receipt(original, "failed", at, header(mail.get("Subject"))[:MAX_DETAIL])] if original else []


def _read(parts: list[Message], at: datetime) -> list[Receipt]:
    """RFC 8098."""
    for part in parts:
        if kind_of(part) == "message/disposition-notification":
            text = _words(part)
            found = re.search(r"^original-message-id:\s*(<[^<>\s]+>)", text, re.IGNORECASE | re.MULTILINE)
            if found and re.search(r"^disposition:.*;\s*displayed", text, re.IGNORECASE | re.MULTILINE):
                return [Receipt(found.group(1), "read", at)]
    return []


def _original_id(mail: Message, parts: list[Message], address: str, *, must_be_ours: bool = False) -> str:
    """The Message-ID of the mail that a report is about; ours before any other."""
    found: list[str] = []
    for part in parts:
        if kind_of(part) in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "text/plain"):
            found += re.findall(r"^[> \t]*message-id:\s*(<[^<>\s]+>)", _words(part), re.IGNORECASE | re.MULTILINE)
    found += ids(mail.get("In-Reply-To")) + tuple(reversed(ids(mail.get("References"))))
    ours = [each for each in found if is_ours(each, address)]
    return next(iter(ours), "") or ("" if must_be_ours else next(iter(found), ""))


def _words(part: Message) -> str:
    """The part as text, the headers of a mail within it included."""
    children = children_of(part)
    if children is None:
        return decode(payload(part)[:MAX_REPORT])
    return "\n".join(f"{name}: {value}" for child in children for name, value in child.items())[:MAX_REPORT]
