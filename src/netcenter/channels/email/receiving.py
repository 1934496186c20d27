"""What is new in a mailbox, fetched without touching it.

The cursor is {"uidvalidity", "uid", "since"}, and "backlog" while older mail is read: everything up to `uid` has been
handed on. When the server renumbers the mailbox (a new UIDVALIDITY, RFC 3501 §2.3.1.1) everything received since the
account was connected is handed on again; deliveries are unique by their bytes, so those that the house has are not
doubled.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from imaplib import IMAP4
from typing import Any

from netcenter.channels.contract import ChannelError, Connection, Polled, Raw
from netcenter.channels.email import options
from netcenter.channels.email.mailbox import Listed, Session, borrowed, imap_date

MAX_BATCH = 50  # mails of one poll
MAX_BATCH_BYTES = 30 * 2**20
MAX_MAIL_BYTES = 25 * 2**20  # what most servers let through; of a larger one only the beginning is fetched
PARTIAL_BYTES = 2 * 2**20
RETRY_AFTER_DROP = 10.0  # seconds: a server that drops IDLE at once is not hurried


def poll(connection: Connection, cursor: dict[str, Any]) -> Polled:
    """The next batch, oldest first."""
    with borrowed(connection) as session:
        session.select(options.folder(connection))
        cursor = _started(session, connection, cursor)
        backlog = cursor.get("backlog")
        reach, only = (backlog["until"], backlog["only"]) if backlog else ("*", "")
        waiting = session.newer(cursor["uid"], reach, only)
        batch = _batch(session.look_up(waiting[:MAX_BATCH]))
        raws = _fetch(session, batch)
        if batch and len(batch) < len(waiting):
            return Polled(raws, cursor | {"uid": batch[-1].uid}, more=True)
        # Mails that vanished between the search and now are passed over too.
        last = backlog["until"] if backlog else max([cursor["uid"], *waiting])
        session.last_uid = last
        return Polled(raws, {name: cursor[name] for name in ("uidvalidity", "since")} | {"uid": last})


def stored(connection: Connection, cursor: dict[str, Any]) -> None:
    """Mark as seen what has been handed on, for those who want it."""
    if not connection.config.get("mark_seen") or not cursor.get("uid"):
        return
    with borrowed(connection) as session:
        session.select(options.folder(connection), writable=True)
        if session.uidvalidity == cursor["uidvalidity"]:
            since = imap_date(date.fromisoformat(cursor["since"]))
            session.mark_seen(session.search(f"UNSEEN SINCE {since} UID 1:{cursor['uid']}"))


def wait(connection: Connection, seconds: float, stop: Callable[[], bool]) -> None:
    """IDLE until something arrives. Where it is not offered, or fails, time passes and the next poll tells."""
    deadline = time.monotonic() + seconds
    try:
        with borrowed(connection) as session:
            if session.can_idle():
                if session.last_uid is None:
                    session.select(options.folder(connection))
                elif session.has_news():  # it came between the poll and now
                    return
                session.idle(seconds, stop)
                return
    except ChannelError:
        deadline = min(deadline, time.monotonic() + RETRY_AFTER_DROP)
    while not stop() and (left := deadline - time.monotonic()) > 0:
        time.sleep(min(left, 0.5))


# --- Steps --------------------------------------------------------------------------------------


def _started(session: Session, connection: Connection, cursor: dict[str, Any]) -> dict[str, Any]:
    """A cursor for this numbering of the mailbox. A backlog is what was there before: read once, chosen by its date."""
    if cursor.get("uidvalidity") == session.uidvalidity:
        return cursor
    newest = session.uidnext - 1 if session.uidnext else max(session.search("ALL"), default=0)
    days = options.history_days(connection)
    known = bool(cursor.get("uidvalidity"))
    since = cursor["since"] if known else (datetime.now(UTC) - timedelta(days=max(0, days))).date().isoformat()
    fresh: dict[str, Any] = {"uidvalidity": session.uidvalidity, "since": since, "uid": newest}
    if newest and (known or days > 0):
        only = f"SINCE {imap_date(date.fromisoformat(since))}" + ("" if known else " UNANSWERED")
        fresh |= {"uid": 0, "backlog": {"until": newest, "only": only}}
    return fresh


def _batch(listed: list[Listed]) -> list[Listed]:
    """As many as fit, at least one."""
    taken: list[Listed] = []
    total = 0
    for each in listed:
        total += min(each.size, PARTIAL_BYTES if each.size > MAX_MAIL_BYTES else MAX_MAIL_BYTES)
        if taken and total > MAX_BATCH_BYTES:
            break
        taken.append(each)
    return taken


def _fetch(session: Session, batch: list[Listed]) -> tuple[Raw, ...]:
    small = [each.uid for each in batch if each.size <= MAX_MAIL_BYTES]
    bodies, errors = _bodies(session, small, None)
    for each in batch:
        if each.size > MAX_MAIL_BYTES:
            partial, failed = _bodies(session, [each.uid], PARTIAL_BYTES)
            bodies |= partial
            errors |= failed
    return tuple(_raw(session, each, bodies, errors) for each in batch if each.uid in bodies or each.uid in errors)


def _bodies(session: Session, uids: list[int], limit: int | None) -> tuple[dict[int, bytes], dict[int, str]]:
    """({uid: bytes}, {uid: error}). One mail that the server cannot give must not hold up the others."""
    if not uids:
        return {}, {}
    try:
        return session.fetch(uids, limit), {}
    except IMAP4.abort:
        raise
    except IMAP4.error as error:
        if len(uids) == 1:
            return {}, {uids[0]: str(error)}
    bodies: dict[int, bytes] = {}
    errors: dict[int, str] = {}
    for uid in uids:
        found, failed = _bodies(session, [uid], limit)
        bodies |= found
        errors |= failed
    return bodies, errors


def _raw(session: Session, listed: Listed, bodies: dict[int, bytes], errors: dict[int, str]) -> Raw:
    meta: dict[str, Any] = {"uid": listed.uid, "uidvalidity": session.uidvalidity}
    if listed.received_at:
        meta["received_at"] = listed.received_at.isoformat()
    if listed.size > MAX_MAIL_BYTES:
        meta["truncated"] = listed.size
    if listed.uid in errors:
        meta["error"] = f"the server could not give this mail: {errors[listed.uid]}"
        return Raw(b"", f"unfetched:{session.uidvalidity}:{listed.uid}", meta)
    body = bodies[listed.uid]
    return Raw(body, hashlib.sha256(body).hexdigest(), meta)
