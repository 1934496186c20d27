"""Twilio, as strict as its documentation: an account with a number, text messages, and calls that follow TwiML.

app       the account: who may call, how it says no, webhooks and their signatures, the number
messages  text messages: STOP, carriers, statuses, files behind a redirect
calls     calls: what callers and operators do, what the API starts, recordings
twiml     a document of verbs, checked as Twilio checks it
"""

from netcenter.street.networks.twilio.calls import TwilioVoice
from netcenter.street.networks.twilio.messages import TwilioMessages


class TwilioNetwork(TwilioVoice, TwilioMessages):
    """Both of them, on one account and one number."""


__all__ = ["TwilioMessages", "TwilioNetwork", "TwilioVoice"]
