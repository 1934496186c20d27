"""What we say and do on a Mastodon server: https://docs.joinmastodon.org/methods/statuses/"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from urllib.parse import quote

from netcenter.channels.contract import (
    Act,
    Attachment,
    Author,
    ChannelError,
    Connection,
    Outbound,
    Part,
    Receipt,
    counting,
    loose,
)
from netcenter.channels.mastodon import options, reading, wire
from netcenter.channels.mastodon.wire import Server

Told = Mapping[str, Any]

WIDE = ("public", "unlisted", "private", "direct")  # who sees it: from everybody to those who are named
ALT = 1500  # characters of a description
LOOKS, BETWEEN = 60, 1.0  # how often and how many seconds apart we ask whether a film is ready
PAGES = 5  # of our own statuses, when looking for one

_URL = re.compile(r"https?://[^\s<>\"]+")
_NAMED = re.compile(r"(?<![\w/])@(\w+)@[\w.-]+\w")
_MENTION = re.compile(r"@[\w.-]+(?:@[\w.-]+)?")


def length(text: str) -> int:
    """As Mastodon counts: every link is 23, of a name only what stands before its server."""
    return counting.characters(_NAMED.sub(r"@\1", _URL.sub("x" * options.URL_COUNTS, text)))


def unfit(files: tuple[Attachment, ...]) -> str:
    """Four pictures, or one film or sound, never together."""
    if len(files) > 1 and not all(file.mime.startswith("image/") for file in files):
        return "a film or sound goes alone"
    return ""


def send(outbound: Outbound, connection: Connection) -> Receipt:
    """One status. The same key within an hour is the same status: https://docs.joinmastodon.org/methods/statuses/#headers"""
    api = wire.server(connection)
    target = _answered(outbound, api)
    words, warning = addressed(outbound.text, outbound.to), loose.text(target.get("spoiler_text"), 500)
    most = int(connection.config.get("max_characters") or options.LONGEST)
    if (measured := length(words) + length(warning)) > most:
        raise ChannelError(f"the text measures {measured}, and {most} is the most", permanent=True, reason="unfit")
    told = {
        "status": words, "visibility": _visibility(outbound, target, connection), "language": outbound.language,
        "in_reply_to_id": target.get("id"), "spoiler_text": warning or None,
        "media_ids": [_upload(file, api) for file in outbound.attachments] or None,
    }  # fmt: skip
    body = {name: value for name, value in told.items() if value is not None}
    return _receipt(api.post("api/v1/statuses", body, headers={"idempotency-key": outbound.key}))


def find(outbound: Outbound, connection: Connection) -> Receipt | None:
    """Our status that answers the same with the same words. None: it is not there."""
    api, target = wire.server(connection), _target(outbound)
    wanted = _print(addressed(outbound.text, outbound.to))
    own = str(connection.config.get("own_id") or "") or loose.name(
        loose.within(api.get("api/v1/accounts/verify_credentials")).get("id")
    )
    is_private = outbound.way == "private_reply" or outbound.thread.place == "private"
    for status in chain(_own_since(target, own, api), _below(target, own, api)):
        to = {loose.text(mention.get("acct"), 250).lower() for mention in loose.objects(status.get("mentions"))}
        answers = _parent(status) == target if target else to & _names(outbound.to, connection)
        same_place = (status.get("visibility") in reading.PRIVATE) == is_private
        if answers and same_place and _print(reading.words_of({**status, "spoiler_text": ""})) == wanted:
            return _receipt(status)
    return None


def act(act: Act, connection: Connection) -> Receipt:
    """Twice does no more than once."""
    api, name = wire.server(connection), quote(act.target, safe="")
    match act.verb:
        case "delete_ours":
            try:
                api.budget.spend("deletes")
                api.call("DELETE", f"api/v1/statuses/{name}")
            except ChannelError as error:
                if error.reason != "gone" or _is_there(name, api):  # some servers know no such call
                    raise
        case "edit":
            return _receipt(_edit(act, api))
        case "react" | "unreact":
            api.post(f"api/v1/statuses/{name}/{'favourite' if act.verb == 'react' else 'unfavourite'}")
        case "block" | "unblock":  # https://docs.joinmastodon.org/methods/accounts/#block
            api.post(f"api/v1/accounts/{quote(_account(act, api), safe='')}/{act.verb}")
        case _:
            raise ChannelError(f"nothing can be {act.verb} there", permanent=True)
    return Receipt(act.target, "sent", wire.now())


def addressed(text: str, to: Author | None) -> str:
    """The words with the name of whom they are for, or they would not be told of it."""
    name = to.external_id if to else ""
    if not name or re.search(rf"(?<![\w@])@{re.escape(name)}(?![\w@])", text, re.IGNORECASE):
        return text
    return f"@{name} {text}"


def _edit(act: Act, api: Server) -> Told:
    """Files and warning must be sent again, or they are gone."""
    name = quote(act.target, safe="")
    before = loose.within(api.get(f"api/v1/statuses/{name}"))
    body: dict[str, Any] = {"status": addressed(act.text, act.to)}
    for field in ("spoiler_text", "language", "sensitive"):
        if before.get(field):
            body[field] = before[field]
    if files := [loose.name(file.get("id")) for file in loose.objects(before.get("media_attachments"))]:
        body["media_ids"] = files
    return loose.within(api.json(api.call("PUT", f"api/v1/statuses/{name}", data=body)))


def _account(act: Act, api: Server) -> str:
    """The number that our server has for the author: we know people by their names. Raises ChannelError."""
    told = loose.within(api.get("api/v1/accounts/lookup", {"acct": act.to.external_id if act.to else ""}))
    return loose.name(told.get("id"))


def _is_there(name: str, api: Server) -> bool:
    try:
        api.get(f"api/v1/statuses/{name}")
    except ChannelError as error:
        if error.reason == "gone":
            return False
        raise
    return True


def _target(outbound: Outbound) -> str:
    return outbound.target or (outbound.in_reply_to[0] if outbound.in_reply_to else "")


def _answered(outbound: Outbound, api: Server) -> Told:
    """What is answered, as it is now: it may be gone, or seen by fewer people."""
    target = _target(outbound)
    return loose.within(api.get(f"api/v1/statuses/{quote(target, safe='')}")) if target else {}


def _visibility(outbound: Outbound, target: Told, connection: Connection) -> str:
    """Never wider than what is answered."""
    if outbound.way == "private_reply" or outbound.thread.place == "private":
        return "direct"
    ours, theirs = str(connection.config.get("visibility") or "unlisted"), loose.text(target.get("visibility"), 20)
    known = [WIDE.index(each) for each in (ours, theirs) if each in WIDE]
    return WIDE[max(known, default=1)]


def _upload(file: Attachment, api: Server) -> str:
    """https://docs.joinmastodon.org/methods/media/#v2 – large films are ready only after a while."""
    api.budget.spend("media")
    form = {"description": file.alt[:ALT]} if file.alt else {}
    part = Part("file", file.name, file.mime, file.content)
    answered = api.call("POST", "api/v2/media", form=form, parts=(part,), timeout=wire.TIMEOUT_OF_FILES)
    name = loose.name(loose.within(api.json(answered)).get("id"))
    for _look in range(LOOKS if answered.status == 202 else 0):
        if api.call("GET", f"api/v1/media/{quote(name, safe='')}").status == 200:
            return name
        time.sleep(BETWEEN)
    if answered.status == 202:
        raise ChannelError(f"{file.name} is not ready yet")
    return name


def _own_since(target: str, own: str, api: Server) -> Iterator[Told]:
    """Our statuses that are newer than this one, newest first."""
    query: dict[str, Any] = {"limit": 40, "exclude_reblogs": "true", "since_id": target or None}
    for _page in range(PAGES):
        told, older = api.listed(f"api/v1/accounts/{quote(own, safe='')}/statuses", query)
        yield from told
        if not older or not told:
            return
        query["max_id"] = loose.name(told[-1].get("id"))


def _parent(status: Told) -> str:
    return wire.name_of(status["in_reply_to_id"]) if status.get("in_reply_to_id") else ""


def _below(target: str, own: str, api: Server) -> Iterator[Told]:
    """Our answers under it: some servers list private words nowhere else."""
    if not target:
        return
    below = loose.within(api.get(f"api/v1/statuses/{quote(target, safe='')}/context")).get("descendants")
    yield from (status for status in loose.objects(below) if loose.within(status, "account").get("id") == own)


def _names(to: Author, connection: Connection) -> set[str]:
    """How `to` may be written in mentions: with its server, and without it where it is ours."""
    local, _at, host = to.external_id.partition("@")
    return {to.external_id, local} if host == wire.domain_of(connection) else {to.external_id}


def _print(text: str) -> str:
    """What is left of words whatever the server does to links, names and spaces."""
    return "".join(c for c in _MENTION.sub("", text).casefold() if c.isalnum())


def _receipt(told: Any) -> Receipt:
    status = loose.within(told)
    at = loose.moment(status.get("created_at")) or datetime.now(UTC)
    return Receipt(wire.name_of(status.get("id")), "sent", at, url=loose.text(status.get("url"), 2000))
