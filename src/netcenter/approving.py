"""A second pair of eyes before an answer leaves: when it is needed, asking for it, and what follows from the decision.

The reply waits; the promise runs on, and nobody else answers or takes the case meanwhile. Who approves sends it, in the
name of who wrote it; who returns it says why. When the customer writes again, what waited answers something else: it is
withdrawn (`flow` does so), and its words are a draft again.
"""

from dataclasses import asdict
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from netcenter import flow, judging, situations
from netcenter.cases import actions as cases
from netcenter.cases.models import Case, KeptFile, Message
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import atomic
from netcenter.outbox import held as holding
from netcenter.outbox.models import HeldReply
from netcenter.people.models import Person
from netcenter.people.permissions import May, may
from netcenter.protocols import learning
from netcenter.protocols.known import Known, approval_rule
from netcenter.protocols.rules import Looks, Reason, reasons_to_look
from netcenter.routing import actions as routing
from netcenter.routing.models import Offer
from netcenter.routing.queries import live_offer
from netcenter.situations import Situation


def reasons(case: Case, writer: Person, situation: Situation | None = None) -> list[Reason]:
    """Why somebody else must look at this person's answer first; none: it may leave."""
    known = situation or situations.of(case)
    rule = approval_rule()
    looks = Looks(rule.trainees, rule.crisis_from, tuple(rule.topics))
    asking = [(p.name, p.content.approver_skill) for p in known.protocols if p.content.approval]
    found = reasons_to_look(looks, writer.is_trainee, known.facts, asking)
    if found and may(writer, May.APPROVE) and not holding.others_who_may(
        case.brand_id, writer, {r.skill for r in found if r.skill}
    ):  # fmt: skip
        return []  # a house of one: everyone is answered (law 9), and the switch stands in the settings
    return found


def refuse_unless_theirs(case: Case, writer: Person, situation: Situation | None = None) -> None:
    """Raise Refused when the protocol of the case is answered only by who has a skill, and this person has not."""
    known = situation or situations.of(case)
    protocol = next((p for p in known.protocols if p.content.answer_skill), None)
    if protocol is None or may(writer, May.REASSIGN):
        return
    if protocol.content.answer_skill not in holding.codes_of(writer):
        raise Refused("not_theirs", _not_theirs(protocol))


def _not_theirs(protocol: Known) -> str:
    told = _("The protocol “%(name)s” is answered by who has “%(skill)s”. Pass the case on; your words are kept.")
    return told % {"name": protocol.name, "skill": protocol.content.answer_skill}


@atomic
def send(
    case: Case, offer: Offer | None, passed: judging.Passed, writer: Person, now: datetime, *, close: bool = False,
    why: list[Reason] | None = None, used: str = "",
) -> Message | HeldReply:  # fmt: skip
    """`flow.send`, or, for one of the reasons `why`, keep it for somebody else to look at. The case is locked."""
    if case.approval_since is not None:
        raise Refused("awaits_approval", _("An answer waits for approval here already."))
    if not why:
        message = flow.send(case, offer, passed, writer, now, close=close)
        if used:
            learning.keep(message, used, passed.reply.text, now)
        return message
    return holding.hold(
        case, passed.reply, [asdict(reason) for reason in why], writer, now, close=close, overrule=passed.why, used=used
    )


def decide(
    held: HeldReply, person: Person, now: datetime, *, granted: bool, text: str = "", note: str = ""
) -> Message | None:  # fmt: skip
    """Send it, perhaps with other words, or return it with a comment. Raises Refused, and then nothing is done."""
    if not granted:
        _return(held, person, note, now)
        return None
    if held.state != HeldReply.State.ASKED:
        raise holding.over(held)
    text = text.strip() or held.text
    # What the writer overruled stays overruled; other words need a reason of who changed them.
    overrule = note if text != held.text else held.told.get("overrule") or note
    reply = holding.reply_of(held, text)
    passed = judging.judge(held.case, reply, held.by, overrule, close=bool(held.told.get("close")))
    return _grant(held, passed, person, note, now)


@atomic
def _grant(held: HeldReply, passed: judging.Passed, person: Person, note: str, now: datetime) -> Message:
    case = cases.lock(held.case_id)
    holding.decide(held, case, person, now, granted=True, note=note, text=passed.reply.text)
    offer = live_offer(case.pk)
    message = flow.send(case, offer, passed, held.by, now, close=bool(held.told.get("close")))
    extra = {**message.extra, "approved_by": person.name}
    Message.objects.filter(pk=message.pk).update(extra=extra)
    HeldReply.objects.filter(pk=held.pk).update(message=message)
    if held.told.get("used"):
        learning.keep(message, held.told["used"], passed.reply.text, now)
    KeptFile.objects.filter(key=held.key).delete()
    return message


@atomic
def _return(held: HeldReply, person: Person, note: str, now: datetime) -> None:
    case = cases.lock(held.case_id)
    holding.decide(held, case, person, now, granted=False, note=note, text="")
    with translation.override(held.by.language):  # it is told to them
        told = _("Returned: %(note)s") % {"note": note.strip()}
    cases.note(case.pk, person, told, [held.by], now)
    routing.release_if_away(case, held.by_id, now)


@atomic
def take_back(case_id: int, person: Person, now: datetime) -> None:
    """Its writer, or who may decide, wants it back. Raises Refused when none waits or it is somebody else's."""
    case = cases.lock(case_id)
    held = holding.latest(case_id)
    if held is None or held.state != HeldReply.State.ASKED:
        raise Refused("over", _("Nothing waits for approval here any more."))
    if held.by_id != person.pk and not holding.may_decide(person, held):
        raise Refused("not_yours", _("Only who wrote it or who may approve it can take it back."))
    holding.withdraw(case, "taken_back", now, person.actor)
    routing.release_if_away(case, held.by_id, now)
