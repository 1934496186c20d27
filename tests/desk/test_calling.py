"""The telephone, whole: the street's Twilio on one side, the desk on the other, the house in between."""

import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from netcenter.accounts.actions import connect
from netcenter.accounts.queries import connection_of
from netcenter.cases import calls
from netcenter.cases.models import Case, Message, Note
from netcenter.channels.contract import Raw, Request
from netcenter.channels.registry import channel
from netcenter.flow import take_in
from netcenter.intake import asking
from netcenter.intake.actions import store
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.outbox import deeds, doing
from netcenter.outbox.actions import say_by_itself
from netcenter.outbox.loops import perform
from netcenter.outbox.models import Deed
from netcenter.people.models import Desk, Person
from netcenter.routing import actions as routing
from netcenter.routing import presence, switchboard
from netcenter.routing.models import Offer
from netcenter.standards.models import Promise
from netcenter.street.networks.base import Clock
from netcenter.street.networks.twilio import TwilioVoice
from tests.company import NOON

pytestmark = pytest.mark.django_db
HX = {"HX-Request": "true"}
ALICE = "+34622333444"
SOUND = b"ID3\x04" + bytes(200)


class Line:
    """A telephone number of the company, at the street's Twilio, with the house behind it."""

    def __init__(self, company, network: TwilioVoice, at: Clock, wait_seconds: int = 40) -> None:
        self.company, self.network, self.at = company, network, at
        config = {"account_sid": network.account, "number": network.number, "base_url": network.url, "language": "es",
                  "wait_seconds": wait_seconds, "callback_minutes": 30}  # fmt: skip
        values = {**config, "auth_token": network.auth_token}
        self.account = connect(company.brand, "phone", "Teléfono", network.number, values, NOON, "system")
        self.hook = connection_of(self.account).hook
        channel("phone").subscribe(connection_of(self.account), self.hook)
        network.knock = self.door
        self.dana = network.human("Dana")

    def door(self, url, headers, body):
        request = Request("POST", headers, url.partition("?")[2], body, url, self.at())
        answer = channel("phone").verify(request, connection_of(self.account))
        if answer.store:
            store(self.account, [Raw(body, answer.dedupe, answer.meta)], None, clock.now())
            while take_in(clock.now()):
                pass
        return answer.status, answer.body

    def work(self) -> None:
        """What the loops do: webhooks, deeds, files, and what had to wait for them."""
        self.network.pusher.deliver()
        for deed in doing.claim(clock.now(), 10):
            perform(deed)
        for question in asking.claim(clock.now(), 10):
            asking.ask(question, clock.now())
        while take_in(clock.now()):
            pass


@pytest.fixture
def at(monkeypatch):
    one = Clock(NOON.timestamp())
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(seconds=one() - NOON.timestamp()))
    return one


@pytest.fixture
def line(company, at, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    Person.objects.update(language="en")
    Person.objects.filter(pk=company.alice.pk).update(telephone=ALICE)
    company.alice.refresh_from_db()
    with TwilioVoice(at) as network, translation.override("en"):
        yield Line(company, network, at)
        assert network.faults == []


def client_of(person: Person) -> Client:
    client = Client(headers=HX)
    client.force_login(Person.objects.get(pk=person.pk))
    return client


def page(client: Client, name: str, *args) -> str:
    answer = client.get(reverse(f"desk:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def press(client: Client, name: str, *args, **form):
    return client.post(reverse(f"desk:{name}", args=args), form)


def load(person: Person) -> int:
    return Desk.objects.get(person=person).load


def test_a_live_call_rings_is_taken_and_fills_the_desk_until_its_note_is_written(company, line, at):
    company.available(company.alice)
    call = line.network.rings(line.dana)
    at.pass_by(4)
    switchboard.ring(clock.now())
    offer, alice = Offer.objects.get(), client_of(company.alice)
    shown = page(alice, "ring")
    assert line.dana.phone in shown and "Waiting on the line" in shown
    assert press(alice, "accept", offer.pk).status_code == 200
    case, held = Case.objects.get(), load(company.alice)
    assert held == 100 and Deed.objects.get().what == ALICE
    line.work()
    (handset,) = line.network.ringing(ALICE)
    at.pass_by(6)
    line.network.picks_up(handset)
    line.network.presses(handset, "1")
    assert call.other is handset, "they speak"
    line.work()
    message = Message.objects.get(external_id=call.sid)
    assert (message.state, message.extra["call"]["waited"], message.answered_by.operator) == (
        "answered", 10, company.alice
    )  # fmt: skip
    at.pass_by(900)
    company.deliver(company.said("¿Hola?", by="eva", at=clock.now()))
    presence.end_idle(clock.now(), timedelta(minutes=10))
    switchboard.ring(clock.now())
    assert load(company.alice) == 100 and not Offer.objects.filter(state="ringing").exists(), "a full desk rings not"
    assert "On the telephone now" in page(alice, "head", case.pk)
    line.network.hangs_up(call)
    line.work()
    head = page(alice, "head", case.pk)
    assert "The call is over. What was said?" in head
    presence.end_idle(clock.now(), timedelta(minutes=10))
    assert load(company.alice) == 100, "a talk of a quarter of an hour was no silence"
    assert press(alice, "call_note", case.pk, text="Quiere tres barras").status_code == 204
    assert Note.objects.get().text == "Quiere tres barras" and "What was said?" not in page(alice, "head", case.pk)
    story = page(alice, "story", case.pk)
    assert "spoke 15 min" in story and Message.objects.get(external_id=call.sid).extra["call"]["seconds"] == 900
    assert press(alice, "close", case.pk).status_code == 204
    assert load(company.alice) == 0


def test_a_missed_call_says_who_when_and_how_long_and_is_called_back_by_one_key(company, line, at):
    company.available(company.alice)
    call = line.network.rings(line.dana)
    at.pass_by(21)
    line.network.hangs_up(call)
    line.work()
    switchboard.ring(clock.now())
    alice, case = client_of(company.alice), Case.objects.get()
    shown = page(alice, "ring")
    assert "Missed call" in shown and "waited 21 s" in shown and line.dana.phone in shown
    press(alice, "accept", Offer.objects.get().pk)
    assert not Deed.objects.exists(), "nobody is on the line: nothing is dialled by itself"
    head = page(alice, "head", case.pk)
    assert 'data-key="H"' in head
    key = str(uuid.uuid4())
    for _twice in range(2):
        assert press(alice, "call", case.pk, key=key).status_code == 204
    line.work()
    (handset,) = line.network.ringing()
    assert handset.to == ALICE
    line.network.picks_up(handset)
    line.network.presses(handset, "5")
    (leg,) = line.network.ringing(line.dana.phone)
    assert Message.objects.get(external_id=call.sid).state == "waiting", "a telephone that rings is no answer"
    line.network.picks_up(leg)
    line.work()
    ours = Message.objects.get(external_id=handset.sid)
    assert (ours.direction, ours.operator) == ("out", company.alice)
    assert Message.objects.get(external_id=call.sid).answered_by == ours
    at.pass_by(65)
    line.network.hangs_up(leg)
    line.work()
    assert "spoke 1 min" in page(alice, "story", case.pk) and "What was said?" in page(alice, "head", case.pk)
    assert len(list(line.network.truth.replies())) == 1, "called once"


def test_who_asks_to_be_called_is_promised_it(company, line, at):
    call = line.network.rings(line.dana)
    at.pass_by(41)
    line.network.waits(call)
    line.network.presses(call, "1")
    line.work()
    case = Case.objects.get()
    promise = Promise.objects.get(case=case, ended_at=None, measure="first")
    assert promise.due_at == clock.now() + timedelta(minutes=30) and case.due_at == promise.due_at
    assert "Asks to be called back" in page(client_of(company.alice), "story", case.pk)


def test_voicemail_is_played_at_the_desk(company, line, at):
    call = line.network.rings(line.dana)
    at.pass_by(41)
    line.network.waits(call)
    line.network.does_nothing(call)
    line.network.speaks(call, SOUND, 9)
    for _round in range(3):
        line.work()
    case, alice = Case.objects.get(), client_of(company.alice)
    story = page(alice, "story", case.pk)
    assert "Left a message" in story and "<audio controls" in story
    file = Message.objects.get().attachments.get()
    heard = alice.get(reverse("desk:file", args=[file.pk]))
    assert (heard["Content-Type"], b"".join(heard.streaming_content)) == ("audio/mpeg", SOUND)
    assert "attachment" not in heard["Content-Disposition"]


def test_what_only_says_that_it_is_a_sound_is_never_played(company, line, at):
    call = line.network.rings(line.dana)
    at.pass_by(41)
    line.network.waits(call)
    line.network.does_nothing(call)
    line.network.speaks(call, b"<script>alert(1)</script>", 9)
    for _round in range(3):
        line.work()
    file = Message.objects.get().attachments.get()
    answer = client_of(company.alice).get(reverse("desk:file", args=[file.pk]))
    assert answer["Content-Type"] == "application/octet-stream" and "attachment" in answer["Content-Disposition"]


def test_a_call_from_a_case_that_began_elsewhere_fills_the_desk_too(company, line, at):
    company.available(company.alice)
    call = line.network.rings(line.dana)
    line.network.hangs_up(call)
    line.work()
    case = Case.objects.get()
    Case.objects.filter(pk=case.pk).update(account=company.api)
    routing.take(case.pk, company.alice, clock.now())
    assert load(company.alice) < 100
    press(client_of(company.alice), "call", case.pk, key=str(uuid.uuid4()))
    assert load(company.alice) == 100
    routing.let_go(case.pk, "closed", clock.now())
    assert load(company.alice) == 0


@pytest.mark.parametrize("why", ["no telephone", "no number", "already"])
def test_what_cannot_be_called_says_why(company, line, at, why):
    call = line.network.rings("anonymous" if why == "no number" else line.dana)
    line.network.hangs_up(call)
    line.work()
    case, person = Case.objects.get(), company.bob if why == "no telephone" else company.alice
    if why == "already":
        deeds.call(case, "first", company.alice, clock.now())
    with pytest.raises(Refused) as refused:
        deeds.call(case, "second", person, clock.now())
    assert refused.value.code == {"no telephone": "no_telephone", "no number": "cannot", "already": "calls"}[why]
    assert press(client_of(person), "call", case.pk, key=str(uuid.uuid4())).status_code == 422


def test_an_operator_who_does_not_pick_up_may_try_again(company, line, at):
    call = line.network.rings(line.dana)
    line.network.hangs_up(call)
    line.work()
    case, alice = Case.objects.get(), client_of(company.alice)
    press(alice, "call", case.pk, key=str(uuid.uuid4()))
    line.work()
    line.network.declines(line.network.ringing(ALICE)[0])
    line.work()
    case.refresh_from_db()
    assert case.waiting_since is not None and "Nobody answered" in page(alice, "story", case.pk)
    assert press(alice, "call", case.pk, key=str(uuid.uuid4())).status_code == 204


def test_a_refused_call_is_said_and_not_tried_for_hours(company, line, at):
    line.network.may_call = False
    call = line.network.rings(line.dana)
    line.network.hangs_up(call)
    line.work()
    case, alice = Case.objects.get(), client_of(company.alice)
    press(alice, "call", case.pk, key=str(uuid.uuid4()))
    line.work()
    assert Deed.objects.get().state == "refused" and "Calling" in page(alice, "story", case.pk)


def test_a_telephone_that_two_people_share_is_nobodys(company, line):
    assert calls.of_telephone(ALICE) == company.alice
    Person.objects.filter(pk=company.bob.pk).update(telephone=ALICE)
    assert calls.of_telephone(ALICE) is None and calls.of_telephone("") is None


def test_nothing_is_written_to_a_telephone(company, line, at):
    """Neither an acknowledgement nor an answer: nobody would read it."""
    call = line.network.rings(line.dana)
    line.network.hangs_up(call)
    line.work()
    thread = Message.objects.get().thread
    with pytest.raises(Refused) as refused:
        say_by_itself(thread.case_id, thread, "Un momento", "acknowledgement", clock.now())
    assert refused.value.code == "cannot_write"


def test_a_call_without_words_is_called_a_call_in_the_lists(company, line):
    line.network.rings(line.dana)
    listed = page(client_of(company.alice), "lists")
    assert "Telephone call" in listed and f"#{Case.objects.get().pk}" not in listed
