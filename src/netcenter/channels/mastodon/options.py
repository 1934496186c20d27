"""What is filled in, what the account may do, and what the network allows."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Bucket, Capabilities, Field, Right, Step

MENTION = 32  # characters kept free for "@name ", which every answer begins with: names have at most 30
LONGEST = 500  # of servers that tell no limit of their own
URL_COUNTS = 23  # https://docs.joinmastodon.org/user/posting/#links
IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "image/heif", "image/avif")
FILMS = ("video/mp4", "video/webm", "video/quicktime", "video/x-m4v")
SOUNDS = ("audio/*",)
IMAGE_BYTES, FILM_BYTES = 16 * 2**20, 99 * 2**20  # https://docs.joinmastodon.org/user/posting/#media

CAPABILITIES = Capabilities(
    places=("public", "private"),
    private_reply=True,
    max_length=LONGEST - MENTION,
    attachments=True,
    max_attachment=FILM_BYTES,
    max_attachments=4,
    sizes={**dict.fromkeys(IMAGES, IMAGE_BYTES), **dict.fromkeys((*FILMS, *SOUNDS), FILM_BYTES)},
    acts=frozenset({"delete_ours", "edit", "react", "unreact", "block", "unblock"}),
    reactions=("like",),
    edits=True,
    deletes=True,
    echoes=True,
)

# https://docs.joinmastodon.org/api/rate-limits/
BUCKETS = (
    Bucket("calls", 300, 300, label=_("Requests of all kinds")),
    Bucket("media", 30, 1800, label=_("Files sent")),
    Bucket("deletes", 30, 1800, label=_("Posts deleted")),
)

FIELDS = (
    Field(
        "base_url", _("Address of the server"), kind="url",
        help=_("Where your account lives, for example https://mastodon.social"),
    ),
    Field(
        "token", _("Access token"), kind="secret", secret=True, required=False, rare=True, sent_to=("base_url",),
        help=_("Signing in makes one. Or paste one from Preferences → Development of your server."),
    ),
    Field(
        "visibility", _("Who sees public answers"), kind="choice", default="unlisted", rare=True,
        help=_("Never more people than see what is answered."),
        choices=(("unlisted", _("Everybody who looks at the conversation")), ("public", _("Public timelines too"))),
    ),
    Field(
        "history_days", _("Days to look back"), kind="number", default=1, rare=True,
        help=_("When connecting, mentions of these days come in too; 0: only what arrives from now on."),
    ),
)  # fmt: skip

STEPS = (
    Step(
        _("Your server"), fields=("base_url",),
        text=_("Write the address of the server on which the account of your brand lives. Any server that speaks as "
               "Mastodon does will do."),
    ),
    Step(
        _("Sign in"), consent=True,
        text=_("Sign in there as your brand, and allow Netcenter what it asks for. It can neither read nor change your "
               "password, follow anybody, or change your profile."),
    ),
    Step(
        _("Details"), fields=("visibility", "history_days", "token"),
        text=_("These may stay as they are."),
    ),
)  # fmt: skip

# https://docs.joinmastodon.org/api/oauth-scopes/
RIGHTS = (
    Right("read:accounts", _("See who writes"), _("Netcenter cannot tell which account this is.")),
    Right("read:notifications", _("See mentions and private messages"), _("Nothing that customers write comes in.")),
    Right("read:statuses", _("Read conversations"), _("Edits, deletions and your own answers are not seen.")),
    Right("write:statuses", _("Answer"), _("Nothing can be answered.")),
    Right("write:media", _("Send pictures and files"), _("Answers leave without files."), required=False),
    Right("write:blocks", _("Block somebody"), _("Whoever is blocked is blocked in Netcenter alone."), required=False),
    Right("write:favourites", _("Like"), _("Customers' words cannot be liked."), required=False),
)  # fmt: skip
SCOPES = " ".join(right.name for right in RIGHTS)
