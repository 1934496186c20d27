"""What is filled in, what the account may do, and how the day's quota is shared out."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Bucket, Capabilities, Field, Right, Step

LONGEST = 10_000  # characters of a comment
CONSOLE = "https://console.cloud.google.com/apis/"

CAPABILITIES = Capabilities(
    places=("public",),
    max_length=LONGEST,
    acts=frozenset({"hide", "show", "delete_theirs", "delete_ours", "edit"}),
    edits=True,
    deletes=True,
    echoes=True,
)

# --- The day's quota ------------------------------------------------------------------------------
# https://developers.google.com/youtube/v3/determine_quota_cost – 10,000 units a day, whole again at midnight in
# California. Two pots that together hold no more than a day: answering takes nothing from listening, so that a crisis
# never makes us deaf; and listening is spread over the hours, so that the evening is heard as well as the morning.

PACIFIC = "America/Los_Angeles"
DAY = 10_000  # units, unless the project was given others
LISTENING, WRITING = "listening", "writing"
HOURS = 80  # an hour's listening is this part of a day's units: 125 of 10,000, and 3,000 a day
READ, WRITE = 1, 50  # units of a call


def pots(units: int) -> tuple[Bucket, Bucket]:
    """The two pots of a project that was given so many units a day."""
    hour = max(READ, units // HOURS)
    return (
        Bucket(LISTENING, hour, 3600, label=_("Reading, in units")),
        Bucket(WRITING, max(WRITE, units - 24 * hour), 86_400, midnight=PACIFIC,
               label=_("Answering and changing, in units")),
    )  # fmt: skip


BUCKETS = pots(DAY)

# https://developers.google.com/youtube/v3/guides/authentication
RIGHTS = (
    Right(
        "https://www.googleapis.com/auth/youtube.force-ssl", _("Read, answer and moderate comments"),
        _("Comments are neither seen nor answered."),
    ),
)  # fmt: skip
SCOPES = " ".join(right.name for right in RIGHTS)

_SENT = ("base_url", "token_url")
FIELDS = (
    Field("client_id", _("Google client ID"), _("Google Cloud → APIs & Services → Credentials → OAuth client.")),
    Field("client_secret", _("Google client secret"), _("Beside that ID."), kind="secret", secret=True,
          sent_to=_SENT),
    Field("hub_secret", _("Secret of the pushes"), _("New videos are announced to us signed with it."), kind="secret",
          secret=True, generated=True, required=False, sent_to=("hub_url",)),
    Field("units", _("Quota units a day"), kind="number", default=DAY, most=1_000_000_000, rare=True,
          help=_("What the project may spend on this account. Where several accounts share one project, divide its "
                 "quota among them.")),
    Field("history_days", _("Days to look back"), kind="number", default=1, rare=True,
          help=_("When connecting, comments of these days come in too; 0: only what arrives from now on.")),
    Field("base_url", _("Address of the API"), kind="url", default="https://www.googleapis.com/youtube/v3", rare=True),
    Field("dialog_url", _("Address of the sign-in"), kind="url", default="https://accounts.google.com/o/oauth2/v2/auth",
          rare=True),
    Field("token_url", _("Address of the tokens"), kind="url", default="https://oauth2.googleapis.com", rare=True),
    Field("hub_url", _("Address of the hub"), kind="url", default="https://pubsubhubbub.appspot.com", rare=True),
)  # fmt: skip

STEPS = (
    Step(
        _("Make a project"),
        _("In the Google Cloud console make a project and enable the YouTube Data API v3 in it."),
        CONSOLE + "library/youtube.googleapis.com",
    ),
    Step(
        _("Say who asks"),
        _("Fill in the consent screen and publish it (status: In production). While it says Testing, Google ends the "
          "sign-in after seven days."),
        "https://console.cloud.google.com/auth/audience",
    ),
    Step(
        _("Let people sign in"),
        _("Under Credentials create an OAuth client of type Web application, paste this address among its authorised "
          "redirect URIs, and copy the client ID and its secret."),
        CONSOLE + "credentials", copy=("redirect",), fields=("client_id", "client_secret"),
    ),
    Step(
        _("Sign in"), consent=True,
        text=_("With the Google account that owns or manages the channel; then choose the channel."),
    ),
    Step(
        _("Details"), fields=("history_days", "units"),
        text=_("These may stay as they are. New videos are announced to us by themselves."),
    ),
)  # fmt: skip
