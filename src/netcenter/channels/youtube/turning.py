"""One look at YouTube: threads go in, what is new of them comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from netcenter.channels.contract import ChannelError, Raw, loose
from netcenter.channels.youtube import reading, watching
from netcenter.channels.youtube.watching import Seen
from netcenter.channels.youtube.wire import YouTube
from netcenter.channels.youtube.writing import REPLIES

Told = Mapping[str, Any]

THREADS = {"part": "id,snippet,replies", "textFormat": "plainText", "order": "time", "maxResults": 100}
BY_ID = {"part": "id,snippet,replies", "textFormat": "plainText"}
REPLY_PAGES = 5
EVERY = {"held": 300.0, "spam": 1800.0, "missed": 300.0, "older": 1800.0, "videos": 1800.0}  # seconds between two looks
HELD = "held:"  # before the time of a reply that is held back


@dataclass
class Turn:
    """`since` and `until`: what is said outside of them is noted, not told. `state`: the cursor, which is changed."""

    youtube: YouTube
    state: dict[str, Any]
    since: datetime
    now: datetime
    until: datetime | None = None
    patient: bool = True  # what the budget refuses comes with the next turn; else the turn fails
    present: list[str] = field(default_factory=list)
    _fresh: list[tuple[Told, dict[str, Any]]] = field(default_factory=list)  # comments, and what stands beside them
    _more: list[Raw] = field(default_factory=list)

    def take(self, thread: Told, status: str = "published") -> None:
        """What is new of one thread."""
        top, name = watching.top_of(thread), loose.name(thread.get("id"))
        before, video = watching.of(self.state, name), watching.video_of(thread)
        seen, carries, edited = before or Seen(), watching.carries(thread), watching.edited(top)
        watching.note_video(self.state, video, watching.said_at(top))
        meta = {"video": video, "replies": watching.total(thread)}
        if edited != seen.edited and (before is not None or self._is_wanted(top)):
            self._say(top, meta)
        if before is not None and before.is_held and status == "published":
            self._more.append(watching.looked("shown", name, self.now))
        if before is not None and carries != seen.carries:
            self._more.append(watching.carried(thread, carries, self.now))
        if self._replies(thread, seen, meta, is_fresh=before is None):
            seen.carries = carries
        at = watching.said_at(top)
        seen.at, seen.edited, seen.state = at.isoformat() if at else "", edited, status
        watching.keep(self.state, name, seen)

    def _replies(self, thread: Told, seen: Seen, meta: dict[str, Any], *, is_fresh: bool) -> bool:
        """Those that came with it; all of them where these are not all and their number has changed.

        False: they are yet to be asked for.
        """
        top, told = watching.top_of(thread), watching.inline(thread)
        is_whole = len(told) >= watching.total(thread)
        if not is_whole and watching.carries(thread).rpartition("/")[2] != seen.carries.rpartition("/")[2]:
            if is_fresh and self.patient and not self._is_wanted(top):
                return True  # of long ago: only what is said from now on
            try:
                asked = {**REPLIES, "parentId": loose.name(thread.get("id"))}
                told = list(self.youtube.turned("comments", asked, REPLY_PAGES))
            except ChannelError as error:
                if error.reason == "gone":
                    return True
                if error.reason != "rate" or not self.patient:
                    raise
                return False
            is_whole = len(told) < REPLY_PAGES * 100
        told = sorted(told, key=lambda one: watching.said_at(one) or self.now)
        people = {loose.text(loose.within(one, "snippet").get("authorDisplayName"), 200): one for one in [top, *told]}
        for reply in told:
            self._reply(reply, seen, {**meta, "to": self._addressee(reply, top, people)}, is_fresh=is_fresh)
        if is_whole:
            there = {loose.name(one.get("id")) for one in told}
            return self._vanished(
                [name for name, at in seen.replies.items() if name not in there and not at.startswith(HELD)], seen
            )
        return True

    def _vanished(self, names: list[str], seen: Seen) -> bool:
        """Replies that are listed no more: found by their names they are held back, else they are gone."""
        try:
            there = {one.get("id") for one in self.youtube.named("comments", names, {"part": "id"})}
        except ChannelError as error:
            if error.reason != "rate" or not self.patient:
                raise
            return False
        for name in names:
            self._more.append(watching.looked("held" if name in there else "gone", name, self.now))
            at = seen.replies.pop(name)
            if name in there:
                seen.replies[name] = HELD + at
        return True

    def _reply(self, reply: Told, seen: Seen, meta: dict[str, Any], *, is_fresh: bool) -> None:
        name, at = loose.name(reply.get("id")), watching.edited(reply)
        before = seen.replies.get(name, "")
        if self._is_ours(reply) and not before and not self._is_settled(reply):
            return  # the next look: meanwhile its receipt is known
        if before.startswith(HELD):
            self._more.append(watching.looked("shown", name, self.now))
            before = before.removeprefix(HELD)
        seen.replies[name] = at
        if before != at and (self._is_wanted(reply) or (before and not is_fresh)):
            self._say(reply, {key: value for key, value in meta.items() if key != "replies"})

    # --- what the newest hundred do not show ------------------------------------------------------

    def look_again(self, listed: list[Told], whole: bool) -> None:
        """Each as often as the day's units allow; what they do not, later."""
        there = {str(thread.get("id")) for thread in listed}
        oldest = min((Seen(self.state["watch"][name]).at for name in there if name in self.state["watch"]), default="")
        watched = {name: Seen(kept) for name, kept in self.state["watch"].items()}
        missed = [
            name for name, seen in watched.items() if name not in there and not seen.is_held
            and (whole or (oldest and seen.at > oldest))
        ]  # fmt: skip
        older = [name for name, seen in watched.items() if name not in there and not seen.is_held]
        looks = {
            "missed": lambda: self._ask_for(missed), "held": lambda: self._held_back("heldForReview"),
            "spam": lambda: self._held_back("likelySpam"), "older": lambda: self._ask_for(older), "videos": self._views,
        }  # fmt: skip
        due: dict[str, float] = self.state.setdefault("due", {})
        for what, look in looks.items():
            if self.now.timestamp() < due.setdefault(what, 0.0):
                continue
            try:
                look()
            except ChannelError as error:
                if error.reason != "rate":
                    raise
                return
            due[what] = self.now.timestamp() + EVERY[what]

    def _held_back(self, status: str) -> None:
        """What waits for somebody's approval, and what of it waits no more."""
        query = {**THREADS, "allThreadsRelatedToChannelId": self.youtube.own, "moderationStatus": status}
        page = self.youtube.asked("commentThreads", query)
        there = set[str]()
        for thread in reversed(loose.objects(page.get("items"))):
            name, top = loose.name(thread.get("id")), watching.top_of(thread)
            if loose.within(top, "snippet").get("moderationStatus", status) == "published":
                self._held_replies(thread, status)
                continue
            there.add(name)
            seen = watching.of(self.state, name)
            if seen is None:
                self.take(marked(thread, status), status)
            elif not seen.is_held:
                self._more.append(watching.looked("held", name, self.now))
                seen.state = status
                watching.keep(self.state, name, seen)
        waited = [n for n, kept in self.state["watch"].items() if Seen(kept).state == status and n not in there]
        if not page.get("nextPageToken"):
            self._ask_for(waited)

    def _held_replies(self, thread: Told, status: str) -> None:
        """The first comment is there for all to see; a reply to it is not."""
        name, seen = loose.name(thread.get("id")), watching.of(self.state, loose.name(thread.get("id"))) or Seen()
        for reply in watching.inline(thread):
            reply_name, held = loose.name(reply.get("id")), loose.within(reply, "snippet").get("moderationStatus")
            if held not in reading.HELD or seen.replies.get(reply_name, "").startswith(HELD):
                continue
            if seen.replies.get(reply_name):
                self._more.append(watching.looked("held", reply_name, self.now))
            elif self._is_wanted(reply):
                self._say(reply, {"video": watching.video_of(thread)})
            seen.replies[reply_name] = HELD + watching.edited(reply)
        if watching.of(self.state, name) is not None:
            watching.keep(self.state, name, seen)

    def _ask_for(self, names: list[str]) -> None:
        """Threads by their names: what has changed, and which are gone."""
        there = {str(one.get("id")): one for one in self.youtube.named("commentThreads", names, BY_ID)}
        for name in names:
            if (seen := watching.of(self.state, name)) is None:
                continue
            if name in there:
                self.take(there[name], seen.state)
            else:
                watching.forget(self.state, name)
                self._more.append(watching.looked("gone", name, self.now))

    def _views(self) -> None:
        videos: dict[str, list[str]] = self.state.get("videos", {})
        for one in self.youtube.named("videos", list(videos), {"part": "id,statistics"}):
            name, views = loose.name(one.get("id")), watching.views(one)
            if name in videos and videos[name][0] != views:
                videos[name][0] = views
                self._more.append(watching.carried(one, views, self.now))

    # --- what comes out ---------------------------------------------------------------------------

    def raws(self) -> list[Raw]:
        """With how many subscribers each author has: one call for fifty of them."""
        people = [who for who in watching.writers(one for one, _meta in self._fresh) if who != self.youtube.own]
        try:
            told = self.youtube.named("channels", people, {"part": "id,statistics"})
        except ChannelError as error:
            if error.reason != "rate":
                raise
            told = []  # words are told without, rather than later
        reach = {str(one.get("id")): reading.subscribers(one) for one in told}
        raws = []
        for one, meta in self._fresh:
            who = loose.text(loose.within(one, "snippet", "authorChannelId").get("value"), 200)
            beside = {**meta, "subscribers": reach.get(who)}
            raws.append(watching.comment(one, {key: value for key, value in beside.items() if value is not None}))
        return raws + self._more

    def _say(self, one: Told, meta: dict[str, Any]) -> None:
        if self._is_ours(one) and not meta.get("to"):
            return  # a comment of our own that answers nobody
        self._fresh.append((one, meta))
        self.present.append(loose.name(one.get("id")))

    def _addressee(self, reply: Told, top: Told, people: Mapping[str, Told]) -> dict[str, str] | None:
        """Whom an answer of ours is for: who is named at its beginning, else who wrote the first comment."""
        if not self._is_ours(reply):
            return None
        named = reading.words_of(loose.within(reply, "snippet")).split(maxsplit=1)
        whom = reading.author_of(people.get(named[0], top) if named else top)
        return None if whom.external_id == self.youtube.own else {"id": whom.external_id, "name": whom.name}

    def _is_wanted(self, one: Told) -> bool:
        at = watching.said_at(one)
        return at is not None and at >= self.since and (self.until is None or at <= self.until)

    def _is_ours(self, one: Told) -> bool:
        own = loose.within(one, "snippet", "authorChannelId").get("value")
        return bool(self.youtube.own) and own == self.youtube.own

    def _is_settled(self, one: Told) -> bool:
        at = watching.said_at(one)
        return at is None or self.now - at > watching.SETTLED


def marked(thread: Told, status: str) -> Told:
    """With the state by which it was asked for: the API does not always write it beside."""
    top = watching.top_of(thread)
    snippet = {**loose.within(top, "snippet"), "moderationStatus": status}
    return {**thread, "snippet": {**loose.within(thread, "snippet"), "topLevelComment": {**top, "snippet": snippet}}}
