"""What the guard says of a reply as it would leave: findings while it is typed, and a verdict before it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from netcenter import situations
from netcenter.cases.models import Case, Message, Thread
from netcenter.channels.contract import Place
from netcenter.channels.registry import channel
from netcenter.guard import queries as guard
from netcenter.guard.draft import Finding
from netcenter.guard.rules import examine
from netcenter.lib.prepared import prepared
from netcenter.lib.refused import Refused
from netcenter.outbox import dispatching
from netcenter.outbox.actions import Reply
from netcenter.people.models import Person
from netcenter.situations import Situation


@dataclass(frozen=True)
class Passed:
    """A reply that the guard has let pass, perhaps because somebody overruled it and said why."""

    reply: Reply
    overruled: Sequence[Finding] = ()
    why: str = ""


def judge(
    case: Case, reply: Reply, operator: Person, overrule: str = "", *, close: bool = False,
    situation: Situation | None = None,
) -> Passed:  # fmt: skip
    """What the guard says of the reply as it would be sent. Raises Refused when it blocks and nobody overrules it."""
    privately = reply.way == "private_reply"
    found = findings(case, reply.thread_id, reply.text, operator, closing=close, privately=privately,
                     situation=situation)  # fmt: skip
    blocked = [f for f in found if f.severity == "block"]
    if blocked and not overrule.strip():
        raise Refused("blocked", " ".join(f.why for f in blocked), findings=blocked)
    return Passed(reply, blocked, overrule)


def findings(
    case: Case, thread_id: int, text: str, operator: Person, *, closing: bool = False, typing: bool = False,
    privately: bool = False, situation: Situation | None = None,
) -> list[Finding]:  # fmt: skip
    """What the guard says of a draft; of one that is still being typed, nothing of what is only missing yet.

    `privately`: it answers a public comment in private.
    """
    thread = next(iter(_threads(case.pk, thread_id)), None)
    said = [guard.Heard(*row) for row in reversed(_last_said(case.pk))]
    able = channel((thread or case).account.channel).capabilities
    place: Place = dispatching.place_of(thread) if thread and not privately else "private"
    most = able.longest(place) if thread else able.max_length
    situation = situation or situations.of(case)
    return examine(guard.draft_of(
        case, thread if not privately else None, text, said, operator, most, closing=closing, typing=typing,
        never=situations.never_said(situation.protocols), crisis=situation.facts.crisis > 0,
    ))  # fmt: skip


@prepared
def _threads(case_id: int, thread_id: int) -> QuerySet[Thread]:
    return Thread.objects.select_related("account").filter(case_id=case_id, pk=thread_id)


@prepared
def _last_said(case_id: int) -> QuerySet[Message, tuple[int, str, str, str | None, float | None, bool, float | None]]:
    said = Message.objects.filter(case_id=case_id, direction=Message.Direction.IN).order_by("-sent_at", "-id")
    waits = Q(state=Message.State.WAITING)
    return said.annotate(waits=waits).values_list(
        "id",
        "text",
        "thread__place",
        "reading__kind",
        "reading__arousal",
        "waits",
        "reading__probabilities__hints__sarcasm",
    )[:5]
