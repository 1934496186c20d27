"""One draft, from the question to words that a person may read: asked, cleaned, filled, judged. It is never sent."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from netcenter.assistant import actions, plain, wire
from netcenter.assistant.models import Drafted
from netcenter.assistant.queries import endpoint_of, kept, sends_of
from netcenter.assistant.rules import Material, compose
from netcenter.assistant.wire import Failed
from netcenter.cases.models import Case
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import let_go
from netcenter.people.models import Person
from netcenter.protocols.queries import fill

# No more than these wait for an endpoint in one process. They have threads of their own (site/asgi.py), two more than
# these, which tell the next ones that it is busy: the desk goes on, however slow the endpoint is.
AT_ONCE = 30
MOST_SHOWN = 240  # characters of a message, which stands in the story anyhow
_free = threading.BoundedSemaphore(AT_ONCE)

Judge = Callable[[str], tuple[str, Sequence[str], Sequence[str]]]
"""The draft, mended where that is sure; what the guard found in it; why it must not be shown, if so."""


def write(case: Case, by: Person, material: Material, values: Mapping[str, str], judge: Judge) -> Drafted:
    """Ask for a draft and keep it. `values` fill what the house's own words leave open. Raises Refused."""
    if not _free.acquire(blocking=False):
        raise Refused("assistant_busy", _("The assistant is writing for colleagues. Try again in a moment."))
    try:
        return _write(case, by, material, values, judge)
    finally:
        _free.release()


def _write(case: Case, by: Person, material: Material, values: Mapping[str, str], judge: Judge) -> Drafted:
    assistant = kept()
    endpoint, asked = endpoint_of(assistant), compose(material, sends_of(assistant))
    drafted = actions.ask(case, by, endpoint, asked.sizes, clock.now())
    let_go()
    try:
        said = plain.read(wire.complete(endpoint, asked.messages), asked.sources, min(material.most or 1500, 1500))
        if not said.text:
            raise Failed("empty")
    except Failed as failure:
        actions.failed(drafted, failure.code, clock.now())
        raise Refused(f"assistant_{failure.code}", why(failure.code)) from failure
    # Who calls themselves by an address gets it nowhere by being greeted.
    values = {name: value for name, value in values.items() if not plain.leads([value])}
    # What was masked is put back only where they alone read it; in public its blank stays, and the guard stops it.
    known = dict(values) if material.is_public else {**values, **asked.values}
    text, found, against = judge(fill(said.text, known))
    if against:
        actions.failed(drafted, "guard", clock.now(), found)
        told = _("The guard stops what the assistant wrote: %(why)s") % {"why": " ".join(dict.fromkeys(against))}
        raise Refused("assistant_guard", told)
    sources = [
        replace(s, text=fill(s.text, {**values, **asked.values})[: MOST_SHOWN if s.kind == "message" else None])
        for s in asked.sources
        if s.mark in said.marks
    ]
    actions.came(drafted, text, sources, said.removed, found, clock.now())
    return drafted


def why(code: str) -> str:
    """What went wrong, and what can be done."""
    return {
        "time": _("The assistant did not answer in time. Write without it, or try again."),
        "away": _("The assistant cannot be reached just now. Write without it, or try again later."),
        "address": _("The assistant's address may not be called. An administrator can mend it in the settings."),
        "key": _("The assistant does not accept its key. An administrator can mend it in the settings."),
        "unknown": _("The assistant's address or model is wrong. An administrator can mend it in the settings."),
        "limit": _("The assistant has had enough questions for now. Try again later."),
        "declined": _("The assistant does not want to write about this. Write without it."),
        "empty": _("The assistant wrote nothing that can be used. Write without it, or try again."),
    }.get(code, _("The assistant answered something that is no draft. Write without it, or try again."))  # fmt: skip


def test() -> str:
    """Ask the endpoint for one word, without anything of any customer. "" when it works, else why not."""
    try:
        wire.complete(endpoint_of(kept()), [{"role": "user", "content": "Answer with the one word: yes"}], 20.0)
    except Failed as failure:
        return why(failure.code)
    return ""
