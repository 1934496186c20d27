"""Rounds: one approved text for many, each answered in words of their own; or one reason for many to be hidden.

A round is asked for, approved (law 6: to hide, never by whoever asked), and then goes through its addressees one by one
(`crowds.going`); it can be paused and stopped at any time. Each of its answers is a normal reply.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from netcenter.cases.models import Post
from netcenter.crowds import queries
from netcenter.crowds.models import Addressee, Round
from netcenter.crowds.rules import TooMany, count, unknown, ways
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.bulk import insert_many
from netcenter.lib.refused import Refused
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic
from netcenter.outbox import deeds
from netcenter.people.models import Person
from netcenter.people.permissions import May, may, require

State = Round.State
TOPIC = "crowds"
LONGEST = 6000  # characters of an approved text, all ways together


@dataclass(frozen=True)
class Wish:
    """What somebody wants done to whom. `key` comes from the form, so that a double click is one round."""

    key: str
    text: str
    choruses: Sequence[int] = ()
    kind: str = ""  # all of a kind, beside the choruses


@atomic
def ask_to_answer(post: Post, wish: Wish, person: Person, now: datetime) -> Round:
    """Answer everybody who waits in these choruses. Who may approve has approved by asking. Raises Refused."""
    require(person, May.ANSWER)
    text = clean(wish.text).strip()[:LONGEST]
    try:
        sentences = ways(text)
    except TooMany as error:
        raise Refused("too_many", _("At most 12 sentences, and 12 ways to say each.")) from error
    if not sentences:
        raise Refused("empty", _("Write something first."))
    if wrong := unknown(text):
        raise Refused("unknown", _("Nothing fills %(name)s.") % {"name": "{{" + wrong[0] + "}}"})
    found = [message for message, _case in queries.to_answer(post, wish.choruses, wish.kind)]
    if len(found) > 1 and count(sentences) < 2:
        raise Refused(
            "one_way", _("Say it in more than one way: the same words under many comments look like a machine.")
        )
    return _ask(post, Round.Verb.ANSWER, wish, text, found, person, now)


@atomic
def ask_to_hide(post: Post, wish: Wish, person: Person, now: datetime) -> Round:
    """Hide all these comments: somebody else has to agree first, once for all of them. Raises Refused."""
    require(person, May.ANSWER)
    if not deeds.others_may_approve(person):
        raise Refused("nobody_else", _("Nobody else here may agree to it: answer them instead."))
    reason = clean(wish.text).strip()[:300]
    if not reason:
        raise Refused("reason_missing", _("Say why: it stays on the record under your name."))
    return _ask(post, Round.Verb.HIDE, wish, reason, queries.to_hide(post, wish.choruses, wish.kind), person, now)


def _ask(
    post: Post, verb: str, wish: Wish, text: str, messages: Sequence[int], person: Person, now: datetime
) -> Round:  # fmt: skip
    if (known := Round.objects.filter(key=wish.key[:60]).first()) is not None:
        return known
    if not messages:
        raise Refused("nobody", _("Nobody of them waits any more."))
    alone = verb == Round.Verb.ANSWER and may(person, May.APPROVE)
    made = Round(
        post=post, verb=verb, key=wish.key[:60], text=text, state=State.RUNNING if alone else State.ASKED, by=person,
        approved_by=person if alone else None, asked_at=now,
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError:  # the other click was quicker
        return Round.objects.get(key=wish.key[:60])
    insert_many([Addressee(round=made, message_id=pk, due_at=now) for pk in messages])
    _tell("round.asked", made, now, person, verb=verb, text=text[:2000], count=len(messages), approval=not alone)
    wakeup.wake(TOPIC)
    return made


@atomic
def decide(round_id: int, person: Person, *, granted: bool, note: str, now: datetime) -> Round:
    """The second pair of eyes, for all of a round at once: never the same person's. Raises Refused."""
    round = Round.objects.select_related("post__account").get(pk=round_id)
    if not may(person, May.APPROVE):
        raise Refused("not_yours", _("Only a supervisor can approve that."))
    if person.pk == round.by_id:
        raise Refused("own", _("Somebody else must look at it: you asked for it yourself."))
    note = clean(note).strip()[:300]
    if not granted and not note:
        raise Refused("reason_missing", _("Say in a few words why not."))
    how: dict[str, Any] = {"state": State.RUNNING, "approved_by": person}
    if not granted:
        how = {"state": State.DROPPED, "note": note, "ended_at": now}
    if _move(round, (State.ASKED,), person, how):
        _tell("round.approved" if granted else "round.dropped", round, now, person, note=note)
    return round


@atomic
def pause(round_id: int, person: Person | None, note: str, now: datetime) -> Round:
    """Nothing of it is done until somebody lets it go on; None: it paused itself, and says why."""
    round = Round.objects.select_related("post__account").get(pk=round_id)
    if _move(round, (State.RUNNING,), person, {"state": State.PAUSED, "note": note[:300]}):
        _tell("round.paused", round, now, person, note=note)
    return round


@atomic
def resume(round_id: int, person: Person, now: datetime) -> Round:
    """Go on."""
    round = Round.objects.select_related("post__account").get(pk=round_id)
    if _move(round, (State.PAUSED,), person, {"state": State.RUNNING, "note": ""}):
        _tell("round.resumed", round, now, person)
    return round


@atomic
def stop(round_id: int, person: Person, now: datetime) -> Round:
    """End it for good: who was not answered yet waits on, as if it had never been."""
    round = Round.objects.select_related("post__account").get(pk=round_id)
    if _move(round, Round.OPEN, person, {"state": State.STOPPED, "ended_at": now}):
        _tell("round.stopped", round, now, person)
    return round


@atomic
def end(round: Round, now: datetime) -> None:
    """Everybody was looked after."""
    told = queries.progress(round, now)
    if _move(round, (State.RUNNING,), None, {"state": State.DONE, "ended_at": now}):
        _tell("round.ended", round, now, None, done=told.done, left=told.left)


def _move(round: Round, was: Sequence[str], person: Person | None, how: dict[str, Any]) -> bool:
    """False when a machine comes too late; a person who does is told so: raises Refused."""
    moved = bool(Round.objects.filter(pk=round.pk, state__in=was).update(**how))
    if not moved and person is not None:
        raise Refused("over", _("Somebody has decided it already."))
    if moved:
        for name, value in how.items():
            setattr(round, name, value)
        wakeup.wake(TOPIC)
    return moved


def _tell(kind: str, round: Round, now: datetime, person: Person | None, **data: Any) -> None:
    record(event(kind, now, person.actor if person else "system", brand_id=round.post.account.brand_id,
                 operator_id=round.by_id, round=round.pk, post=round.post_id, **data))  # fmt: skip
