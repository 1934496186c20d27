"""What people do on Telegram: the part of the simulator that the bot does not call."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from netcenter.street.networks.base import File, Network, Weather
from netcenter.street.networks.telegram.updates import Updates

Told = dict[str, Any]
WHERE_KEPT = ("photo", "document", "voice", "video", "sticker", "audio")


class Town(Network):
    """People, chats and messages. Subclasses let a bot in."""

    username = "panaderia_sol_bot"

    def __init__(self, *more: Any, **named: Any) -> None:
        super().__init__(*more, **named)
        self.pusher: Updates = Updates(self.now, self.weather, self.obey)
        self._people, self._groups = itertools.count(1001), itertools.count(1)
        self._in_private, self._files = itertools.count(1), itertools.count(1)
        self.token = self.tokens.issue("42:AAF-made-up_token-of-the-street", of="bot").value
        self.me: Told = {
            "id": 42, "is_bot": True, "first_name": "Panadería Sol", "username": self.username, "can_join_groups": True,
            "can_read_all_group_messages": True, "supports_inline_queries": False, "can_connect_to_business": True,
            "has_main_web_app": False,
        }  # fmt: skip
        self.chats: dict[int, Told] = {}
        self.messages: dict[tuple[int, int], Told] = {}
        self.files: dict[str, File] = {}
        self.blocked: set[int] = set()
        self.banned: dict[int, set[int]] = {}  # group -> whom it has shut out
        self.moved: dict[int, int] = {}  # groups that became supergroups
        self.rights: dict[int, set[str]] = {}  # of the bot in a group; none: it is out
        self.copies: dict[tuple[int, int], int] = {}  # a post of the channel -> its copy in the discussion group
        self.businesses: dict[str, Told] = {}
        self.reactions: dict[tuple[int, int], list[Told]] = {}
        self.pressed: dict[str, bool] = {}  # queries of buttons, and whether they were answered
        self._numbers: dict[int, itertools.count[int]] = {}

    def obey(self, call: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def change(self, weather: Weather) -> None:
        """Another weather, also for what is pushed."""
        self.weather = self.pusher._weather = weather

    # --- who and where ------------------------------------------------------------------------------

    def person(self, name: str, **more: Any) -> Told:
        one = {"id": next(self._people), "is_bot": False, "first_name": name, "language_code": "es", **more}
        self.chats[one["id"]] = {"id": one["id"], "type": "private", "first_name": name}
        return one

    def group(self, title: str, kind: str = "supergroup", **more: Any) -> Told:
        number = next(self._groups)
        id = -100_000_0000000 - number if kind != "group" else -number
        self.chats[id] = {"id": id, "type": kind, "title": title, **more}
        self.rights[id] = {"write", "delete", "restrict"}
        return self.chats[id]

    def channel(self, title: str, discussed: Told) -> Told:
        """A channel whose posts are discussed in that group."""
        one = self.group(title, "channel")
        self.chats[one["id"]]["linked"] = discussed["id"]
        return one

    def business(self, owner: Told) -> str:
        """Somebody lets the bot answer for them; the name of the connection."""
        name = f"biz_{len(self.businesses) + 1}"
        self.businesses[name] = {
            "id": name, "user": owner, "user_chat_id": owner["id"], "date": int(self.now()), "is_enabled": True,
            "rights": {"can_reply": True},
        }  # fmt: skip
        self.push({"business_connection": dict(self.businesses[name])})
        return name

    # --- what they do -------------------------------------------------------------------------------

    def writes(
        self, who: Told, words: str = "", chat: Told | None = None, file: File | None = None, **more: Any
    ) -> str:
        """Somebody writes to the bot, or in a group; the name of the message, `<chat>/<number>`."""
        with self.lock:
            there = chat or self.chats[who["id"]]
            content = self._with_file(file, words) if file else {"text": words}
            told = self._make(there, {"from": who, **content, **more})
            name = f"{there['id']}/{told['message_id']}"
            self.truth.said(str(who["id"]), str(there["id"]), words, name)
            self.push({"message": told})
            return name

    def album(self, who: Told, files: list[File], words: str = "") -> list[str]:
        album = str(13_000_000_000 + len(self.messages))
        return [
            self.writes(who, words if not n else "", None, file, media_group_id=album) for n, file in enumerate(files)
        ]

    def comments(self, who: Told, words: str, post: str, below: str = "", **more: Any) -> str:
        """Below a post of the channel, or below what somebody else wrote there."""
        channel, number = (int(part) for part in post.split("/"))
        group, root = self.chats[self.chats[channel]["linked"]], self.copies[channel, number]
        replied = self.messages[group["id"], int(below.rpartition("/")[2]) if below else root]
        before = {key: value for key, value in replied.items() if key != "reply_to_message"}
        return self.writes(who, words, group, message_thread_id=root, reply_to_message=before, **more)

    def posts(self, channel: Told, words: str) -> str:
        """The brand posts in its channel; the copy comes into the discussion group by itself."""
        public = {key: value for key, value in channel.items() if key != "linked"}
        with self.lock:
            post = self._make(channel, {"sender_chat": public, "text": words})
            self.push({"channel_post": post})
            origin = {"type": "channel", "chat": public, "message_id": post["message_id"], "date": post["date"]}
            service = {"id": 777000, "is_bot": False, "first_name": "Telegram"}
            copy = self._make(self.chats[channel["linked"]], {
                "from": service, "sender_chat": public, "is_automatic_forward": True, "forward_origin": origin,
                "text": words,
            })  # fmt: skip
            self.copies[channel["id"], post["message_id"]] = copy["message_id"]
            self.push({"message": copy})
            return f"{channel['id']}/{post['message_id']}"

    def writes_to_business(self, who: Told, words: str, connection: str, sender: Told | None = None) -> str:
        """A customer writes to the business account, or (`sender`) its owner answers in the app."""
        with self.lock:
            told = self._make(self.chats[who["id"]], {
                "from": sender or who, "text": words, "business_connection_id": connection,
            })  # fmt: skip
            name = f"business:{connection}/{who['id']}/{told['message_id']}"
            if sender is None:
                self.truth.said(str(who["id"]), f"business:{connection}/{who['id']}", words, name)
            self.push({"business_message": told})
            return name

    def edits(self, name: str, words: str) -> None:
        with self.lock:
            told = self._known(name)
            told |= {"caption" if "caption" in told else "text": words, "edit_date": int(self.now())}
            self.truth.edit(name, words)
            kind = "edited_business_message" if "business_connection_id" in told else "edited_message"
            self.push({kind: dict(told)})

    def erases(self, name: str) -> None:
        """Bots are told of it by business accounts alone."""
        with self.lock:
            told = self._known(name)
            self.truth.delete(name)
            del self.messages[told["chat"]["id"], told["message_id"]]
            if connection := told.get("business_connection_id"):
                erased = {
                    "business_connection_id": connection,
                    "chat": told["chat"],
                    "message_ids": [told["message_id"]],
                }
                self.push({"deleted_business_messages": erased})

    def reacts(self, who: Told, name: str, *emoji: str) -> None:
        with self.lock:
            told, before = self._known(name), self.reactions.get(self._key(name), [])
            after = [{"type": "emoji", "emoji": each} for each in emoji]
            self.reactions[self._key(name)] = after
            self.push({"message_reaction": {
                "chat": told["chat"], "message_id": told["message_id"], "user": who, "date": int(self.now()),
                "old_reaction": before, "new_reaction": after,
            }})  # fmt: skip

    def presses(self, who: Told, name: str, data: str) -> str:
        """A button below a message of the bot; the id of the query."""
        id = f"4382bfdwdsb323b{len(self.pressed) + 1}"
        self.pressed[id] = False
        self.truth.said(str(who["id"]), name.rpartition("/")[0], data, f"callback/{id}")
        self.push({"callback_query": {
            "id": id, "from": who, "message": self._known(name), "chat_instance": "1", "data": data,
        }})  # fmt: skip
        return id

    def blocks(self, who: Told, *, again: bool = False) -> None:
        (self.blocked.discard if again else self.blocked.add)(who["id"])
        states = ("kicked", "member") if again else ("member", "kicked")
        self._member(self.chats[who["id"]], who, *states)

    def throws_out(self, who: Told, chat: Told) -> None:
        self.rights[chat["id"]] = set()
        self._member(chat, who, "administrator", "kicked")

    def upgrades(self, chat: Told) -> Told:
        """The group becomes a supergroup, with another number."""
        new = self.group(chat["title"])
        self.moved[chat["id"]] = new["id"]
        self.push({"message": self._make(chat, {"migrate_to_chat_id": new["id"]})})
        self.push({"message": self._make(new, {"migrate_from_chat_id": chat["id"]})})
        return new

    # --- making -------------------------------------------------------------------------------------

    def _make(self, chat: Told, told: Told) -> Told:
        """A message, with the next number of its chat; private chats and basic groups share the bot's own count."""
        alone = self._numbers.setdefault(chat["id"], itertools.count(1))
        number = next(self._in_private if chat["type"] in ("private", "group") else alone)
        public = {key: value for key, value in chat.items() if key != "linked"}
        one = {"message_id": number, "date": int(self.now()), "chat": public, **told}
        self.messages[chat["id"], number] = one
        return one

    def _with_file(self, file: File, words: str) -> Told:
        told = self.keep(file)
        kind = next((k for k in WHERE_KEPT if file.mime.startswith(k)), "document")
        kind = "photo" if file.mime.startswith("image/") else "voice" if file.mime == "audio/ogg" else kind
        sizes = [{**told, "width": side, "height": side} for side in (90, 800)]
        one: Any = sizes if kind == "photo" else {**told, "file_name": file.name, "mime_type": file.mime}
        return {kind: one, **({"caption": words} if words else {})}

    def keep(self, file: File) -> Told:
        """A file by its id."""
        id = f"AgACAgIAAxkBAAI{next(self._files):05d}"
        self.files[id] = file
        return {"file_id": id, "file_unique_id": f"U{id[-5:]}", "file_size": len(file.content)}

    def _member(self, chat: Told, who: Told, before: str, after: str) -> None:
        self.push({"my_chat_member": {
            "chat": chat, "from": who, "date": int(self.now()), "old_chat_member": {"user": self.me, "status": before},
            "new_chat_member": {"user": self.me, "status": after},
        }})  # fmt: skip

    def _name(self, one: Told) -> str:
        prefix = f"business:{one['business_connection_id']}/" if "business_connection_id" in one else ""
        return f"{prefix}{one['chat']['id']}/{one['message_id']}"

    def _key(self, name: str) -> tuple[int, int]:
        chat, number = name.split("/")[-2:]
        return int(chat), int(number)

    def _known(self, name: str) -> Told:
        return self.messages[self._key(name)]
