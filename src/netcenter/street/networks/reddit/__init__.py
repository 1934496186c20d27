"""Reddit on the street: its API, strict, as https://www.reddit.com/dev/api/oauth describes it.

The brand is `own`; `comments`, `posts`, `writes`, `edits`, `deletes` are what people do, `removes` what moderators do,
`answers` and `messages` what the brand does on Reddit itself; `truth` remembers it all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from netcenter.street.networks.base import Asked, Refused, Weather, number, one_of, route, text
from netcenter.street.networks.base.truth import Replied, Told
from netcenter.street.networks.reddit.door import ONE, SCOPES, Door

__all__ = ["SCOPES", "Reddit"]

LONGEST, SIX_MONTHS = 10_000, 180 * 86400.0
LISTING = {"limit?": number(1, 100), "after?": text(20), "raw_json?": ONE}
FORM = {"api_type": one_of("json"), "raw_json?": ONE}


class Reddit(Door):
    """One account, the subreddits that it moderates, and everybody else."""

    def __init__(
        self, now: Callable[[], float] = time.time, weather: Weather | None = None, name: str = "PanaderiaSol"
    ) -> None:  # fmt: skip
        super().__init__(now, weather, name)
        self.closed: set[str] = set()  # who takes no messages
        self.locked: set[str] = set()  # posts
        self.moderates: set[str] = {"sol"}
        self.subreddits: set[str] = {"sol", "pan", "madrid"}
        self.things: dict[str, dict[str, Any]] = {}  # name -> data, in order
        self.inbox: list[str] = []
        self.pace = 0.0  # seconds between two comments
        self._spoke_at = 0.0

    # --- what people do ---------------------------------------------------------------------------

    def posts(self, who: str, subreddit: str, title: str, words: str = "", **more: Any) -> str:
        with self.lock:
            name = f"t3_{self.number()}"
            place = f"/r/{subreddit}/comments/{name[3:]}/x/"
            data = {**self._new(who, name, subreddit), "title": title, "selftext": words, "num_comments": 0,
                    "is_self": not more.get("url"), "num_crossposts": 0, "permalink": place, **more}  # fmt: skip
            return self._keep(name, data, who, f"{name}/{self.people[who]}", f"{title}\n\n{words}".strip())

    def comments(self, who: str, above: str, words: str) -> str:
        """Whoever is answered or named finds it in the inbox."""
        with self.lock:
            name, over = f"t1_{self.number()}", self.things[above]
            link = over.get("link_id", above)
            post = self.things[link]
            data = {**self._new(who, name, post["subreddit"]), "body": words, "parent_id": above, "link_id": link,
                    "link_title": post["title"], "permalink": f"{post['permalink']}{name[3:]}/"}  # fmt: skip
            post["num_comments"] += 1
            self._keep(name, data, who, f"{link}/{self.people[who]}", words)
            if who != self.name and (over["author"] == self.name or f"u/{self.name.lower()}" in words.lower()):
                data["type"] = "username_mention" if over["author"] != self.name else (
                    "post_reply" if above == link else "comment_reply")  # fmt: skip
                self.inbox.append(name)
            return name

    def writes(self, who: str, words: str, subject: str = "Pregunta", to: str = "", above: str = "") -> str:
        with self.lock:
            name = f"t4_{self.number()}"
            first = (self.things[above]["first_message_name"] or above) if above else None
            data = {"name": name, "id": name[3:], "author": who, "author_fullname": self.people[who], "body": words,
                    "subject": f"re: {subject}" if above else subject, "dest": to or self.name, "subreddit": None,
                    "created_utc": float(int(self.now())), "parent_id": above or None, "first_message_name": first,
                    "was_comment": False, "type": "unknown", "context": "", "distinguished": None, "new": True,
                    "replies": "", "score": 0, "num_comments": None, "likes": None}  # fmt: skip
            if who != self.name:
                self.inbox.append(name)
            return self._keep(name, data, who, first or name, words)

    def answers(self, above: str, words: str) -> str:
        return self.comments(self.name, above, words)

    def edits(self, name: str, words: str) -> None:
        self.things[name] |= {"selftext" if name[:2] == "t3" else "body": words, "edited": float(int(self.now()))}
        title = self.things[name].get("title", "")  # of a post, which nobody can change
        self.truth.edit(name, f"{title}\n\n{words}".strip())

    def deletes(self, name: str) -> None:
        """Its author does: the words are gone, and so is who wrote them."""
        data = self.things[name]
        data |= {"selftext" if name[:2] == "t3" else "body": "[deleted]", "author": "[deleted]"}
        data.pop("author_fullname", None)
        self.inbox = [one for one in self.inbox if one != name]
        self.truth.delete(name)

    def vanishes(self, name: str) -> None:
        """Nobody finds it any more, not even by its name."""
        del self.things[name]
        self.inbox = [one for one in self.inbox if one != name]
        self.truth.delete(name)

    def removes(self, name: str, removed: bool = True) -> None:
        """A moderator does, or Reddit itself: the words stay for those who moderate."""
        self.things[name]["removed"] = removed
        self.truth.hide(name, removed)

    def votes(self, name: str, score: int, **more: Any) -> None:
        self.things[name] |= {"score": score, **more}

    def _new(self, who: str, name: str, subreddit: str) -> dict[str, Any]:
        return {
            "name": name, "id": name[3:], "author": who, "author_fullname": self.people[who], "subreddit": subreddit,
            "created_utc": float(int(self.now())), "edited": False, "score": 1, "score_hidden": False,
            "author_flair_text": None, "total_awards_received": 0, "distinguished": None, "archived": False,
        }  # fmt: skip

    def _keep(self, name: str, data: dict[str, Any], who: str, thread: str, words: str) -> str:
        self.things[name] = data
        if who == self.name:
            self.truth.replied(data.get("parent_id") or thread, words, id=name)
        else:
            self.truth.said(self.people[who], thread, words, name, public=name[:2] != "t4")
        return name

    # --- reading ----------------------------------------------------------------------------------

    def _shown(self, name: str, *, inbox: bool = False) -> dict[str, Any]:
        """As we see it: what others moderate away is hidden from us, too."""
        data = dict(self.things[name])
        if name[:2] == "t4":
            return {"kind": "t4", "data": data}
        kind = data.pop("type", None)
        removed, ours = data.pop("removed", False), data["subreddit"] in self.moderates
        if ours:
            data["removed"] = removed
        elif removed and data["author"] != self.name:
            data["selftext" if name[:2] == "t3" else "body"] = "[removed]"
        if inbox:
            link = data.pop("link_id")
            data |= {"type": kind, "was_comment": True, "new": True, "dest": self.name,
                     "context": f"{data['permalink']}?context=3", "subject": (kind or "").replace("_", " "),
                     "num_comments": self.things[link]["num_comments"]}  # fmt: skip
            del data["permalink"]
        return {"kind": name[:2], "data": data}

    def _listing(self, asked: Asked, names: list[str], **more: Any) -> Any:
        """Newest first."""
        names, after = names[::-1], asked.query.get("after", "")
        if after:
            if after not in names:
                return {"kind": "Listing", "data": {"after": None, "before": None, "children": []}}
            names = names[names.index(after) + 1 :]
        size = int(asked.query.get("limit", 25))
        page = names[:size]
        return {"kind": "Listing", "data": {"after": page[-1] if len(names) > size else None, "before": None,
                "dist": len(page), "children": [self._shown(name, **more) for name in page]}}  # fmt: skip

    @route("GET", "/message/{where}", query={**LISTING, "mark?": one_of("true", "false")}, rights=("privatemessages",))
    def messages(self, asked: Asked) -> Any:
        if asked.path["where"] == "sent":
            return self._listing(
                asked, [n for n, d in self.things.items() if n[:2] == "t4" and d["author"] == self.name]
            )
        if asked.path["where"] not in ("inbox", "unread"):
            raise Refused("route")
        page = self._listing(asked, self.inbox)
        page["data"]["children"] = [
            self._shown(one["data"]["name"], inbox=one["kind"] == "t1") for one in page["data"]["children"]
        ]
        return page

    @route("GET", "/r/{names}/{what}", query=LISTING, rights=("read",))
    def subreddit(self, asked: Asked) -> Any:
        names, what = set(asked.path["names"].split("+")), asked.path["what"]
        if not names <= self.subreddits:
            raise Refused("route")
        if what == "about":
            name = next(iter(names))
            return {"kind": "t5", "data": {"display_name": name, "user_is_moderator": name in self.moderates}}
        if what not in ("new", "comments"):
            raise Refused("route")
        kind = "t3" if what == "new" else "t1"
        there = [n for n, d in self.things.items() if n[:2] == kind and d["subreddit"] in names]
        return self._listing(asked, [n for n in there if self.things[n]["author"] != "[deleted]"])

    @route("GET", "/search", query={**LISTING, "q": text(512), "sort?": one_of("new"), "type?": one_of("link"),
                                    "t?": one_of("week", "all")}, rights=("read",))  # fmt: skip
    def search(self, asked: Asked) -> Any:
        words = [one.strip('"').lower() for one in asked.query["q"].split(" OR ")]
        posts = [(n, f"{d['title']} {d['selftext']}".lower()) for n, d in self.things.items() if n[:2] == "t3"]
        return self._listing(asked, [n for n, told in posts if any(word in told for word in words)])

    @route("GET", "/user/{name}/{what}", query={**LISTING, "sort?": one_of("new")}, rights=("history",))
    def user(self, asked: Asked) -> Any:
        who = asked.path["name"]
        if who not in self.people:
            raise Refused("route")
        if asked.path["what"] == "about":
            told = {"name": who, "id": self.people[who][3:], "total_karma": 31, "subreddit": {"subscribers": 5}}
            return {"kind": "t2", "data": {**told, "icon_img": "https://i.redd.it/x.png"}}
        there = [n for n, d in self.things.items() if n[:2] == "t1" and d["author"] == who]
        return self._listing(asked, there)

    @route("GET", "/api/info", query={**LISTING, "id": text(3000)}, rights=("read",))
    def info(self, asked: Asked) -> Any:
        names = asked.query["id"].split(",")
        if len(names) > 100:
            raise Refused("bad", "id")
        found = [name for name in names if name in self.things and name[:2] != "t4"]
        return {"kind": "Listing", "data": {"after": None, "children": [self._shown(name) for name in found]}}

    # --- writing ----------------------------------------------------------------------------------

    @route("POST", "/api/comment", form={**FORM, "thing_id?": str, "text?": str}, rights=("submit",))
    def comment(self, asked: Asked) -> Any:
        told = asked.fields
        above = self.things.get(told.get("thing_id", ""))
        if above is None:
            return _no("NO_THING_ID", "id not specified", "thing_id")
        if (refusal := self._words(told.get("text", ""))) or (refusal := self._too_fast()):
            return refusal
        if above["name"][:2] == "t4":
            name = self.writes(self.name, told["text"], above["subject"], to=above["author"], above=above["name"])
        else:
            if above["author"] == "[deleted]":
                return _no("DELETED_COMMENT", "that comment has been deleted", "parent")
            if above.get("link_id", above["name"]) in self.locked:
                return _no("THREAD_LOCKED", "Comments are locked.", "parent")
            if self.now() - self.things[above.get("link_id", above["name"])]["created_utc"] > SIX_MONTHS:
                return _no("TOO_OLD", "that's a piece of history now; it's too late to reply to it", "parent")
            name = self.answers(above["name"], told["text"])
        return {"json": {"errors": [], "data": {"things": [self._shown(name)]}}}

    @route(
        "POST", "/api/compose", form={**FORM, "to?": str, "subject?": str, "text?": str}, rights=("privatemessages",)
    )
    def compose(self, asked: Asked) -> Any:
        told = asked.fields
        if told.get("to", "") not in self.people:
            return _no("USER_DOESNT_EXIST", "that user doesn't exist", "to")
        if told["to"] in self.closed:
            return _no("NOT_WHITELISTED_BY_USER_MESSAGE", "that user only takes messages of people they trust", "to")
        if not told.get("subject"):
            return _no("NO_SUBJECT", "please enter a subject", "subject")
        if len(told["subject"]) > 100:
            return _no("TOO_LONG", "this is too long (max: 100)", "subject")
        if (refusal := self._words(told.get("text", ""))) or (refusal := self._too_fast()):
            return refusal
        self.writes(self.name, told["text"], told["subject"], to=told["to"])
        return {"json": {"errors": []}}

    @route("POST", "/api/editusertext", form={**FORM, "thing_id": str, "text": str}, rights=("edit",))
    def change(self, asked: Asked) -> Any:
        data = self._ours(asked.fields["thing_id"])
        if refusal := self._words(asked.fields["text"]):
            return refusal
        self.edits(data["name"], asked.fields["text"])
        return {"json": {"errors": [], "data": {"things": [self._shown(data["name"])]}}}

    @route("POST", "/api/del", form={**FORM, "id": str}, rights=("edit",))
    def delete(self, asked: Asked) -> Any:
        """What is gone already is gone."""
        data = self.things.get(asked.fields["id"])
        if data is not None and data["author"] == self.name:
            self.deletes(data["name"])
        elif data is not None and data["author"] != "[deleted]":
            raise Refused("right")
        return {}

    @route("POST", "/api/remove", form={**FORM, "id": str, "spam": one_of("true", "false")}, rights=("modposts",))
    def remove(self, asked: Asked) -> Any:
        self.removes(self._moderated(asked.fields["id"]))
        self.things[asked.fields["id"]]["spam"] = asked.fields["spam"] == "true"
        return {}

    @route("POST", "/api/approve", form={**FORM, "id": str}, rights=("modposts",))
    def approve(self, asked: Asked) -> Any:
        self.removes(self._moderated(asked.fields["id"]), False)
        self.things[asked.fields["id"]]["spam"] = False
        return {}

    # --- what is checked --------------------------------------------------------------------------

    def _words(self, words: str) -> Any:
        if not words.strip():
            return _no("NO_TEXT", "we need something here", "text")
        return _no("TOO_LONG", f"this is too long (max: {LONGEST})", "text") if len(words) > LONGEST else None

    def _too_fast(self) -> Any:
        """https://www.reddit.com/wiki/faq – who is new, or little liked, may not comment often."""
        left = self._spoke_at + self.pace - self.now()
        if self.pace and left > 0:
            self.limits.earned += 1
            minutes = max(1, int(left // 60))
            told = f"Looks like you've been doing that a lot. Take a break for {minutes} minutes before trying again."
            return {"json": {"ratelimit": left, "errors": [["RATELIMIT", told, "ratelimit"]]}}
        self._spoke_at = self.now()
        return None

    def _ours(self, name: str) -> dict[str, Any]:
        data = self.things.get(name)
        if data is None or data["author"] != self.name:
            raise Refused("right", "not yours")
        return data

    def _moderated(self, name: str) -> str:
        data = self.things.get(name)
        if data is None or data.get("subreddit") not in self.moderates:
            raise Refused("right", "you are no moderator there")
        return name

    def everything(self) -> list[Told | Replied]:
        return [*self.truth.told.values(), *self.truth.answers.values()]


def _no(error: str, words: str, field: str) -> Any:
    """A refusal comes with 200."""
    return {"json": {"errors": [[error, words, field]]}}
