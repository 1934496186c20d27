"""Why a network cannot be reached or refuses, in the person's language, and the network's own words behind it."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from netcenter.channels.contract import ChannelError
from netcenter.look.wires import told as told_by

MOST = 200  # characters of the network's own words
WORDS = {
    "token": _("The network does not accept these keys. Check what was pasted, without spaces around it."),
    "right": _("The network does not allow it: a right is missing, or something was not filled in."),
    "rate": _("The network asks us to wait. Try again in some minutes."),
    "gone": _("The network knows nothing under this address."),
    "unfit": _("The network cannot use what was filled in."),
}


REFUSED = _("The network refuses it.")
SILENT = _("The network does not answer. Check the address, or try again later.")


def advice(error: ChannelError) -> str:
    """What happened and what to do (msgid), by the network's reason; without one it is a refusal, or silence."""
    return WORDS.get(error.reason) or (REFUSED if error.permanent else SILENT)


def why_not(error: ChannelError) -> str:
    """The same in the person's language, and what the network or its channel says behind it."""
    said = str(error).strip()[:MOST]
    told = gettext(advice(error))
    return gettext("%(told)s (%(said)s)") % {"told": told, "said": told_by(said)} if said else told
