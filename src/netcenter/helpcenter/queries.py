"""What a visitor may see: their own thread and nothing else, and whether somebody can answer."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from netcenter.accounts.models import Account
from netcenter.cases.models import Attachment, Message, Thread
from netcenter.channels.webchat.channel import CHANNEL
from netcenter.channels.webchat.sites import Sites
from netcenter.events.models import Event
from netcenter.helpcenter import claims, colour
from netcenter.helpcenter.rules import SHOWN, Status, status
from netcenter.people.models import Desk, Person
from netcenter.standards.queries import opening

PAGE = 40  # messages
MOST = 500  # messages that a returning widget may have missed and gets at once
VISIBLE = Q(direction="in") | Q(direction="out", state__in=["sending", "sent"])


@dataclass(frozen=True)
class Place:
    """A chat account as its visitors meet it."""

    account_id: int
    brand_id: int
    key: str
    title: str
    language: str
    sites: Sites
    greetings: dict[str, str]
    light: colour.Shades
    dark: colour.Shades
    asks_email: bool


@dataclass(frozen=True)
class Talk:
    """A stretch of a conversation. `more` when older messages exist; `operator` who carries it now."""

    thread_id: int = 0
    holder_id: int = 0
    messages: list[dict[str, Any]] = field(default_factory=list)
    more: bool = False
    operator: str = ""


def place(key: str) -> Place | None:
    """The chat account with this public key; None when there is none or it is paused."""
    found = Account.objects.select_related("brand").filter(key=key, channel=CHANNEL.kind, enabled=True).first()
    if found is None:
        return None
    config = found.config
    shade = colour.parse(str(config.get("colour") or "")) or found.brand.colour
    return Place(
        account_id=found.pk, brand_id=found.brand_id, key=found.key, title=config.get("title") or found.brand.name,
        language=found.brand.language, sites=Sites.of(str(config.get("sites") or "")),
        greetings={code: str(config.get(f"greeting_{code}") or "") for code in ("es", "en", "pt")},
        light=colour.shades(shade), dark=colour.shades(shade, dark=True),
        asks_email=bool(config.get("ask_email", True)),
    )  # fmt: skip


def talk(account_id: int, key: str, visitor: str, since: int = 0, before: int = 0) -> Talk:
    """The latest messages of the visitor's thread; at least all after `since`, or a page before `before`.

    Always a whole page back, since a message with a lower id may have been committed after one with a higher id.
    """
    thread = Thread.objects.select_related("case__holder").filter(account_id=account_id, external_id=visitor).first()
    if thread is None:
        return Talk()
    visible = thread.messages.filter(VISIBLE)
    if before:
        visible = visible.filter(id__lt=before)
    newest = visible.select_related("operator").order_by("-id")
    rows = list(newest[: PAGE + 1])
    if since and len(rows) > PAGE and rows[PAGE - 1].pk > since:
        rows = [*rows[:PAGE], *newest[PAGE:MOST].iterator()]
        rows = [row for row in rows if row.pk > since or row in rows[:PAGE]]
        more = True
    else:
        more, rows = len(rows) > PAGE, rows[:PAGE]
    holder = thread.case.holder
    files = _files(key, [row.pk for row in rows])
    return Talk(
        thread.pk, holder.pk if holder else 0, [_shown(row, files, holder) for row in reversed(rows)], more,
        holder.first_name if holder else "",
    )  # fmt: skip


def _shown(message: Message, files: dict[int, list[dict[str, Any]]], holder: Person | None) -> dict[str, Any]:
    """A message as its visitor sees it."""
    shown: dict[str, Any] = {
        "id": message.pk, "at": message.sent_at.isoformat(), "text": message.text, "files": files.get(message.pk, []),
    }  # fmt: skip
    if message.direction == Message.Direction.IN:
        # On the desk of whoever took the case it is before their eyes.
        seen = message.state != Message.State.WAITING or message.read_at is not None or holder is not None
        state = "read" if seen else "delivered"
        if message.extra.get("about"):
            shown["about"] = True
        return {**shown, "from": "visitor", "cid": message.extra.get("cid", ""), "state": state}
    name = message.operator.first_name if message.operator else ""
    if choices := message.extra.get("choices"):
        shown["choices"] = choices
    return {**shown, "from": "automatic" if message.automatic else "operator", "name": name, "state": "sent"}


def _files(key: str, message_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for a in Attachment.objects.filter(message_id__in=message_ids).order_by("id"):
        path = f"files/{a.pk}/{claims.pass_for(key, a.pk)}" if a.blob else ""
        found.setdefault(a.message_id, []).append(
            {"name": a.name, "size": a.size, "mime": a.mime, "path": path, "image": a.mime in SHOWN}
        )
    return found


def unread_until(account_id: int, visitor: str, message_id: int) -> list[str]:
    """The external ids of our messages up to this one that the visitor had not read."""
    ours = Message.objects.filter(
        account_id=account_id, thread__external_id=visitor, direction="out", state__in=["sending", "sent"],
        read_at=None, id__lte=message_id,
    )  # fmt: skip
    return list(ours.order_by("id").values_list("external_id", flat=True)[:MOST])


def attachment(account_id: int, attachment_id: int) -> Attachment | None:
    """A file of a message of this account."""
    return Attachment.objects.filter(pk=attachment_id, message__account_id=account_id).exclude(blob="").first()


# --- News -------------------------------------------------------------------------------------------------------------


def last_event() -> int:
    return Event.objects.order_by("-id").values_list("id", flat=True).first() or 0


def news(after: int, account_ids: Iterable[int], known: set[int]) -> tuple[list[int], set[tuple[int, str]]]:
    """The events after an id that are not `known`, and the (account, visitor) whose threads they may concern.

    Unlike `events.since` it does not wait for older transactions: an answer must not stand behind somebody's long
    report. Whoever calls looks a stretch back each time, for events that were committed late.
    """
    fresh = Event.objects.filter(id__gt=after).exclude(case_id=None).order_by("id").values_list("id", "case_id")
    seen: list[int] = []
    cases: set[int] = set()
    for event_id, case_id in fresh[:5000]:
        if event_id not in known and case_id is not None:
            seen.append(event_id)
            cases.add(case_id)
    if not cases:
        return seen, set()
    threads = Thread.objects.filter(case_id__in=cases, account_id__in=list(account_ids))
    return seen, set(threads.values_list("account_id", "external_id"))


def status_of(brand_id: int, now: datetime) -> Status:
    """Whether somebody can answer this brand's visitors now, and when next."""
    desks = Desk.objects.filter(person__is_active=True).exclude(state__in=[Desk.State.OFFLINE, Desk.State.BREAK])
    team = desks.filter(person__brands=brand_id)
    if not team.exists() and not Person.objects.filter(brands=brand_id, is_active=True).exists():
        team = desks
    states = list(team.values_list("state", "load", "capacity"))
    free = sum(1 for state, load, capacity in states if state == Desk.State.AVAILABLE and load < capacity)
    is_open, opens_at = opening(brand_id, now)
    return status(free, len(states), is_open, opens_at)
