"""What customers do on X, and how posts and messages look in a push and in a list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from netcenter.street.networks.base import Asked, File
from netcenter.street.networks.base.truth import Replied, Told
from netcenter.street.networks.x.ground import Ground


class Town(Ground):
    """People write by `posts` (mentions, answers, quotes) and `writes`; `ours` is what the company says by itself."""

    # --- what customers do ------------------------------------------------------------------------

    def person(self, name: str, username: str) -> str:
        id = str(3000000000 + next(self._numbers))
        self.people[id] = {"id": id, "name": name, "username": username, "verified": False,
                           "public_metrics": {"followers_count": 120}}  # fmt: skip
        return id

    def posts(self, who: str, words: str, to: str = "", quotes: str = "", media: tuple[File, ...] = ()) -> str:
        """Somebody posts: a mention, an answer (`to`) or a quote, perhaps with pictures."""
        id, files = self.mints(), [self._has(file) for file in media]
        above = self.truth.get(to) if to else None
        root = above.facts["root"] if above else id
        self.truth.said(who, f"{root}/{who}", words, id, root=root, to=to, quotes=quotes, public=True, media=files)
        self._tell({"tweet_create_events": [self._old(id)]})
        return id

    def _has(self, file: File) -> str:
        id = self.mints()
        self.files[id] = {"media_type": file.mime, "pieces": [file.content], "is_ready": True, "asked": 0}
        return id

    def rewrites(self, id: str, words: str) -> str:
        """A new wording has an id of its own, and names the first.

        https://docs.x.com/x-api/fundamentals/edit-posts
        """
        self.truth.edit(id, words)
        wording, history = self.mints(), self.wordings.setdefault(id, [id])
        history.append(wording)
        told = {**self._old(id), "id": int(wording), "id_str": wording, "timestamp_ms": str(int(self.now() * 1000)),
                "edit_history": {"initial_tweet_id": id, "edit_tweet_ids": list(history)}}  # fmt: skip
        self._tell({"tweet_create_events": [told]})
        return wording

    def favours(self, who: str, id: str) -> None:
        """Somebody likes a post of ours."""
        user = {**self.people[who], "id_str": who, "screen_name": self.people[who]["username"]}
        at = str(int(self.now() * 1000))
        self._tell({"favorite_events": [
            {"id": f"{id}-{who}", "timestamp_ms": at, "user": user, "favorited_status": self._old(id)}]})  # fmt: skip

    def ours(self, words: str) -> str:
        """The company posts by itself."""
        id = self.mints()
        self.truth.replied("", words, id=id, root=id, to="", quotes="", public=True)
        return id

    def erases(self, id: str) -> None:
        self.truth.delete(id)
        self._tell({"tweet_delete_events": [{
            "status": {"id": id, "user_id": self._who(id)}, "timestamp_ms": str(int(self.now() * 1000)),
        }]})  # fmt: skip

    def writes(self, who: str, words: str) -> str:
        """Somebody writes privately."""
        id = self.mints()
        self.truth.said(who, who, words, id, public=False)
        self._tell(
            {"direct_message_events": [self._old_dm(id, who, self.own, words)], "users": self._users(who, self.own)}
        )
        return id

    # --- how things look --------------------------------------------------------------------------

    def _who(self, id: str) -> str:
        one = self.truth.get(id)
        return one.author if isinstance(one, Told) else self.own

    def _users(self, *ids: str) -> dict[str, Any]:
        return {id: {**self.people[id], "screen_name": self.people[id]["username"]} for id in ids}

    def _old(self, id: str) -> dict[str, Any]:
        one = self.truth.get(id)
        assert one is not None  # noqa: S101
        who = self.people[self._who(id)]
        told: dict[str, Any] = {
            "id": int(id), "id_str": id, "text": one.text, "timestamp_ms": str(int(one.at * 1000)), "lang": "es",
            "user": {**who, "id_str": who["id"], "screen_name": who["username"]}, "entities": {}, "source": "",
            "in_reply_to_status_id_str": None, "in_reply_to_user_id_str": None, "is_quote_status": False,
        }  # fmt: skip
        if media := one.facts.get("media"):
            told["extended_entities"] = {"media": [
                {"id_str": id, "type": "photo", "url": f"https://t.co/{id}",
                 "media_url_https": f"{self.url if self._front else 'https://pbs.example'}/media/{id}"}
                for id in media]}  # fmt: skip
        if to := one.facts["to"]:
            told |= {"in_reply_to_status_id_str": to, "in_reply_to_user_id_str": self._who(to)}
        if quotes := one.facts["quotes"]:
            told |= {"is_quote_status": True, "quoted_status_id_str": quotes, "quoted_status": self._old(quotes)}
        return told

    def _old_dm(self, id: str, who: str, to: str, words: str) -> dict[str, Any]:
        message = {"target": {"recipient_id": to}, "sender_id": who, "message_data": {"text": words, "entities": {}}}
        return {"type": "message_create", "id": id, "created_timestamp": str(int(self.now() * 1000)),
                "message_create": message}  # fmt: skip

    def _new(self, one: Told | Replied) -> dict[str, Any]:
        near = [("replied_to", one.facts["to"]), ("quoted", one.facts["quotes"])]
        told: dict[str, Any] = {
            "id": one.id, "text": one.text, "author_id": self._who(one.id), "created_at": iso(one.at),
            "conversation_id": one.facts["root"], "edit_history_tweet_ids": [one.id], "lang": "es",
            "public_metrics": {"like_count": 0, "reply_count": 0, "retweet_count": 0, "quote_count": 0},
            "referenced_tweets": [{"type": kind, "id": id} for kind, id in near if id],
        }  # fmt: skip
        if one.facts["to"]:
            told["in_reply_to_user_id"] = self._who(one.facts["to"])
        return told

    def _list(self, asked: Asked, found: list[Any], named: str = "pagination_token") -> dict[str, Any]:
        """Newest first, a page at a time."""
        query = asked.query
        kept = [one for one in found if one.deleted_at is None]
        kept = [one for one in kept if int(one.id) > int(query.get("since_id") or 0)]
        begins, ends = query.get("start_time", ""), query.get("end_time", "9")
        if begins or ends != "9":
            kept = [one for one in kept if begins <= iso(one.at) <= ends]
        kept.sort(key=lambda one: int(one.id), reverse=True)
        begin, most = int(query.get(named) or 0), int(query.get("max_results") or 10)
        page = kept[begin : begin + most]
        meta: dict[str, Any] = {"result_count": len(page)}
        if begin + most < len(kept):
            meta["next_token"] = str(begin + most)
        if not page:
            return {"meta": meta}
        near = [one.facts[name] for one in page for name in ("to", "quotes") if one.facts.get(name)]
        tweets = [self._new(one) for id in near if (one := self.truth.get(id)) is not None]
        writers = dict.fromkeys([self._who(one.id) for one in page] + [tweet["author_id"] for tweet in tweets])
        includes = {"users": [self.people[id] for id in writers], "tweets": tweets}
        data = [self._new(one) if one.facts["public"] else self._new_dm(one) for one in page]
        return {"data": data, "includes": includes, "meta": meta}

    def _new_dm(self, one: Told | Replied) -> dict[str, Any]:
        told = {
            "id": one.id, "event_type": "MessageCreate", "text": one.text, "sender_id": self._who(one.id),
            "dm_conversation_id": f"{one.thread}-{self.own}", "created_at": iso(one.at),
        }  # fmt: skip
        return told | ({"attachments": {"media_keys": ["3_1"]}} if one.facts.get("file") else {})

    def _all(self, public: bool) -> list[Any]:
        every: list[Any] = [*self.truth.told.values(), *self.truth.answers.values()]
        return [one for one in every if one.facts["public"] is public]


def iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
