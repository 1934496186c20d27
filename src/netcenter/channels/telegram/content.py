"""What a message holds, as words and files: https://core.telegram.org/bots/api#message"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netcenter.channels.contract import Attachment, loose
from netcenter.channels.telegram import options

Told = Mapping[str, Any]

# What stands in a message beside what was said.
_BESIDE = """
    message_id message_thread_id direct_messages_topic from sender_chat sender_boost_count sender_business_bot
    sender_tag date business_connection_id chat forward_origin is_topic_message is_automatic_forward
    reply_to_message external_reply quote reply_to_story reply_to_checklist_task_id reply_to_poll_option_id
    via_bot edit_date has_protected_content is_from_offline is_paid_post media_group_id author_signature
    paid_star_count entities caption_entities link_preview_options suggested_post_info effect_id
    show_caption_above_media has_media_spoiler reply_markup forward_from forward_from_chat
    forward_from_message_id forward_signature forward_sender_name forward_date guest_query_id
"""
# What Telegram itself says in a chat: nobody wrote it.
_SERVICE = """
    new_chat_members new_chat_member new_chat_participant left_chat_member left_chat_participant chat_owner_left
    chat_owner_changed new_chat_title new_chat_photo delete_chat_photo group_chat_created supergroup_chat_created
    channel_chat_created message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id pinned_message
    refunded_payment users_shared chat_shared gift unique_gift gift_upgrade_sent connected_website write_access_allowed
    passport_data proximity_alert_triggered boost_added chat_background_set checklist_tasks_done checklist_tasks_added
    direct_message_price_changed forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened
    general_forum_topic_hidden general_forum_topic_unhidden giveaway_created giveaway_completed giveaway_winners
    paid_message_price_changed suggested_post_approved suggested_post_approval_failed suggested_post_declined
    suggested_post_paid suggested_post_refunded video_chat_scheduled video_chat_started video_chat_ended
    video_chat_participants_invited
"""
BESIDE, SERVICE = frozenset(_BESIDE.split()), frozenset(_SERVICE.split())

FILES = {  # field -> name, ending, type
    "photo": ("photo", ".jpg", "image/jpeg"), "video": ("video", ".mp4", "video/mp4"),
    "animation": ("animation", ".mp4", "video/mp4"), "audio": ("audio", ".mp3", "audio/mpeg"),
    "voice": ("voice", ".ogg", "audio/ogg"), "video_note": ("video", ".mp4", "video/mp4"),
    "document": ("file", "", "application/octet-stream"), "sticker": ("sticker", ".webp", "image/webp"),
}  # fmt: skip


def is_service(message: Told) -> bool:
    """Whether nobody said it."""
    return bool(SERVICE & message.keys())


def words_of(message: Told) -> str:
    """The words, with the addresses behind links; what is no words, in words."""
    if isinstance(message.get("text"), str):
        return _linked(message["text"], message.get("entities"))
    lines = [_linked(str(message.get("caption") or ""), message.get("caption_entities"))]
    for kind, in_words in _IN_WORDS.items():
        if isinstance(message.get(kind), Mapping) and not (kind == "location" and "venue" in message):
            lines.append(in_words(message[kind]))
    if not any(lines) and not files_of(message):
        lines = [f"[{kind}]" for kind in sorted(message.keys() - BESIDE)[:1]] or ["[…]"]
    return loose.text("\n".join(line for line in lines if line))


def files_of(message: Told) -> tuple[Attachment, ...]:
    """What can be fetched by its id (`getFile`), or why not."""
    found = []
    for kind in FILES:
        told = message.get(kind)
        if kind == "photo":
            told = max(loose.objects(told), key=lambda size: loose.count(size.get("width")) or 0, default=None)
        if isinstance(told, Mapping) and not (kind == "document" and "animation" in message):
            found.append(_file(kind, told))
    return tuple(found)


def _file(kind: str, told: Told) -> Attachment:
    stem, ending, mime = FILES[kind]
    if kind == "sticker" and told.get("is_animated") is True:
        ending, mime = ".tgs", "application/x-tgsticker"
    elif kind == "sticker" and told.get("is_video") is True:
        ending, mime = ".webm", "video/webm"
    mime = loose.text(told.get("mime_type"), 100).lower() or mime
    name = loose.text(told.get("file_name"), 150).replace("/", "_").strip() or f"{stem}{ending}"
    alt, reference = loose.text(told.get("emoji"), 20), loose.text(told.get("file_id"), 500)
    size = loose.count(told.get("file_size")) or 0
    if size > options.MOST_FETCHED or not reference:
        why = "larger than 20 MB: Telegram gives bots no more" if reference else "Telegram names no file"
        return Attachment(name, mime, missing=why, alt=alt)
    return Attachment(name, mime, reference=reference, alt=alt)


def _linked(text: str, entities: Any) -> str:
    """Links that show other words get their address behind them. Offsets count UTF-16 units."""
    links = [
        (one["offset"] + one["length"], loose.text(one.get("url"), 2000)) for one in loose.objects(entities)[:100]
        if one.get("type") == "text_link" and _is_small(one.get("offset")) and _is_small(one.get("length"))
    ]  # fmt: skip
    if not links:
        return loose.text(text)
    units = text.encode("utf-16-le", "surrogatepass")
    for end, url in sorted(links, reverse=True):
        if url and end * 2 <= len(units):
            units = units[: end * 2] + f" ({url})".encode("utf-16-le") + units[end * 2 :]
    return loose.text(units.decode("utf-16-le", "replace"))


def _is_small(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 100_000


def _text(told: Told, *names: str) -> list[str]:
    return [words for name in names if (words := loose.text(told.get(name), 1000))]


def _geo(where: Told) -> str:
    latitude, longitude = where.get("latitude"), where.get("longitude")
    if not all(isinstance(each, int | float) and not isinstance(each, bool) for each in (latitude, longitude)):
        return "[location]"
    return f"geo:{latitude},{longitude}"


def _venue(told: Told) -> str:
    return "\n".join([*_text(told, "title", "address"), _geo(loose.within(told, "location"))])


def _contact(told: Told) -> str:
    return "\n".join(filter(None, [" ".join(_text(told, "first_name", "last_name")), *_text(told, "phone_number")]))


def _poll(told: Told) -> str:
    return "\n".join([*_text(told, "question"), *(f"☐ {each}" for each in _options(told.get("options")))])


def _checklist(told: Told) -> str:
    return "\n".join([*_text(told, "title"), *(f"☐ {each}" for each in _options(told.get("tasks")))])


def _options(value: Any) -> list[str]:
    return [words for one in loose.objects(value)[:100] for words in _text(one, "text")]


def _dice(told: Told) -> str:
    return f"{loose.text(told.get('emoji'), 20)} {loose.count(told.get('value')) or ''}".strip()


def _paid(told: Told) -> str:
    return f"[payment] {loose.count(told.get('total_amount')) or 0} {loose.text(told.get('currency'), 10)}"


def _named(name: str, *fields: str) -> Any:
    return lambda told: " ".join([f"[{name}]", *_text(told, *fields)])


_IN_WORDS: dict[str, Any] = {
    "sticker": lambda told: loose.text(told.get("emoji"), 20), "venue": _venue, "location": _geo, "contact": _contact,
    "poll": _poll, "checklist": _checklist, "dice": _dice, "game": _named("game", "title"),
    "invoice": _named("invoice", "title", "description"), "successful_payment": _paid,
    "web_app_data": lambda told: "\n".join(_text(told, "button_text", "data")), "story": _named("story"),
    "paid_media": _named("paid media"),
}  # fmt: skip
