"""Posts and direct messages: read, written, hidden, liked. https://docs.x.com/x-api"""

from __future__ import annotations

import re
from typing import Any

from netcenter.street.networks.base import Asked, Refused, Said, number, pattern, route, text
from netcenter.street.networks.base.truth import Replied, Told
from netcenter.street.networks.x.ground import ID, gone, problem
from netcenter.street.networks.x.people import Town, iso

_TIME = pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_FIELDS = {"tweet.fields?": str, "expansions?": str, "user.fields?": str, "media.fields?": str}
_LISTS = {**_FIELDS, "max_results?": number(5, 100), "since_id?": ID, "start_time?": _TIME, "end_time?": _TIME}
_TALKS = {"dm_event.fields?": str, "event_types?": str, "max_results?": number(1, 100), "pagination_token?": str,
          "expansions?": str, "user.fields?": str, "media.fields?": str}  # fmt: skip


def cost(words: str) -> int:
    """The weight of a post, roughly: links 23, letters below U+1100 one, others two."""
    plain = re.sub(r"https?://\S+", "x" * 23, words)
    return sum(1 if ord(c) < 4352 or 8192 <= ord(c) <= 8247 else 2 for c in plain)


class Posts(Town):
    """What our side reads and writes."""

    # --- reading ----------------------------------------------------------------------------------

    @route("GET", "/2/users/me", query={"user.fields?": str}, rights=("users.read",), bucket="me")
    def me(self, asked: Asked) -> Any:
        return {"data": self.people[asked.who.of]}

    @route("GET", "/2/users/{id}", query={"user.fields?": str}, rights=("users.read",), bucket="users")
    def user(self, asked: Asked) -> Any:
        if (found := self.people.get(asked.path["id"])) is None:
            return {"errors": [{"title": "Not Found Error", "detail": "Could not find user"}]}
        return {"data": found}

    @route("GET", "/2/users/{id}/mentions", query={**_LISTS, "pagination_token?": str}, rights=("tweet.read",),
           bucket="mentions")  # fmt: skip
    def mentions(self, asked: Asked) -> Any:
        found = [one for one in self._all(True) if isinstance(one, Told)]
        about = [one for one in found if f"@{self.handle}" in one.text or self._who(one.facts["to"]) == self.own]
        return self._list(asked, [one for one in about if f"@{self.handle}" in one.text or one.facts["to"]])

    @route("GET", "/2/users/{id}/tweets", query={**_LISTS, "pagination_token?": str, "exclude?": str},
           rights=("tweet.read",), bucket="timeline")  # fmt: skip
    def timeline(self, asked: Asked) -> Any:
        return self._list(asked, [one for one in self._all(True) if isinstance(one, Replied)])

    @route("GET", "/2/tweets/search/recent", query={**_LISTS, "query": text(512), "next_token?": str},
           rights=("tweet.read",), bucket="search")  # fmt: skip
    def search(self, asked: Asked) -> Any:
        week = iso(self.now() - 7 * 86400)
        if asked.query.get("start_time", week) < week or asked.query.get("end_time", "") > iso(self.now() - 10):
            raise problem(400, "start_time or end_time is not allowed", "https://api.x.com/2/problems/invalid-request")
        told = [one for one in self._all(True) if isinstance(one, Told) and one.facts["quotes"]]
        return self._list(asked, told, "next_token")

    @route("GET", "/2/tweets/{id}", query=_FIELDS, rights=("tweet.read",), bucket="posts")
    def tweet(self, asked: Asked) -> Any:
        one = self.truth.get(asked.path["id"])
        if one is None or one.deleted_at is not None:
            return {"errors": [{"title": "Not Found Error", "detail": "Could not find tweet"}]}
        if "promoted_metrics" in asked.query.get("tweet.fields", ""):
            return {"data": {"id": one.id, "promoted_metrics": {"impression_count": one.facts.get("paid", 0)}}}
        return {"data": self._new(one), "includes": {"users": [self.people[self._who(one.id)]]}}

    @route("GET", "/2/dm_events", query=_TALKS, rights=("dm.read",), bucket="dm_events")
    def talks(self, asked: Asked) -> Any:
        return self._list(asked, self._all(False))

    @route("GET", "/2/dm_conversations/with/{who}/dm_events", query=_TALKS, rights=("dm.read",), bucket="dm_events")
    def talk(self, asked: Asked) -> Any:
        return self._list(asked, [one for one in self._all(False) if one.thread == asked.path["who"]])

    # --- writing ----------------------------------------------------------------------------------

    @route("POST", "/2/tweets", json={
        "text?": text(size=cost), "reply?": {"in_reply_to_tweet_id": ID, "exclude_reply_user_ids?": [ID]},
        "media?": {"media_ids": [ID]}, "quote_tweet_id?": ID,
    }, rights=("tweet.write",), bucket="post")  # fmt: skip
    def post(self, asked: Asked) -> Any:
        words, to = asked.fields.get("text", ""), asked.fields.get("reply", {}).get("in_reply_to_tweet_id", "")
        media = asked.fields.get("media", {}).get("media_ids", [])
        if cost(words) > 280:
            raise problem(403, "Your Tweet text is too long.")
        if (not words and not media) or len(media) > 4 or any(not self.files[id]["is_ready"] for id in media):
            raise problem(400, "Your media IDs are invalid.", "https://api.twitter.com/2/problems/invalid-request")
        above = self.truth.get(to)
        if to and (above is None or above.deleted_at is not None):
            raise problem(403, "You attempted to reply to a Tweet that is deleted or not visible to you.")
        if any(one.text == words and words and one.facts["public"] for one in self.truth.replies()):
            raise problem(403, "You are not allowed to create a Tweet with duplicate content.")
        id = self.mints()
        root = above.facts["root"] if above else id
        thread = f"{root}/{self._who(to)}" if to else ""
        self.truth.replied(thread, words, id=id, root=root, to=to, quotes="", public=True, media=media)
        self._tell({"tweet_create_events": [self._old(id)]})
        return Said(201, {"data": {"id": id, "text": words, "edit_history_tweet_ids": [id]}})

    @route("DELETE", "/2/tweets/{id}", rights=("tweet.write",), bucket="remove")
    def remove(self, asked: Asked) -> Any:
        if self._who(asked.path["id"]) != self.own:
            raise problem(403, "You are not permitted to perform this action.")
        if asked.path["id"] not in self.truth.answers:
            raise gone(asked.path["id"])
        self.erases(asked.path["id"])
        return {"data": {"deleted": True}}

    @route("PUT", "/2/tweets/{id}/hidden", json={"hidden": bool}, rights=("tweet.moderate.write",), bucket="hide")
    def hide(self, asked: Asked) -> Any:
        one = self.truth.get(asked.path["id"])
        if one is None:
            raise gone(asked.path["id"])
        if self._who(one.facts["root"]) != self.own or not one.facts["to"]:
            raise problem(403, "The authenticated user does not have permission to hide this reply.")
        self.truth.hide(one.id, asked.fields["hidden"])
        return {"data": {"hidden": asked.fields["hidden"]}}

    @route("POST", "/2/users/{id}/likes", json={"tweet_id": ID}, rights=("like.write",), bucket="like")
    def like(self, asked: Asked) -> Any:
        self.likes.add(asked.fields["tweet_id"])
        return {"data": {"liked": True}}

    @route("DELETE", "/2/users/{id}/likes/{tweet}", rights=("like.write",), bucket="like")
    def unlike(self, asked: Asked) -> Any:
        self.likes.discard(asked.path["tweet"])
        return {"data": {"liked": False}}

    @route("POST", "/2/dm_conversations/with/{who}/messages", json={
        "text?": text(10_000), "attachments?": [{"media_id": ID}],
    }, rights=("dm.write",), bucket="dm")  # fmt: skip
    def message(self, asked: Asked) -> Any:
        who, words, files = asked.path["who"], asked.fields.get("text", ""), asked.fields.get("attachments", [])
        if who in self.closed:
            raise problem(403, "You do not have permission to DM one or more participants.")
        if who not in self.people or (not words and not files) or len(files) > 1:
            raise problem(400, "The request is invalid.", "https://api.twitter.com/2/problems/invalid-request")
        id = self.mints()
        self.truth.replied(who, words, id=id, public=False, file=bool(files))
        self._tell({
            "direct_message_events": [self._old_dm(id, self.own, who, words)], "users": self._users(self.own, who),
        })  # fmt: skip
        return Said(201, {"data": {"dm_conversation_id": f"{who}-{self.own}", "dm_event_id": id}})

    @route("POST", "/2/users/{id}/dm/block", rights=("dm.write",), bucket="dm_block")
    def block_messages(self, asked: Asked) -> Any:
        self._somebody(asked.path["id"])
        self.silenced.add(asked.path["id"])
        return {"data": {"blocked": True}}

    @route("POST", "/2/users/{id}/dm/unblock", rights=("dm.write",), bucket="dm_block")
    def unblock_messages(self, asked: Asked) -> Any:
        self._somebody(asked.path["id"])
        self.silenced.discard(asked.path["id"])
        return {"data": {"blocked": False}}

    def _somebody(self, id: str) -> None:
        if id not in self.people or id == self.own:
            raise Refused("bad", "The `id` query parameter value is not valid")

    @route("DELETE", "/2/dm_events/{id}", rights=("dm.write",), bucket="dm")
    def unsay(self, asked: Asked) -> Any:
        if asked.path["id"] not in self.truth.answers:
            raise gone(asked.path["id"])
        self.truth.delete(asked.path["id"])
        return {"data": {"deleted": True}}
