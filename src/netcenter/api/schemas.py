"""What goes over the wire, as the OpenAPI document tells it."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from netcenter.cases.models import Attachment, Case, Disposition, Message

CaseState = Literal["waiting", "open", "closed"]
Reason = Literal["thanks", "spam", "duplicate", "elsewhere", "not_for_us", "other"]
Text = Annotated[str, Field(max_length=100_000)]
SEEN = "The newest inbound message that you have read (its `id`). What arrived after it goes on waiting."


class Named(Schema):
    id: int
    name: str


class FlawOut(Schema):
    path: str
    problem: str


class ProblemOut(Schema):
    """RFC 9457. `code` is stable, `detail` is in the language of the key's person."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: list[FlawOut] | None = None


class MeOut(Schema):
    id: int
    name: str
    email: str
    role: str
    scopes: list[str]


class AccountOut(Schema):
    id: int
    key: str = Field(description="The account's name in its public addresses, e.g. /hooks/{key}.")
    name: str
    address: str
    channel: str
    brand: Named
    enabled: bool


class CaseOut(Schema):
    id: int
    state: CaseState = Field(description="`waiting` holds an unanswered message.")
    brand: Named
    account: Named
    customer: Named
    holder: Named | None
    subject: str
    preview: str
    language: str
    kind: str
    urgency: str
    opened_at: datetime
    last_at: datetime
    waiting_since: datetime | None
    due_at: datetime | None = Field(description="The next promise to break, while one runs.")
    snoozed_until: datetime | None
    closed_at: datetime | None

    @classmethod
    def of(cls, case: Case) -> "CaseOut":
        state: CaseState = "closed" if case.closed_at else "waiting" if case.waiting_since else "open"
        return cls(
            id=case.pk, state=state, brand=_named(case.brand), account=_named(case.account),
            customer=Named(id=case.customer_id, name=str(case.customer)),
            holder=_named(case.holder) if case.holder else None,
            **{name: getattr(case, name) for name in _PLAIN_OF_CASE},
        )  # fmt: skip


_PLAIN_OF_CASE = ("subject", "preview", "language", "kind", "urgency", "opened_at", "last_at", "waiting_since",
                  "due_at", "snoozed_until", "closed_at")  # fmt: skip


class CasesOut(Schema):
    cases: list[CaseOut]
    next: str | None = Field(description="Give it as `after` for the next page; null on the last.")


class AttachmentOut(Schema):
    id: int
    name: str
    mime: str
    size: int
    missing: str = Field(description="Why there are no bytes; empty when there are.")

    @classmethod
    def of(cls, file: Attachment) -> "AttachmentOut":
        return cls(id=file.pk, name=file.name, mime=file.mime, size=file.size, missing=file.missing)


class MessageOut(Schema):
    id: int
    thread: int
    place: str
    direction: Literal["in", "out"]
    state: Literal["waiting", "answered", "disposed", "sending", "sent", "failed"]
    author: str
    operator: Named | None
    automatic: str
    text: str
    quoted: str
    subject: str
    sent_at: datetime
    received_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    read_at: datetime | None
    answered_by: int | None
    disposition: str | None
    failure: str
    external_id: str
    attachments: list[AttachmentOut]

    @classmethod
    def of(cls, message: Message) -> "MessageOut":
        return cls(
            id=message.pk, thread=message.thread_id, place=message.thread.place,
            author=str(message.identity or message.operator or ""),
            operator=_named(message.operator) if message.operator else None,
            answered_by=message.answered_by_id,
            disposition=message.disposition.reason if message.disposition else None,
            attachments=[AttachmentOut.of(file) for file in message.attachments.all()],
            **{name: getattr(message, name) for name in _PLAIN_OF_MESSAGE},
        )  # fmt: skip


_PLAIN_OF_MESSAGE = ("direction", "state", "automatic", "text", "quoted", "subject", "sent_at", "received_at",
                     "edited_at", "deleted_at", "read_at", "failure", "external_id")  # fmt: skip


class MessagesOut(Schema):
    messages: list[MessageOut] = Field(description="Newest first.")
    next: int | None = Field(description="Give it as `before` for older ones; null at the beginning.")


class ThreadOut(Schema):
    id: int
    place: str
    subject: str
    account: Named


class CaseWholeOut(Schema):
    case: CaseOut
    threads: list[ThreadOut] = Field(description="Where it can be answered; the latest spoken in first.")


class FileIn(Schema):
    name: str = Field(max_length=200)
    mime: str = Field("application/octet-stream", max_length=100)
    content: str = Field(description="base64")


class ReplyIn(Schema):
    text: Text
    seen_id: int = Field(description=SEEN)
    thread: int | None = Field(None, description="Where to answer; left out: where the customer last wrote.")
    close: bool = Field(False, description="Close the case if nothing waits in it afterwards.")
    overrule: str = Field("", max_length=300, description="Why it is sent although the guard blocks it; on the record.")
    attachments: list[FileIn] = Field([], max_length=10)


class NoteIn(Schema):
    text: Text
    mentions: list[int] = Field([], max_length=20, description="People to be told, by id.")


class NoteOut(Schema):
    id: int
    author: Named
    text: str
    at: datetime


class DisposeIn(Schema):
    reason: Reason
    note: str = Field("", max_length=300, description="Required with the reason `other`.")
    seen_id: int = Field(description=SEEN)


class DisposedOut(Schema):
    disposed: int = Field(description="How many messages no longer wait.")


class LedgerOut(Schema):
    """received = answered + disposed + waiting."""

    received: int
    answered: int
    disposed: int
    waiting: int
    balances: bool


class ReadyOut(Schema):
    ready: bool


def reasons() -> set[str]:
    """The reasons of the house that people may give: what `Reason` must list."""
    return {r.value for r in Disposition.Reason if r not in Disposition.BY_ITSELF}


def _named(thing: object) -> Named:
    return Named(id=thing.pk, name=str(thing))  # type: ignore[attr-defined]
