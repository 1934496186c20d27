"""What is filled in to connect an account of Meta, whichever network it is on."""

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Field, Step
from netcenter.channels.meta.graph import REAL, VERSION

DIALOG = "https://www.facebook.com"

APP = (
    Field("app_id", _("App ID"), _("In the App Dashboard of Meta, at the top.")),
    Field("app_secret", _("App secret"), _("App settings → Basic → Show."), kind="secret", secret=True,
          sent_to=("base_url",)),
    Field("verify_token", _("Verify token"), _("Paste it where Meta asks for it beside the callback URL."),
          kind="secret", secret=True, generated=True, required=False),
)  # fmt: skip
TOKEN = Field(
    "token", _("Access token"), _("Signing in fills it; a system user's token can be pasted instead."),
    kind="secret", secret=True, required=False, sent_to=("base_url",),
)  # fmt: skip
RARE = (
    Field("version", _("Graph API version"), default=VERSION, rare=True),
    Field("base_url", _("Address of the Graph API"), kind="url", default=REAL, rare=True),
    Field("dialog_url", _("Address of the sign-in"), kind="url", default=DIALOG, rare=True),
)
PASTE = Step(
    _("Or paste a token"),
    _("Instead of signing in: in Business settings → System users generate a token for this app that never runs out."),
    "https://business.facebook.com/settings/system-users", fields=("token",), instead=True,
)  # fmt: skip
REVIEW = Step(
    _("Have the app reviewed"),
    _("Until then only people with a role in the app are heard, and no customer. Under App Review ask for advanced "
      "access to the rights that the account's page lists, then publish the app. Meta takes some days."),
    "https://developers.facebook.com/docs/app-review",
)  # fmt: skip
