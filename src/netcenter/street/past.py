"""The demo company's last week, lived through the house's own actions: so that history, ledger and search are true."""

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from netcenter import flow
from netcenter.accounts.models import Account, Brand
from netcenter.cases import actions as cases
from netcenter.cases.models import Case, Message, Thread
from netcenter.channels.contract import Raw, Receipt
from netcenter.channels.email.identity import our_message_id
from netcenter.channels.webchat import wire
from netcenter.events.models import Event
from netcenter.intake.commit import store_now
from netcenter.lib import blobs
from netcenter.lib.bulk import update_many
from netcenter.outbox import actions as outbox
from netcenter.outbox import receipts
from netcenter.outbox.actions import Reply
from netcenter.people.models import Person
from netcenter.routing import actions as routing
from netcenter.routing.models import Offer
from netcenter.routing.queries import live_offer
from netcenter.standards import actions as standards
from netcenter.street import app
from netcenter.street.citizens import Citizen, Photo, Utterance, citizen
from netcenter.street.mail import letter
from netcenter.street.matters import APP, CHAT, MAIL

STORIES = 260
WAITING = 9  # of them, that nobody has answered yet
DAYS = 7
RECENT_HOURS = 20
SILENT = 0.5  # of those who are content say no thanks
SEED = 1905
_BUSY = (0, 0, 0, 0, 0, 0, 1, 4, 7, 9, 9, 8, 7, 6, 4, 4, 5, 7, 8, 7, 4, 2, 1, 0)  # by the hour
_NOTES = (
    "Hablé con el local: confirman que fue la partida de la mañana.",
    "Cliente de hace años, según la tarjeta. Tratar con cariño.",
    "Ya pedí la devolución a administración, sale hoy.",
    "Ojo: escribió también por la aplicación, es el mismo tema.",
    "El repartidor dice que tocó timbre dos veces. Igual no cobramos el envío.",
)
_ASK = "@Sofía, ¿podés ver si corresponde devolver todo o solo la diferencia?"


@dataclass(frozen=True)
class Cast:
    """Who was there: the accounts by way, and the people who answered."""

    accounts: dict[tuple[str, bool], Account]  # (way, of the cafés)
    operators: tuple[Person, ...]
    supervisor: Person
    speakers: dict[str, tuple[Person, ...]]
    zone: ZoneInfo

    @staticmethod
    def of(bakery: Brand, cafe: Brand, people: list[Person]) -> "Cast":
        def account(channel: str, brand: Brand) -> Account:
            return Account.objects.select_related("brand").get(channel=channel, brand=brand)

        accounts = {(MAIL, False): account("email", bakery), (APP, False): account("api", bakery)}
        accounts |= {(CHAT, False): account("webchat", bakery), (CHAT, True): account("webchat", cafe)}
        operators = tuple(p for p in people if p.role == Person.Role.OPERATOR)
        codes = {p.pk: set(p.skills.values_list("code", flat=True)) for p in operators}
        speakers = {c: tuple(p for p in operators if f"language:{c}" in codes[p.pk]) for c in ("es", "pt", "en")}
        supervisor = next(p for p in people if p.role == Person.Role.SUPERVISOR)
        return Cast(accounts, operators, supervisor, speakers, ZoneInfo(people[0].timezone))


def live_through(cast: Cast, now: datetime, stories: int = STORIES) -> None:
    """Live every story up to now: in rounds, so that what all customers say next is taken in at once."""
    rng = random.Random(SEED)  # noqa: S311
    began = sorted(_beginning(cast.zone, now, rng) for _ in range(stories - WAITING))
    began += sorted(now - timedelta(minutes=rng.uniform(2, 70)) for _ in range(WAITING))
    told = []
    for number, at in enumerate(began):
        story = _Story(cast, random.Random(rng.random()), number, now)  # noqa: S311
        told.append(story.told(at) if number < stories - WAITING else story.begun(at))
    while told:
        said = [(story, next(story, None)) for story in told]
        told = [story for story, words in said if words is not None]
        _take_in([one for _, words in said for one in words or ()], now)
    for case_id in list(Offer.objects.filter(state__in=Offer.LIVE).values_list("case_id", flat=True)):
        routing.let_go(case_id, "quiet", now)
    _tell_when()


Said = tuple[Account, Raw, datetime]


def _take_in(said: list[Said], now: datetime) -> None:
    for account, raw, at in sorted(said, key=lambda one: one[2]):
        store_now(account.pk, [raw], at)
    while flow.take_in(now):
        pass


def _tell_when() -> None:
    """What was taken in at once did not happen at once: in this made-up week the record says when it was received."""
    events = list(Event.objects.filter(kind="message.received"))
    received = dict(Message.objects.filter(direction=Message.Direction.IN).values_list("pk", "received_at"))
    for one in events:
        one.at = received[one.data["message"]]
    update_many(events, ["at"])


def _beginning(zone: ZoneInfo, now: datetime, rng: random.Random) -> datetime:
    """Some moment of the last days, in the hours in which people write."""
    while True:
        at = now - timedelta(hours=2) - timedelta(days=DAYS) * rng.random()
        if rng.random() * max(_BUSY) < _BUSY[at.astimezone(zone).hour]:
            return at


class _Story:
    """One citizen's conversation with the company, some days ago."""

    def __init__(self, cast: Cast, rng: random.Random, number: int, now: datetime) -> None:
        self.cast, self.rng, self.number, self.now = cast, rng, number, now
        self.person: Citizen = citizen(rng)
        self.account = cast.accounts[self.person.way, self.person.way == CHAT and self.person.matter.cafe]
        self.place = self._place()
        self.mails: list[str] = []
        self.quoted: tuple[str, str, datetime] | None = None
        self.subject = ""
        self.said = 0

    def _place(self) -> str:
        """The thread's name on its network; a mail's is known when it is written."""
        if self.person.way == CHAT:
            return wire.visitor_hash(self.account.key, f"past-{self.number}")
        return f"order-{self.person.voice.slots['order']}-{self.number}"

    def begun(self, at: datetime) -> Iterator[list[Said]]:
        """They wrote, and are waiting."""
        yield self._say(self.person.opening(), at)

    def told(self, at: datetime) -> Iterator[list[Said]]:
        """They wrote, were answered, perhaps said more, and it came to an end. Yields what is said next."""
        said = self._say(self.person.opening(), at)
        if self.rng.random() < 0.08 and (nagging := self.person.nag()) and not nagging.way:
            at += timedelta(seconds=self.person.patience)
            said += self._say(nagging, at)
        yield said
        at = self._answered_at(at)
        if self._needs_no_answer():
            return self._dispose("spam" if self.person.matter.is_spam else "not_for_us", at)
        words = self.person.voice.answer(self.person.matter)
        operator = self._answer(words, at)
        self._maybe_note(operator, at)
        yield from self._goes_on(words, operator, at)

    def _goes_on(self, words: str, operator: Person, at: datetime) -> Iterator[list[Said]]:
        for _turn in range(3):
            reaction = self.person.react(words, operator.first_name, automatic=False)
            at += timedelta(seconds=self.rng.uniform(15, 240))
            is_thanks = self.person.is_done and self.person.pleased
            if reaction is None or at > self.now or (is_thanks and self.rng.random() < SILENT):
                break
            yield self._say(reaction, at)
            at = self._answered_at(at)
            if is_thanks:
                return self._dispose("thanks", at)
            words = self.person.voice.talk("assured" if self.person.pleased else "mended")
            self._answer(words, at)
        at += timedelta(minutes=self.rng.uniform(3, 30))
        if at < self.now and self.rng.random() < 0.8:
            with transaction.atomic():
                cases.close(cases.lock(self._case().pk), at, operator.actor)
        return None

    # --- The citizen --------------------------------------------------------------------------------------------------

    def _say(self, said: Utterance, at: datetime) -> list[Said]:
        raws = self._raws(said, at)
        return [(self.account, raw, at + timedelta(seconds=7 * i)) for i, raw in enumerate(raws)]

    def _raws(self, said: Utterance, at: datetime) -> list[Raw]:
        self.subject = self.subject or said.subject
        if self.person.way == MAIL:
            mail = letter(
                self.person, said, self.account.address, at, subject=self.subject, thread=self.mails, quoted=self.quoted
            )
            self.mails.append(str(mail["Message-ID"]))
            self.place = self.mails[0]
            return [_raw(mail.as_bytes(), {"mail_from": self.person.email, "peer": "127.0.0.1"})]
        self.said += 1
        if self.person.way == APP:
            name = f"past-{self.number}-{self.said}"
            posted = app.message(self.person, said, self.place, self.subject, at, name)
            return [_raw(json.dumps(posted, ensure_ascii=False).encode(), {})]
        person = self.person
        email = person.email if person.gives_email else ""
        visitor = wire.Visitor(self.place, person.voice.name, email, person.voice.language)
        lines = [(line, ()) for line in said.lines] + ([("", said.photos)] if said.photos else [])
        return [
            wire.said(visitor, f"past-{self.said}-{i:04}", line, at + timedelta(seconds=7 * i), files=_files(photos))
            for i, (line, photos) in enumerate(lines)
        ]

    # --- The company --------------------------------------------------------------------------------------------------

    def _answered_at(self, at: datetime) -> datetime:
        """A chat within minutes, else within the hours; what comes at night in the morning; never later than now."""
        if self.person.way == CHAT:
            due = at + timedelta(seconds=self.rng.lognormvariate(4.5, 0.7))
        else:
            due = at + timedelta(minutes=self.rng.lognormvariate(3.4, 0.9))
        local = due.astimezone(self.cast.zone)
        if not 7 <= local.hour < 21:
            morning = local.replace(hour=7, minute=0, second=0) + timedelta(days=local.hour >= 21)
            due = (morning + timedelta(minutes=self.rng.uniform(1, 70))).astimezone(at.tzinfo)
        latest = self.now - timedelta(minutes=self.rng.uniform(1, 20))
        return max(at + timedelta(seconds=8), min(due, latest))

    def _needs_no_answer(self) -> bool:
        return self.person.matter.is_spam or (self.person.matter.kind == "not_for_us" and self.rng.random() < 0.5)

    def _case(self) -> Case:
        return self._thread().case

    def _thread(self) -> Thread:
        known = Thread.objects.select_related("case__holder", "case__last_operator")
        return known.get(account=self.account, external_id=self.place)

    def _answer(self, words: str, at: datetime) -> Person:
        """Answer, and have the answer arrive."""
        thread = self._thread()
        operator = self._taken(thread.case, at)
        key = f"past-{self.number}-{at:%d%H%M%S%f}"
        with transaction.atomic():
            case = cases.lock(thread.case_id)
            message = outbox.answer(case, Reply(words, key, thread.pk, seen_id=None), operator, at)
            standards.keep(case, at)
            if self._is_recent(at):
                routing.after_reply(case, live_offer(case.pk), at, operator.actor)
        arrived = at + timedelta(seconds=1)
        external_id = our_message_id(key, self.account.address) if self.person.way == MAIL else key
        receipts.sent(message.dispatch, Receipt(external_id, "sent", arrived), arrived)  # type: ignore[attr-defined]
        if self.person.way == MAIL:
            self.mails.append(external_id)
            self.quoted = (operator.name, words, at)
            self.subject = f"Re: {self.subject.removeprefix('Re: ')}"
        elif self.rng.random() < 0.7:
            cases.read_by_customer(message, arrived + timedelta(seconds=5), arrived + timedelta(seconds=5))
        return operator

    def _is_recent(self, at: datetime) -> bool:
        """Whether it was so lately that people may look at who picked up: for older ones it would only take time."""
        return self.now - at < timedelta(hours=RECENT_HOURS)

    def _taken(self, case: Case, at: datetime) -> Person:
        """Who holds the case, or somebody who speaks the language and picks it up."""
        operator = case.holder or case.last_operator or self.rng.choice(self.cast.speakers[self.person.voice.language])
        if case.holder is None and self._is_recent(at):
            routing.take(case.pk, operator, at - timedelta(seconds=self.rng.uniform(4, 7)))
        return operator

    def _dispose(self, reason: str, at: datetime) -> None:
        case = self._case()
        operator = self._taken(case, at)
        if self._is_recent(at):
            flow.dispose(case, reason, "", None, operator, at)
            return
        with transaction.atomic():
            case = cases.lock(case.pk)
            cases.dispose(case, reason, "", None, at, operator.actor)
            standards.keep(case, at, outcome="void")
            cases.close(case, at, operator.actor)

    def _maybe_note(self, operator: Person, at: datetime) -> None:
        luck = self.rng.random()
        if luck < 0.1:
            cases.note(self._case().pk, operator, self.rng.choice(_NOTES), [], at + timedelta(minutes=1))
        elif luck < 0.13 and self.person.matter.heat > 0.5:
            cases.note(self._case().pk, operator, _ASK, [self.cast.supervisor], at + timedelta(minutes=1))


def _raw(body: bytes, meta: dict[str, str]) -> Raw:
    return Raw(body, hashlib.sha256(body).hexdigest(), meta)


def _files(photos: tuple[Photo, ...]) -> list[wire.File]:
    return [wire.File(blobs.put(p.content), p.name, p.mime, len(p.content)) for p in photos]
