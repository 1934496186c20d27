"""What a supervisor does beside somebody's shoulder: look on, whisper, take over. The operator always knows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from netcenter.accounts.queries import organisation
from netcenter.cases import actions as cases
from netcenter.cases.drafts import draft_of, who_writes
from netcenter.cases.models import Case
from netcenter.desk.models import Watch, Whisper
from netcenter.events.actions import event, record
from netcenter.events.models import Event
from netcenter.lib.hub import hub
from netcenter.lib.refused import Refused
from netcenter.people.models import Person
from netcenter.people.permissions import May, require
from netcenter.routing import actions as routing
from netcenter.routing.asked import refuse_if_awaiting
from netcenter.routing.models import Offer
from netcenter.routing.queries import live_offer

LOOKS_ON = timedelta(seconds=75)  # the screen says so every 30 s
TOLD_FOR = timedelta(minutes=30)  # somebody whose case was taken over reads why


# --- Looking on -------------------------------------------------------------------------------------------------------


@transaction.atomic
def watch(case: Case, person: Person, now: datetime) -> None:
    """The supervisor looks on. Said again and again by the screen; the first time the operator is told."""
    require(person, May.SEE_ALL)
    here = Watch.objects.filter(person=person, case=case, at__gt=now - LOOKS_ON)
    if here.update(at=now):
        return
    Watch.objects.update_or_create(person=person, defaults={"case": case, "since": now, "at": now})
    record(
        event("case.watched", now, person.actor, case_id=case.pk, brand_id=case.brand_id, operator_id=case.holder_id)
    )


@transaction.atomic
def stop_watching(person: Person, now: datetime) -> None:
    """The supervisor looks on no more."""
    watched = Watch.objects.select_related("case").filter(person=person).first()
    if watched is not None and Watch.objects.filter(pk=watched.pk).delete()[0]:
        record(event("case.unwatched", now, person.actor, case_id=watched.case_id, brand_id=watched.case.brand_id,
                     operator_id=watched.case.holder_id))  # fmt: skip


def shows_drafts() -> bool:
    """Whether who watches also sees words that nobody has sent yet: what the company has decided."""
    house = organisation()
    return bool(house and house.shows_drafts)


def tell_watchers(case_id: int, writer: Person, now: datetime) -> None:
    """Those who look on see at once that something is being typed. Fleeting: their screens ask what."""
    watching = Watch.objects.filter(case=case_id, at__gt=now - LOOKS_ON).exclude(person=writer)
    topics = [f"person:{pk}" for pk in watching.values_list("person_id", flat=True)]
    if topics:
        hub.tell(topics, "typing", {"case": case_id, "name": writer.first_name, "on": True})


@dataclass(frozen=True)
class Seen:
    """What somebody who looks on sees of who answers."""

    holder: Person | None
    rings: bool  # it only rings there yet
    writes: bool
    draft: str | None  # None: the company does not show it
    length: int


def seen(case: Case, now: datetime) -> Seen:
    """Who answers, whether they are writing, and their draft if the company shows it."""
    offer = live_offer(case.pk)
    holder = offer.operator if offer else None
    draft = draft_of(case.pk, holder) if holder else ""
    writes = holder is not None and who_writes(case.pk, now) == holder
    rings = offer is not None and offer.state == Offer.State.RINGING
    return Seen(holder, rings, writes, draft if shows_drafts() else None, len(draft))


# --- Whispering -------------------------------------------------------------------------------------------------------


@transaction.atomic
def whisper(case: Case, text: str, by: Person, now: datetime) -> Whisper:
    """A note for whoever answers: it stands beside their composer at once, and no customer ever reads it."""
    require(by, May.SEE_ALL)
    refuse_if_awaiting(cases.lock(case.pk))
    held = live_offer(case.pk)
    if held is None or held.state != Offer.State.ACCEPTED or held.operator_id == by.pk:
        raise Refused("nobody", _("Nobody else has this case now. Write a note instead."))
    note = cases.note(case.pk, by, text[:2000], [], now)
    whispered = Whisper.objects.create(note=note, case_id=case.pk, to=held.operator)
    record(event("case.whispered", now, by.actor, case_id=case.pk, brand_id=case.brand_id, operator_id=held.operator_id,
                 note=note.pk))  # fmt: skip
    return whispered


def put_aside(note_id: int, person: Person, now: datetime) -> None:
    """The operator has read it."""
    Whisper.objects.filter(pk=note_id, to=person, read_at=None).update(read_at=now)


# --- Taking over ------------------------------------------------------------------------------------------------------


@transaction.atomic
def barge(case: Case, reason: str, by: Person, now: datetime) -> None:
    """Take the case from whoever has it, with a reason that they read at once. Their draft stays theirs."""
    require(by, May.REASSIGN)
    reason = reason.strip()[:200]
    if not reason:
        raise Refused("no_reason", _("Say why: your colleague will read it."))
    cases.lock(case.pk)
    held = live_offer(case.pk)
    if held is None or held.operator_id == by.pk:
        raise Refused("nobody", _("Nobody else has this case now."))
    stop_watching(by, now)
    routing.let_go(case.pk, _("taken over"), now, by.actor)
    routing.take(case.pk, by, now)
    record(event("case.barged", now, by.actor, case_id=case.pk, brand_id=case.brand_id, operator_id=held.operator_id,
                 reason=reason))  # fmt: skip


@dataclass(frozen=True)
class Beside:
    """What stands beside the composer."""

    watchers: list[Person]
    shows_drafts: bool
    whispers: list[Whisper]
    taken: Event | None  # why it was taken from this person
    taken_by: str


def beside(case: Case, person: Person, now: datetime) -> Beside:
    """Who looks on, what was whispered to this person, and that the case was taken from them."""
    looking = Watch.objects.filter(case=case, at__gt=now - LOOKS_ON).exclude(person=person).select_related("person")
    whispers = Whisper.objects.filter(case=case, to=person, read_at=None).select_related("note__author")
    taken, by = None, ""
    if case.holder_id not in (None, person.pk):
        last = Event.objects.filter(case_id=case.pk, kind="case.barged", at__gt=now - TOLD_FOR).order_by("-id").first()
        if last is not None and last.operator_id == person.pk:
            taken = last
            by = (
                Person.objects.filter(pk=last.actor.removeprefix("person:")).values_list("name", flat=True).first()
                or ""
            )
    watchers = [one.person for one in looking]
    return Beside(watchers, bool(watchers) and shows_drafts(), list(whispers.order_by("pk")[:5]), taken, by)
