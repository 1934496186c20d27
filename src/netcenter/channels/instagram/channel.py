"""Instagram: private messages, answers to stories, comments and mentions of a professional account."""

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
    Place,
    Post,
    Raw,
    Reach,
    Receipt,
    Reconciled,
    Right,
    Step,
    counting,
)  # fmt: skip
from netcenter.channels.instagram import catching_up, public
from netcenter.channels.meta import connecting, options, reading, sending
from netcenter.channels.meta.graph import Graph
from netcenter.channels.meta.pages import HUMAN, QUICK_REPLIES, WEEK, OfAPage, is_comment, page_of

MB = 2**20
FIELDS = ("messages", "message_edit", "message_reactions", "messaging_postbacks", "messaging_referral",
          "messaging_seen", "comments", "live_comments", "mentions", "standby")  # fmt: skip


class Instagram(OfAPage):
    kind = "instagram"
    name = _("Instagram")
    glyph = "brand-instagram"
    capabilities = Capabilities(
        places=("private", "public"), private_reply=True, quick_replies=True, max_length=1000, lengths={"public": 300},
        hours={"private": 24, "private_reply": WEEK}, tags={HUMAN: WEEK}, attachments=True,
        max_attachment=25 * MB,
        sizes={"image/jpeg": 8 * MB, "image/png": 8 * MB, "audio/*": 25 * MB, "video/*": 25 * MB,
               "application/pdf": 25 * MB},
        acts=frozenset({"hide", "show", "delete_theirs", "delete_ours", "react", "unreact", "seen", "typing", "block",
                        "unblock"}),
        acts_in={"private": frozenset({"react", "unreact", "seen", "typing", "block", "unblock"}),
                 "public": frozenset({"hide", "show", "delete_theirs", "delete_ours"})},
        reactions=("love",), read_receipts=True, edits=True, deletes=True, echoes=True,
    )  # fmt: skip
    fields = (
        *options.APP,
        Field("page_id", _("Page ID"), _("Of the Facebook page that the account belongs to. Signing in fills it."),
              required=False, rare=True),
        Field("instagram_id", _("Instagram account ID"), _("Signing in fills it."), required=False, rare=True),
        options.TOKEN,
        *options.RARE,
    )  # fmt: skip
    steps = (
        Step(
            _("Prepare the account"),
            _("In the Instagram app make it a professional account, link it to your Facebook page, and in the settings "
              "allow connected tools access to messages."),
            "https://www.facebook.com/business/help/connect-instagram-to-page",
        ),
        Step(
            _("Make an app"),
            _("In Meta's App Dashboard create an app of type Business, and add Instagram, Webhooks and Facebook Login "
              "to it."),
            "https://developers.facebook.com/apps/", fields=("app_id", "app_secret"),
        ),
        Step(
            _("Say where to come back to"),
            _("Under Facebook Login → Settings, paste this address among the valid OAuth redirect URIs."),
            "https://developers.facebook.com/apps/", copy=("redirect",),
        ),
        Step(
            _("Sign in"), _("Choose the accounts that people shall answer from here, with their pages."), consent=True
        ),
        options.PASTE,
        Step(
            _("Let it push"),
            _("Once signed in we tell Meta where to push. If it asks, paste this address and the verify token."),
            "https://developers.facebook.com/apps/", copy=("hook",), fields=("verify_token",),
        ),
        options.REVIEW,
    )  # fmt: skip
    rights = (
        Right("instagram_basic", _("See the account and its posts"), _("No account can be chosen when signing in.")),
        Right("instagram_manage_messages", _("Private messages"),
              _("Private messages and answers to stories neither arrive nor can be answered.")),
        Right("instagram_manage_comments", _("Comments and mentions"),
              _("Comments and mentions are not seen, and cannot be answered, hidden or deleted.")),
        Right("pages_show_list", _("See which pages you have"), _("No account can be chosen when signing in.")),
        Right("pages_manage_metadata", _("Be told what happens"), _("Nothing is pushed to us: everything comes late.")),
        Right("pages_read_engagement", _("Read through the page"), _("Posts and comments cannot be read.")),
        Right("business_management", _("Accounts of a business portfolio"),
              _("Accounts that belong to a business portfolio may be missing from the list."), required=False),
    )  # fmt: skip

    # --- what comes in --------------------------------------------------------------------------

    def hears(self, connection: Connection) -> tuple[str, ...]:
        return tuple(filter(None, [_own(connection)]))

    def parse(self, raw: Raw, connection: Connection) -> list[Happening]:
        return reading.read(raw, ("instagram",), self.hears(connection), reading.by_account, public.told)

    def reconcile(
        self, connection: Connection, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Reconciled:  # fmt: skip
        return catching_up.page_of(Graph(connection), page_of(connection), _own(connection), since, until, cursor)

    def stands(self, held: Sequence[Held], connection: Connection) -> set[str]:
        """A conversation lists every message that was not unsent.

        https://developers.facebook.com/docs/messenger-platform/instagram/features/conversation
        """
        graph, known = Graph(connection), {"private": "message", "public": "comment"}
        return {one.external_id for one in held if one.form != known[one.place]
                or (one.place == "public" and graph.is_there(one.external_id))}  # fmt: skip

    # --- what must be asked for -----------------------------------------------------------------

    def follow(self, reference: str, connection: Connection) -> tuple[Raw, ...]:
        return public.follow(reference, Graph(connection), _own(connection))

    def post(self, external_id: str, connection: Connection) -> Post | None:
        fields = "id,caption,timestamp,permalink,media_url,media_type,username,like_count,comments_count"
        try:
            told = Graph(connection).get(external_id, {"fields": fields})
        except ChannelError as error:
            if error.reason == "gone":
                return None
            raise
        url, kind = told.get("media_url"), "video" if told.get("media_type") == "VIDEO" else "image"
        return Post(
            reading.name(told["id"]), reading.words(told.get("caption")), url=reading.words(told.get("permalink")),
            sent_at=reading.moment(told["timestamp"]), attachments=(reading.file_at(url, kind),) if url else (),
            reach=Reach(likes=told.get("like_count"), replies=told.get("comments_count")),
        )  # fmt: skip

    def author(self, author: Author, connection: Connection) -> Author:
        fields = "name,username,profile_pic,follower_count,is_verified_user"
        try:
            told = Graph(connection).get(author.external_id, {"fields": fields})
        except ChannelError as error:
            if error.reason in ("gone", "right", "unfit"):  # who never wrote to us in private is not shown
                return author
            raise
        handle = reading.words(told.get("username"))
        return Author(
            author.external_id, reading.words(told.get("name")) or handle, handle=f"@{handle}" if handle else "",
            avatar_url=reading.words(told.get("profile_pic")),
            url=f"https://www.instagram.com/{handle}/" if handle else "",
            reach=Reach(followers=told.get("follower_count"), verified=told.get("is_verified_user")),
        )  # fmt: skip

    # --- what goes out --------------------------------------------------------------------------

    def length(self, text: str, place: Place = "private") -> int:
        """Private words are measured in bytes, comments in characters."""
        return counting.octets(text) if place == "private" else len(text)

    def unfit(self, outbound: Outbound) -> str:
        if flaw := super().unfit(outbound):
            return flaw
        if outbound.attachments and (outbound.way == "private_reply" or outbound.thread.place == "public"):
            return "comments, and private answers to them, have words alone"
        return f"at most {QUICK_REPLIES} choices fit" if len(outbound.choices) > QUICK_REPLIES else ""

    def send(self, outbound: Outbound, connection: Connection) -> Receipt:
        if is_comment(outbound):
            return public.send(outbound, Graph(connection), _own(connection))
        return sending.send(outbound, Graph(connection), page_of(connection), "instagram")

    def find(self, outbound: Outbound, connection: Connection) -> Receipt | None:
        graph, own = Graph(connection), _own(connection)
        if is_comment(outbound):
            return public.find(outbound, graph, own)
        return sending.looked_up(outbound, graph, page_of(connection), "instagram", own)

    def act(self, act: Act, connection: Connection) -> Receipt:
        if act.thread.place == "public":
            return public.act(act, Graph(connection))
        if act.verb in ("block", "unblock"):
            return _judge(act, Graph(connection), page_of(connection))
        return sending.act(act, Graph(connection), page_of(connection))

    # --- the account ----------------------------------------------------------------------------

    def exchange(
        self, connection: Connection, told: Mapping[str, str], redirect_uri: str, keep: Mapping[str, str]
    ) -> tuple[Grant, ...]:  # fmt: skip
        user, kept, ends = connecting.people_token(connection, told, redirect_uri)
        query = {"fields": "id,name,access_token,instagram_business_account{id,username}", "limit": 100}
        grants = []
        for page in Graph(connection, token=user).all("me/accounts", query):
            if (account := page.get("instagram_business_account")) and page.get("access_token"):
                secrets = {"token": page["access_token"], **kept}
                config = {"page_id": page["id"], "instagram_id": account["id"]}
                handle = f"@{account['username']}" if account.get("username") else page["name"]
                grants.append(Grant(secrets, config, ends, handle, page["name"]))
        return tuple(grants)

    def subscribe(self, connection: Connection, hook: str) -> None:
        connecting.subscribe(connection, hook, "instagram", FIELDS)
        connecting.subscribe_page(connection, page_of(connection))

    def unsubscribe(self, connection: Connection, hook: str) -> None:
        """The page stays subscribed: it may be an account of its own here, and would fall silent."""


def _judge(act: Act, graph: Graph, page: str) -> Receipt:
    """Who has written in private is kept away from the whole account, and let in again.

    https://developers.facebook.com/docs/messenger-platform/instagram/features/moderate-conversations
    """
    who = act.to.external_id if act.to else act.thread.external_id
    told = graph.post(f"{page}/moderate_conversations", {"user_ids": [{"id": who}], "actions": [f"{act.verb}_user"]})
    if str(told.get("success")).lower() != "true":
        raise ChannelError(f"Instagram did not {act.verb} them", permanent=True)
    return Receipt(act.target, "sent", datetime.now(UTC))


def _own(connection: Connection) -> str:
    return reading.own_id(connection, "instagram_id")


CHANNEL = Instagram()
