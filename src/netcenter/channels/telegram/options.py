"""What is filled in, what the account may do, and what Telegram allows."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Bucket, Capabilities, Field, Right, Step

MB = 2**20
REAL = "https://api.telegram.org"
LONGEST, LONGEST_CAPTION = 4096, 1024  # https://core.telegram.org/bots/api#sendmessage, #sendphoto
MOST_FETCHED = 20 * MB  # https://core.telegram.org/bots/api#getfile
MOST_SENT, MOST_PHOTO = 50 * MB, 10 * MB  # https://core.telegram.org/bots/api#sending-files
CHOICE_BYTES, CHOICE_LABEL, MOST_CHOICES = 64, 64, 100  # https://core.telegram.org/bots/api#inlinekeyboardbutton
PAUSE, GROUP_PAUSE = 1.0, 3.0  # seconds between two messages: one a second to a chat, 20 a minute to a group

# https://core.telegram.org/bots/api#reactiontypeemoji: those that anybody would give a customer
REACTIONS = ("👍", "❤", "🔥", "👏", "😁", "🎉", "🤩", "🙏", "👌", "😢", "🤝", "💯", "🫡", "👀", "🤗", "😍", "🥰", "🤔")

CAPABILITIES = Capabilities(
    places=("private", "public"),
    quick_replies=True,
    max_length=LONGEST,
    hours={"delete": 48},
    attachments=True,
    max_attachment=MOST_SENT,
    max_attachments=10,
    acts=frozenset({"delete_ours", "delete_theirs", "edit", "react", "unreact", "typing", "block", "unblock"}),
    acts_in={"private": frozenset({"delete_ours", "delete_theirs", "edit", "react", "unreact", "typing"})},
    reactions=REACTIONS,
    edits=True,
    deletes=True,
    echoes=True,
)

BUCKETS = (
    Bucket("messages", 30, 1),
)  # https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this

FIELDS = (
    Field("address", _("Name of the bot"), _("As BotFather calls it, for example @panaderia_sol_bot")),
    Field(
        "token", _("Token of the bot"), kind="secret", secret=True, sent_to=("base_url",),
        help=_("BotFather shows it when the bot is made, and again with /token."),
    ),
    Field("webhook_secret", _("Secret of the webhook"), kind="secret", secret=True, generated=True),
    Field(
        "groups", _("What comes in from groups"), kind="choice", default="all",
        help=_("Comments under the posts of your channel come in unless you choose nothing."),
        choices=(("all", _("Everything that is written there")), ("named", _("What names or answers the bot")),
                 ("none", _("Nothing"))),
    ),
    Field(
        "team", _("Colleagues who answer in Telegram itself"), required=False, rare=True, lines=True,
        help=_("Their names (@ana) or numbers there, one a line: what they answer in groups is an answer, and no "
               "question."),
    ),
    Field(
        "receive", _("How it comes in"), kind="choice", default="push", rare=True,
        help=_("Telegram calls addresses with https that everybody can reach; otherwise we ask, all the time."),
        choices=(("push", _("Telegram calls us, if it can")), ("ask", _("We ask Telegram"))),
    ),
    Field("base_url", _("Address of Telegram"), kind="url", default=REAL, rare=True),
)  # fmt: skip

STEPS = (
    Step(
        _("Make a bot"), url="https://t.me/BotFather", fields=("address", "token"),
        text=_("In Telegram write to BotFather: /newbot, then the name and picture of your brand. It gives you a "
               "token: whoever has it is the bot, so paste it here and nowhere else."),
    ),
    Step(
        _("Groups and channels"), url="https://t.me/BotFather", fields=("groups",),
        text=_("If customers write in a group or under the posts of your channel: tell BotFather /setprivacy → "
               "Disable, then add the bot to the group as an administrator. Without that it hears only what names it."),
    ),
    Step(_("Details"), _("These may stay as they are."), fields=("receive", "team")),
)  # fmt: skip

# https://core.telegram.org/bots/api#user: what BotFather switches on and off
RIGHTS = (
    Right("can_join_groups", _("Be in groups"), _("Nothing comes in from groups or from under the posts of your "
          "channel. Tell BotFather: /setjoingroups → Enable."), required=False),
    Right("can_read_all_group_messages", _("Read all that is written in groups"), _("In groups only what names or "
          "answers the bot is heard. Tell BotFather: /setprivacy → Disable, then add it to the group anew."),
          required=False),
    Right("can_connect_to_business", _("Answer for a business account"), _("What customers write to the telephone of "
          "the company does not come in. Tell BotFather: /mybots → Bot Settings → Business Mode."), required=False),
)  # fmt: skip
