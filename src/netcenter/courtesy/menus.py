"""Menus: the question goes out in the customer's words, as buttons or with numbers, and runs out by itself."""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import override

from netcenter.cases.models import Message
from netcenter.channels.registry import channel
from netcenter.lib import clock
from netcenter.lib.loops import Loop
from netcenter.lib.refused import Refused
from netcenter.outbox import actions as outbox
from netcenter.routing import menus
from netcenter.routing.choices import numbered
from netcenter.routing.menus import Question

log = logging.getLogger(__name__)

KIND = "menu"


def attend(messages: Sequence[Message], now: datetime) -> None:
    """Hear what was chosen, and ask where it helps. In the transaction in which the messages were recorded."""
    menus.hear(messages, now)
    for question in menus.questions(messages):
        _ask(question, now)


def _ask(question: Question, now: datetime) -> None:
    buttons = channel(question.thread.account.channel).capabilities.quick_replies
    labels = [option.label for option in question.options]
    text = question.text if buttons else numbered(question.text, labels, closing(question.language))
    extra = {"choices": [{"id": o.id, "label": o.label} for o in question.options], "numbered": not buttons}
    try:
        message = outbox.say_by_itself(question.case.pk, question.thread, text, KIND, now, extra=extra)
    except Refused as refused:
        log.warning("case %s is not asked: %s", question.case.pk, refused)  # it rings without
        return
    menus.asked(question, message, now)


def closing(language: str) -> str:
    """What stands below a menu without buttons: how to answer it, and that no person wrote it."""
    with override({"pt": "pt-br"}.get(language, language)):
        return _(
            "Reply with the number in the first line. This question is automatic; whatever you write, "
            "a person will answer you."
        )


def _step() -> float | None:
    now = clock.now()
    menus.end_overdue(now)
    due = menus.next_until()
    return None if due is None else max(0.05, (due - clock.now()).total_seconds())


LOOPS = [Loop("courtesy.menus", _step, topics=("menus",), every=5.0, alone=True)]
