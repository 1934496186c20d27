"""The widget as one script: the account's settings, the words of three languages, the style and the source."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from netcenter.helpcenter import frames
from netcenter.helpcenter.actions import MAX_FILE
from netcenter.helpcenter.queries import Place
from netcenter.helpcenter.rules import ALLOWED

FOLDER = Path(__file__).parent / "static/helpcenter/widget"
SOURCES = ("base", "store", "wire", "files", "talk", "log", "composer", "panel", "main")
CODES = {"es": "es", "en": "en", "pt": "pt-br"}

WORDS = {
    "greeting": _("Hello. How can we help?"),
    "write": _("Write a message"),
    "send": _("Send"),
    "attach": _("Attach files"),
    "files": _("Files"),
    "image": _("Image: {name}"),
    "uploading": _("Uploading {name}"),
    "uploaded": _("{name} is ready to send"),
    "remove": _("Remove {name}"),
    "retry_file": _("Try {name} again"),
    "left": _("{n} characters left"),
    "open": _("Open the chat"),
    "open_unread": _("Open the chat: {n} new messages"),
    "close": _("Close the chat"),
    "sound": _("Sound when an answer comes"),
    "chat_with": _("Chat with {title}"),
    "conversation": _("Conversation"),
    "older": _("Show earlier messages"),
    "new_messages": _("New messages: {n}"),
    "you": _("You"),
    "automatic": _("Automatic answer"),
    "choose": _("Choose, or just write"),
    "says": _("{name}: {text}"),
    "is_typing": _("{name} is typing"),
    "connecting": _("Connecting"),
    "offline": _("No connection"),
    "offline_kept": _("No connection. What you wrote is kept and will leave as soon as it is back."),
    "with": _("{name} is with you"),
    "here": _("Somebody is here to answer"),
    "busy": _("Everybody is busy: you will be answered in turn"),
    "away": _("Nobody can answer right now"),
    "away_until": _("We are back {when}. Write all the same: the answer will be here."),
    "away_now": _("Write all the same: the answer will be here."),
    "waiting": _("Waiting for a connection"),
    "sending": _("Sending"),
    "sent": _("Sent"),
    "delivered": _("Delivered"),
    "read": _("Read"),
    "failed": _("Not sent"),
    "retry": _("Try again"),
    "discard": _("Delete"),
    "not_taken": _("This message could not be taken."),
    "too_long": _("This message is too long."),
    "too_big": _("This file is too big: at most {size}."),
    "bad_type": _("Files of this kind cannot be sent."),
    "bad_file": _("A file got lost on the way. Attach it again."),
    "empty_file": _("This file is empty."),
    "upload_failed": _("The file did not arrive."),
    "bad_email": _("This is not an e-mail address. Write it like name@example.com."),
    "slow": _("You are writing very fast. Your messages leave one after the other."),
    "not_stored": _("This is taking longer than usual. Your message is kept and will be sent again."),
    "refused": _("The chat is not available here"),
    "origin": _("The chat is not set up for this site."),
    "unknown_chat": _("This chat no longer exists."),
    "ask_email": _("Leave your e-mail, so that we can reach you if you have to go."),
    "email": _("E-mail"),
    "name": _("Name (optional)"),
    "save": _("Save"),
    "skip": _("Not now"),
    "saved": _("Thank you. We have your address."),
}


def script(place: Place) -> tuple[bytes, str]:
    """The script of this account and its digest."""
    config = {
        "key": place.key, "title": place.title, "language": place.language[:2], "greetings": place.greetings,
        "asksEmail": place.asks_email, "maxText": frames.MAX_TEXT, "maxFile": MAX_FILE, "maxFiles": frames.MAX_FILES,
        "accept": ",".join(f".{extension}" for extension in ALLOWED), "words": words(),
    }  # fmt: skip
    style, source = _source(max(path.stat().st_mtime_ns for path in FOLDER.iterdir()))
    colours = "".join(
        f"--{theme}-{name}:{getattr(shades, name)};"
        for theme, shades in (("light", place.light), ("dark", place.dark))
        for name in ("fill", "on", "ink")
    )
    lines = [
        '(() => {\n"use strict";',
        f"const CONFIG = {_literal(config)};",
        "if ((window.__netcenter ||= {})[CONFIG.key]) return;\nwindow.__netcenter[CONFIG.key] = true;",
        f"const CSS = {_literal(f'.root{{{colours}}}' + style)};",
        source,
        "})();\n",
    ]
    body = "\n".join(lines).encode()
    return body, hashlib.sha256(body).hexdigest()[:24]


@lru_cache(maxsize=1)
def words() -> dict[str, dict[str, str]]:
    """What the widget says, in each language."""
    found = {}
    for code, django_code in CODES.items():
        with translation.override(django_code):
            found[code] = {name: gettext(msgid) for name, msgid in WORDS.items()}
    return found


@lru_cache(maxsize=2)
def _source(changed_at: int) -> tuple[str, str]:
    """The style and the scripts, without what only their reader needs."""
    style = " ".join(line.strip() for line in (FOLDER / "widget.css").read_text("utf-8").splitlines())
    scripts = "\n".join((FOLDER / f"{name}.js").read_text("utf-8") for name in SOURCES)
    lines = (line.strip() for line in scripts.splitlines())
    return style, "\n".join(line for line in lines if line and not line.startswith("//"))


def _literal(value: object) -> str:
    """JSON that may stand in a script, also in one that somebody puts inside a page."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return written.replace("</", "<\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
