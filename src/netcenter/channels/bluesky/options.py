"""What is filled in, what the account may do, and what the network allows."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Bucket, Capabilities, Field, Right, Step

REAL = "https://bsky.social"
PLC = "https://plc.directory"
CHAT = "did:web:api.bsky.chat#bsky_chat"
SCOPE = "atproto transition:generic transition:chat.bsky"  # https://atproto.com/specs/oauth#authorization-scopes

# https://docs.bsky.app/docs/advanced-guides/posts, lexicons app.bsky.feed.post, app.bsky.embed.images and video
POST, WORDS = 300, 1000  # graphemes of a post, of a private message
IMAGE_BYTES, FILM_BYTES = 1_000_000, 50_000_000  # what every server takes, although newer ones take twice as much

CAPABILITIES = Capabilities(
    places=("public", "private"),
    private_reply=True,
    max_length=WORDS,
    lengths={"public": POST, "private": WORDS},
    attachments=True,
    max_attachments=4,
    sizes={"image/*": IMAGE_BYTES, "video/mp4": FILM_BYTES},
    acts=frozenset({"hide", "show", "delete_ours", "react", "unreact", "block", "unblock"}),
    acts_in={"private": frozenset({"react", "unreact", "block", "unblock"})},
    reactions=("like",),
    deletes=True,
    echoes=True,
)

# https://docs.bsky.app/docs/advanced-guides/rate-limits – a write costs points: create 3, update 2, delete 1
BUCKETS = (
    Bucket("calls", 3000, 300, label=_("Requests of all kinds")),
    Bucket("points_hour", 5000, 3600, label=_("Changes, in points")),
    Bucket("points_day", 35_000, 86_400, label=_("Changes, in points")),
    Bucket("sessions", 30, 300, label=_("Sign-ins")),
    Bucket("sessions_day", 300, 86_400, label=_("Sign-ins")),
)

FIELDS = (
    Field("handle", _("Handle"), help=_("Your brand's name there, for example sol.bsky.social"), required=False),
    Field(
        "password", _("App password"), kind="secret", secret=True, required=False, sent_to=("base_url",),
        help=_("Made at Settings → Privacy and security → App passwords. Never the password of the account."),
    ),
    Field("chat", _("Private messages too"), kind="checkbox", default=True, required=False),
    Field(
        "history_days", _("Days to look back"), kind="number", default=1, rare=True,
        help=_("When connecting, what was said in these days comes in too; 0: only what arrives from now on."),
    ),
    Field("base_url", _("Address of the server"), kind="url", default=REAL, rare=True),
    Field(
        "client_id", _("Address of the client metadata"), kind="url", required=False, rare=True,
        help=_("Only to sign in with OAuth instead of an app password: where the file of the README can be read."),
    ),
    Field("plc_url", _("Directory of identities"), kind="url", default=PLC, rare=True),
    Field("chat_service", _("Chat service"), default=CHAT, rare=True),
)  # fmt: skip

STEPS = (
    Step(
        _("Make an app password"), url="https://bsky.app/settings/app-passwords",
        text=_("Open this page as your brand, press “Add app password”, and give it a name such as Netcenter. Tick "
               "“Allow access to your direct messages”, or private messages stay unseen. Copy what you are shown: it "
               "is shown once."),
    ),
    Step(
        _("Paste it here"), fields=("handle", "password", "chat"), instead=True,
        text=_("An app password cannot change your account, and you can delete it there at any time."),
    ),
    Step(
        _("Or sign in"), fields=("base_url", "client_id", "plc_url", "chat_service", "history_days"), consent=True,
        text=_("With an address of client metadata you may sign in at Bluesky instead, and need no app password."),
    ),
)  # fmt: skip

RIGHTS = (
    Right("atproto", _("Know who we are"), _("Nothing works at all.")),
    Right("transition:generic", _("Read what is said to us, and answer"), _("Nothing comes in, and nothing leaves.")),
    Right(
        "transition:chat.bsky", _("Private messages"),
        _("Private messages stay unseen, and public words cannot be answered privately."), required=False,
    ),
)  # fmt: skip
