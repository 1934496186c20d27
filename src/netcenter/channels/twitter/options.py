"""What is filled in to connect an account, the steps of the wizard, and the rights that are asked for."""

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Field, Right, Step
from netcenter.channels.twitter.client import FILES, REAL
from netcenter.channels.twitter.limits import PLANS
from netcenter.channels.twitter.people import SITE

PORTAL = "https://console.x.com/"
_SENT = ("base_url", "files_url")

FIELDS = (
    Field("consumer_key", _("API key"), _("Developer Console → your app → Keys and tokens.")),
    Field("consumer_secret", _("API key secret"), _("X signs what it pushes with it."), kind="secret", secret=True,
          sent_to=_SENT),
    Field("plan", _("Plan"), _("How often X lets you call depends on it."), kind="choice", required=False,
          default=PLANS[0],
          choices=(("pro", _("Pay per use, Pro or Enterprise")), ("basic", _("Basic")), ("free", _("Free")))),
    Field("delivery", _("How messages arrive"), _("Webhooks are faster; not every plan has them."), kind="choice",
          required=False, default="webhook",
          choices=(("webhook", _("X pushes them (webhooks)")), ("poll", _("We ask for them every minute")))),
    Field("client_id", _("Client ID"), _("Keys and tokens → OAuth 2.0; needed for signing in."), required=False),
    Field("client_secret", _("Client secret"), _("Beside the client ID."), kind="secret", secret=True, required=False,
          sent_to=_SENT),
    Field("access_token", _("Access token"),
          _("Instead of signing in, for the account that owns the app: generate it with Read, Write and Direct "
            "Messages."), kind="secret", secret=True, required=False, sent_to=_SENT),
    Field("access_secret", _("Access token secret"), _("Shown together with the access token."), kind="secret",
          secret=True, required=False, sent_to=_SENT),
    Field("handle", _("Handle"), _("The account's name without @. Signing in fills it."), required=False),
    Field("user_id", _("User ID"), _("A number. Signing in fills it."), required=False, rare=True),
    Field("base_url", _("Address of the API"), kind="url", default=REAL, rare=True),
    Field("files_url", _("Address of private files"), kind="url", default=FILES, rare=True),
    Field("dialog_url", _("Address of the sign-in"), kind="url", default=SITE, rare=True),
)  # fmt: skip

STEPS = (
    Step(
        _("Make an app"),
        _("In X's Developer Console make a project with an app, and copy the API key and its secret."),
        PORTAL, fields=("consumer_key", "consumer_secret", "plan"),
    ),
    Step(
        _("Let people sign in"),
        _("Under User authentication settings choose Read, Write and Direct Messages and Web App, and paste this "
          "address as callback. Then copy the client ID and its secret."),
        PORTAL, copy=("redirect",), fields=("client_id", "client_secret"),
    ),
    Step(_("Sign in"), _("With the account that people shall answer from."), consent=True),
    Step(
        _("Choose how messages arrive"),
        _("With webhooks we register this address at X by ourselves. If your plan has none, we ask every minute."),
        PORTAL, copy=("hook",), fields=("delivery", "handle"),
    ),
    Step(
        _("Or paste keys"),
        _("If you did not sign in: generate an access token under Keys and tokens. It never runs out."),
        PORTAL, fields=("access_token", "access_secret"), instead=True,
    ),
)  # fmt: skip

RIGHTS = (
    Right("tweet.read", _("Read posts"), _("Mentions, replies and quotes are not seen.")),
    Right("users.read", _("See who writes"), _("Nobody's name is known, and signing in cannot be finished.")),
    Right("tweet.write", _("Post answers"), _("Nothing can be answered in public.")),
    Right("tweet.moderate.write", _("Hide replies"), _("Replies to your posts cannot be hidden."), required=False),
    Right("dm.read", _("Read direct messages"), _("Direct messages are not seen.")),
    Right("dm.write", _("Send direct messages"), _("Direct messages cannot be answered.")),
    Right("like.read", _("See likes"), _("Likes are not told."), required=False),
    Right("like.write", _("Like"), _("Customers' posts cannot be liked."), required=False),
    Right("media.write", _("Send files"), _("Answers leave without pictures and films.")),
    Right("offline.access", _("Stay connected"), _("After two hours somebody has to sign in again.")),
)  # fmt: skip
