"""The router over long histories: whatever happens, it keeps its laws. No database."""

import os
from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from netcenter.routing.cost import HOUR, CostOfDelay, reach, weighs, worse, worth
from netcenter.routing.reasons import explain, who
from netcenter.routing.router import Router
from netcenter.routing.rules import Operator, Pair, Step, Wait, Waiting, demand, takes
from tests.routing.oracle import can_take

ES, PT, BILLING = "language:es", "language:pt", "billing"
NOW = 1_000_000.0


def case(id: int, *needs: str, **more) -> Waiting:
    return Waiting(id, more.pop("brand", 1), more.pop("weight", 100), frozenset(needs), waiting_since=NOW, **more)


def operator(id: int, *skills: str, idle: float = 0, **more) -> Operator:
    return Operator(id, skills=frozenset(skills or (ES,)), idle_since=NOW - idle, **more)


def router(*told: Waiting | Operator) -> Router:
    found = Router(now=NOW)
    for value in told:
        found.arrive(value) if isinstance(value, Waiting) else found.seat(value)
    return found


def rings(decided, now: float = NOW) -> list[tuple[int, int]]:
    pairs = decided.decide(now).pairs if isinstance(decided, Router) else decided
    return [(p.case_id, p.operator_id) for p in pairs]


# --- Who is rung ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "rung"),
    [
        ([case(1, ES), operator(1, idle=60), operator(2, idle=540)], [(1, 2)]),  # the longest idle
        ([case(1, ES), operator(1, ES, PT, idle=540), operator(2)], [(1, 2)]),  # who can do least else
        ([case(1, ES), operator(1, room=40, idle=540), operator(2)], [(1, 2)]),  # who has room
        ([case(1, ES, weight=20), operator(1, room=40, idle=540), operator(2)], [(1, 2)]),  # the emptiest desk
        ([case(1, ES, prefers=1), operator(1, ES, PT), operator(2, idle=540)], [(1, 1)]),  # who knows the customer
        ([case(1, pinned_to=1), operator(2)], [(1, 2)]),  # a pin waits for nobody who is not here
        ([case(1, pinned_to=1), operator(1, room=0), operator(2)], []),
        ([case(1, PT, pinned_to=1), operator(1), operator(2, PT)], [(1, 1)]),  # a supervisor knows why
        ([Waiting(1, 1, needs={BILLING: 2}), Operator(1, skills={BILLING: 1}), Operator(2, skills={BILLING: 3})],
         [(1, 2)]),
        ([Waiting(1, 1, needs={BILLING: 2}), Operator(1, skills={BILLING: 1})], []),
        ([case(1, teams=frozenset({7})), operator(1), operator(2, teams=frozenset({7, 8}))], [(1, 2)]),
        ([case(1, channel="public"), operator(1, weights={"public": 0})], []),  # may not write in public
        ([case(1, channel="chat"), operator(1, room=40, weights={"chat": 30})], [(1, 1)]),  # weighs less for them
        ([case(1, ES), case(2, ES, kind="complaint"), operator(1)], [(2, 1)]),
        ([case(1, ES, kind="complaint"), case(2, ES, kind="complaint", public=True), operator(1)], [(2, 1)]),
        ([case(1, ES, missed={1: NOW + 60}), operator(1), operator(2)], [(1, 2)]),
        ([case(1, ES, missed={1: NOW + 60}), operator(1)], [(1, 1)]),  # nobody else: once more
        ([case(1, ES, missed={1: NOW + 60}), case(2, ES, weight=20), operator(1)], [(2, 1)]),  # others first
        ([case(1, ES, declined={1: NOW + 60}), operator(1)], []),
        ([case(1, ES, declined={1: NOW - 1}), operator(1)], [(1, 1)]),
        ([case(1, ES), operator(1, ready=False)], []),
    ],
)  # fmt: skip
def test_it_rings(told, rung):
    assert rings(router(*told)) == rung


def test_it_serves_what_can_still_be_in_time_before_what_is_late_but_lets_nothing_rot():
    policy = CostOfDelay()
    told = [replace(case(n, kind="question"), waiting_since=NOW - age) for n, age in ((1, 3 * HOUR), (2, 0))]
    assert rings(router(*told, operator(1))) == [(2, 1)]
    old = replace(told[0], waiting_since=NOW - policy.guard)
    assert rings(router(old, told[1], operator(1))) == [(1, 1)]
    complaint = case(3, kind="complaint")
    assert rings(router(old, complaint, operator(1))) == [(3, 1)]
    ancient = replace(old, waiting_since=NOW - policy.last)
    assert rings(router(ancient, complaint, operator(1))) == [(1, 1)]


def test_whoever_holds_the_telephone_comes_before_all_others_while_they_can_be_there():
    policy = CostOfDelay()
    furious = replace(case(1, kind="complaint", public=True, arousal=1.0, crisis=3), waiting_since=NOW - policy.last)
    caller = replace(case(2, kind="other", on_line=True), waiting_since=NOW - 5)
    first = replace(caller, case_id=3, waiting_since=NOW - 20)
    assert rings(router(furious, caller, operator(1))) == [(2, 1)]
    assert rings(router(furious, caller, first, operator(1))) == [(3, 1)]
    gone = replace(caller, waiting_since=NOW - HOUR)
    assert rings(router(furious, gone, operator(1))) == [(1, 1)]


def test_while_the_staff_can_do_the_work_what_is_overdue_goes_ahead_and_else_only_a_few():
    policy = CostOfDelay()

    def ahead(waited: float) -> int:
        """How many of a hundred rings go to overdue cases, though others could still be in time."""
        desk = router(operator(1))
        for n in range(100):
            desk.arrive(replace(case(n, kind="question"), waiting_since=NOW - waited - n))
            desk.arrive(replace(case(1000 + n, kind="question"), waiting_since=NOW))
        rung = []
        for _ in range(100):
            ((case_id, _operator),) = rings(desk)
            desk.accepted(case_id)
            desk.finished(1, 100, NOW)
            rung.append(case_id)
        assert [n for n in rung if n < 1000] == sorted((n for n in rung if n < 1000), reverse=True)  # the oldest first
        return sum(n < 1000 for n in rung)

    assert ahead(policy.guard) == 100
    assert 30 < ahead(sum(policy.gives_up) / 2) < 70
    assert 100 * policy.least <= ahead(policy.gives_up[1] + HOUR) <= 100 * policy.least + 1


def test_a_chat_that_was_promised_minutes_is_in_time_until_it_is_nearly_over_and_never_forgotten_for_hours():
    def asks(ident, promise, waited=0.0):
        return replace(case(ident, kind="question"), waiting_since=NOW - waited, due_at=NOW - waited + promise)

    chat, mail = asks(1, 300), asks(2, 4 * HOUR)
    assert rings(router(mail, chat, operator(1))) == [(1, 1)]
    assert rings(router(mail, asks(1, 300, waited=220), operator(1))) == [(1, 1)]
    assert rings(router(mail, asks(1, 300, waited=HOUR / 2), operator(1))) == [(2, 1)], "late: in slack"
    assert rings(router(mail, asks(1, 300, waited=HOUR), operator(1))) == [(1, 1)], "and not until tomorrow"


def test_a_case_asks_for_less_as_it_waits():
    steps = (Step(NOW + 60, {BILLING: 1}), Step(NOW + 120, anybody=True))
    told = Waiting(1, 1, needs={BILLING: 2}, teams=frozenset({7}), steps=steps, waiting_since=NOW)
    desk = router(told, Operator(1, skills={BILLING: 1}, teams=frozenset({7})), Operator(2, skills={BILLING: 3}))
    assert desk.decide(NOW).next_at == NOW + 60
    assert rings(desk, NOW + 59) == []
    assert rings(desk, NOW + 60) == [(1, 1)]
    desk.declined(1, NOW + 3600, NOW + 61)
    assert rings(desk, NOW + 119) == []
    assert rings(desk, NOW + 120) == [(1, 2)]


def test_a_crisis_counts_at_once_for_all_that_waits_and_until_it_is_over():
    calm, bad = case(1, ES, queue=1, kind="question"), case(2, ES, queue=2, kind="question")
    bad = replace(bad, waiting_since=NOW + 1)
    desk = router(calm, bad, operator(1))
    desk.crisis(2, 2)
    (pair,) = desk.decide(NOW + 2).pairs
    assert pair.case_id == 2 and pair.why["weighs"] == ["crisis_2"]
    desk = router(calm, bad, operator(1))
    desk.crisis(2, 2)
    desk.crisis(2, 0)
    (pair,) = desk.decide(NOW + 2).pairs
    assert pair.case_id == 1 and "weighs" not in pair.why


@pytest.mark.parametrize("followers, verified, far", [
    (0, False, 0.0), (900, False, 0.0), (10_000, False, 0.333), (10**6, False, 1.0), (10**8, True, 1.0),
    (0, True, 0.5), (10**6, True, 1.0),
])  # fmt: skip
def test_how_far_an_author_carries_grows_by_the_logarithm_and_ends(followers, verified, far):
    assert reach(followers, verified) == far
    assert worse(Waiting(1, 1, reach=far)) <= 1.25


def test_what_makes_a_case_worse_is_told_the_heaviest_first():
    everything = Waiting(1, 1, crisis=3, public=True, again=True, arousal=0.9, reach=0.4)
    assert weighs(everything) == ["crisis_3", "public", "again", "mood", "reach"]
    assert weighs(Waiting(1, 1, arousal=0.5)) == []


def test_a_case_waits_for_nobody_who_is_busy_whoever_knows_the_customer():
    desk = router(case(1, ES, prefers=1), operator(1, room=0), operator(2))
    assert rings(desk) == [(1, 2)]


def test_nothing_of_a_paused_queue_rings():
    desk = router(case(1, ES, queue=4), case(2, ES, queue=4, pinned_to=2), operator(1), operator(2))
    desk.pause(4, "The system is down.")
    assert rings(desk) == []
    assert explain(desk, 1, NOW).reason == explain(desk, 2, NOW).reason == "paused"
    desk.resume(4)
    assert rings(desk) == [(1, 1), (2, 2)]


def test_it_keeps_free_what_is_asked_for_and_few_can_do():
    few, many = operator(1, ES, "french"), operator(2, ES, BILLING, "stock")
    desk = router(few, many)
    desk.learn(worth({"french": 5, BILLING: 10, ES: 50}, {"french": 1, BILLING: 20, "stock": 20, ES: 50}))
    desk.arrive(case(1, ES))
    (pair,) = desk.decide(NOW).pairs
    assert (pair.operator_id, pair.why["because"], pair.why["kept"]) == (
        2, "least_else", {"operator": 1, "for": ["french"]},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "reason", "more"),
    [
        ([], "unknown", {}),
        ([case(1, ES)], "nobody", {"missing": (ES,)}),
        ([case(1, ES, PT), operator(1)], "nobody", {"missing": (PT,)}),
        ([case(1, brand=2), operator(1, brands=frozenset({1}))], "nobody", {"missing": ()}),
        ([case(1, ES), operator(1, room=0), operator(2, ready=False)], "full", {"could": (1, 2)}),
        ([case(1, ES, declined={1: NOW + 9}), operator(1)], "let_pass", {"could": (1,)}),
        ([case(1, pinned_to=1), operator(1, room=0)], "pinned", {"operator_id": 1}),
        ([case(1, ES), operator(1)], "ringing", {"operator_id": 1}),
    ],
)
def test_it_says_why_a_case_waits(told, reason, more):
    desk = router(*told)
    desk.decide(NOW)
    assert explain(desk, 1, NOW) == Wait(1, reason, **more)


def test_it_says_who_would_get_a_case_and_changes_nothing():
    desk = router(operator(1, idle=60), operator(2, idle=540))
    desk.decide(NOW)
    pair = who(desk, case(9, ES), NOW)
    assert isinstance(pair, Pair) and (pair.operator_id, pair.why["others"]) == (2, 1)
    assert who(desk, case(9, PT), NOW) == Wait(9, "nobody", missing=(PT,))
    assert 9 not in desk.cases and rings(desk) == []


# --- Whatever happens -----------------------------------------------------------------------------

OPERATORS = st.integers(1, 5)
needs = st.sampled_from([frozenset(), frozenset({ES}), frozenset({PT}), {BILLING: 2}, {ES: 1, BILLING: 1}])
skills = st.sampled_from([frozenset({ES}), frozenset({ES, PT}), {ES: 3, BILLING: 1}, {ES: 2, PT: 1, BILLING: 3}])
somebody = st.one_of(st.none(), OPERATORS)


class Histories(RuleBasedStateMachine):
    """Random histories. After each step the router has decided, and everything must be as the laws say."""

    @initialize()
    def open(self) -> None:
        self.now = NOW
        self.desk = Router(now=NOW)
        self.next_id = 1
        self.held: dict[int, list[int]] = {}  # operator to the weights that they hold

    def decide(self) -> None:
        free = {i: self.desk.operator(i) for i in self.desk.seats}
        waiting = {i: h.case for i, h in self.desk.cases.items() if h.rings_at is None}
        pairs = self.desk.decide(self.now).pairs
        assert len({p.operator_id for p in pairs}) == len({p.case_id for p in pairs}) == len(pairs)
        for p in pairs:
            told, desk = waiting[p.case_id], free[p.operator_id]
            assert desk.ready and p.weight <= desk.room
            assert told.queue not in self.desk.paused
            assert dict(told.declined).get(p.operator_id, 0) <= self.now
            if told.pinned_to != p.operator_id:
                assert p.weight == takes(desk, demand(told, self.now)) > 0

    @rule(
        needs=needs, weight=st.sampled_from([20, 50, 100]), brand=st.integers(1, 2), queue=st.integers(1, 2),
        channel=st.sampled_from(["", "chat"]), teams=st.sampled_from([None, frozenset({1}), frozenset({1, 2})]),
        kind=st.sampled_from(["complaint", "question", "other"]), prefers=somebody,
        pinned_to=st.one_of(st.none(), st.none(), OPERATORS), widen=st.booleans(),
        public=st.booleans(), age=st.sampled_from([0, 2 * HOUR, 30 * HOUR]),
    )  # fmt: skip
    def arrive(self, needs, widen, age, **more):
        steps = (Step(self.now + 40, frozenset(), frozenset({2})), Step(self.now + 90, anybody=True)) if widen else ()
        told = Waiting(self.next_id, needs=needs, steps=steps, waiting_since=self.now - age,
                       brand_id=more.pop("brand"), **more)  # fmt: skip
        self.next_id += 1
        self.desk.arrive(told)
        self.decide()

    @rule(
        id=OPERATORS, skills=skills, brands=st.sampled_from([None, frozenset({1})]),
        capacity=st.sampled_from([50, 100]),
        teams=st.sampled_from([frozenset({1}), frozenset({2}), frozenset()]),
        weights=st.sampled_from([{}, {"chat": 30}, {"chat": 0}]), known=st.booleans(),
    )  # fmt: skip
    def come(self, id, skills, capacity, known, **more):
        if id in self.desk.seats:
            return
        room = capacity - sum(self.held.setdefault(id, []))
        self.desk.seat(Operator(id, skills=skills, room=max(room, 0), capacity=capacity, idle_since=self.now,
                                languages_known=known, **more))  # fmt: skip
        self.decide()

    @rule(id=OPERATORS)
    def disconnect(self, id):
        self.desk.away(id)
        self.held[id] = []
        self.decide()

    def ringing(self):
        return sorted((i, h.rings_at, h.load) for i, h in self.desk.cases.items() if h.rings_at is not None)

    @precondition(lambda self: self.ringing())
    @rule(data=st.data(), how=st.sampled_from(["accept", "accept", "decline", "miss", "withdraw"]))
    def respond(self, data, how):
        case_id, operator_id, load = data.draw(st.sampled_from(self.ringing()))
        if how == "accept":
            self.desk.accepted(case_id)
            self.held[operator_id].append(load)
        elif how == "withdraw":
            self.desk.withdraw(case_id)
        else:
            (self.desk.declined if how == "decline" else self.desk.missed)(case_id, self.now + 50, self.now)
        self.decide()

    @precondition(lambda self: any(self.held.values()))
    @rule(data=st.data())
    def answer(self, data):
        id = data.draw(st.sampled_from(sorted(i for i, held in self.held.items() if held)))
        self.desk.finished(id, self.held[id].pop(), self.now)
        self.decide()

    @precondition(lambda self: self.desk.cases)
    @rule(data=st.data(), to=somebody)
    def leave_or_pass_on(self, data, to):
        case_id = data.draw(st.sampled_from(sorted(self.desk.cases)))
        told = self.desk.cases[case_id].case
        self.desk.leave(case_id)
        if to is not None:
            self.desk.arrive(replace(told, pinned_to=to))
        self.decide()

    @precondition(lambda self: self.desk.cases)
    @rule(data=st.data(), needs=needs)
    def change(self, data, needs):
        case_id = data.draw(st.sampled_from(sorted(self.desk.cases)))
        self.desk.change(replace(self.desk.cases[case_id].case, needs=needs))
        self.decide()

    @rule(queue=st.integers(1, 2))
    def pause_or_resume(self, queue):
        (self.desk.resume if queue in self.desk.paused else self.desk.pause)(queue)
        self.decide()

    @rule(worth=st.sampled_from([{}, {PT: 5.0}, {ES: 0.0, BILLING: 3.0}]))
    def learn(self, worth):
        self.desk.learn(worth)
        self.decide()

    @rule(seconds=st.sampled_from([1, 20, 60, 3600]))
    def pass_time(self, seconds):
        self.now += seconds
        self.decide()

    def waiting(self):
        return [h.case for h in self.desk.cases.values() if h.rings_at is None]

    @invariant()
    def no_case_waits_while_somebody_could_take_it(self):
        free = [o for i in self.desk.seats if (o := self.desk.operator(i)).ready and o.room > 0]
        for told in self.waiting():
            if told.queue in self.desk.paused:
                continue
            declined, missed = (
                {i for i, until in dict(p).items() if until > self.now} for p in (told.declined, told.missed)
            )
            pinned = told.pinned_to if told.pinned_to in self.desk.seats else None
            asked = replace(told, declined=frozenset(declined), missed=frozenset(missed), pinned_to=pinned)
            could = [o for o in free if o.operator_id not in declined and can_take(o, asked, self.now)]
            assert not could, (told, could)
            assert explain(self.desk, told.case_id, self.now).reason not in ("next", "unknown", "ringing")

    @invariant()
    def no_desk_is_too_full(self):
        for id, seat in self.desk.seats.items():
            filled = sum(self.held[id]) + sum(load for _case, at, load in self.ringing() if at == id)
            assert 0 <= seat.room == seat.capacity - filled

    def rebuilt(self) -> Router:
        """Another router that is told how things stand, and nothing of how they came about."""
        other = Router(now=self.now)
        other.worth = self.desk.worth
        for id in sorted(self.desk.seats):
            other.seat(self.desk.operator(id))
        for id in sorted(self.desk.cases, reverse=True):
            other.arrive(self.desk.cases[id].case)
        for case_id, operator_id, load in self.ringing():
            other.rings(case_id, operator_id, load)
        for queue in self.desk.paused:
            other.pause(queue)
        other._credit, other._waited = self.desk._credit, self.desk._waited  # how many more may be brought forward
        for case_id, held in self.desk.cases.items():
            if held.forward:
                other.cases[case_id].forward = True
                other._resettle([case_id])
        return other

    @invariant()
    def it_decides_as_one_rebuilt_from_what_is_known(self):
        other = self.rebuilt()
        assert rings(other, self.now) == []
        asked = [(20, frozenset()), (100, frozenset({PT})), (50, {BILLING: 1})]
        probes = [Waiting(900 + n, 1, w, needs, waiting_since=self.now, queue=1) for n, (w, needs) in enumerate(asked)]
        comes = Operator(99, skills={ES: 3, PT: 3, BILLING: 3}, idle_since=self.now)
        same = deepcopy(self.desk)
        for desk in (same, other):
            for probe in probes[: (3, 0, 1)[self.next_id % 3]]:
                desk.arrive(probe)
            if self.next_id % 3 == 1:
                desk.seat(comes)
            elif self.next_id % 3 == 2:
                desk.away(1)
        assert same.decide(self.now).pairs == other.decide(self.now).pairs

    @invariant()
    def asking_changes_nothing(self):
        before = (self.ringing(), {i: self.desk.operator(i) for i in self.desk.seats}, dict(self.desk.cases).keys())
        for told in self.waiting():
            who(self.desk, told, self.now)
        assert rings(self.desk, self.now) == []
        assert before == (
            self.ringing(),
            {i: self.desk.operator(i) for i in self.desk.seats},
            dict(self.desk.cases).keys(),
        )


# Shrinking such long stories takes minutes: what failed is printed as it came. HISTORIES=5000 looks longer.
Histories.TestCase.settings = settings(
    max_examples=int(os.environ.get("HISTORIES", "120")), stateful_step_count=40, deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
TestHistories = Histories.TestCase


@given(st.lists(st.sampled_from(["complaint", "question", "praise"]), min_size=40, max_size=120))
@settings(max_examples=25, deadline=None)
def test_nothing_starves_while_more_comes_than_can_be_answered(kinds):
    """One operator, two hours for each case, a new case every half hour: even the first question is answered."""
    desk = router(replace(case(1, ES, kind="question")), operator(1))
    desk.seats[1].ready = False
    now, answered = NOW, []
    for n in range(800):
        now += HOUR / 2
        desk.arrive(replace(case(n + 2, ES, kind=kinds[n % len(kinds)], public=True), waiting_since=now))
        if n % 4 == 0:
            desk.seat(operator(1))
            for case_id, _id in rings(desk, now):
                answered.append(case_id)
                desk.accepted(case_id)
                desk.seat(operator(1, ready=False))
    assert 1 in answered


def test_what_was_passed_to_somebody_who_is_not_here_is_not_said_to_have_been_passed_to_whoever_is_rung():
    (pair,) = router(case(1, pinned_to=1), operator(2)).decide(NOW).pairs
    assert pair.operator_id == 2 and not pair.why["pinned"]
    (pair,) = router(case(1, pinned_to=1), operator(1), operator(2)).decide(NOW).pairs
    assert pair.operator_id == 1 and pair.why["pinned"]
