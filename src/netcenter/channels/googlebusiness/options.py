"""What is filled in, what the wizard says, and which rights there are."""

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Field, Right, Step
from netcenter.channels.googlebusiness.connecting import SCOPE

CONSOLE = "https://console.cloud.google.com/"
FIELDS = (
    Field("client_id", _("Google client ID"), _("Google Cloud → APIs & Services → Credentials → OAuth client.")),
    Field("client_secret", _("Google client secret"), kind="secret", secret=True, sent_to=("base_url",)),
    Field("account", _("Business account"), _("Signing in fills it."), required=False),
    Field("only", _("Only these locations"), _("Their numbers; empty: all locations of the account."), required=False,
          lines=True),
    Field("days_back", _("Days to look back"), _("When connecting, reviews of these days come in too."),
          kind="number", required=False, default=30),
    Field("topic", _("Pub/Sub topic"), _("Like projects/my-project/topics/reviews. Empty: we ask every few minutes."),
          required=False),
    Field("push_account", _("Service account that pushes"), _("Its e-mail, as chosen in the push subscription."),
          kind="email", required=False),
    Field("token", _("Access token"), _("Signing in fills it."), kind="secret", secret=True, required=False,
          sent_to=("base_url",)),
    Field("refresh_token", _("Refresh token"), _("Signing in fills it."), kind="secret", secret=True, required=False,
          sent_to=("base_url",)),
    Field("push_keys", _("Google's signing keys"), _("Kept up to date by itself."), kind="secret", secret=True,
          required=False, rare=True),
    Field("base_url", _("Address of Google's APIs"), _("Empty: Google's own."), kind="url", required=False, rare=True),
)  # fmt: skip
STEPS = (
    Step(
        _("Ask Google for access"),
        _("Google opens this API to each project by hand: apply with the business profile's owner, and wait for the "
          "answer. Until then the quota is 0."),
        "https://support.google.com/business/contact/api_default",
    ),
    Step(
        _("Make an OAuth client"),
        _("In Google Cloud enable the My Business APIs, make an OAuth client of type Web application, and paste this "
          "address among its redirect URIs."),
        CONSOLE, copy=("redirect",), fields=("client_id", "client_secret"),
    ),
    Step(_("Sign in"), _("As owner or manager of the business profiles that people shall answer for."), consent=True),
    Step(
        _("Let it push, if you like"),
        _("Make a Pub/Sub topic on which mybusiness-api-pubsub@system.gserviceaccount.com may publish, and a push "
          "subscription with authentication to this address. Without it reviews arrive within minutes."),
        CONSOLE, copy=("hook",), fields=("topic", "push_account"),
    ),
)  # fmt: skip
RIGHTS = (Right(SCOPE, _("Manage business profiles"), _("Reviews neither arrive nor can be answered.")),)
