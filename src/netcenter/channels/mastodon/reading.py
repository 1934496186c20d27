"""What a Mastodon server tells, understood. Pure.

Three forms come in: a Notification (`type`), an event of the user stream (`event`, `payload`), and a Status of ours.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from netcenter.channels.contract import (
    Attachment,
    Author,
    Connection,
    Deleted,
    Echo,
    Edited,
    Form,
    Happening,
    Inbound,
    Post,
    Raw,
    Reach,
    Reached,
    Reaction,
    ThreadRef,
    Trouble,
    Unreadable,
    loose,
)
from netcenter.channels.mastodon import wire
from netcenter.channels.mastodon.html import text_of

Told = Mapping[str, Any]

PRIVATE = ("private", "direct")  # of `visibility`: followers alone, or those who are named; an answer is for these
_ENDINGS = {"image": ".jpg", "video": ".mp4", "gifv": ".mp4", "audio": ".mp3"}
_MIMES = {"image": "image/jpeg", "video": "video/mp4", "gifv": "video/mp4", "audio": "audio/mpeg"}


def parse(raw: Raw, connection: Connection) -> list[Happening]:
    """Raises Unreadable."""
    told = loose.an_object(raw.body)
    if "event" in told:
        return _streamed(told, raw, connection)
    if "type" in told:
        return _notified(told, raw, connection)
    if "visibility" in told:
        return _said_by_us(told, raw, connection)
    raise Unreadable("neither a notification, nor an event, nor a status")


# --- Notifications: https://docs.joinmastodon.org/entities/Notification/ --------------------------


def _notified(told: Told, raw: Raw, connection: Connection) -> list[Happening]:
    kind, status = loose.text(told.get("type"), 50), loose.within(told, "status")
    at = loose.moment(told.get("created_at"))
    if kind in ("mention", "quote"):
        return _said_to_us(status, raw, connection, quotes=kind == "quote")
    if kind in ("update", "quoted_update"):
        return _edited(status)
    if at is None:
        raise Unreadable("a notification without its time")
    if kind in ("favourite", "reblog"):
        who = author_of(loose.within(told, "account"), connection)
        what = "like" if kind == "favourite" else "repost"
        return [Reaction(wire.name_of(status.get("id")), who, what, at), *_reached(status, at)]
    if kind == "moderation_warning":
        warning = loose.within(told, "moderation_warning")
        return [Trouble("limited", at, loose.text(warning.get("action"), 100) or "moderation_warning")]
    return []  # of no concern, as the README says


def _said_to_us(status: Told, raw: Raw, connection: Connection, *, quotes: bool) -> list[Happening]:
    who, sent_at = author_of(loose.within(status, "account"), connection), loose.moment(status.get("created_at"))
    if sent_at is None:
        raise Unreadable("a status without its time")
    own = own_of(raw, connection)
    if loose.within(status, "account").get("id") == own:
        return []
    name, parent = wire.name_of(status.get("id")), _optional(status.get("in_reply_to_id"))
    said = Inbound(
        name, who, _thread(status, who, raw, connection, quotes=quotes), sent_at, words_of(status),
        attachments=files_of(status), form=_form(status, own, quotes=quotes), parent=parent,
        url=loose.text(status.get("url"), 2000), language=loose.text(status.get("language"), 20),
        reach=reach_of(status), extra=_beside(status),
    )  # fmt: skip
    return [said, *_edited(status)]


def _thread(status: Told, who: Author, raw: Raw, connection: Connection, *, quotes: bool) -> ThreadRef:
    """Private words have a thread for each person; public ones for each person under one post.

    The root of a conversation is not told with a status: whoever fetched it wrote it beside (`Raw.meta["root"]`).
    """
    if status.get("visibility") in PRIVATE:
        return ThreadRef(f"direct/{who.external_id}")
    name = wire.name_of(status.get("id"))
    root = loose.text(raw.meta.get("root"), 100) or _optional(status.get("in_reply_to_id")) or name
    thread = (post_of(status, connection, own_of(raw, connection)) if root == name else Post(root)).thread_of(who)
    if quotes and (quoted := _quoted(status)):  # its own conversation, about a post of ours
        return ThreadRef(thread.external_id, "public", post=post_of(quoted, connection, own_of(raw, connection)))
    return thread


def _form(status: Told, own: str, *, quotes: bool) -> Form:
    if status.get("visibility") in PRIVATE:
        return "message"
    if quotes:
        return "quote"
    return "comment" if own and status.get("in_reply_to_account_id") == own else "mention"


def _beside(status: Told) -> dict[str, Any]:
    named = {"visibility": "visibility", "spoiler_text": "warning"}
    return {name: told for field, name in named.items() if (told := loose.text(status.get(field), 500))}


def _edited(status: Told) -> list[Happening]:
    """The words as they are now, where they were changed."""
    at = loose.moment(status.get("edited_at"))
    return [Edited(wire.name_of(status.get("id")), words_of(status), at, files_of(status))] if at else []


def _reached(status: Told, at: datetime) -> list[Happening]:
    of = "message" if status.get("in_reply_to_id") else "post"
    return [Reached(wire.name_of(status.get("id")), reach_of(status), at, of=of)]  # type: ignore[arg-type]


# --- The stream: https://docs.joinmastodon.org/methods/streaming/#events --------------------------


def _streamed(told: Told, raw: Raw, connection: Connection) -> list[Happening]:
    kind, payload = loose.text(told.get("event"), 50), told.get("payload")
    if kind == "delete":
        at = loose.moment(raw.meta.get("received_at"))
        if at is None:
            raise Unreadable("nobody wrote down when it was deleted")
        return [Deleted(wire.name_of(payload), at)]
    if kind not in ("notification", "status.update", "reach"):
        return []
    inner = loose.an_object(payload.encode("utf-8", "replace")) if isinstance(payload, str) else loose.within(payload)
    if kind == "notification":
        return _notified(inner, raw, connection)
    if kind == "reach":
        at = loose.moment(raw.meta.get("received_at"))
        return _reached(inner, at) if at else []
    return _edited(inner)


# --- What we said -----------------------------------------------------------------------------------


def answered_by(status: Told, own: str) -> Told | None:
    """Whom a status of ours speaks to; None: nobody, it is a post."""
    others = [m for m in loose.objects(status.get("mentions")) if m.get("id") != own]
    return next(
        (m for m in others if m.get("id") == status.get("in_reply_to_account_id")), others[0] if others else None
    )


def _said_by_us(status: Told, raw: Raw, connection: Connection) -> list[Happening]:
    """An answer of ours to somebody; a post that answers nobody is of no concern."""
    own = own_of(raw, connection)
    to = answered_by(status, own)
    sent_at = loose.moment(status.get("created_at"))
    if to is None or status.get("reblog") or loose.within(status, "account").get("id") not in (own, None):
        return []
    if sent_at is None:
        raise Unreadable("a status without its time")
    who = author_of(to, connection)
    application = loose.text(loose.within(status, "application").get("name"), 200)
    parent = _optional(status.get("in_reply_to_id"))
    said = Echo(
        wire.name_of(status.get("id")), _thread(status, who, raw, connection, quotes=False), sent_at, words_of(status),
        to=who, attachments=files_of(status), in_reply_to=(parent,) if parent else (), sender_name=application,
        form="message" if status.get("visibility") in PRIVATE else "comment", url=loose.text(status.get("url"), 2000),
    )  # fmt: skip
    return [said, *_edited(status)]


# --- Parts ------------------------------------------------------------------------------------------


def author_of(account: Told, connection: Connection) -> Author:
    """https://docs.joinmastodon.org/entities/Account/ – names there are for ever, ids differ between servers."""
    acct = loose.text(account.get("acct"), 250).strip().removeprefix("@")
    if not acct:
        raise Unreadable("an account without a name")
    whole = (acct if "@" in acct else f"{acct}@{wire.domain_of(connection)}").lower()
    if len(whole) > loose.LONGEST_ID:
        raise Unreadable("an account with too long a name")
    profile = {name: True for name in ("bot", "locked", "limited") if account.get(name) is True}
    return Author(
        whole, loose.text(account.get("display_name"), 200) or acct, handle=f"@{acct}",
        avatar_url=loose.text(account.get("avatar_static"), 2000) or loose.text(account.get("avatar"), 2000),
        url=loose.text(account.get("url"), 2000), reach=_carries(account), profile=profile,
    )  # fmt: skip


def _carries(account: Told) -> Reach | None:
    followers = loose.count(account.get("followers_count"))
    return None if followers is None else Reach(followers=followers)


def post_of(status: Told, connection: Connection, own: str) -> Post:
    """https://docs.joinmastodon.org/entities/Status/"""
    who = author_of(loose.within(status, "account"), connection)
    return Post(
        wire.name_of(status.get("id")), words_of(status), author=who, url=loose.text(status.get("url"), 2000),
        sent_at=loose.moment(status.get("created_at")), ours=loose.within(status, "account").get("id") == own,
        attachments=files_of(status), reach=reach_of(status),
    )  # fmt: skip


def words_of(status: Told) -> str:
    """The warning above the words, the words, and the choices of a poll below them."""
    options = loose.objects(loose.within(status, "poll").get("options"))
    choices = [f"☐ {loose.text(option.get('title'), 500)}" for option in options]
    above, words = loose.text(status.get("spoiler_text"), 500), text_of(loose.text(status.get("content"), 500_000))
    return loose.text("\n\n".join(part for part in (above, words, "\n".join(choices)) if part))


def files_of(status: Told) -> tuple[Attachment, ...]:
    """https://docs.joinmastodon.org/entities/MediaAttachment/"""
    return tuple(_file(told, n) for n, told in enumerate(loose.objects(status.get("media_attachments"))[:20], 1))


def _file(told: Told, n: int) -> Attachment:
    kind = loose.text(told.get("type"), 20)
    url = loose.text(told.get("url"), 2000) or loose.text(told.get("remote_url"), 2000)
    last = _last_of(url)
    ending = last[last.rfind("."):][:10] if "." in last else _ENDINGS.get(kind, "")  # fmt: skip
    mime = mimetypes.guess_type(f"x{ending}")[0] or _MIMES.get(kind, "application/octet-stream")
    alt = loose.text(told.get("description"), 5000)
    if not url.startswith(("https://", "http://")):
        return Attachment(f"{kind or 'file'}-{n}{ending}", mime, missing="not available yet", alt=alt)
    return Attachment(f"{kind or 'file'}-{n}{ending}", mime, reference=url, alt=alt)


def _last_of(url: str) -> str:
    try:
        return unquote(urlsplit(url).path).rpartition("/")[2].replace("\0", "").encode("ascii", "ignore").decode()
    except ValueError:
        return ""


def reach_of(status: Told) -> Reach:
    return Reach(
        likes=loose.count(status.get("favourites_count")), shares=loose.count(status.get("reblogs_count")),
        replies=loose.count(status.get("replies_count")),
    )  # fmt: skip


def _quoted(status: Told) -> Told | None:
    """https://docs.joinmastodon.org/entities/Quote/"""
    quoted = loose.within(status, "quote", "quoted_status")
    return quoted if quoted.get("id") and loose.within(quoted, "account").get("acct") else None


def own_of(raw: Raw, connection: Connection) -> str:
    """Our account's id: as connecting told it, or whoever fetched this wrote it beside."""
    return str(connection.config.get("own_id") or raw.meta.get("own") or "")


def _optional(value: Any) -> str:
    return wire.name_of(value) if value not in (None, "") else ""
