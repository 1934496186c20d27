"""A round on its way: one addressee after the other, each a normal reply or deed, never faster than the network."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, Subquery

from netcenter import flow, judging
from netcenter.cases.actions import lock
from netcenter.cases.drafts import who_writes
from netcenter.cases.models import Case, Message
from netcenter.crowds import actions
from netcenter.crowds.models import Addressee, Round, Voice
from netcenter.crowds.rules import NAME, addressed, first_name, ways, wordings
from netcenter.guard.form import alike
from netcenter.lib.again import once_more
from netcenter.lib.refused import Refused
from netcenter.outbox import deeds
from netcenter.outbox.actions import Reply
from netcenter.outbox.dispatching import UNSENT, sent_before
from netcenter.outbox.models import Deed, Dispatch
from netcenter.people.models import Person
from netcenter.people.permissions import May, may
from netcenter.routing.asked import refuse_if_asked
from netcenter.routing.queries import live_offer

State = Addressee.State
AHEAD = 6  # dispatches of an account on their way at once: what operators answer meanwhile waits for no more than these
AT_ONCE = 20  # addressees of a step
READERS_SEE = 30  # answers in a row among which no two may be alike: what the guard compares with
TOO_ALIKE = 0.8
JUDGED = 5  # wordings that the guard is asked about before the person is left to somebody
LATER = timedelta(minutes=1)
MOST_TRIES = 10  # that a colleague has the case in hand


class OutOfWords(Exception):
    """Every wording went to others just now."""


@dataclass(frozen=True)
class Outcome:
    """What became of an addressee: done, left (`why`), or later."""

    state: str
    why: str = ""


def step(now: datetime) -> float | None:
    """Do what can be done of the rounds that run; returns seconds until it should look again (None: when woken)."""
    waits = None
    for round in Round.objects.filter(state=Round.State.RUNNING).select_related("post__account", "by", "approved_by"):
        paused = _go_on(round, now)
        waits = paused if waits is None or (paused is not None and paused < waits) else waits
    return waits


def _go_on(round: Round, now: datetime) -> float | None:
    room = _room(round)
    due = Addressee.objects.filter(round=round, state=State.NEXT, due_at__lte=now).order_by("due_at", "id")
    done = 0
    for addressee in due.select_related("message")[: min(room, AT_ONCE)]:
        if not Round.objects.filter(pk=round.pk, state=Round.State.RUNNING).exists():
            return None  # paused or stopped while we were at it
        try:
            outcome = _hide(round, addressee, now) if round.verb == Round.Verb.HIDE else _answer(round, addressee, now)
        except OutOfWords:
            actions.pause(round.pk, None, "out_of_words", now)
            return None
        _note(addressee, outcome, now)
        done += 1
    if done:
        return 0.0
    if not Addressee.objects.filter(round=round, state=State.NEXT).exists():
        actions.end(round, now)
        return None
    return 0.5 if room <= 0 else 5.0


def _room(round: Round) -> int:
    """How much more may be on its way: a network's budget that is spent, or an outage, holds the round back."""
    account = round.post.account
    if not account.enabled:
        return 0
    if round.verb == Round.Verb.HIDE:
        under_way = Deed.objects.filter(account=account, state__in=deeds.UNDONE)
        return AHEAD - under_way.exclude(verb="unblock").count()  # which may be planned for weeks from now
    return AHEAD - Dispatch.objects.filter(account=account, state__in=UNSENT).count()


def _note(addressee: Addressee, outcome: Outcome, now: datetime) -> None:
    how: dict[str, Any] = {
        "state": outcome.state,
        "why": outcome.why,
        "done_at": now if outcome.state == State.DONE else None,
    }
    if outcome.state == State.NEXT:
        tries = addressee.tries + 1
        how = {"tries": tries, "due_at": now + LATER, "why": outcome.why}
        if tries >= MOST_TRIES:
            how = {"state": State.LEFT, "tries": tries, "why": outcome.why}
    Addressee.objects.filter(pk=addressee.pk).update(**how)


# --- To hide --------------------------------------------------------------------------------------


def _hide(round: Round, addressee: Addressee, now: datetime) -> Outcome:
    """One deed, as if somebody had asked for it and the round's second person had agreed to just this one."""
    rows = Message.objects.select_related("thread__account", "case", "account")
    message, approver = rows.get(pk=addressee.message_id), round.approved_by
    wish = deeds.Wish("hide", _key(round, addressee), round.text)
    try:
        deed = deeds.do(message, wish, round.by, now)
        if deed.state == Deed.State.ASKED and approver is not None:
            deeds.decide(deed.pk, approver, granted=True, note=f"#{round.pk}", now=now)
    except Refused:
        return Outcome(State.LEFT, "cannot")
    return Outcome(State.DONE)


def _key(round: Round, addressee: Addressee) -> str:
    return f"round-{round.key[:36]}-{addressee.pk}"


# --- To answer ------------------------------------------------------------------------------------


def _answer(round: Round, addressee: Addressee, now: datetime) -> Outcome:
    """Answer one customer in words that the guard lets pass, and that no reader has just seen. Raises OutOfWords."""
    rows = Message.objects.select_related("case__brand", "case__customer", "case__account", "identity", "thread")
    message = rows.get(pk=addressee.message_id)
    if message.state != Message.State.WAITING:
        return Outcome(State.LEFT, "answered")  # by somebody, or closed: nobody is answered twice
    if message.deleted_at is not None or not may(round.by, May.ANSWER):
        return Outcome(State.LEFT, "cannot")
    if _wrote_more(message):
        return Outcome(State.LEFT, "more")
    chosen = _words(round, message)
    if chosen is None:
        return Outcome(State.LEFT, "guard")
    key = _key(round, addressee)
    reply = Reply(chosen, key, message.thread_id, message.pk, target=message.external_id)
    try:
        return _send(message.case_id, message.pk, judging.Passed(reply), round, now)
    except Refused as refused:
        return Outcome(State.LEFT, refused.code[:20])


def _wrote_more(message: Message) -> bool:
    """Whether something else waits in the same case, which the one text would not answer but end the wait of."""
    waiting = Message.objects.filter(case=message.case_id, state=Message.State.WAITING, pk__lt=message.pk)
    same = Voice.objects.filter(message=message.pk).values("chorus")[:1]
    return waiting.exclude(post=message.post_id, voice__chorus=Subquery(same)).exists()


def _words(round: Round, message: Message) -> str | None:
    """The first wording that is not like what readers see already and that the guard has nothing against."""
    seen = said_lately(round.post.account_id, message.case_id)
    judged = 0
    for words in adapted(round.text, values_of(message, round.by, message.case.brand.name), message.pk):
        if any(alike(words, other) > TOO_ALIKE for other in seen):
            continue
        found = judging.findings(message.case, message.thread_id, words, round.by)
        if not any(f.severity == "block" or f.rule == "same_answer" for f in found):
            return words
        judged += 1
        if judged >= JUDGED:
            break
    if not judged:
        raise OutOfWords
    return None


def values_of(message: Message, by: Person, brand: str) -> dict[str, str]:
    """What a text to whoever wrote this is filled with."""
    name = first_name(message.identity.name if message.identity else "")
    return {NAME: name, "brand.name": brand, "operator.name": by.name, "operator.first_name": by.first_name}


def adapted(text: str, values: Mapping[str, str], seed: int) -> Iterator[str]:
    """The text in its ways, to one person."""
    return (addressed(words, values) for words in wordings(ways(text), seed))


def said_lately(account_id: int, case_id: int = 0) -> list[str]:
    """What was answered to others in public, newest first: what a reader who scrolls sees."""
    ours = Message.objects.filter(account=account_id, direction="out", automatic="", thread__place="public")
    return list(ours.exclude(case=case_id).order_by("-id").values_list("text", flat=True)[:READERS_SEE])


def rehearse(text: str, people: Sequence[tuple[Mapping[str, str], int]], seen: Sequence[str] = ()) -> list[str]:
    """What these people (values, seed) would be answered in a row; it ends where readers would see the same twice."""
    lately, said = list(seen)[:READERS_SEE], []
    for values, seed in people:
        fresh = (w for w in adapted(text, values, seed) if not any(alike(w, o) > TOO_ALIKE for o in lately))
        words = next(fresh, None)
        if words is None:
            break
        said.append(words)
        lately = [words, *lately][:READERS_SEE]
    return said


@once_more
def _send(case_id: int, message_id: int, passed: judging.Passed, round: Round, now: datetime) -> Outcome:
    """As the desk sends, but nobody's hand is forced: what a colleague has, or what rings there, is theirs."""
    case: Case = lock(case_id)
    if sent_before(passed.reply.key) is not None:
        return Outcome(State.DONE)
    waits = Q(pk=message_id, state=Message.State.WAITING)
    if not Message.objects.filter(waits).exists():
        return Outcome(State.LEFT, "answered")
    refuse_if_asked(case.pk, round.by)
    offer = live_offer(case.pk)
    if who_writes(case.pk, now) is not None or (offer is not None and offer.operator_id != round.by_id):
        return Outcome(State.NEXT, "held")
    flow.send(case, offer, passed, round.by, now)
    return Outcome(State.DONE)
