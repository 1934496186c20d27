"""Instagram: private messages, stories, comments and mentions of professional accounts.

https://developers.facebook.com/docs/instagram-platform
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netcenter.street.networks.base import Asked, one_of, route, text
from netcenter.street.networks.meta import fields
from netcenter.street.networks.meta.app import graph_error, iso
from netcenter.street.networks.meta.fields import Edge
from netcenter.street.networks.meta.pages import FIELDS, PAGE
from netcenter.street.networks.meta.talks import DAY, Person, Private, Talks
from netcenter.street.networks.meta.words import Word

RIGHTS = (
    "instagram_basic", "instagram_manage_messages", "instagram_manage_comments", "pages_show_list",
    "pages_manage_metadata", "pages_read_engagement",
)  # fmt: skip
COMMENTS = "instagram_manage_comments"


class Instagram(Talks):
    """Instagram, reached through the page that an account is linked to."""

    what = "instagram"
    platform = "instagram"
    longest = 1000
    measure = staticmethod(lambda words: len(words.encode()))
    marks = False
    send_right = "instagram_manage_messages"

    def __init__(self, *more: Any, **named: Any) -> None:
        super().__init__(*more, **named)
        self.words: dict[str, Word] = {}
        self.under: dict[str, list[Word]] = {}
        self.page_of: dict[str, str] = {}  # account -> page

    def professional(self, id: str, page: str, rights: tuple[str, ...] = RIGHTS) -> str:
        """An account, its page, and their token."""
        self.page_of[id] = page
        return self.account(id, rights=rights)

    # --- what people do ---------------------------------------------------------------------------

    def publishes(self, account: str, words: str, advert: bool = False) -> Word:
        return self._keep(Word(f"179{self.number()}", account, account, words, self.now(), "post", dark=advert))

    def comments(self, person: Person, above: Word, words: str) -> Word:
        one = self._under(above, person.id, words)
        self.truth.said(person.id, f"{one.post}/{person.id}", words, one.id)
        return one

    def mentions(self, person: Person, account: str, words: str, tagged: bool = True, comment: bool = False) -> Word:
        """Somebody names the account in a caption or comment of theirs; `tagged` ones are listed."""
        kind = "tagged" if tagged and not comment else "far"
        post = self._keep(Word(f"178{self.number()}", account, person.id, words, self.now(), kind))
        value = {"media_id": post.id}
        if comment:
            one = self._keep(Word(f"c{self.number()}", account, person.id, words, self.now(), "far", post.id))
            value["comment_id"] = one.id
        said = one if comment else post
        self.truth.said(f"@{_handle(person.name)}", f"{post.id}/@{_handle(person.name)}", words, said.id)
        self._change(account, "mentions", value)
        return said

    def answers_story(self, person: Person, account: str, words: str) -> Private:
        return self.writes(person, account, words, reply_to={"story": {"id": "17", "url": "https://cdn.example/s.jpg"}})

    def unsends(self, person: Person, account: str, mid: str) -> None:
        one = next(each for each in self.talks[account, person.id] if each.id == mid)
        one.deleted = True
        self.truth.delete(mid)
        self.told(account, self._event(person.id, account, message={"mid": mid, "is_deleted": True}))

    def sees(self, person: Person, account: str, mid: str) -> None:
        self.told(account, self._event(person.id, account, read={"mid": mid}))

    def _keep(self, one: Word) -> Word:
        self.words[one.id] = one
        return one

    def _under(self, above: Word, author: str, words: str) -> Word:
        post = above.post or above.id
        parent = above.parent or above.id if above.post else ""
        one = self._keep(Word(f"c{self.number()}", above.page, author, words, self.now(), "comment", post, parent))
        self.under.setdefault(parent or post, []).append(one)
        media = self.words[post]
        told = {"id": post, "media_product_type": "AD" if media.dark else "FEED"}
        value = {"id": one.id, "text": words, "from": self._who(author), "media": told}
        if parent:
            value["parent_id"] = parent
        self._change(above.page, "comments", value)
        return one

    def _change(self, account: str, name: str, value: Mapping[str, Any]) -> None:
        if self.accounts[account]["subscribed"]:
            self.push({"id": account, "time": int(self.now()), "changes": [{"field": name, "value": value}]})

    def _who(self, id: str) -> dict[str, str]:
        return {"id": id, "username": _handle(self._name(id))}

    def privately(self, account: str, comment: str) -> Person:
        one = self._seen(comment, account)
        if comment in self.answered_privately:
            raise graph_error(10900, "Activity already replied to")
        if self.now() - one.at > 7 * DAY:
            raise graph_error(10903, "This user cannot reply to this activity")
        self.talks.setdefault((account, one.author), [])
        return self.people[one.author]

    # --- what the account does --------------------------------------------------------------------

    def own(self, asked: Asked, *rights: str) -> str:
        """Both the account's id and its page's are taken."""
        for account, page in self.page_of.items():
            if asked.path.get("account") == page:
                asked.path["account"] = account
        return super().own(asked, *rights)

    def _seen(self, id: str, account: str) -> Word:
        one = self.words.get(id)
        if one is None or one.deleted or one.page != account:
            raise graph_error(100, f"Object with ID '{id}' does not exist", 33)
        return one

    def _may(self, asked: Asked, right: str = COMMENTS) -> str:
        if right not in asked.who.rights:
            raise graph_error(10, f"Requires {right} permission", status=403)
        return asked.who.of

    @route("POST", "/{version}/{above}/replies", anywhere={"message": text(300)})
    @route("POST", "/{version}/{above}/comments", anywhere={"message": text(300)})
    def reply(self, asked: Asked) -> Any:
        account = self._may(asked)
        above = self._seen(asked.path["above"], account)
        if bool(above.post) != asked.url.partition("?")[0].endswith("/replies") or above.hidden:
            raise graph_error(100, "Unsupported post request")
        one = self._under(above, account, asked.fields["message"])
        self.truth.replied(above.id, one.text, id=one.id)
        return {"id": one.id}

    @route("POST", "/{version}/{account}/mentions", anywhere={
        "media_id": str, "comment_id?": str, "message": text(300)})  # fmt: skip
    def reply_to_mention(self, asked: Asked) -> Any:
        account = self.own(asked, COMMENTS)
        above = self._seen(asked.fields.get("comment_id") or asked.fields["media_id"], account)
        if above.kind not in ("tagged", "far"):
            raise graph_error(100, "Not mentioned there")
        one = self.truth.replied(above.id, asked.fields["message"], id=f"c{self.number()}")
        return {"id": one.id}

    @route("POST", "/{version}/{id}", anywhere={"hide": bool})
    def hide(self, asked: Asked) -> Any:
        one = self._seen(asked.path["id"], self._may(asked))
        if one.author == asked.who.of:
            raise graph_error(100, "Comments by the owner are always shown")
        one.hidden = asked.fields["hide"]
        self.truth.hide(one.id, one.hidden)
        return {"success": True}

    @route("DELETE", "/{version}/{id}")
    def remove(self, asked: Asked) -> Any:
        one = self._seen(asked.path["id"], self._may(asked))
        one.deleted = True
        self.truth.delete(one.id)
        return {"success": True}

    @route("GET", "/{version}/{account}/media", anywhere=PAGE)
    @route("GET", "/{version}/{account}/tags", anywhere=PAGE)
    def edge(self, asked: Asked) -> Any:
        account = self.own(asked, "instagram_basic", COMMENTS)
        kind = "tagged" if asked.url.partition("?")[0].endswith("/tags") else "post"
        found = [one for one in reversed(self.words.values()) if (one.kind, one.page) == (kind, account)]
        return self.listed(Edge(found, self._media), asked)

    @route("GET", "/{version}/{above}/comments", anywhere=PAGE)
    @route("GET", "/{version}/{above}/replies", anywhere=PAGE)
    def comments_under(self, asked: Asked) -> Any:
        return self.listed(self._replies(self._seen(asked.path["above"], self._may(asked))), asked)

    def _replies(self, above: Word) -> Edge:
        return Edge([one for one in reversed(self.under.get(above.id, [])) if not one.deleted], self._comment)

    @route("GET", "/{version}/me/accounts", anywhere=PAGE)
    def accounts_of(self, asked: Asked) -> Any:
        self._may(asked, "pages_show_list")
        pages = [
            {"id": self.page_of[id], "name": one["name"], "access_token": f"token-{id}",
             "instagram_business_account": {"id": id, "username": _handle(one["name"])}}
            for id, one in self.accounts.items()
        ]  # fmt: skip
        return self.listed(Edge([*pages, {**pages[0], "id": "1", "instagram_business_account": None}]), asked)

    @route("POST", "/{version}/{page}/moderate_conversations", json={
        "user_ids": [{"id": str}], "actions": [one_of("block_user", "unblock_user", "move_to_spam")],
    })  # fmt: skip
    def moderate(self, asked: Asked) -> Any:
        """Of people with whom there is a conversation alone."""
        account = next((each for each, page in self.page_of.items() if page == asked.path["page"]), "")
        if asked.who.of != account or "instagram_manage_messages" not in asked.who.rights:
            raise graph_error(200, "Requires instagram_manage_messages permission", status=403)
        told, people = asked.fields, [one["id"] for one in asked.fields["user_ids"]]
        if len(people) > 10 or len(told["actions"]) > 2 or {"block_user", "unblock_user"} <= set(told["actions"]):
            raise graph_error(100, "Invalid parameter")
        if any((account, id) not in self.talks for id in people):
            raise graph_error(100, "No matching user found", 2018001)
        for id in people:
            self.people[id].is_blocked = "block_user" in told["actions"]
        return {"success": True}

    @route("GET", "/{version}/{id}", anywhere={"fields?": str})
    def get(self, asked: Asked) -> Any:
        id, wanted = asked.path["id"], asked.fields.get("fields", "")
        if id in self.page_of.values():
            account = next(each for each, page in self.page_of.items() if page == id)
            return self.shown({"id": id, "access_token": f"token-{account}"}, wanted)
        if id in self.accounts:
            return self._mentioned(id, asked, fields.parse(wanted))
        if person := self.people.get(id):
            if not any(person.id == key[1] for key in self.talks):
                raise graph_error(230, "User consent is required to access user profile", status=403)
            return self.shown({"id": id, "name": person.name, "username": _handle(person.name), "follower_count": 7,
                               "profile_pic": None, "is_verified_user": False}, wanted)  # fmt: skip
        one = self._seen(id, self._may(asked))
        return self.shown(self._comment(one) if one.post else self._media(one), wanted)

    def _mentioned(self, account: str, asked: Asked, wanted: Mapping[str, fields.Asked]) -> Any:
        """The words that name the account, asked for by their id."""
        self._may(asked)
        found = {}
        for name, one in wanted.items():
            told = self._seen(one.options.get("comment_id") or one.options.get("media_id", ""), account)
            thing = self._comment(told) if name == "mentioned_comment" else self._media(told)
            found[name] = fields.shown(thing, one.below)
        return {**found, "id": account}

    @route("POST", "/{version}/{account}/subscribed_apps", form={"subscribed_fields": str})
    def subscribe(self, asked: Asked) -> Any:
        account = self.own(asked, "pages_manage_metadata")
        if set(asked.fields["subscribed_fields"].split(",")) - FIELDS:
            raise graph_error(100, "Param subscribed_fields has unknown values")
        self.accounts[account]["subscribed"] = True
        return {"success": True}

    def _comment(self, one: Word) -> dict[str, Any]:
        return {
            "id": one.id, "text": one.text, "timestamp": iso(one.at), "from": self._who(one.author),
            "username": self._who(one.author)["username"], "parent_id": one.parent or None, "hidden": one.hidden,
            "like_count": 0, "media": {"id": one.post, "permalink": f"https://www.instagram.com/p/{one.post}/"},
            "replies": self._replies(one),
        }  # fmt: skip

    def _media(self, one: Word) -> dict[str, Any]:
        return {
            "id": one.id, "caption": one.text, "timestamp": iso(one.at), "username": self._who(one.author)["username"],
            "permalink": f"https://www.instagram.com/p/{one.id}/", "media_type": "IMAGE", "like_count": 5,
            "media_url": "https://cdn.example/x.jpg", "comments_count": 2, "comments": self._replies(one),
            "media_product_type": "AD" if one.dark else "FEED",
        }  # fmt: skip


def _handle(name: str) -> str:
    return name.lower().replace(" ", ".").encode("ascii", "ignore").decode()
