"""YouTube on the street: its Data API, strict, as https://developers.google.com/youtube/v3/docs describes it.

Everybody has a channel; the brand's is `own`. `comments`, `replies`, `edits`, `removes` are what customers do, `holds`
and `moderates` what happens to their words, `answers` what the brand says in the app; `truth` remembers it all.
"""

from __future__ import annotations

import html
import itertools
import time
from collections.abc import Callable, Iterable
from typing import Any

from netcenter.street.networks.base import Asked, Said, Weather, number, one_of, route, text
from netcenter.street.networks.base.truth import Replied, Told
from netcenter.street.networks.youtube.google import API, SCOPE, TOPIC, Google, iso, refused

LONGEST, INLINE = 10_000, 5
STATES = ("heldForReview", "likelySpam", "published", "rejected")
FORMAT = one_of("html", "plainText")
_PART = text(200)
_WRITTEN = {"snippet": {"textOriginal": str}}


class YouTube(Google):
    """One channel with its videos and what people write below them."""

    def __init__(self, now: Callable[[], float] = time.time, weather: Weather | None = None) -> None:
        super().__init__(now, weather)
        self.people: dict[str, dict[str, Any]] = {}
        self.videos: dict[str, dict[str, Any]] = {}
        self._under: dict[str, list[Told | Replied]] = {}  # by the comment above; "": those that stand topmost
        self.banned: set[str] = set()
        self._named = itertools.count(1)
        self.person("@panaderiasol", self.own)

    # --- what people do ---------------------------------------------------------------------------

    def person(self, name: str, id: str = "", subscribers: int | None = 12) -> str:
        id = id or f"UC{next(self._named):022d}"
        self.people[id] = {"name": name, "subscribers": subscribers}
        return id

    def publishes(self, title: str, **more: Any) -> str:
        """The brand uploads a video, and the hub tells of it."""
        id = f"v{next(self._named):010d}"
        self.videos[id] = {"title": title, "at": self.now(), "views": 100, "likes": 3, "closed": False, **more}
        self.push(self._entry(id))
        return id

    def withdraws(self, video: str) -> None:
        del self.videos[video]
        self.push(
            '<?xml version="1.0" encoding="UTF-8"?><feed xmlns:at="http://purl.org/atompub/tombstones/1.0" '
            f'xmlns="http://www.w3.org/2005/Atom"><at:deleted-entry ref="yt:video:{video}" when="{iso(self.now())}">'
            f'<link href="https://www.youtube.com/watch?v={video}"/></at:deleted-entry></feed>'
        )

    def comments(self, who: str, video: str, words: str, state: str = "published", **more: Any) -> str:
        with self.lock:
            id = f"Ugx{next(self._named):020d}AaABAg"
            return self._said(who, video, words, id, "", state, more)

    def replies(self, who: str, to: str, words: str, state: str = "published", **more: Any) -> str:
        with self.lock:
            top = to.partition(".")[0]
            one = self._there(top)
            return self._said(who, one.facts["video"], words, f"{top}.{next(self._named):022d}", top, state, more)

    def answers(self, to: str, words: str) -> str:
        """The brand answers in YouTube's own app."""
        return self.replies(self.own, to, words)

    def edits(self, id: str, words: str) -> None:
        self.truth.edit(id, words)
        self._there(id).facts["edited_at"] = self.now()

    def removes(self, id: str) -> None:
        """Its author deletes it, and its replies with it."""
        for one in self._all():
            if id in (one.id, one.facts["parent"]):
                self.truth.delete(one.id)

    def likes(self, id: str, times: int = 1) -> None:
        self._there(id).facts["likes"] += times

    def moderates(self, id: str, state: str) -> None:
        """In YouTube Studio."""
        one = self._there(id)
        one.facts["state"] = state
        self.truth.hide(id, state != "published")
        if state == "rejected":
            self.removes(id)

    def _said(
        self, who: str, video: str, words: str, id: str, parent: str, state: str, more: dict[str, Any]
    ) -> str:  # fmt: skip
        facts = {"video": video, "parent": parent, "state": state, "likes": 0, "edited_at": None, "who": who, **more}
        if who == self.own:
            self.truth.replied(f"{video}/{parent}", words, id=id, **facts)
        else:
            facts["state"] = "rejected" if who in self.banned else state
            self.truth.said(who, f"{video}/{who}", words, id, **facts)
        self._under.setdefault(parent, []).append(self._there(id))
        return id

    def _all(self) -> list[Told | Replied]:
        return [*self.truth.told.values(), *self.truth.answers.values()]

    def _there(self, id: str) -> Told | Replied:
        one = self.truth.get(id)
        if one is None or one.deleted_at is not None:
            raise refused(404, "commentNotFound", "One or more of the specified comments cannot be found.")
        return one

    # --- resources --------------------------------------------------------------------------------

    def _comment(self, one: Told | Replied, form: str, *, by_id: bool = False) -> dict[str, Any]:
        facts, who = one.facts, one.facts["who"]
        shown = one.text if form == "plainText" else html.escape(one.text).replace("\n", "<br>")
        snippet = {
            "channelId": self.own, "textDisplay": shown, "authorDisplayName": self.people[who]["name"],
            "authorProfileImageUrl": f"https://yt3.ggpht.com/{who}=s48", "authorChannelUrl": f"http://www.youtube.com/{self.people[who]['name']}",
            "authorChannelId": {"value": who}, "canRate": True, "viewerRating": "none", "likeCount": facts["likes"],
            "publishedAt": iso(one.at), "updatedAt": iso(facts["edited_at"] or one.at),
        }  # fmt: skip
        if who == self.own:
            snippet["textOriginal"] = one.text
        if facts["parent"]:
            snippet["parentId"] = facts["parent"]
        if not by_id:
            snippet["moderationStatus"] = facts["state"]
        return {"kind": "youtube#comment", "etag": "e", "id": one.id, "snippet": snippet}

    def _below(self, top: str, state: str = "published") -> list[Told | Replied]:
        found = [one for one in self._under.get(top, ()) if one.deleted_at is None]
        return sorted((one for one in found if one.facts["state"] == state), key=lambda one: -one.at)

    def _thread(self, one: Told | Replied, form: str, state: str, *, by_id: bool) -> dict[str, Any]:
        below = self._below(one.id)
        shown = [*below[:INLINE], *(self._below(one.id, state)[:INLINE] if state != "published" else ())]
        thread: dict[str, Any] = {"kind": "youtube#commentThread", "etag": "e", "id": one.id, "snippet": {
            "channelId": self.own, "videoId": one.facts["video"],
            "topLevelComment": self._comment(one, form, by_id=by_id),
            "canReply": True, "totalReplyCount": len(below), "isPublic": True,
        }}  # fmt: skip
        if shown:
            thread["replies"] = {"comments": [self._comment(each, form, by_id=by_id) for each in shown]}
        return thread

    def _page(self, asked: Asked, items: list[Any], kind: str, make: Callable[[Any], Any], most: int = 20) -> Any:
        size = int(asked.query.get("maxResults", most))
        token = asked.query.get("pageToken", "p0")
        if not token.startswith("p") or not token[1:].isdigit():
            raise refused(400, "invalidPageToken")
        begin = int(token[1:])
        more = {"nextPageToken": f"p{begin + size}"} if begin + size < len(items) else {}
        return {"kind": kind, "etag": "e", **more, "pageInfo": {"totalResults": len(items), "resultsPerPage": size},
                "items": [make(one) for one in items[begin : begin + size]]}  # fmt: skip

    def _entry(self, video: str) -> str:
        about = self.videos[video]
        return (
            '<?xml version="1.0" encoding="UTF-8"?><feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" '
            'xmlns="http://www.w3.org/2005/Atom"><link rel="hub" href="https://pubsubhubbub.appspot.com"/>'
            f'<link rel="self" href="{TOPIC}{self.own}"/><title>YouTube video feed</title><updated>{iso(self.now())}'
            f"</updated><entry><id>yt:video:{video}</id><yt:videoId>{video}</yt:videoId><yt:channelId>{self.own}"
            f'</yt:channelId><title>{html.escape(about["title"])}</title><link rel="alternate" '
            f'href="https://www.youtube.com/watch?v={video}"/><author><name>Sol</name><uri>https://www.youtube.com/'
            f"channel/{self.own}</uri></author><published>{iso(about['at'])}</published><updated>{iso(self.now())}"
            "</updated></entry></feed>"
        )

    # --- reading ----------------------------------------------------------------------------------

    @route("GET", API + "commentThreads", rights=(SCOPE,), query={
        "part": _PART, "allThreadsRelatedToChannelId?": text(64), "videoId?": text(64), "id?": text(5000),
        "maxResults?": number(1, 100), "moderationStatus?": one_of("heldForReview", "likelySpam", "published"),
        "order?": one_of("time", "relevance"), "pageToken?": text(2000), "searchTerms?": text(200),
        "textFormat?": FORMAT,
    })  # fmt: skip
    def threads(self, asked: Asked) -> Any:
        told = asked.query
        self._parts(told["part"], "id", "replies", "snippet")
        filters = {"allThreadsRelatedToChannelId", "videoId", "id"} & set(told)
        if len(filters) != 1:
            raise refused(400, "missingRequiredParameter" if not filters else "incompatibleParameters")
        if "id" in told and {"maxResults", "moderationStatus", "order", "pageToken", "searchTerms"} & set(told):
            raise refused(400, "incompatibleParameters", "not supported in conjunction with the id parameter")
        state, form = told.get("moderationStatus", "published"), told.get("textFormat", "html")
        every: Iterable[Told | Replied | None] = self._under.get("", ())
        if "id" in told:
            every = map(self.truth.get, self._ids(told["id"]))
        tops = [one for one in every if one and one.deleted_at is None and not one.facts["parent"]]
        tops = [one for one in tops if one.facts["video"] in self.videos]
        if "id" in told:
            return self._page(asked, tops, "youtube#commentThreadListResponse",
                              lambda one: self._thread(one, form, "published", by_id=True), 50)  # fmt: skip
        if (video := told.get("videoId")) is not None:
            self._open(video)
            tops = [one for one in tops if one.facts["video"] == video]
        elif told["allThreadsRelatedToChannelId"] not in self.people:
            raise refused(404, "channelNotFound")
        elif told["allThreadsRelatedToChannelId"] != self.own:
            tops = []
        tops = [
            one for one in tops if one.facts["state"] == state or (state != "published" and self._below(one.id, state))
        ]
        tops.sort(key=lambda one: -one.at)
        return self._page(asked, tops, "youtube#commentThreadListResponse",
                          lambda one: self._thread(one, form, state, by_id=False))  # fmt: skip

    @route("GET", API + "comments", rights=(SCOPE,), query={
        "part": _PART, "id?": text(5000), "parentId?": text(200), "maxResults?": number(1, 100),
        "pageToken?": text(2000), "textFormat?": FORMAT,
    })  # fmt: skip
    def listed(self, asked: Asked) -> Any:
        told = asked.query
        self._parts(told["part"], "id", "snippet")
        form = told.get("textFormat", "html")
        if len({"id", "parentId"} & set(told)) != 1:
            raise refused(400, "missingRequiredParameter")
        if "id" in told:
            named = [self.truth.get(id) for id in self._ids(told["id"])]
            found = [one for one in named if one is not None and one.deleted_at is None]
            return self._page(asked, found, "youtube#commentListResponse",
                              lambda one: self._comment(one, form, by_id=True), 50)  # fmt: skip
        self._there(told["parentId"])
        return self._page(asked, self._below(told["parentId"]), "youtube#commentListResponse",
                          lambda one: self._comment(one, form))  # fmt: skip

    @route("GET", API + "channels", rights=(SCOPE,), query={
        "part": _PART, "mine?": one_of("true"), "id?": text(5000), "maxResults?": number(0, 50),
    })  # fmt: skip
    def channels(self, asked: Asked) -> Any:
        parts = self._parts(asked.query["part"], "id", "snippet", "contentDetails", "statistics")
        names = [asked.who.of] if "mine" in asked.query else self._ids(asked.query.get("id", ""))
        items = []
        for id in names:
            if (about := self.people.get(id)) is None:
                continue
            hidden = about["subscribers"] is None
            numbers = {"viewCount": "9000", "hiddenSubscriberCount": hidden, "videoCount": str(len(self.videos))}
            whole = {
                "snippet": {"title": about["name"].lstrip("@").title(), "customUrl": about["name"], "description": ""},
                "contentDetails": {"relatedPlaylists": {"uploads": "UU" + id[2:]}},
                "statistics": {**numbers, **({} if hidden else {"subscriberCount": str(about["subscribers"])})},
            }  # fmt: skip
            shown = {part: whole[part] for part in parts if part in whole}
            items.append({"kind": "youtube#channel", "etag": "e", "id": id, **shown})
        return {"kind": "youtube#channelListResponse", "etag": "e", "items": items}

    @route("GET", API + "videos", rights=(SCOPE,), query={"part": _PART, "id": text(5000)})
    def shown(self, asked: Asked) -> Any:
        parts = self._parts(asked.query["part"], "id", "snippet", "statistics")
        items = []
        for id in self._ids(asked.query["id"]):
            if (about := self.videos.get(id)) is None:
                continue
            below = [one for one in self._all() if one.facts["video"] == id and one.deleted_at is None]
            whole = {
                "snippet": {"publishedAt": iso(about["at"]), "channelId": self.own, "title": about["title"],
                            "description": "", "channelTitle": "Sol"},
                "statistics": {"viewCount": str(about["views"]), "likeCount": str(about["likes"]),
                               "favoriteCount": "0", "commentCount": str(len(below))},
            }  # fmt: skip
            shown = {part: whole[part] for part in parts if part in whole}
            items.append({"kind": "youtube#video", "etag": "e", "id": id, **shown})
        return {"kind": "youtube#videoListResponse", "etag": "e", "items": items}

    # --- writing ----------------------------------------------------------------------------------

    @route("POST", API + "comments", rights=(SCOPE,), query={"part": _PART},
           json={"snippet": {"parentId?": str, "textOriginal?": str}})  # fmt: skip
    def insert(self, asked: Asked) -> Any:
        self._parts(asked.query["part"], "id", "snippet")
        snippet = asked.fields["snippet"]
        if not (parent := snippet.get("parentId")):
            raise refused(400, "parentIdMissing")
        above = self.truth.get(parent)
        if above is None or above.deleted_at is not None or above.facts["parent"]:
            raise refused(404, "parentCommentNotFound", "The specified parent comment could not be found.")
        if above.facts["state"] != "published":
            raise refused(403, "parentCommentIsPrivate")
        self._open(above.facts["video"])
        words = self._fits(snippet.get("textOriginal", ""))
        id = self._said(
            self.own, above.facts["video"], words, f"{parent}.{next(self._named):022d}", parent, "published", {}
        )
        return self._comment(self._there(id), "html")

    @route("PUT", API + "comments", rights=(SCOPE,), query={"part": _PART}, json={"id": str, **_WRITTEN})
    def update(self, asked: Asked) -> Any:
        self._parts(asked.query["part"], "id", "snippet")
        one = self._ours(asked.fields["id"])
        self.edits(one.id, self._fits(asked.fields["snippet"]["textOriginal"]))
        return self._comment(one, "html")

    @route("DELETE", API + "comments", rights=(SCOPE,), query={"id": text(200)})
    def delete(self, asked: Asked) -> Any:
        self.removes(self._ours(asked.query["id"]).id)
        return Said(204)

    @route("POST", API + "comments/setModerationStatus", rights=(SCOPE,), form={}, query={
        "id": text(5000), "moderationStatus": one_of("heldForReview", "published", "rejected"),
        "banAuthor?": one_of("true", "false"),
    })  # fmt: skip
    def moderate(self, asked: Asked) -> Any:
        told = asked.query
        bans = told.get("banAuthor") == "true"
        if bans and told["moderationStatus"] != "rejected":
            raise refused(400, "banWithoutReject")
        for id in self._ids(told["id"]):
            one = self._there(id)
            if one.facts["who"] == self.own:
                raise refused(403, "forbidden", "The comment cannot be moderated.")
            self.moderates(id, told["moderationStatus"])
            if bans:
                self.banned.add(one.facts["who"])
        return Said(204)

    # --- what is checked --------------------------------------------------------------------------

    def _parts(self, told: str, *known: str) -> list[str]:
        parts = told.split(",")
        if unknown := [part for part in parts if part not in known]:
            raise refused(400, "unknownPart", ", ".join(unknown))
        return parts

    def _ids(self, told: str) -> list[str]:
        names = [name for name in told.split(",") if name]
        if len(names) > 50:
            raise refused(400, "invalidFilters", "too many ids")
        return names

    def _open(self, video: str) -> None:
        if video not in self.videos:
            raise refused(404, "videoNotFound", "The video identified by the videoId parameter could not be found.")
        if self.videos[video]["closed"]:
            raise refused(403, "commentsDisabled", "The video has disabled comments.")

    def _ours(self, id: str) -> Told | Replied:
        one = self._there(id)
        if one.facts["who"] != self.own:
            raise refused(403, "forbidden", "The comment cannot be changed because of insufficient permissions.")
        return one

    def _fits(self, words: str) -> str:
        if not words.strip():
            raise refused(400, "commentTextRequired")
        if len(words) > LONGEST:
            raise refused(400, "commentTextTooLong")
        return words
