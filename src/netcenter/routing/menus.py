"""Menus: a first choice in the private places of an account. Who ignores it rings all the same.

Called with the messages that were just recorded, in their transaction, with their cases locked. While no account has
a menu switched on, none of this asks the database anything.
"""

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from netcenter.accounts.models import Account
from netcenter.cases.models import Case, Message, Thread
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.prepared import prepared
from netcenter.people.models import Person, PersonSkill
from netcenter.people.permissions import May, may
from netcenter.routing.choices import (
    Opening,
    Option,
    Wanted,
    asks,
    in_language,
    is_useful,
    language_for,
    reachable,
    read_choice,
)
from netcenter.routing.models import Menu, MenuAsked, MenuChoice, Need, Offer, Queue

REMEMBERED = 20.0  # seconds at the most; a change wakes the topic "people" and is seen at once
MOST_AT_ONCE = 100  # of one batch: in a flood the others are not asked, and simply ring


@dataclass(frozen=True)
class Known:
    """A menu that is switched on and whose answer matters."""

    menu_id: int
    question: Mapping[str, str]
    patience: timedelta
    choices: Sequence[tuple[int, Mapping[str, str]]]  # id and labels, in order


class Menus:
    """The accounts with a menu, remembered like the profiles of people."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, Known] = {}
        self._read_at = -1e9
        self._listening = False

    def get(self) -> dict[int, Known]:
        with self._lock:
            if not self._listening:
                wakeup.listen("people", lambda _topic: self.forget())
                self._listening = True
            if time.monotonic() - self._read_at > REMEMBERED:
                self._read_at = time.monotonic()
                self._known = _known()
            return self._known

    def forget(self) -> None:
        self._read_at = -1e9


MENUS = Menus()


def _known() -> dict[int, Known]:
    found = {}
    on = Menu.objects.filter(is_on=True, account__enabled=True).select_related("account")
    for menu in on.prefetch_related("choices"):
        choices = list(menu.choices.all())  # type: ignore[attr-defined]
        wanted = [Wanted(c.skill_id, c.level) for c in choices]
        if is_useful(wanted, list(skills_of(menu.account.brand_id).values())):
            patience = timedelta(seconds=menu.patience_seconds)
            found[menu.account_id] = Known(menu.pk, menu.question, patience, [(c.pk, c.labels) for c in choices])
    return found


def skills_of(brand_id: int) -> dict[int, dict[int, int]]:
    """Everybody who may be rung for the brand, with their levels by skill."""
    queue = Queue.objects.filter(brand=brand_id).first()
    people = Person.objects.filter(is_active=True).exclude(role=Person.Role.OWNER)
    if queue is not None and queue.team_id is not None:
        people = people.filter(teams=queue.team_id)
    members = set(people.filter(brands=brand_id).values_list("pk", flat=True))
    members |= {person.pk for person in people if may(person, May.SEE_ALL)}
    levels: dict[int, dict[int, int]] = {pk: {} for pk in members}
    for person_id, skill_id, level in PersonSkill.objects.filter(person__in=members).values_list(
        "person_id", "skill_id", "level"
    ):
        levels[person_id][skill_id] = level
    return levels


# --- Asking ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A menu to be shown: where, and the words in the customer's language."""

    case: Case
    thread: Thread
    known: Known
    language: str
    options: Sequence[Option] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.known.question.get(self.language, "")


def questions(messages: Sequence[Message]) -> list[Question]:
    """In which of the cases to ask, after these messages were recorded and read."""
    known = MENUS.get()
    if not known:
        return []
    latest = {m.case_id: m for m in messages if not m.automatic and m.account_id in known}
    latest = {pk: m for pk, m in latest.items() if asks(_opening(m))}
    if not latest:
        return []
    here = [m.pk for m in messages]
    older = Message.objects.filter(case__in=list(latest)).exclude(pk__in=here).values_list("case_id", flat=True)
    for case_id in set(older):
        del latest[case_id]
    return [_question(m, known[m.account_id]) for m in list(latest.values())[:MOST_AT_ONCE]]


def _opening(message: Message) -> Opening:
    case = message.case
    taken = case.holder_id or case.pinned_to_id or case.last_operator_id or case.waiting_since is None
    return Opening(message.thread.place, case.kind, case.urgency, is_new=True, is_taken=bool(taken))


def _question(message: Message, known: Known) -> Question:
    spoken = language_for(known.question, message.case.language, message.case.brand.language)
    languages = (spoken, message.case.brand.language)
    options = [Option(str(pk), in_language(labels, *languages)) for pk, labels in known.choices]
    return Question(message.case, message.thread, known, spoken, options)


def asked(question: Question, message: Message, now: datetime) -> None:
    """The menu is on its way; its case does not ring before the patience is over or something is said."""
    until = now + question.known.patience
    MenuAsked.objects.create(
        case_id=question.case.pk, menu_id=question.known.menu_id, asked_at=now, until=until, message=message
    )
    record(event("menu.asked", now, case_id=question.case.pk, brand_id=question.case.brand_id, message=message.pk,
                 until=until.isoformat()))  # fmt: skip
    wakeup.wake("menus", "routing")


# --- What becomes of it ---------------------------------------------------------------------------


def hear(messages: Iterable[Message], now: datetime) -> None:
    """Take up what these messages choose. Whatever else they say ends the menu: it is more of the case, and rings."""
    # An address that a visitor leaves is no answer to anything.
    said = [m for m in messages if not m.automatic and not m.extra.get("about")]
    if not said or not MENUS.get():
        return
    shown = MenuAsked.objects.select_related("message").in_bulk({m.case_id for m in said})
    for message in said:
        menu = shown.get(message.case_id)
        if menu is not None and menu.message is not None:
            _hear(menu, message, now)


def _hear(menu: MenuAsked, message: Message, now: datetime) -> None:
    options = [Option(o["id"], o["label"]) for o in menu.message.extra.get("choices", ())]  # type: ignore[union-attr]
    pressed = str(message.extra.get("choice", ""))
    # Once somebody has answered, a bare "2" may answer them; a button still says what it says.
    reads = menu.ended_at is None or message.case.last_operator_id is None
    chosen = read_choice(message.text if reads else "", options, pressed)
    if not chosen and menu.ended_at is None:
        _end(menu, now, "wrote", message.case.brand_id)
    elif chosen:
        label = next(o.label for o in options if o.id == chosen)
        _choose(menu, message, int(chosen), label, now)


def _choose(menu: MenuAsked, message: Message, choice_id: int, label: str, now: datetime) -> None:
    """The choice asks its skill of whoever is rung; one that comes too late changes nothing, and is shown."""
    case = message.case
    choice = MenuChoice.objects.filter(pk=choice_id).first()
    in_time = menu.ended_at is None and message.sent_at <= menu.until and not _rings(case)
    if in_time:
        menu.chosen = choice
    own = MenuAsked.objects.filter(pk=menu.pk, ended_at=None)
    ended = own.update(ended_at=now, chosen=choice if in_time else None)
    menu.ended_at = menu.ended_at or now
    late = not (in_time and ended)
    if not late and choice is not None and choice.skill_id is not None:
        level = reachable(Wanted(choice.skill_id, choice.level), skills_of(case.brand_id).values())
        if level is not None:
            need = Need(case_id=case.pk, skill_id=choice.skill_id, level=level)
            Need.objects.bulk_create([need], ignore_conflicts=True)
    record(event("menu.chosen", now, f"customer:{case.customer_id}", case_id=case.pk, brand_id=case.brand_id,
                 operator_id=case.holder_id, choice=choice_id, label=label, late=late, message=message.pk))  # fmt: skip
    wakeup.wake("routing")


def _rings(case: Case) -> bool:
    return case.holder_id is not None or Offer.objects.filter(case=case, state__in=Offer.LIVE).exists()


def _end(menu: MenuAsked, now: datetime, why: str, brand_id: int) -> bool:
    """Nothing was chosen; False when somebody was quicker to say what became of it."""
    if not MenuAsked.objects.filter(pk=menu.pk, ended_at=None).update(ended_at=now):
        return False
    menu.ended_at = now
    record(event("menu.passed", now, case_id=menu.pk, brand_id=brand_id, why=why))
    wakeup.wake("routing")
    return True


def end_overdue(now: datetime) -> int:
    """End the menus whose patience is over: their cases may ring."""
    overdue = MenuAsked.objects.filter(ended_at=None, until__lte=now).select_related("case").order_by("until")
    return sum(_end_overdue(menu, now) for menu in list(overdue[:500]))


@transaction.atomic
def _end_overdue(menu: MenuAsked, now: datetime) -> bool:
    return _end(menu, now, "patience", menu.case.brand_id)


def next_until() -> datetime | None:
    """When the next open menu's patience is over."""
    return MenuAsked.objects.filter(ended_at=None).order_by("until").values_list("until", flat=True).first()


def chosen_in(case_id: int) -> str:
    """What the customer chose in this case, in the words that they read; "" when nothing."""
    offered = ((str(chosen_id), o) for chosen_id, extra in _chosen(case_id) for o in extra.get("choices", ()))
    return next((o["label"] for chosen_id, o in offered if o["id"] == chosen_id), "")


@prepared
def _chosen(case_id: int) -> QuerySet[MenuAsked, tuple[int, dict[str, Any]]]:
    chosen = MenuAsked.objects.filter(pk=case_id, chosen__isnull=False, message__isnull=False)
    return chosen.values_list("chosen_id", "message__extra")


# --- Settings -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One choice as it is set: `pk` of the one it was before, or None."""

    pk: int | None
    labels: Mapping[str, str]
    skill_id: int | None
    level: int = 1


@dataclass(frozen=True)
class MenuDetails:
    """A menu as it is set, its lines in order."""

    is_on: bool
    question: Mapping[str, str]
    patience_seconds: int
    lines: Sequence[Line]


@transaction.atomic
def save_menu(account: Account, details: MenuDetails, now: datetime, actor: str) -> Menu:
    """Make or change the account's menu. A line that stays keeps its id: menus that are open now go on."""
    menu, _new = Menu.objects.update_or_create(
        account=account,
        defaults={
            "is_on": details.is_on, "question": dict(details.question), "patience_seconds": details.patience_seconds,
        },
    )  # fmt: skip
    kept = {line.pk for line in details.lines if line.pk}
    MenuChoice.objects.filter(menu=menu).exclude(pk__in=kept).delete()
    for position, line in enumerate(details.lines, 1):
        values = {"position": position, "labels": dict(line.labels), "skill_id": line.skill_id, "level": line.level}
        if not (line.pk and MenuChoice.objects.filter(pk=line.pk, menu=menu).update(**values)):
            MenuChoice.objects.create(menu=menu, **values)
    record(event("account.menu_changed", now, actor, brand_id=account.brand_id, account=account.pk, on=details.is_on))
    wakeup.wake("people", "routing")
    return menu


def menus_of(accounts: Iterable[Account]) -> dict[int, Menu]:
    """Account to its menu, for those that have one."""
    return {m.account_id: m for m in Menu.objects.filter(account__in=list(accounts)).prefetch_related("choices")}
