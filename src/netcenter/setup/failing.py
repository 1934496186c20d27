"""Why a network cannot be reached or refuses, in the person's language, and the network's own words behind it."""

from django.utils.translation import gettext, gettext_lazy

from netcenter.channels.contract import ChannelError

MOST = 200  # characters of the network's own words
WORDS = {
    "token": gettext_lazy("The network does not accept these keys. Check what was pasted, without spaces around it."),
    "right": gettext_lazy("The network does not allow it: a right is missing, or something was not filled in."),
    "rate": gettext_lazy("The network asks us to wait. Try again in some minutes."),
    "gone": gettext_lazy("The network knows nothing under this address."),
    "unfit": gettext_lazy("The network cannot use what was filled in."),
}


def why_not(error: ChannelError) -> str:
    """What happened and what to do; a network's reason is known in our words, else it is silence or a refusal."""
    told = WORDS.get(error.reason) or (
        gettext("The network refuses it.") if error.permanent
        else gettext("The network does not answer. Check the address, or try again later.")
    )  # fmt: skip
    said = str(error).strip()[:MOST]
    return gettext("%(told)s (%(said)s)") % {"told": told, "said": said} if said else str(told)
