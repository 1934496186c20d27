"""What Bluesky tells, understood. Pure.

Four forms come in: a notification (`reason`), an event of the chat's log (`$type`), a record of ours (`value`), and
what we found when we looked again (`look`).
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from netcenter.channels.bluesky import keys
from netcenter.channels.bluesky.words import text_of
from netcenter.channels.contract import (
    Attachment,
    Author,
    Connection,
    Deleted,
    Echo,
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

Told = Mapping[str, Any]

KEY = "viaNetcenter"  # a field of our own in each record that we write: records may have more than their lexicon says
CHAT = "chat.bsky.convo.defs#"
WEB = "https://bsky.app"
_FORMS: dict[str, Form] = {"mention": "mention", "reply": "comment", "quote": "quote"}
_REACTIONS = {"like": "like", "repost": "repost"}


def parse(raw: Raw, connection: Connection) -> list[Happening]:
    """Raises Unreadable."""
    told = loose.an_object(raw.body)
    own = str(connection.config.get("did") or raw.meta.get("own") or "")
    if "look" in told:
        return _looked(told, raw)
    if "reason" in told:
        return _notified(told, own)
    if loose.text(told.get("$type"), 200).startswith(CHAT):
        return _chatted(told, own)
    if "value" in told:
        return _said_by_us(told, own)
    raise Unreadable("neither a notification, nor an event of the chat, nor a record")


# --- Notifications: app.bsky.notification.listNotifications ------------------------------------------


def _notified(told: Told, own: str) -> list[Happening]:
    reason, at = loose.text(told.get("reason"), 50), loose.moment(told.get("indexedAt"))
    if reason in _FORMS:
        return _said_to_us(told, own, _FORMS[reason])
    if reason in _REACTIONS:
        if at is None:
            raise Unreadable("a notification without its time")
        subject = loose.name(told.get("reasonSubject"))
        return [Reaction(subject, author_of(loose.within(told, "author")), _REACTIONS[reason], at)]
    return []  # of no concern, as the README says


def _said_to_us(told: Told, own: str, form: Form) -> list[Happening]:
    record, uri, who = (
        loose.within(told, "record"),
        loose.name(told.get("uri")),
        author_of(loose.within(told, "author")),
    )
    sent_at = when(record, told)
    if sent_at is None:
        raise Unreadable("a post without its time")
    if who.external_id == own:
        return []
    labels = labels_of(told, record)
    return [Inbound(
        uri, who, thread_of(uri, record, who, own, form), sent_at, words_of(record),
        attachments=files_of(record, who.external_id), form=form, parent=_parent(record), url=page_of(uri),
        language=next(iter(loose.texts(record.get("langs"), 20)), ""), hidden="!hide" in labels,
        extra={"labels": sorted(labels)} if labels else {},
    )]  # fmt: skip


def thread_of(uri: str, record: Told, who: Author, own: str, form: Form = "comment") -> ThreadRef:
    """Each person's words under one post are a thread. A quote begins a conversation of its own, about our post."""
    root = str(loose.within(record, "reply", "root").get("uri") or "")
    root = root if keys.place_of(root) else uri
    thread = Post(root, ours=(keys.place_of(root) or ("",))[0] == own).thread_of(who)
    if form == "quote" and root == uri and (quoted := quoted_in(record)):
        ours = (keys.place_of(quoted) or ("",))[0] == own
        thread = ThreadRef(thread.external_id, "public", post=Post(quoted, ours=ours))
    if len(thread.external_id) > loose.LONGEST_ID:
        raise Unreadable("a post with too long an address")
    return thread


def when(record: Told, told: Told) -> datetime | None:
    """When it was written, unless its writer's clock runs ahead: the network sorts by the earlier of the two."""
    times = [at for at in (loose.moment(record.get("createdAt")), loose.moment(told.get("indexedAt"))) if at]
    return min(times, default=None)


# --- The chat: chat.bsky.convo.getLog ---------------------------------------------------------------


def _chatted(told: Told, own: str) -> list[Happening]:
    kind, convo = loose.text(told.get("$type"), 200).removeprefix(CHAT), loose.name(told.get("convoId"))
    message, at = loose.within(told, "message"), keys.moment_of(told.get("rev"))
    if kind not in ("logCreateMessage", "logDeleteMessage", "logAddReaction", "logRemoveReaction"):
        return []
    name = loose.name(f"{convo}/{loose.name(message.get('id'))}")
    if kind == "logDeleteMessage":
        gone_at = at or loose.moment(message.get("sentAt"))
        return [Deleted(name, gone_at, by="us")] if gone_at else []  # one can delete there for oneself only
    if kind == "logCreateMessage":
        return _message(told, message, name, convo, own)
    reaction = loose.within(told, "reaction")
    who, reacted_at = loose.name(loose.within(reaction, "sender").get("did")), loose.moment(reaction.get("createdAt"))
    is_added = kind == "logAddReaction"
    reacted_at = reacted_at if is_added else at or reacted_at
    if who == own or reacted_at is None:
        return []
    what = loose.text(reaction.get("value"), 64) or "like"
    return [Reaction(name, member(who, told), what, reacted_at, added=is_added)]


def _message(told: Told, message: Told, name: str, convo: str, own: str) -> list[Happening]:
    if message.get("$type") not in (None, f"{CHAT}messageView"):
        return []  # deleted since, or said by no person
    who, sent_at = loose.name(loose.within(message, "sender").get("did")), loose.moment(message.get("sentAt"))
    if sent_at is None:
        raise Unreadable("a message without its time")
    words, thread = text_of(message), ThreadRef(loose.name(f"chat/{convo}"))
    if (shared := _shared(message)) and shared not in words:
        words = f"{words}\n\n{shared}".strip()
    if who == own:
        return [Echo(name, thread, sent_at, words)]
    return [Inbound(name, member(who, told), thread, sent_at, words)]


def member(did: str, told: Told) -> Author:
    """Who this is, where the event tells more than the id."""
    for profile in loose.objects(told.get("relatedProfiles")):
        if profile.get("did") == did:
            return author_of(profile)
    return Author(did)


def _shared(message: Told) -> str:
    """The page of a post that came with a message."""
    uri = loose.within(message, "embed", "record").get("uri")
    return page_of(uri) if isinstance(uri, str) and keys.place_of(uri) else ""


# --- Ours, and what we looked at -------------------------------------------------------------------


def _said_by_us(told: Told, own: str) -> list[Happening]:
    """com.atproto.repo.listRecords: an answer of ours; a post that answers nobody is of no concern."""
    record, uri, to = loose.within(told, "value"), loose.name(told.get("uri")), answered_by(told, own)
    sent_at = loose.moment(record.get("createdAt"))
    if not to:
        return []
    if sent_at is None:
        raise Unreadable("a post without its time")
    return [Echo(
        uri, thread_of(uri, record, Author(to), own), sent_at, words_of(record), to=Author(to),
        attachments=files_of(record, own), in_reply_to=(_parent(record),), key=loose.text(record.get(KEY), 200),
        form="comment", url=page_of(uri),
    )]  # fmt: skip


def answered_by(told: Told, own: str) -> str:
    """Whom a record of ours speaks to; "": nobody, it is a post."""
    record = loose.within(told, "value")
    places = (_place(record, "parent"), _place(record, "root"))
    return next((place[0] for place in places if place and place[0] != own), "")


def _looked(told: Told, raw: Raw) -> list[Happening]:
    at = loose.moment(raw.meta.get("received_at"))
    if at is None:
        raise Unreadable("nobody wrote down when it was looked at")
    match told.get("look"):
        case "gone":
            return [Deleted(loose.name(told.get("uri")), at)]
        case "reach":
            post = loose.within(told, "post")
            of = "message" if loose.within(post, "record", "reply") else "post"
            return [Reached(loose.name(post.get("uri")), reach_of(post), at, of=of)]  # type: ignore[arg-type]
        case "chat":
            return [Trouble("right", at, loose.text(told.get("detail"), 300))]
    return []


# --- Parts ------------------------------------------------------------------------------------------


def author_of(profile: Told) -> Author:
    """app.bsky.actor.defs: profileViewBasic, profileView, profileViewDetailed."""
    did, handle = loose.name(profile.get("did")), loose.text(profile.get("handle"), 255)
    handle = "" if handle == "handle.invalid" else handle
    followers = loose.count(profile.get("followersCount"))
    status = loose.within(profile, "verification").get("verifiedStatus")
    verified = None if status is None else status == "valid"
    reach = None if followers is None and verified is None else Reach(followers=followers, verified=verified)
    return Author(
        did, loose.text(profile.get("displayName"), 640).strip() or handle, handle=f"@{handle}" if handle else "",
        avatar_url=loose.text(profile.get("avatar"), 2000), url=f"{WEB}/profile/{handle or did}", reach=reach,
    )  # fmt: skip


def post_of(view: Told, own: str) -> Post:
    """app.bsky.feed.defs#postView"""
    record, who = loose.within(view, "record"), author_of(loose.within(view, "author"))
    uri = loose.name(view.get("uri"))
    return Post(
        uri, words_of(record), author=who, url=page_of(uri), sent_at=when(record, view), ours=who.external_id == own,
        attachments=files_of(record, who.external_id), reach=reach_of(view),
    )  # fmt: skip


def reach_of(view: Told) -> Reach:
    reposts, quotes = loose.count(view.get("repostCount")), loose.count(view.get("quoteCount"))
    shares = None if reposts is None and quotes is None else (reposts or 0) + (quotes or 0)
    return Reach(likes=loose.count(view.get("likeCount")), replies=loose.count(view.get("replyCount")), shares=shares)


def words_of(record: Told) -> str:
    """The words, and the address of a page that was put below them."""
    words = text_of(record)
    for embed in (loose.within(record, "embed"), loose.within(record, "embed", "media")):
        uri = loose.text(loose.within(embed, "external").get("uri"), 2000)
        if uri and uri not in words:
            words = f"{words}\n\n{uri}".strip()
    return words


def files_of(record: Told, did: str) -> tuple[Attachment, ...]:
    """Pictures and films: app.bsky.embed.images, .video, .recordWithMedia. Their bytes are with the writer's server."""
    found = []
    for embed in (loose.within(record, "embed"), loose.within(record, "embed", "media")):
        found += [_file(did, image, "image", n) for n, image in enumerate(loose.objects(embed.get("images"))[:10], 1)]
        if embed.get("video"):
            found.append(_file(did, embed, "video", 1))
    return tuple(found)


def _file(did: str, told: Told, kind: str, n: int) -> Attachment:
    blob = loose.within(told, kind)
    mime = loose.text(blob.get("mimeType"), 100) or {"image": "image/jpeg", "video": "video/mp4"}[kind]
    cid = loose.text(loose.within(blob, "ref").get("$link"), 200) or loose.text(blob.get("cid"), 200)
    name = f"{kind}-{n}{mimetypes.guess_extension(mime) or ''}"
    alt = loose.text(told.get("alt"), 5000)
    if not cid.isalnum():
        return Attachment(name, mime, missing="not told where it is", alt=alt)
    return Attachment(name, mime, reference=f"{did} {cid}", alt=alt)


def labels_of(told: Told, record: Told) -> set[str]:
    """What moderators or the writer say of it: https://docs.bsky.app/docs/advanced-guides/moderation"""
    labels = [*loose.objects(told.get("labels")), *loose.objects(loose.within(record, "labels").get("values"))]
    return {name for label in labels if not label.get("neg") and (name := loose.text(label.get("val"), 128))}


def page_of(uri: str) -> str:
    place = keys.place_of(uri)
    return f"{WEB}/profile/{place[0]}/post/{place[2]}" if place else ""


def _place(record: Told, which: str) -> keys.Place | None:
    return keys.place_of(loose.within(record, "reply", which).get("uri"))


def _parent(record: Told) -> str:
    return str(loose.within(record, "reply", "parent").get("uri")) if _place(record, "parent") else ""


def quoted_in(record: Told) -> str:
    """The post that is quoted, alone or with pictures."""
    for told in (loose.within(record, "embed", "record"), loose.within(record, "embed", "record", "record")):
        if keys.place_of(told.get("uri")):
            return loose.name(told.get("uri"))
    return ""
