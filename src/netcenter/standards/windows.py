"""The network's own deadlines, after which less can be said, or nothing: promises that no standard makes."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from netcenter.cases.models import Message, Thread
from netcenter.channels.registry import channels
from netcenter.lib.bulk import insert_many, update_many
from netcenter.standards.models import WINDOW, Promise
from netcenter.standards.rules import next_warning


def closes_at(message: Message) -> datetime | None:
    """When the network lets nobody answer this message any more; None: never, or nobody knows."""
    network = channels().get(message.account.channel)
    hours = network.capabilities.hours if network else {}
    if not hours:
        return None
    thread = message.thread
    limit = hours.get("public" if thread.place == "public" else "private")
    if limit is None:
        return None
    return max(filter(None, (message.sent_at + timedelta(hours=limit), thread.open_until)))


def promise(messages: Iterable[Message]) -> list[Promise]:
    """Start or move the windows of the cases in which these wait; the customer's every word opens theirs anew."""
    closing: dict[int, tuple[datetime, Message]] = {}
    for message in messages:
        if message.automatic or (at := closes_at(message)) is None:
            continue
        first = closing.get(message.case_id, (at, message))[1]
        closing[message.case_id] = (at, first)
    if not closing:
        return []
    running = {p.case_id: p for p in Promise.objects.filter(case_id__in=closing, measure=WINDOW, ended_at=None)}
    moved = []
    for case_id, (at, message) in closing.items():
        found = running.get(case_id) or Promise(
            case=message.case, measure=WINDOW, message=message, started_at=message.sent_at, due_at=message.sent_at
        )
        if found.pk and found.due_at >= at:
            continue
        moved.append(until(found, at))
    _write(moved)
    return moved


def opened(thread: Thread, end: datetime) -> list[Promise]:
    """The network itself says until when we may write there: a window that runs is moved."""
    found = list(Promise.objects.filter(case=thread.case_id, measure=WINDOW, ended_at=None, due_at__lt=end))
    _write([until(one, end) for one in found])
    return found


def until(promise: Promise, at: datetime) -> Promise:
    """The promise with another end, and with its warnings before it; not written yet."""
    promise.due_at, promise.warned = at, 0
    warning = next_warning(promise.started_at, at, 0)
    promise.warn_at = warning[1] if warning else None
    return promise


def _write(promises: Sequence[Promise]) -> None:
    insert_many([p for p in promises if p.pk is None])
    update_many([p for p in promises if p.pk is not None], ["due_at", "warned", "warn_at"])
