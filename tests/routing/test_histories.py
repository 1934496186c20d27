"""Any history of a working day keeps the laws: Hypothesis makes up the days, the database lives through them."""

import os
import uuid
from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import Min
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from netcenter import flow
from netcenter.accounts.actions import connect
from netcenter.accounts.models import Brand
from netcenter.cases import actions as cases
from netcenter.cases import ledger
from netcenter.cases.arrivals import Arrival
from netcenter.cases.models import Case, Message
from netcenter.cases.queries import story
from netcenter.cases.record import record
from netcenter.channels.contract import Author, ChannelError, Inbound, Receipt, ThreadRef
from netcenter.channels.registry import channel
from netcenter.lib.refused import Refused
from netcenter.outbox import actions as outbox
from netcenter.outbox import dispatching
from netcenter.outbox.loops import deliver
from netcenter.outbox.models import Dispatch
from netcenter.people.actions import seen
from netcenter.people.models import Desk, Person
from netcenter.routing import actions as routing
from netcenter.routing import presence
from netcenter.routing.loops import QUIET
from netcenter.routing.models import Offer, Queue
from netcenter.routing.switchboard import Switchboard
from netcenter.standards import actions as standards
from netcenter.standards.models import Promise
from netcenter.understanding import actions as understanding
from tests.company import NOON, Company

LIVE = ("ringing", "accepted")
AT_DESK = ("available", "busy", "wrap_up")
TEXTS = ["Hola", "¿A qué hora abren?", "Es una vergüenza, me cobraron dos veces", "Do you have bread?", "Gracias", ""]
PAUSES = [0.2, 1, 5, 21, 45, 61, 301, 900, 4000, 90_000]
who, which = st.integers(0, 2), st.integers(0, 1000)


class Day(RuleBasedStateMachine):
    """One company's day. Everything is undone at its end."""

    company: Company
    bakery: Brand  # only Alice answers for it
    failing: list[Exception]

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo._from_testcase = True  # type: ignore[attr-defined]  # a verb in it is as outermost as in a test
        self.undo.__enter__()
        self.now = NOON
        self.people: list[Person] = [self.company.alice, self.company.bob, self.company.charlie]
        self.here = set(self.people)
        self.failing.clear()
        self.board = Switchboard()
        for person in self.people[:2]:
            presence.set_state(person, "available", self.now, person)

    def teardown(self) -> None:
        self.board.stop()
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def tick(self, seconds: float = 0.01):
        self.now += timedelta(seconds=seconds)
        return self.now

    def one(self, queryset, number: int):
        found = list(queryset.order_by("pk"))
        return found[number % len(found)] if found else None

    # --- What happens -------------------------------------------------------------------------------------------------

    @rule(customer=st.integers(0, 3), text=st.sampled_from(TEXTS), late=st.sampled_from([0, 0, 0, 30, 7200, 10**9]),
          on_chat=st.booleans(), automatic=st.sampled_from(["", "", "", "auto_reply"]))  # fmt: skip
    def arrive(self, customer, text, late, on_chat, automatic):
        account = self.company.chat if on_chat else self.company.api
        if customer == 3:
            account = self.bakery
        now = self.tick()
        name = f"{account.channel}-{account.pk}-{customer}"
        said = Inbound(
            uuid.uuid4().hex, Author(name), ThreadRef(f"t-{name}"), now - timedelta(seconds=late), text,
            automatic=automatic,
        )  # fmt: skip
        reads = understanding.read([text])
        messages = record([Arrival(account, said, now)], now)
        understanding.keep(messages, reads, now)
        standards.promise(messages, now)

    @rule(seconds=st.sampled_from(PAUSES))
    def time_passes(self, seconds):
        """A while, at the end of which every loop has had its turn."""
        now = self.tick(seconds)
        seen([p.pk for p in self.here], now)
        presence.release_gone(now)
        presence.end_idle(now, QUIET)
        presence.take_back(now)
        cases.wake_snoozed(now)
        standards.warn(now)
        self.ring()

    @rule()
    def ring(self):
        """Law 3: afterwards no case waits for which somebody is free."""
        now = self.tick()
        routing.miss_overdue(now)
        self.board.step(now)
        assert not Switchboard().step(now).rang, "what it remembers hides what the tables say"
        for case in Case.objects.filter(waiting_since__isnull=False, holder=None):
            if case.snoozed_until and case.snoozed_until > now:
                continue
            if not case.offers.filter(state__in=LIVE).exists():
                idle = [p.name for p in self.people if self.could_take(p, case, now)]
                assert not idle, f"{case} waits although {idle} could take it"

    def could_take(self, person: Person, case: Case, now) -> bool:
        desk = Desk.objects.filter(person=person, state="available").first()
        if desk is None or Offer.objects.filter(operator=person, state="ringing").exists():
            return False
        if desk.capacity - desk.load < channel(case.account.channel).capabilities.weight:
            return False
        let_pass = case.offers.filter(state="declined", ended_at__gt=now - timedelta(seconds=60))
        if let_pass.filter(operator=person).exists():
            return False
        if case.pinned_to_id and case.pinned_to_id != person.pk:
            at_desk = Desk.objects.filter(person=case.pinned_to_id, state__in=AT_DESK).exists()
            passed = case.offers.filter(
                operator=case.pinned_to_id, state__in=["declined", "missed"], ended_at__gt=now - timedelta(seconds=60)
            )
            if at_desk and not passed.exists():
                return False  # it is to ring there
        return case.brand == self.company.brand or person in (self.company.alice, self.company.charlie)

    @rule(number=which)
    def accept(self, number):
        if offer := self.one(Offer.objects.filter(state="ringing"), number):
            routing.accept(offer.pk, offer.operator, self.tick())

    @rule(text=st.sampled_from(TEXTS), customer=st.integers(0, 3))
    def rush(self, text, customer):
        """What is most common: somebody writes, and it rings."""
        self.arrive(customer, text, 0, customer % 2 == 1, "")
        self.ring()

    @rule(number=which)
    def accept_too_late(self, number):
        if offer := self.one(Offer.objects.exclude(state__in=LIVE), number):
            with pytest.raises(Refused):
                routing.accept(offer.pk, offer.operator, self.tick())

    @rule(number=which)
    def decline(self, number):
        if offer := self.one(Offer.objects.all(), number):
            routing.decline(offer.pk, offer.operator, "not now", self.tick())

    @rule(number=which, person=who, close=st.booleans(), partly=st.booleans())
    def answer(self, number, person, close, partly):
        """As the desk does: the holder, or whoever takes it with the answer."""
        if case := self.one(Case.objects.all(), number):
            operator, now, shown = self.people[person], self.tick(), story(case)
            inbound = [m.pk for m in shown.messages if m.direction == "in"]
            seen_id = min(inbound) if partly else max(inbound)
            reply = outbox.Reply("Hola", uuid.uuid4().hex, shown.messages[-1].thread_id, seen_id)
            try:
                with transaction.atomic():
                    routing.take(case.pk, operator, now)
                    flow.answer(Case.objects.get(pk=case.pk), reply, operator, now, close=close, overrule="test")
            except Refused as refused:
                assert refused.code in ("held", "still_waiting")

    @rule(broken=st.sampled_from([None, None, ChannelError("no such mailbox", permanent=True)]))
    def send(self, broken):
        if broken:
            self.failing.append(broken)
        now = self.tick()
        for dispatch in dispatching.claim(now, 50):
            deliver(dispatch)
        self.failing.clear()

    @rule(number=which)
    def bounce(self, number):
        if message := self.one(Message.objects.filter(state="sent"), number):
            now = self.tick()
            if cases.failed(message, "mailbox full", now):
                standards.run_again(message.case_id, now)

    @rule(number=which)
    def try_again(self, number):
        if dispatch := self.one(Dispatch.objects.filter(state="refused"), number):
            flow.try_again(dispatch.pk, self.people[2], self.tick())

    @rule(number=which, person=who, partly=st.booleans())
    def dispose(self, number, person, partly):
        if case := self.one(Case.objects.all(), number):
            seen_id = case.messages.filter(direction="in").aggregate(m=Min("pk"))["m"] if partly else None
            self.try_to(flow.dispose, case, "thanks", "", seen_id, self.people[person], self.tick())

    @rule(number=which, person=who)
    def close(self, number, person):
        if case := self.one(Case.objects.all(), number):
            self.try_to(flow.close, case, self.people[person], self.tick())

    @rule(number=which, person=who, minutes=st.sampled_from([1, 30, 5000]))
    def snooze(self, number, person, minutes):
        if case := self.one(Case.objects.filter(closed_at=None), number):
            until = self.tick() + timedelta(minutes=minutes)
            self.try_to(flow.snooze, case, until, "later", self.people[person], self.now)

    @rule(number=which, by=who, to=st.one_of(st.none(), who))
    def transfer(self, number, by, to):
        if case := self.one(Case.objects.all(), number):
            receiver = None if to is None else self.people[to]
            self.try_to(routing.transfer, case.pk, receiver, "yours", self.people[by], self.tick())

    @rule(number=which, person=who)
    def take(self, number, person):
        if case := self.one(Case.objects.all(), number):
            self.try_to(routing.take, case.pk, self.people[person], self.tick())

    @rule(person=who, state=st.sampled_from(["available", "available", "busy", "break", "offline"]))
    def change_state(self, person, state):
        presence.set_state(self.people[person], state, self.tick(), self.people[person])

    @rule(person=who)
    def leave(self, person):
        self.here.discard(self.people[person])

    @precondition(lambda self: len(self.here) < 3)
    @rule()
    def come_back(self):
        self.here = set(self.people)
        seen([p.pk for p in self.here], self.tick())

    @rule(person=who, capacity=st.sampled_from([20, 60, 100]))
    def resize(self, person, capacity):
        Desk.objects.filter(person=self.people[person]).update(capacity=capacity)

    def try_to(self, verb, *arguments) -> None:
        """A verb may refuse, and then has changed nothing."""
        try:
            with transaction.atomic():
                verb(*arguments)
        except Refused:
            pass

    # --- The laws -----------------------------------------------------------------------------------------------------

    @invariant()
    def a_desk_is_as_full_as_what_rings_and_is_held_there(self):
        loads = Counter()
        for operator, weight in Offer.objects.filter(state__in=LIVE).values_list("operator", "weight"):
            loads[operator] += weight
        assert dict(Desk.objects.filter(load__gt=0).values_list("person_id", "load")) == dict(loads)

    @invariant()
    def it_rings_where_somebody_is(self):
        ringing = Offer.objects.filter(state="ringing")
        assert not ringing.exclude(operator__desk__state="available").exists()

    @invariant()
    def a_ring_never_overfills_a_desk(self):
        for offer in Offer.objects.filter(state="ringing", rang_at=self.now).select_related("operator__desk"):
            assert offer.operator.desk.load <= offer.operator.desk.capacity

    @invariant()
    def who_holds_a_case_has_picked_it_up(self):
        held = set(Case.objects.filter(holder__isnull=False).values_list("pk", "holder"))
        accepted = list(Offer.objects.filter(state="accepted").values_list("case", "operator"))
        assert sorted(held) == sorted(accepted)
        live = Counter(Offer.objects.filter(state__in=LIVE).values_list("case", flat=True))
        assert set(live.values()) <= {1}

    @invariant()
    def what_rings_waits(self):
        assert not Offer.objects.filter(state="ringing", case__waiting_since=None).exists()

    @invariant()
    def the_ledger_balances(self):
        equation = ledger.equation()
        assert equation.balances, equation
        assert equation == ledger.audit(self.now)

    @invariant()
    def a_case_knows_what_waits_in_it_and_what_was_promised(self):
        waits = dict(
            Message.objects.filter(state="waiting").values_list("case").annotate(since=Min("sent_at")).order_by()
        )
        promised = dict(
            Promise.objects.filter(ended_at=None).values_list("case").annotate(due=Min("due_at")).order_by()
        )
        for case in Case.objects.all():
            assert case.waiting_since == waits.get(case.pk)
            assert case.due_at == promised.get(case.pk)
            assert (case.due_at is None) == (case.waiting_since is None)
            assert case.closed_at is None or case.waiting_since is None
        orphans = Promise.objects.filter(ended_at=None).exclude(message__state="waiting")
        assert not orphans.exists(), "a promise runs for a message that does not wait"


@pytest.mark.django_db
def test_any_history_keeps_the_laws(company: Company, monkeypatch):
    """NETCENTER_HISTORIES says how many days are lived through, for whoever has longer."""
    other = Brand.objects.create(name="Horno")
    other.people.add(company.alice)
    Queue.objects.create(name="Horno", brand=other, needs_language=False)
    Day.company, Day.failing = company, []
    Day.bakery = connect(other, "api", "Horno", "horno", {"webhook_url": "https://horno.example/"}, NOON, "system")

    def sends(outbound, connection):
        if Day.failing:
            raise Day.failing.pop()
        return Receipt(f"net-{outbound.key}", "sent", NOON)

    for kind in ("api", "webchat"):
        monkeypatch.setattr(channel(kind), "send", sends)
        monkeypatch.setattr(channel(kind), "find", lambda outbound, connection: None)
    days = int(os.environ.get("NETCENTER_HISTORIES", "12"))
    run_state_machine_as_test(
        Day,
        settings=settings(
            max_examples=days,
            stateful_step_count=40,
            deadline=None,
            database=None,
            derandomize=days == 12,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
