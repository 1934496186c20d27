"""Facebook pages: Messenger, comments on posts and advertisements, visitors' posts, mentions, recommendations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import (
    Act,
    Author,
    Capabilities,
    ChannelError,
    Connection,
    Field,
    Grant,
    Happening,
    Held,
    Outbound,
    Post,
    Raw,
    Receipt,
    Reconciled,
    Right,
    Step,
)  # fmt: skip
from netcenter.channels.facebook import catching_up, commenting, feed
from netcenter.channels.meta import connecting, options, reading, sending
from netcenter.channels.meta.graph import Graph
from netcenter.channels.meta.pages import HUMAN, QUICK_REPLIES, WEEK, OfAPage, is_comment, page_of

MOST = 25 * 2**20  # bytes of a file


class Facebook(OfAPage):
    kind = "facebook"
    name = _("Facebook page")
    glyph = "brand-facebook"
    capabilities = Capabilities(
        places=("private", "public"), private_reply=True, quick_replies=True, max_length=2000,
        lengths={"public": 8000}, hours={"private": 24, "private_reply": WEEK}, tags={HUMAN: WEEK},
        attachments=True, max_attachment=MOST,
        sizes={"image/*": 8 * 2**20, **dict.fromkeys(("video/*", "audio/*", "application/*", "text/*"), MOST)},
        acts=frozenset({"hide", "show", "delete_theirs", "delete_ours", "edit", "react", "unreact", "seen", "typing",
                        "block", "unblock"}),
        acts_in={"private": frozenset({"react", "unreact", "seen", "typing", "block", "unblock"}),
                 "public": frozenset({"hide", "show", "delete_theirs", "delete_ours", "edit", "react", "unreact",
                                      "block", "unblock"})},
        reactions=("like",), edits=True, deletes=True, echoes=True,
    )  # fmt: skip
    fields = (
        *options.APP,
        Field("page_id", _("Page ID"), _("Signing in fills it."), required=False, rare=True),
        options.TOKEN,
        *options.RARE,
    )
    steps = (
        Step(
            _("Make an app"),
            _("In Meta's App Dashboard create an app of type Business, and add Messenger, Webhooks and Facebook Login "
              "to it."),
            "https://developers.facebook.com/apps/", fields=("app_id", "app_secret"),
        ),
        Step(
            _("Say where to come back to"),
            _("Under Facebook Login → Settings, paste this address among the valid OAuth redirect URIs."),
            "https://developers.facebook.com/apps/", copy=("redirect",),
        ),
        Step(_("Sign in"), _("Choose the pages that people shall answer from here."), consent=True),
        options.PASTE,
        Step(
            _("Let it push"),
            _("Once signed in we tell Meta where to push. If it asks, paste this address and the verify token."),
            "https://developers.facebook.com/apps/", copy=("hook",), fields=("verify_token",),
        ),
        options.REVIEW,
    )  # fmt: skip
    rights = (
        Right("pages_show_list", _("See which pages you have"), _("No page can be chosen when signing in.")),
        Right("pages_messaging", _("Messenger"), _("Private messages neither arrive nor can be answered.")),
        Right("pages_manage_metadata", _("Be told what happens"), _("Nothing is pushed to us: comments come late.")),
        Right("pages_read_engagement", _("Read posts and comments"), _("Comments have no words and no post.")),
        Right("pages_read_user_content", _("Read what visitors write"),
              _("Visitors' posts, comments and recommendations are not seen.")),
        Right("pages_manage_engagement", _("Answer, hide and like comments"),
              _("Comments are seen, but cannot be answered, hidden, deleted or liked.")),
        Right("pages_manage_posts", _("Show pictures in comments"),
              _("Comments are answered without pictures."), required=False),
        Right("business_management", _("Pages of a business portfolio"),
              _("Pages that belong to a business portfolio may be missing from the list."), required=False),
    )  # fmt: skip

    # --- what comes in --------------------------------------------------------------------------

    def hears(self, connection: Connection) -> tuple[str, ...]:
        return tuple(filter(None, [page_of(connection)]))

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.read(raw, ("page",), self.hears(connection), reading.by_account, feed.told)

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return catching_up.page_of(Graph(connection), page_of(connection), since, until, cursor)

    def stands(self, held: Sequence[Held], connection: Connection) -> set[str]:
        """Comments under posts that are too old to be listed are asked for; who may hide from us is not doubted."""
        graph = Graph(connection)
        return {one.external_id for one in held if one.place == "private" or one.form not in ("comment", "post")
                or graph.is_there(one.external_id)}  # fmt: skip

    # --- what must be asked for -----------------------------------------------------------------

    def post(self, external_id: str, connection: Connection) -> Post | None:
        fields = "id,from,message,created_time,permalink_url,full_picture,shares,promotion_status,is_published"
        try:
            told = Graph(connection).get(external_id, {"fields": fields})
        except ChannelError as error:
            if error.reason == "gone":
                return None
            raise
        return feed.post_of(told, page_of(connection))

    def author(self, author: Author, connection: Connection) -> Author:
        try:
            told = Graph(connection).get(author.external_id, {"fields": "name,first_name,last_name,profile_pic"})
        except ChannelError as error:
            if error.reason in ("gone", "right", "unfit"):  # people may forbid it
                return author
            raise
        name = told.get("name") or f"{told.get('first_name', '')} {told.get('last_name', '')}"
        return Author(
            author.external_id, reading.words(name).strip(), avatar_url=reading.words(told.get("profile_pic"))
        )

    # --- what goes out --------------------------------------------------------------------------

    def unfit(self, outbound: Outbound) -> str:
        if flaw := super().unfit(outbound):
            return flaw
        if outbound.way == "private_reply":
            return "a private answer to a comment has words alone" if outbound.attachments or not outbound.text else ""
        if outbound.thread.place == "public":
            mimes = [file.mime.partition("/")[0] for file in outbound.attachments]
            return "a comment takes one picture" if mimes not in ([], ["image"]) else ""
        return f"at most {QUICK_REPLIES} choices fit" if len(outbound.choices) > QUICK_REPLIES else ""

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        graph, page = Graph(connection), page_of(connection)
        if is_comment(outbound):
            return commenting.send(outbound, graph, page)
        return sending.send(outbound, graph, page)

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        graph, page = Graph(connection), page_of(connection)
        if is_comment(outbound):
            return commenting.find(outbound, graph, page)
        return sending.looked_up(outbound, graph, page, "messenger", page)

    def act(self, act: Act, connection: Connection) -> Receipt:
        graph = Graph(connection)
        if act.verb in ("block", "unblock"):
            return _judge(act, graph, page_of(connection))
        if act.thread.place == "public":
            return commenting.act(act, graph)
        return sending.act(act, graph, page_of(connection))

    # --- the account ----------------------------------------------------------------------------

    def exchange(
        self, connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
    ) -> tuple[Grant, ...]:  # fmt: skip
        user, kept, ends = connecting.people_token(connection, told, redirect_uri)
        graph = Graph(connection, token=user)
        pages = graph.all("me/accounts", {"fields": "id,name,access_token,tasks", "limit": 100})
        return tuple(
            Grant({"token": p["access_token"], **kept}, {"page_id": p["id"]}, ends, p["id"], p["name"])
            for p in pages
            if p.get("access_token")
        )

    def subscribe(self, connection: Connection, hook: str) -> None:
        connecting.subscribe(connection, hook, "page", connecting.PAGE_FIELDS)
        connecting.subscribe_page(connection, page_of(connection))

    def unsubscribe(self, connection: Connection, hook: str) -> None:
        """The app's own hook stays: its other pages are told through it."""
        Graph(connection).call("DELETE", f"{page_of(connection)}/subscribed_apps")


def _judge(act: Act, graph: Graph, page: str) -> Receipt:
    """Who is blocked neither comments on the page nor writes to it, under the name that they have for this page.

    https://developers.facebook.com/docs/graph-api/reference/page/blocked/
    """
    who = act.to.external_id if act.to else ""
    if act.verb == "block":
        told = graph.json(graph.call("POST", f"{page}/blocked", form={"psid": f"[{who}]"}))
        if told.get(who) is not True:
            raise ChannelError("Facebook did not block them", permanent=True)
    else:
        graph.call("DELETE", f"{page}/blocked", query={"psid": who})
    return Receipt(act.target, "sent", datetime.now(UTC))


CHANNEL = Facebook()
