"""What is filled in, what the account may do, and what the network allows."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Bucket, Capabilities, Field, Right, Step

LONGEST = 10_000  # characters of a comment or message, as Markdown

CAPABILITIES = Capabilities(
    places=("public", "private"),
    private_reply=True,
    max_length=LONGEST,
    acts=frozenset({"hide", "show", "delete_theirs", "delete_ours", "edit"}),
    edits=True,
    deletes=True,
    echoes=True,
)

# https://support.reddithelp.com/hc/en-us/articles/16160319875092 – 100 calls a minute, averaged over ten minutes.
# How often one may comment is told by nobody: Reddit says "try again in 3 minutes", and then POSTING is empty so long.
CALLS, POSTING = "calls", "posting"
BUCKETS = (Bucket(CALLS, 1000, 600),)

# https://www.reddit.com/dev/api/oauth
RIGHTS = (
    Right("identity", _("See which account this is"), _("The account cannot be connected.")),
    Right("read", _("Read posts and comments"), _("Nothing said in public comes in, and no edit is seen.")),
    Right("privatemessages", _("Read and write private messages"),
          _("Neither replies, mentions nor private messages come in.")),
    Right("submit", _("Answer"), _("Nothing can be answered in public.")),
    Right("history", _("See what you said elsewhere"), _("Answers given on Reddit itself are not seen.")),
    Right("edit", _("Change and delete your answers"), _("Answers stay as they were sent."), required=False),
    Right("modposts", _("Remove and approve where you moderate"), _("Nobody's words can be hidden."), required=False),
)  # fmt: skip
SCOPES = " ".join(right.name for right in RIGHTS)

_SENT = ("base_url", "site_url")
FIELDS = (
    Field("username", _("Name of the account"), _("As Reddit writes it, without u/. Every call says who asks.")),
    Field("client_id", _("Client ID"), _("Under the name of your app, on Reddit's page of apps.")),
    Field("client_secret", _("Client secret"), kind="secret", secret=True, sent_to=_SENT),
    Field("subreddits", _("Subreddits"), required=False,
          help=_("Those of your brand, separated by spaces. Everything said there comes in.")),
    Field("search", _("Words to look for"), required=False,
          help=_('Posts anywhere that name your brand, as in Reddit\'s own search: "panadería sol" OR panaderiasol')),
    Field("password", _("Password"), _("Only for an app of type script, which is used without signing in."),
          kind="secret", secret=True, required=False, rare=True, sent_to=_SENT),
    Field("history_days", _("Days to look back"), kind="number", default=1, rare=True,
          help=_("When connecting, what was said in these days comes in too; 0: only what arrives from now on.")),
    Field("base_url", _("Address of the API"), kind="url", default="https://oauth.reddit.com", rare=True),
    Field("site_url", _("Address of the sign-in"), kind="url", default="https://www.reddit.com", rare=True),
)  # fmt: skip

STEPS = (
    Step(
        _("Make an app"),
        _("Sign in to Reddit as your brand and create an app of type web app. Paste this address as its redirect URI, "
          "then copy the ID below its name and the secret. Companies need Reddit's consent for their use of the API."),
        "https://www.reddit.com/prefs/apps", copy=("redirect",), fields=("username", "client_id", "client_secret"),
    ),
    Step(_("Sign in"), _("With the account that people shall answer from."), consent=True),
    Step(
        _("Say where to listen"), fields=("subreddits", "search", "history_days"),
        text=_("Replies, mentions and private messages come in anyhow."),
    ),
)  # fmt: skip
