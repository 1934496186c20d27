"""What is filled in for any account at Twilio."""

from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import Bucket, Field, Step
from netcenter.channels.twilio.rest import REAL

CONSOLE = "https://console.twilio.com/"
NUMBERS = "https://console.twilio.com/us1/develop/phone-numbers/manage/incoming"
# Of the API: Twilio allows 100 at once.
BUCKETS = (Bucket("calls", most=80, seconds=1, label=_("Requests of all kinds")),)

ACCOUNT = (
    Field("account_sid", _("Account SID"), _("It begins with AC; the first page of the console shows it.")),
    Field("auth_token", _("Auth token"), _("Below the Account SID: press Show. It also proves who calls us."),
          kind="secret", secret=True, sent_to=("base_url",)),
    Field("number", _("Your number at Twilio"), _("With its country: +34600111222.")),
)  # fmt: skip
RARE = (
    Field("api_key", _("API key SID"), _("Instead of the auth token, for what we ask Twilio. It begins with SK."),
          required=False, rare=True),
    Field("api_secret", _("API key secret"), kind="secret", secret=True, required=False, rare=True,
          sent_to=("base_url",)),
    Field("base_url", _("Address of Twilio's API"), kind="url", default=REAL, rare=True),
)  # fmt: skip
STEPS = (
    Step(_("Open your account"), _("Sign in at Twilio, or make an account. Copy both lines of “Account Info”."),
         CONSOLE, fields=("account_sid", "auth_token")),
    Step(_("Choose your number"), _("Buy a number, or copy one you have, with its + and country."), NUMBERS,
         fields=("number",)),
    Step(_("Let it tell us"),
         _("We tell Twilio where to call. If that fails, paste this address at the number, as Webhook, HTTP POST."),
         NUMBERS, copy=("hook",)),
)  # fmt: skip
