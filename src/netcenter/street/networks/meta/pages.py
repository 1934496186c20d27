"""Facebook pages: what people say there in public, and what the page may do about it.

https://developers.facebook.com/docs/graph-api/reference/page
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netcenter.street.networks.base import Asked, File, Misfit, number, one_of, pattern, route, text
from netcenter.street.networks.meta.app import graph_error, iso
from netcenter.street.networks.meta.fields import Edge, ordered
from netcenter.street.networks.meta.talks import DAY, Person, Talks
from netcenter.street.networks.meta.words import Word

RIGHTS = (
    "pages_show_list", "pages_messaging", "pages_manage_metadata", "pages_read_engagement", "pages_read_user_content",
    "pages_manage_engagement", "pages_manage_posts",
)  # fmt: skip
FIELDS = {
    "feed", "mention", "ratings", "messages", "message_echoes", "message_edits", "message_reactions",
    "message_deliveries", "message_reads", "messaging_postbacks", "messaging_referrals", "messaging_optins",
    "messaging_policy_enforcement", "standby", "messaging_handovers", "leadgen",
}  # fmt: skip
PAGE = {"fields?": str, "limit?": number(1, 100), "after?": str, "since?": int, "until?": int}


class Pages(Talks):
    """Facebook."""

    def __init__(self, *more: Any, **named: Any) -> None:
        super().__init__(*more, **named)
        self.words: dict[str, Word] = {}
        self.under: dict[str, list[Word]] = {}  # what -> the comments below it, oldest first

    def page(self, id: str = "1067280970047460", rights: tuple[str, ...] = RIGHTS, subscribed: bool = True) -> str:
        """A page and its token."""
        return self.account(id, rights=rights, subscribed=subscribed)

    # --- what people do ---------------------------------------------------------------------------

    def publishes(self, page: str, words: str, dark: bool = False) -> Word:
        """The page posts, or advertises without posting."""
        return self._keep(Word(f"{page}_{self.number()}", page, page, words, self.now(), "post", dark=dark))

    def comments(self, person: Person, above: Word, words: str, file: File | None = None) -> Word:
        """Somebody comments on a post, or on a comment."""
        one = self._under(above, person.id, words, self.kept(file) if file else "")
        self.truth.said(person.id, f"{one.post}/{person.id}", words, one.id, at=self.now())
        return one

    def posts(self, person: Person, page: str, words: str) -> Word:
        """A visitor's own post on the page."""
        one = self._keep(Word(f"{page}_{self.number()}", page, person.id, words, self.now(), "post"))
        self.truth.said(person.id, f"{one.id}/{person.id}", words, one.id)
        self._feed(one, "add", item="status", published=1)
        return one

    def mentions(self, person: Person, page: str, words: str) -> Word:
        """The page is named in a post elsewhere."""
        one = self._keep(Word(f"900_{self.number()}", page, person.id, words, self.now(), "tagged"))
        self.truth.said(person.id, f"{one.id}/{person.id}", words, one.id)
        value = {"post_id": one.id, "sender_id": person.id, "sender_name": person.name, "item": "post", "verb": "add",
                 "message": words, "created_time": int(one.at)}  # fmt: skip
        self._change(page, "mention", value)
        return one

    def recommends(self, person: Person, page: str, words: str, positive: bool = False) -> Word:
        kind = "positive" if positive else "negative"
        one = self._keep(Word(f"o_{self.number()}", page, person.id, words, self.now(), "rating", recommends=kind))
        self.truth.said(person.id, f"{one.id}/{person.id}", words, one.id)
        value = {"item": "rating", "verb": "add", "open_graph_story_id": one.id, "reviewer_id": person.id,
                 "reviewer_name": person.name, "recommendation_type": kind, "review_text": words,
                 "created_time": int(one.at)}  # fmt: skip
        self._change(page, "ratings", value)
        return one

    def rewrites(self, one: Word, words: str) -> None:
        one.text = words
        self.truth.edit(one.id, words)
        self._feed(one, "edited")

    def likes(self, person: Person, one: Word) -> None:
        """Somebody likes a comment."""
        value = {"from": {"id": person.id, "name": person.name}, "item": "reaction", "verb": "add",
                 "reaction_type": "like", "post_id": one.post, "comment_id": one.id, "parent_id": one.post,
                 "created_time": int(self.now())}  # fmt: skip
        self._change(one.page, "feed", value)

    def takes_back(self, one: Word) -> None:
        one.deleted = True
        self.truth.delete(one.id)
        self._feed(one, "remove")

    def _keep(self, one: Word) -> Word:
        self.words[one.id] = one
        return one

    def _under(self, above: Word, author: str, words: str, picture: str = "") -> Word:
        """A reply to a reply stands under the topmost comment."""
        post = above.post or above.id
        parent = above.parent or above.id if above.post else ""
        id = f"{post.rpartition('_')[2]}_{self.number()}"
        one = self._keep(Word(id, above.page, author, words, self.now(), "comment", post, parent, picture=picture))
        self.under.setdefault(post, []).append(one)
        if parent:
            self.under.setdefault(parent, []).append(one)
        self._feed(one, "add")
        return one

    def _feed(self, one: Word, verb: str, **more: Any) -> None:
        post = self.words.get(one.post, one)
        value = {
            "from": {"id": one.author, "name": self._name(one.author)}, "message": one.text, "item": "comment",
            "verb": verb, "post_id": post.id, "created_time": int(one.at), **more,
        }  # fmt: skip
        if one.kind == "comment":
            value |= {"comment_id": one.id, "parent_id": one.parent or one.post, "post": {
                "id": post.id, "is_published": not post.dark, "status_type": "added_photos",
                "promotion_status": "active" if post.dark else "inactive", "updated_time": iso(post.at),
                "permalink_url": f"https://www.facebook.com/{post.id}"}}  # fmt: skip
        elif verb != "add":
            value["item"] = "post"
        if one.picture:
            value["photo"] = one.picture
        self._change(one.page, "feed", value)

    def _change(self, page: str, name: str, value: Mapping[str, Any]) -> None:
        if self.accounts[page]["subscribed"]:
            self.push({"id": page, "time": int(self.now()), "changes": [{"field": name, "value": value}]})

    def privately(self, account: str, comment: str) -> Person:
        """Once, within seven days. https://developers.facebook.com/docs/messenger-platform/discovery/private-replies"""
        one = self._seen(comment, account)
        if comment in self.answered_privately:
            raise graph_error(10900, "Activity already replied to")
        if self.now() - one.at > 7 * DAY or one.author == account:
            raise graph_error(10903, "This user cannot reply to this activity")
        person = self.people[one.author]
        self.talks.setdefault((account, person.id), [])
        return person

    # --- what the page does -----------------------------------------------------------------------

    def _seen(self, id: str, account: str) -> Word:
        one = self.words.get(id)
        if one is None or one.deleted or one.page != account:
            raise graph_error(100, f"Object with ID '{id}' does not exist", 33)
        return one

    def _may(self, asked: Asked, right: str) -> None:
        if right not in asked.who.rights:
            raise graph_error(200, f"Requires {right} permission", status=403)

    @route("POST", "/{version}/{above}/comments",
           anywhere={"message?": text(8000), "attachment_id?": str, "attachment_url?": str})  # fmt: skip
    def comment(self, asked: Asked) -> Any:
        self._may(asked, "pages_manage_engagement")
        above, told = self._seen(asked.path["above"], asked.who.of), asked.fields
        if not told:
            raise Misfit("missing", "message")
        picture = ""
        if id := told.get("attachment_id"):
            if id not in self.files:
                raise graph_error(100, "Invalid attachment_id")
            picture = self.kept(self.files[id])
        one = self._under(above, asked.who.of, told.get("message", ""), picture)
        self.truth.replied(above.id, one.text or "[image]", id=one.id)
        return {"id": one.id}

    @route("POST", "/{version}/{account}/photos", form={"published?": one_of("true", "false"), "caption?": str},
           files={"source": ("image/png", "image/jpeg", "image/gif", "image/webp")})  # fmt: skip
    def photos(self, asked: Asked) -> Any:
        self.own(asked, "pages_manage_posts")
        id = str(self.number())
        self.files[id] = asked.files["source"]
        return {"id": id}

    @route("GET", "/{version}/{above}/comments", anywhere={
        **PAGE, "filter?": one_of("toplevel", "stream"), "order?": one_of("chronological", "reverse_chronological"),
    })  # fmt: skip
    def comments_under(self, asked: Asked) -> Any:
        self._may(asked, "pages_read_user_content")
        above = self._seen(asked.path["above"], asked.who.of)
        return self.listed(ordered(self._replies(above), asked.fields.get("order", "")), asked)

    def _replies(self, above: Word) -> Edge:
        return Edge([one for one in self.under.get(above.id, []) if not one.deleted], self._word, newest_first=False)

    @route("POST", "/{version}/{id}", anywhere={"is_hidden?": bool, "message?": text(8000)})
    def change(self, asked: Asked) -> Any:
        self._may(asked, "pages_manage_engagement")
        one, told = self._seen(asked.path["id"], asked.who.of), asked.fields
        if "message" in told:
            if one.author != asked.who.of:
                raise graph_error(200, "Permissions error: it is not yours", status=403)
            one.text = told["message"]
            self.truth.edit(one.id, one.text)
            self._feed(one, "edited")
        if "is_hidden" in told:
            if one.author == asked.who.of:
                raise graph_error(100, "A page cannot hide its own comment")
            one.hidden = told["is_hidden"]
            self.truth.hide(one.id, one.hidden)
            self._feed(one, "hide" if one.hidden else "unhide")
        return {"success": True}

    @route("DELETE", "/{version}/{id}")
    def remove(self, asked: Asked) -> Any:
        self._may(asked, "pages_manage_engagement")
        self.takes_back(self._seen(asked.path["id"], asked.who.of))
        return {"success": True}

    @route("POST", "/{version}/{account}/blocked", anywhere={"psid": pattern(r"\[\d+\]")})
    def block(self, asked: Asked) -> Any:
        self.own(asked, "pages_manage_engagement")
        id = asked.fields["psid"].strip("[]")
        if id in self.people:
            self.people[id].is_blocked = True
        return {id: id in self.people}

    @route("DELETE", "/{version}/{account}/blocked", anywhere={"psid": pattern(r"\d+")})
    def unblock(self, asked: Asked) -> Any:
        self.own(asked, "pages_manage_engagement")
        if (person := self.people.get(asked.fields["psid"])) is None:
            raise graph_error(100, "Invalid parameter")
        person.is_blocked = False
        return {"success": True}

    @route("POST", "/{version}/{id}/likes")
    def like(self, asked: Asked) -> Any:
        self._may(asked, "pages_manage_engagement")
        self._seen(asked.path["id"], asked.who.of).likes.add(asked.who.of)
        return {"success": True}

    @route("DELETE", "/{version}/{id}/likes")
    def unlike(self, asked: Asked) -> Any:
        self._may(asked, "pages_manage_engagement")
        self._seen(asked.path["id"], asked.who.of).likes.discard(asked.who.of)
        return {"success": True}

    # --- what it may read -------------------------------------------------------------------------

    @route("GET", "/{version}/{account}/feed", anywhere=PAGE)
    @route("GET", "/{version}/{account}/ads_posts", anywhere=PAGE)
    @route("GET", "/{version}/{account}/tagged", anywhere=PAGE)
    @route("GET", "/{version}/{account}/ratings", anywhere=PAGE)
    def edge(self, asked: Asked) -> Any:
        page = self.own(asked, "pages_read_engagement", "pages_read_user_content")
        name = asked.url.partition("?")[0].rstrip("/").rpartition("/")[2]
        kind = {"tagged": "tagged", "ratings": "rating"}.get(name, "post")
        since, until = asked.fields.get("since", 0), asked.fields.get("until", self.now())
        found = [
            one for one in reversed(self.words.values())
            if (one.kind, one.page) == (kind, page) and not one.deleted and since <= one.at <= until
            and one.dark == (name == "ads_posts")
        ]  # fmt: skip
        return self.listed(Edge(found, self._word), asked)

    @route("GET", "/{version}/me/accounts", anywhere=PAGE)
    def accounts_of(self, asked: Asked) -> Any:
        self._may(asked, "pages_show_list")
        pages = [{**one, "access_token": f"token-{id}", "tasks": ["MODERATE", "MESSAGING"], "category": "Bakery"}
                 for id, one in self.accounts.items()]  # fmt: skip
        return self.listed(Edge(pages), asked)

    @route("GET", "/{version}/{id}", anywhere={"fields?": str})
    def get(self, asked: Asked) -> Any:
        id, wanted = asked.path["id"], asked.fields.get("fields", "")
        if id in self.accounts:
            return self.shown({**self.accounts[id], "access_token": f"token-{id}", "category": "Bakery"}, wanted)
        if person := self.people.get(id):
            first, _space, last = person.name.partition(" ")
            return self.shown({"id": id, "name": person.name, "first_name": first, "last_name": last,
                               "profile_pic": f"https://cdn.example/{id}.jpg", "locale": None}, wanted)  # fmt: skip
        self._may(asked, "pages_read_engagement")
        return self.shown(self._word(self._seen(id, asked.who.of)), wanted)

    @route("POST", "/{version}/{account}/subscribed_apps", form={"subscribed_fields": str})
    def subscribe(self, asked: Asked) -> Any:
        page = self.own(asked, "pages_manage_metadata")
        if unknown := set(asked.fields["subscribed_fields"].split(",")) - FIELDS:
            raise graph_error(100, f"Param subscribed_fields has unknown values: {', '.join(sorted(unknown))}")
        self.accounts[page]["subscribed"] = True
        return {"success": True}

    @route("DELETE", "/{version}/{account}/subscribed_apps")
    def unsubscribe(self, asked: Asked) -> Any:
        self.accounts[self.own(asked, "pages_manage_metadata")]["subscribed"] = False
        return {"success": True}

    def _word(self, one: Word) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": one.id, "from": {"id": one.author, "name": self._name(one.author)}, "message": one.text,
            "created_time": iso(one.at), "permalink_url": f"https://www.facebook.com/{one.id}", "is_hidden": one.hidden,
            "attachment": {"media": {"image": {"src": one.picture}}, "type": "photo"} if one.picture else None,
            "parent": {"id": one.parent} if one.parent else None, "comments": self._replies(one),
            "promotion_status": "active" if one.dark else "inactive", "is_published": not one.dark,
            "full_picture": one.picture, "shares": {"count": 3}, "likes": None,
        }  # fmt: skip
        if one.kind == "rating":
            who = {"id": one.author, "name": self._name(one.author)}
            return {"reviewer": who, "rating": None, "recommendation_type": one.recommends, "review_text": one.text,
                    "created_time": iso(one.at), "open_graph_story": {"id": one.id}}  # fmt: skip
        return told
