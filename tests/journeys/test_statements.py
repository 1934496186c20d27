"""The hot verbs stay small: each statement is paid for by everybody who waits for SQLite's one writer.

A bound that is passed wants a look at `python -m bench.verbs --told`, which prints the statements, before it is raised.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from netcenter.cases.models import Case
from netcenter.lib import clock
from netcenter.outbox import actions as outbox
from netcenter.outbox import dispatching, receipts
from netcenter.routing.models import Offer
from netcenter.routing.presence import set_state
from netcenter.routing.switchboard import Switchboard
from tests.company import Company

pytestmark = pytest.mark.django_db
FRAME = ("BEGIN", "SAVEPOINT", "RELEASE")
BULK = "from unnest("  # what lib.bulk writes; on SQLite the driver does it, uncounted


class Scene:
    """Alice sits at her desk; the verbs are hers."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.client = Client(headers={"HX-Request": "true"})
        self.client.force_login(company.alice)
        set_state(company.alice, "available", clock.now(), company.alice)
        self.board = Switchboard()
        self.board.step(clock.now())
        self.number = 0

    def arrive(self) -> Case:
        self.number += 1
        name = f"dana{self.number}"
        self.company.deliver(self.company.said("¿Dónde está mi pedido?", by=name, at=clock.now()))
        return Case.objects.get(customer__name=name.title())

    def rung(self) -> Offer:
        case = self.arrive()
        self.board.step(clock.now())
        return Offer.objects.get(case=case, state="ringing")

    def held(self) -> Case:
        offer = self.rung()
        self.post(f"ring/{offer.pk}/accept/")
        return offer.case

    def post(self, path: str, **form: str) -> None:
        answer = self.client.post(f"/desk/{path}", form)
        assert answer.status_code in (200, 204), answer.content

    def reply(self, case: Case, **more: str) -> None:
        message = case.messages.get(direction="in")
        message = case.messages.get(direction="in")
        self.post(f"case/{case.pk}/reply/", text="Gracias, lo miramos.", key=str(uuid.uuid4()),
                  thread=str(message.thread_id), seen=str(message.pk), **more)  # fmt: skip


@contextmanager
def at_most(most: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as told:
        yield
    said = [q["sql"] for q in told if not q["sql"].startswith(FRAME) and BULK not in q["sql"].lower()]
    assert len(said) <= most, "\n".join(said)


@pytest.fixture
def scene(company):
    scene = Scene(company)
    scene.reply(scene.held(), close="1")  # what is remembered from then on
    return scene


def test_an_answer(scene):
    case = scene.held()
    with at_most(33):  # with its situation, which is asked before anybody waits for the writer
        scene.reply(case, close="1")


def test_an_answer_in_a_case_that_nobody_holds(scene):
    case = scene.arrive()
    with at_most(36):
        scene.reply(case)


def test_closing_without_an_answer(scene):
    case = scene.held()
    with at_most(22):
        scene.post(f"case/{case.pk}/dispose/", reason="elsewhere", seen=str(case.messages.get().pk))


def test_a_ring(scene):
    scene.arrive()
    with at_most(10):
        scene.board.step(clock.now())


def test_two_rings_at_once_fill_their_desks_together(scene):
    set_state(scene.company.bob, "available", clock.now(), scene.company.bob)
    scene.arrive()
    scene.arrive()
    with CaptureQueriesContext(connection) as told:
        scene.board.step(clock.now())
    rung = Offer.objects.filter(state="ringing").select_related("operator__desk")
    assert sorted(o.operator.desk.load - o.weight for o in rung) == [0, 0]
    filled = [q["sql"] for q in told if q["sql"].startswith('UPDATE "people_desk"')]
    assert len(filled) == 1, filled


def test_picking_up(scene):
    offer = scene.rung()
    with at_most(40):
        scene.post(f"ring/{offer.pk}/accept/")  # and the page of the case
    offer = Offer.objects.get(pk=offer.pk)
    scene.reply(offer.case, close="1")
    case = scene.rung().case
    with at_most(12):
        scene.post(f"case/{case.pk}/take/")


def test_declining(scene):
    offer = scene.rung()
    with at_most(9):
        scene.post(f"ring/{offer.pk}/decline/", reason="busy")


def test_taking_in(scene):
    for count in (1, 20):
        said = [scene.company.said("Hola", by=f"b{count}-{n}", at=clock.now()) for n in range(count)]
        with at_most(30):  # whatever the count
            scene.company.deliver(*said)


def test_sending(scene):
    scene.reply(scene.held(), close="1")
    with at_most(3):
        (dispatch,) = dispatching.claim(clock.now(), 1)
    with at_most(6):
        receipts.sent(dispatch, outbox.contract.Receipt("x", "sent", clock.now()), clock.now())
