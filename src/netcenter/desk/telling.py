"""What the desk tells beside words: reactions, reach, what was done to them and what can be."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from netcenter.cases.models import Message
from netcenter.desk import around
from netcenter.desk.answering import new_key
from netcenter.lib import clock
from netcenter.people.models import Person


def verb_words() -> dict[str, str]:
    """What each button says."""
    return {
        "hide": _("Hide…"), "show": _("Show again"), "delete_theirs": _("Delete…"), "delete_ours": _("Delete…"),
        "edit": _("Change…"), "react": _("Like"), "unreact": _("Take the like back"),
        "block": _("Block the author…"), "unblock": _("Let the author write again"),
    }  # fmt: skip


def done_words() -> dict[str, str]:
    """What each deed is called while it is not done."""
    return {
        "hide": _("Hiding"), "show": _("Showing again"), "delete_theirs": _("Deleting"), "delete_ours": _("Deleting"),
        "edit": _("Changing"), "react": _("Liking"), "unreact": _("Taking the like back"),
        "call": _("Calling"),
        "block": _("Blocking the author"), "unblock": _("Letting the author write again"),
    }  # fmt: skip


def told(messages: Sequence[Message], person: Person) -> dict[str, Any]:
    """What the templates of words want to know beside them."""
    return {
        "beside": around.beside(messages, person, clock.now()), "verbs": verb_words(), "deed_words": done_words(),
        "new_key": new_key,
    }  # fmt: skip
