"""Private words: direct messages, as webhooks tell them and as they are asked for.

https://docs.x.com/x-api/direct-messages/lookup/introduction
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from netcenter.channels.contract import Author, Echo, Happening, Inbound, Receipt, ThreadRef
from netcenter.channels.twitter.people import author_of
from netcenter.channels.twitter.values import file_of, listed, moment, name, said, within, words

GROUP = "group:"  # before the id of a conversation of more than two


def old(event: Mapping[str, Any], told: Mapping[str, Any], own: str) -> Iterator[Happening]:
    """An event of `direct_message_events`; `told` names the people and apps of the whole delivery."""
    if event["type"] != "message_create":
        return
    message = event["message_create"]
    data, sender = message["message_data"], name(message["sender_id"])
    media = within(data, "attachment", "media")
    files = (file_of(media),) if isinstance(media, Mapping) else ()
    text = said(data.get("text"), listed(within(data, "entities", "urls")), [media] if media else ())
    id, at = name(event["id"]), moment(event["created_timestamp"])
    if sender == own:
        to = _known(name(message["target"]["recipient_id"]), told)
        app = within(told, "apps", str(message.get("source_app_id")), "name")
        yield Echo(id, ThreadRef(to.external_id), at, text, to, files, sender_name=words(app)[:100])
        return
    who = _known(sender, told)
    yield Inbound(id, who, ThreadRef(who.external_id), at, text, attachments=files)


def new(event: Mapping[str, Any], includes: Mapping[str, Any], own: str) -> Iterator[Happening]:
    """An event of version 2; who joins or leaves a group says nothing."""
    if event["event_type"] != "MessageCreate":
        return
    keys = listed(within(event, "attachments", "media_keys"))
    files = tuple(file_of(one) for one in listed(includes.get("media")) if within(one, "media_key") in keys)
    text = said(event.get("text"), listed(within(event, "entities", "urls")))
    id, at, sender = name(event["id"]), moment(event["created_at"]), name(event["sender_id"])
    users = {str(within(one, "id")): one for one in listed(includes.get("users"))}
    who = author_of(users[sender]) if sender in users else Author(sender)
    thread, other = thread_of(name(event["dm_conversation_id"]), own)
    if sender != own:
        yield Inbound(id, who, thread, at, text, attachments=files)
        return
    to = (author_of(users[other]) if other in users else Author(other)) if other else None
    yield Echo(id, thread, at, text, to, files)


def thread_of(conversation: str, own: str) -> tuple[ThreadRef, str]:
    """Between two it is called after both ("1-2"): the thread is the customer, who is named too. Else it is a group."""
    one, dash, other = conversation.partition("-")
    if not dash:
        return ThreadRef(f"{GROUP}{conversation}"), ""
    customer = name(other if one == own else one)
    return ThreadRef(customer), customer


def read(event: Mapping[str, Any], own: str) -> Iterator[Happening]:
    """They have seen it, and all before. What we have seen ourselves is no news."""
    if name(event["sender_id"]) != own:
        yield Receipt(name(event["last_read_event_id"]), "read", moment(event["created_timestamp"]))


def _known(id: str, told: Mapping[str, Any]) -> Author:
    user = within(told, "users", id)
    return author_of({**user, "id_str": id}) if isinstance(user, Mapping) else Author(id)
