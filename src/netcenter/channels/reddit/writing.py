"""What we say and do on Reddit: https://www.reddit.com/dev/api/oauth#POST_api_comment"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from netcenter.channels.contract import Act, ChannelError, Connection, Outbound, Receipt, loose
from netcenter.channels.reddit import options, reading, wire
from netcenter.channels.reddit.wire import Reddit

Told = Mapping[str, Any]

SUBJECT = 100  # characters
PAGES = 3  # of our own comments or messages, when looking for one
_LETTERS = re.compile(r"\W+")


def send(outbound: Outbound, connection: Connection) -> Receipt:
    """A comment below what is answered, a reply to a message, or a new message to whoever commented."""
    reddit = wire.Reddit(connection)
    if _is_new_message(outbound):
        return _compose(outbound, reddit)
    form = {"thing_id": _target(outbound), "text": outbound.text}
    told = reddit.posted("api/comment", form, options.POSTING)
    things = loose.objects(loose.within(told, "data").get("things"))
    if not things:
        raise ChannelError("Reddit does not say what became of it", unknown=True)
    return _receipt(things[0])


def _compose(outbound: Outbound, reddit: Reddit) -> Receipt:
    """Reddit tells no name of a new message: it is looked for among those that were sent."""
    if not outbound.to.name:
        raise ChannelError("nobody knows the name of whom it is for", permanent=True, reason="unfit")
    form = {"to": outbound.to.name, "subject": subject(outbound), "text": outbound.text}
    reddit.posted("api/compose", form, options.POSTING)
    try:
        found = _sent(outbound, reddit)
    except ChannelError:
        found = None  # it did leave, whatever the list says
    return _receipt(found) if found else Receipt(f"compose/{outbound.key}"[:255], "sent", wire.now())


def find(outbound: Outbound, connection: Connection) -> Receipt | None:
    """Ours with the same words, below the same. None: it is not there."""
    reddit = wire.Reddit(connection)
    if _is_new_message(outbound) or outbound.thread.place == "private":
        found = _sent(outbound, reddit)
        return _receipt(found) if found else None
    target, wanted = _target(outbound), _print(outbound.text)
    for thing in _own(reddit, f"user/{reddit.name}/comments", {"sort": "new"}):
        data = loose.within(thing, "data")
        if data.get("parent_id") == target and _print(loose.text(data.get("body"))) == wanted:
            return _receipt(thing)
    return None


def _sent(outbound: Outbound, reddit: Reddit) -> Told | None:
    """Our message to this person with these words, or below this message."""
    wanted, to = _print(outbound.text), outbound.to.name.lower()
    target = "" if _is_new_message(outbound) else _target(outbound)
    for thing in _own(reddit, "message/sent", {"mark": "false"}):
        data = loose.within(thing, "data")
        same = _print(loose.text(data.get("body"))) == wanted
        if same and (data.get("parent_id") == target if target else loose.text(data.get("dest"), 60).lower() == to):
            return thing
    return None


def _own(reddit: Reddit, path: str, query: Mapping[str, Any]) -> Iterator[Told]:
    after = ""
    for _page in range(PAGES):
        things, after = reddit.listed(path, {**query, "after": after or None})
        yield from things
        if not after:
            return


def act(act: Act, connection: Connection) -> Receipt:
    """Twice does no more than once: Reddit says yes to what is done already."""
    reddit = wire.Reddit(connection)
    match act.verb:
        case "hide":
            reddit.posted("api/remove", {"id": act.target, "spam": "false"})
        case "show":
            reddit.posted("api/approve", {"id": act.target})
        case "delete_theirs":
            reddit.posted("api/remove", {"id": act.target, "spam": "true"})
        case "delete_ours":
            _public(act)
            reddit.posted("api/del", {"id": act.target})
        case "edit":
            _public(act)
            reddit.posted("api/editusertext", {"thing_id": act.target, "text": act.text}, options.POSTING)
        case _:
            raise ChannelError(f"nothing can be {act.verb} there", permanent=True)
    return Receipt(act.target, "sent", wire.now())


def _public(act: Act) -> None:
    if not act.target.startswith(("t1_", "t3_")):
        raise ChannelError("a private message stays as it was sent", permanent=True, reason="unfit")


def subject(outbound: Outbound) -> str:
    """What it is about: the thread, else its post, else the first words."""
    post = outbound.thread.post
    told = outbound.thread.subject or (post.title if post else "") or outbound.text
    line = " ".join(told.split())
    return line if len(line) <= SUBJECT else f"{line[: SUBJECT - 1]}…"


def _is_new_message(outbound: Outbound) -> bool:
    return outbound.way == "private_reply" or (outbound.thread.place == "private" and not _named(outbound))


def _named(outbound: Outbound) -> str:
    return outbound.target or (outbound.in_reply_to[0] if outbound.in_reply_to else "")


def _target(outbound: Outbound) -> str:
    if not (target := _named(outbound)):
        raise ChannelError("there is nothing to answer", permanent=True, reason="unfit")
    return target


def _print(text: str) -> str:
    """What is left of words whatever Reddit does to spaces and entities."""
    return _LETTERS.sub("", text).casefold()


def _receipt(thing: Told) -> Receipt:
    data = loose.within(thing, "data")
    at = reading.moment(data.get("created_utc")) or wire.now()
    path = loose.text(data.get("permalink"), 500)
    return Receipt(loose.name(data.get("name")), "sent", at, url=f"{reading.SITE}{path}" if path else "")
