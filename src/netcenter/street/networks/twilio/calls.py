from netcenter.street.networks.twilio.app import TwilioApp


class TwilioVoice(TwilioApp):
    """Calls."""
