"""Replies that wait for a second pair of eyes: kept as they would be sent, decided once, by somebody else.

Every verb here wants the case locked. What follows from sending one, `approving` does: it needs higher rooms.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from netcenter.cases import drafts
from netcenter.cases.files import StoredFile
from netcenter.cases.models import Case, KeptFile
from netcenter.events.actions import event, record
from netcenter.lib.prepared import prepared
from netcenter.lib.refused import Refused
from netcenter.lib.text import clean
from netcenter.outbox.actions import Reply
from netcenter.outbox.models import HeldReply
from netcenter.people.models import Person
from netcenter.people.permissions import May, may, visible_brands

State = HeldReply.State
MOST = 200


def hold(
    case: Case, reply: Reply, reasons: Sequence[Mapping[str, str]], by: Person, now: datetime, **beside: Any
) -> HeldReply:  # fmt: skip
    """Keep the reply until somebody else has looked. The same key again is the same one. Raises Refused."""
    if (known := HeldReply.objects.filter(key=reply.key).first()) is not None:
        return known
    told = {"seen_id": reply.seen_id, "way": reply.way, "target": reply.target, "tag": reply.tag, "then": reply.then,
            "template": dict(reply.template) if reply.template else None, **beside}  # fmt: skip
    try:
        with transaction.atomic():
            held = HeldReply.objects.create(
                case=case, thread_id=reply.thread_id, by=by, key=reply.key, text=clean(reply.text).strip(), told=told,
                reasons=list(reasons), asked_at=now,
            )  # fmt: skip
    except IntegrityError as error:
        raise Refused("awaits_approval", _("An answer waits for approval here already.")) from error
    KeptFile.objects.bulk_create([
        KeptFile(case=case, key=reply.key, name=f.name, mime=f.mime, size=f.size, blob=f.blob) for f in reply.files
    ])  # fmt: skip
    _mark(case, now)
    record(_told("approval.asked", held, case, now, by.actor, reasons=held.reasons))
    return held


def reply_of(held: HeldReply, text: str) -> Reply:
    """The reply as it would be sent, with these words."""
    told = held.told
    files = [StoredFile(f.name, f.mime, f.size, f.blob) for f in KeptFile.objects.filter(key=held.key).order_by("id")]
    return Reply(
        text, held.key, held.thread_id, told.get("seen_id"), files, way=told.get("way") or "reply",
        target=told.get("target") or "", template=told.get("template"), tag=told.get("tag") or "",
        then=told.get("then") or "",
    )  # fmt: skip


def decide(held: HeldReply, case: Case, person: Person, now: datetime, *, granted: bool, note: str, text: str) -> None:
    """Write down what somebody else says of it; once, whoever else decides. Raises Refused."""
    if not may_decide(person, held):
        own = person.pk == held.by_id
        raise Refused("own" if own else "not_yours", _("Somebody else must look at it: you wrote it yourself.") if own
                      else _("You may not approve this one."))  # fmt: skip
    note = clean(note).strip()[:300]
    if not granted and not note:
        raise Refused("reason_missing", _("Say in a few words what should be different."))
    changed = text if granted and text != held.text else ""
    waiting = HeldReply.objects.filter(pk=held.pk, state=State.ASKED, seen_by=None)
    if not waiting.update(
        state=State.SENT if granted else State.RETURNED, seen_by=person, seen_at=now, granted=granted, note=note,
        ended_at=now, sent_text=changed,
    ):  # fmt: skip
        raise over(HeldReply.objects.get(pk=held.pk))
    _mark(case, None)
    record(_told("approval.granted" if granted else "approval.returned", held, case, now, person.actor, note=note,
                 changed=bool(changed)))  # fmt: skip
    if not granted:
        _give_back(held, now)


def withdraw(case: Case, why: str, now: datetime, actor: str = "system") -> HeldReply | None:
    """Nobody looks at it any more; its words are its writer's draft again. None when none waited."""
    held = HeldReply.objects.select_related("by").filter(case=case, state=State.ASKED).first()
    if held is None:
        return None
    HeldReply.objects.filter(pk=held.pk, state=State.ASKED).update(state=State.WITHDRAWN, ended_at=now)
    _mark(case, None)
    record(_told("approval.withdrawn", held, case, now, actor, why=why))
    _give_back(held, now)
    return held


def over(held: HeldReply) -> Refused:
    """Too late, and why."""
    said = {
        State.SENT: _("Somebody has approved it already."), State.RETURNED: _("Somebody has returned it already."),
        State.WITHDRAWN: _("It was taken back meanwhile: the customer wrote again, or its writer changed their mind."),
    }  # fmt: skip
    return Refused("over", said.get(State(held.state), _("Somebody has decided it already.")))


def _give_back(held: HeldReply, now: datetime) -> None:
    """Its words are a draft again; its files are let go: they are chosen anew."""
    if not drafts.draft_of(held.case_id, held.by).strip():
        drafts.save_draft(held.case_id, held.by, held.text, now)
    KeptFile.objects.filter(key=held.key).delete()


def _mark(case: Case, since: datetime | None) -> None:
    Case.objects.filter(pk=case.pk).update(approval_since=since)
    case.approval_since = since


def _told(kind: str, held: HeldReply, case: Case, now: datetime, actor: str, **data: Any) -> Any:
    return event(kind, now, actor, case_id=case.pk, brand_id=case.brand_id, operator_id=held.by_id, held=held.pk,
                 by=held.by_id, **data)  # fmt: skip


# --- Reading --------------------------------------------------------------------------------------


def skills_of(held: HeldReply) -> set[str]:
    """Who has one of these may approve it, beside the supervisors."""
    return {reason["skill"] for reason in held.reasons if reason.get("skill")}


def may_decide(person: Person, held: HeldReply) -> bool:
    """Whether the person may look at it and decide: never its writer."""
    if person.pk == held.by_id or not person.is_active:
        return False
    return may(person, May.APPROVE) or bool(skills_of(held) and skills_of(held) & codes_of(person))


def codes_of(person: Person) -> set[str]:
    """The codes of the person's skills."""
    return set(person.skills.values_list("code", flat=True))


def waiting(person: Person) -> list[HeldReply]:
    """What waits in cases that the person may see and that they may decide on or wrote, the first to break first."""
    rows = _known().filter(visible_brands(person, "case__brand"), state=State.ASKED)
    found = rows.order_by("case__due_at", "id")[:MOST]
    return [h for h in found if h.by_id == person.pk or may_decide(person, h)]


def waiting_count(person: Person) -> int:
    """How many of them the person may decide on."""
    return sum(h.by_id != person.pk for h in waiting(person)) if _any_asked() else 0


@prepared
def _any_asked() -> QuerySet[HeldReply, tuple[int]]:
    return HeldReply.objects.filter(state=State.ASKED).values_list("pk")[:1]


def latest(case_id: int) -> HeldReply | None:
    """The last one of a case."""
    return next(iter(_latest(case_id)), None)


@prepared
def _latest(case_id: int) -> QuerySet[HeldReply]:
    return _known().filter(case_id=case_id).order_by("-id")[:1]


def of(held_id: int) -> QuerySet[HeldReply]:
    """This one, with what a page shows of it."""
    return _known().filter(pk=held_id)


def _known() -> QuerySet[HeldReply]:
    return HeldReply.objects.select_related(
        "by", "seen_by", "thread__account", "thread__identity", "case__customer", "case__brand", "case__account"
    )


def others_who_may(brand_id: int, but: Person, skills: Collection[str]) -> bool:
    """Whether anybody else could approve an answer of this brand."""
    by_role = Q(role__in=[Person.Role.SUPERVISOR, Person.Role.ADMINISTRATOR])
    by_skill = Q(brands=brand_id, skills__code__in=list(skills))
    found = Person.objects.filter(by_role | by_skill if skills else by_role, is_active=True).exclude(pk=but.pk)
    return found.exists()
