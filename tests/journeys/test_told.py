"""What networks tell beside words is kept, whatever it is, and never stops anything."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest

from netcenter import flow
from netcenter.accounts import actions as accounts
from netcenter.accounts.models import Health
from netcenter.cases import ledger, models
from netcenter.cases.models import Attachment as File
from netcenter.cases.models import Case, Identity, Message, Post, Reaction, Thread
from netcenter.channels import contract
from netcenter.channels.contract import (
    Attachment,
    Author,
    Called,
    Channel,
    ChannelError,
    Echo,
    Forward,
    Hidden,
    Inbound,
    Opened,
    Pointer,
    Polled,
    Raw,
    Reach,
    Reached,
    Review,
    Trouble,
)
from netcenter.channels.registry import channel
from netcenter.events.models import Event
from netcenter.intake.actions import cursor_of, store
from netcenter.intake.asking import NOT_YET
from netcenter.intake.loops import Listener
from netcenter.intake.models import Delivery, Question
from netcenter.outbox import dispatching, receipts
from netcenter.outbox.models import Dispatch
from netcenter.routing import switchboard
from netcenter.routing.models import Offer
from netcenter.standards.models import Promise
from tests.company import NOON
from tests.journeys.test_trouble import answer, ring_and_accept

pytestmark = pytest.mark.django_db

DANA = Author("dana", "Dana", handle="@dana", reach=Reach(followers=9000, verified=True))
POST = contract.Post("p1", "Hoy abrimos", ours=True, reach=Reach(promoted=True))
THREAD = POST.thread_of(DANA)
COMMENT = Inbound(
    "c1", DANA, THREAD, NOON, "¿Abren hoy?", form="comment", parent="c0", url="https://toy.example/c1",
    review=Review(2.0), attachments=(Attachment("foto.jpg", "image/jpeg", reference="media-7"),),
)  # fmt: skip


@pytest.fixture
def tell(company, monkeypatch):
    """The network tells these happenings, in one delivery."""
    told: dict[bytes, list] = {}
    monkeypatch.setattr(channel("api"), "parse", lambda raw, connection: told[raw.body])

    def now_told(*happenings, at=NOON) -> Delivery:
        body = f"delivery {len(told)}".encode()
        told[body] = list(happenings)
        store(company.api, [Raw(body, body.decode())], None, at)
        flow.take_in(at)
        return Delivery.objects.latest("id")

    return now_told


def test_a_public_comment_keeps_where_it_stands(company, tell):
    assert tell(COMMENT).state == "read"
    message, thread = Message.objects.get(), Thread.objects.get()
    assert (thread.external_id, thread.place, message.state) == ("p1/dana", "public", "waiting")
    assert message.extra == {
        "form": "comment", "parent": "c0", "url": "https://toy.example/c1", "review": {"stars": 2.0}
    }  # fmt: skip
    post = Post.objects.get()
    assert (post.text, post.ours, post.promoted, thread.post, message.post) == ("Hoy abrimos", True, True, post, post)
    assert models.Reach.objects.get(of="author").told == {"followers": 9000, "verified": True}
    assert File.objects.get().missing == NOT_YET
    assert Question.objects.get().reference == "media-7"
    assert Identity.objects.get().profile == {"handle": "@dana", "reach": {"followers": 9000, "verified": True}}


BESIDE = [
    (Hidden("c1", NOON, by="us"), "message.hidden"),
    (contract.Reaction("c1", Author("eva"), "❤", NOON), "message.reacted"),
    (Reached("c1", Reach(shares=40), NOON), "message.reached"),
    (Called("c1", "missed", NOON), "message.called"),
    (Opened(THREAD, NOON, NOON + timedelta(hours=24)), "message.opened"),
]


@pytest.mark.parametrize(("one", "kind"), BESIDE, ids=[kind for _one, kind in BESIDE])
def test_what_happens_to_words_is_on_the_record_of_their_message(company, tell, one, kind):
    tell(COMMENT)
    assert tell(one).state == "read"
    event, message = Event.objects.get(kind=kind), Message.objects.get()
    assert (event.case_id, event.data["message"]) == (message.case_id, message.pk)
    assert event.data["told"]


def test_what_is_told_of_things_that_are_not_here_is_kept_too(company, tell):
    assert tell(contract.Reaction("p7", Author("eva"), "👍", NOON)).state == "read"
    assert Event.objects.get(kind="message.reacted").data["told"]["external_id"] == "p7"
    early = tell(Called("c1", "missed", NOON), contract.Reaction("p7", Author("eva"), "🔥", NOON))
    assert early.state == "new", "the call may be told before the message"
    tell(COMMENT, at=NOON + timedelta(seconds=1))
    flow.take_in(NOON + timedelta(minutes=1))
    early.refresh_from_db()
    assert early.state == "read"
    assert Event.objects.filter(kind="message.called").count() == 1
    assert Event.objects.filter(kind="message.reacted").count() == 2, "once each, though it was read twice"


def test_what_cannot_be_done_yet_is_listed_and_the_rest_of_it_recorded(company, tell):
    assert tell(COMMENT, Pointer("comment/77", NOON)).state == "unreadable", "this channel follows none"
    assert tell(Forward("page-2", Raw(b"x", "x"))).state == "unreadable"
    assert Message.objects.count() == 1
    assert "comment/77" in Delivery.objects.order_by("id").first().error


def test_a_delivery_may_speak_to_another_account(company, tell, monkeypatch):
    values = {"webhook_url": "https://other.test/hook"}
    other = accounts.connect(company.api.brand, "api", "Other", "other", values, NOON, "setup")
    monkeypatch.setattr(channel("api"), "hears", lambda connection: (f"page-{connection.address}",))
    part = Raw(json.dumps({"for": "other"}).encode(), "part-1")
    assert tell(Forward("page-other", part)).account_id == other.pk
    assert sorted(Delivery.objects.values_list("account_id", "state")) == [(company.api.pk, "read"), (other.pk, "new")]


def test_trouble_that_the_network_tells_of_is_announced(company, tell):
    assert tell(Trouble("token", NOON, "the password was changed")).state == "read"
    assert Event.objects.get(kind="account.troubled").data["what"] == "token"
    assert Event.objects.filter(kind="account.failing").exists()


def test_told_twice_is_told_once(company, tell):
    tell(COMMENT)
    for one, kind in BESIDE:
        tell(one)
        tell(one)
        assert Event.objects.filter(kind=kind).count() == 1, kind
    assert Reaction.objects.get().stands
    tell(contract.Reaction("c1", Author("eva"), "❤", NOON + timedelta(minutes=1), added=False))
    tell(contract.Reaction("c1", Author("eva"), "❤", NOON - timedelta(minutes=1)))
    assert not Reaction.objects.get().stands, "what was told late does not bring it back"


def test_reach_is_merged_whatever_the_order_and_its_growth_kept(company, tell):
    tell(COMMENT)
    for minute, likes in ((10, 400), (5, 90), (20, 1000)):
        tell(Reached("c1", Reach(likes=likes), NOON + timedelta(minutes=minute)))
    tell(Reached("c1", Reach(shares=3), NOON + timedelta(minutes=1)))
    reach = models.Reach.objects.get(of="message")
    assert reach.told == {"likes": 1000, "shares": 3}
    assert [point[1] for point in reach.growth] == [{"shares": 3}, {"likes": 90}, {"likes": 400}, {"likes": 1000}]


def test_comments_of_one_customer_under_one_post_are_one_thread_and_case(company, tell):
    tell(COMMENT, replace(COMMENT, external_id="c2", text="¿Hola?", attachments=()))
    eva = Author("eva", "Eva")
    tell(replace(COMMENT, external_id="c3", author=eva, thread=POST.thread_of(eva), attachments=()))
    assert (Post.objects.count(), Thread.objects.count(), Message.objects.values("case").distinct().count()) == (
        1,
        2,
        2,
    )


# --- What we say elsewhere ------------------------------------------------------------------------


def test_an_echo_answers_what_waits_and_is_never_sent(company, tell):
    tell(COMMENT)
    company.available(company.alice)
    switchboard.ring(NOON)
    late = replace(COMMENT, external_id="c2", sent_at=NOON + timedelta(minutes=9), attachments=())
    echo = Echo("c9", THREAD, NOON + timedelta(minutes=5), "Sí", sender_name="the app")
    assert tell(echo, at=NOON + timedelta(minutes=5)).state == "read"
    said = Message.objects.get(direction="out")
    assert (said.state, said.extra["sender"], Message.objects.get(external_id="c1").answered_by) == (
        "sent",
        "the app",
        said,
    )
    assert not Dispatch.objects.exists()
    assert Offer.objects.get().state == "withdrawn"
    assert Promise.objects.get().outcome == "kept"
    tell(echo, late, at=NOON + timedelta(minutes=9))
    assert Message.objects.filter(state="waiting").values_list("external_id", flat=True)[0] == "c2"
    assert ledger.equation() == ledger.Equation(2, 1, 0, 1)
    assert Event.objects.filter(kind="message.echoed").count() == 1


def test_a_machines_echo_answers_nothing(company, tell):
    tell(COMMENT, Echo("c9", THREAD, NOON, "Gracias por escribir", automatic=True))
    assert Message.objects.get(direction="in").state == "waiting"


def test_an_echo_may_be_quicker_than_what_it_answers(company, tell):
    echo = Echo("c9", contract.ThreadRef("p1/?", "public"), NOON, "Sí", in_reply_to=("c1",))
    early = tell(echo)
    assert early.state == "new"
    tell(COMMENT, at=NOON + timedelta(seconds=1))
    flow.take_in(NOON + timedelta(minutes=1))
    assert Message.objects.get(external_id="c1").state == "answered"


def test_a_question_that_arrives_after_its_answer_does_not_wait(company, tell):
    tell(replace(COMMENT, external_id="c0"), Echo("c9", THREAD, NOON, "Sí", in_reply_to=("c1",)))
    tell(COMMENT, at=NOON + timedelta(minutes=1))
    assert ledger.equation().waiting == 0
    assert Case.objects.get().waiting_since is None


def test_a_telephone_call_that_was_answered_waits_no_longer(company, tell):
    tell(Inbound("call-1", DANA, contract.ThreadRef("+34600"), NOON, "", form="call"), Called("call-1", "rang", NOON))
    assert Message.objects.get(external_id="call-1").case.kind == "question", "who calls asks for somebody"
    file = Attachment("voz.wav", "audio/wav", b"RIFF")
    tell(Called("call-1", "answered", NOON, by="Alice"), Called("call-1", "ended", NOON, seconds=80),
         Called("call-1", "recorded", NOON, recording=file))  # fmt: skip
    call = Message.objects.get(external_id="call-1")
    assert (call.state, call.answered_by.extra["sender"]) == ("answered", "Alice")
    assert (call.extra["call"]["seconds"], call.attachments.get().size) == (80, 4)


# --- Windows --------------------------------------------------------------------------------------


def test_the_networks_window_is_a_promise(company, tell, monkeypatch):
    able = replace(channel("api").capabilities, hours={"public": 2.0})
    monkeypatch.setattr(type(channel("api")), "capabilities", able)
    tell(COMMENT)
    window = Promise.objects.get(measure="window")
    assert window.due_at == NOON + timedelta(hours=2) == Case.objects.get().due_at
    tell(Opened(THREAD, NOON, NOON + timedelta(hours=3)))
    window.refresh_from_db()
    assert window.due_at == NOON + timedelta(hours=3)
    tell(Echo("c9", THREAD, NOON, "Sí"))
    window.refresh_from_db()
    assert (window.outcome, Case.objects.get().due_at) == ("kept", None)


# --- The door out ---------------------------------------------------------------------------------


def dispatched(company, alice) -> Dispatch:
    company.deliver(company.said("¿Abren hoy?"))
    company.available(alice)
    answer(ring_and_accept(alice), alice)
    return dispatching.claim(NOON, 10)[0]


def test_a_spent_budget_is_no_attempt_and_no_failure(company):
    dispatch = dispatched(company, company.alice)
    until = NOON + timedelta(minutes=5)
    receipts.went_wrong(dispatch, ChannelError("spent", retry_at=until, reason="rate"), NOON)
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.due_at, dispatch.attempts, dispatch.uncertain) == ("queued", until, 0, False)
    assert not Health.objects.filter(failures_in_row__gt=0).exists()


def test_whoever_waits_for_the_same_room_waits_as_long_and_leaves_in_turn(company):
    company.deliver(*[company.said(f"¿Abren hoy, {n}?", by=f"dana{n}") for n in range(4)])
    company.available(company.alice)
    for _n in range(4):
        answer(ring_and_accept(company.alice), company.alice, "Sí, hasta las ocho", close=True)
    mine, second, third, other = dispatching.claim(NOON, 10)
    soon, later = NOON + timedelta(minutes=5), NOON + timedelta(minutes=6)
    for each in (mine, second, third):
        receipts.went_wrong(each, ChannelError("spent", retry_at=soon, reason="rate", bucket="answers"), NOON)
    receipts.went_wrong(other, ChannelError("spent", retry_at=soon, reason="rate", bucket="media"), NOON)
    (first,) = dispatching.claim(soon, 1)
    assert first.pk == mine.pk
    receipts.went_wrong(first, ChannelError("spent", retry_at=later, reason="rate", bucket="answers"), soon)
    assert [each.pk for each in dispatching.claim(soon, 10)] == [other.pk]
    assert [each.pk for each in dispatching.claim(later, 10)] == [mine.pk, second.pk, third.pk]


def test_a_token_that_ended_is_announced_at_once_and_the_answer_waits(company):
    dispatch = dispatched(company, company.alice)
    receipts.went_wrong(dispatch, ChannelError("expired", reason="token"), NOON)
    dispatch.refresh_from_db()
    assert dispatch.state == "queued"
    assert Event.objects.filter(kind="account.failing").exists()


def test_parts_that_left_are_not_sent_again(company):
    dispatch = dispatched(company, company.alice)
    receipts.went_wrong(dispatch, ChannelError("broke in the middle", left=("m1", "m2")), NOON)
    again = dispatching.claim(NOON + timedelta(hours=1), 10)[0]
    assert dispatching.outbound_of(again).left == ("m1", "m2")


@pytest.mark.parametrize("named", ["its thread", "only the post", "only what it answers"])
def test_an_echo_of_words_in_doubt_is_ours_although_the_network_stumbled_since(company, tell, named):
    tell(COMMENT)
    company.available(company.alice)
    answer(ring_and_accept(company.alice), company.alice)
    dispatch = dispatching.claim(NOON, 10)[0]
    for error in (ChannelError("broke", unknown=True), ChannelError("HTTP 503")):
        receipts.went_wrong(dispatch, error, NOON)
        dispatch = dispatching.claim(NOON + timedelta(hours=1), 10)[0]
    receipts.went_wrong(dispatch, ChannelError("HTTP 503"), NOON)
    message, later = dispatch.message, NOON + timedelta(hours=1)
    post = replace(POST, external_id="another") if named == "only what it answers" else POST
    where = THREAD if named == "its thread" else post.thread_of(contract.Author("us"))
    tell(Echo("c9", where, later, message.text, in_reply_to=(COMMENT.external_id,)), at=later)
    for hours in range(2, 20):  # put off as long as we may still find out ourselves
        flow.take_in(NOON + timedelta(hours=hours))
    sent = Message.objects.get(direction="out")
    assert (sent.pk, sent.external_id, sent.state) == (message.pk, "c9", "sent")


# --- An open line ---------------------------------------------------------------------------------


def test_what_an_open_line_says_is_durable_before_the_next_is_heard(company):
    class Line(Channel):
        held: ClassVar[list[int]] = []

        def stream(self, connection, cursor, stop):
            for n in range(3):
                yield Polled((Raw(b"x", f"frame-{n}"),), {"seen": n})
                self.held.append(Delivery.objects.count())
            yield Polled((), {"seen": 2})
            listener._stop.set()
            assert stop()

    listener = object.__new__(Listener)  # without its thread
    listener.account, listener._stop, listener._failures = company.api, threading.Event(), 4
    listener._catch_up_and_stream(Line())
    assert Line.held == [1, 2, 3]
    assert cursor_of(company.api) == {"seen": 2}
    assert listener._failures == 0, "a line that spoke is well again"


def answered(company, tell) -> Dispatch:
    tell(COMMENT)
    company.available(company.alice)
    answer(ring_and_accept(company.alice), company.alice)
    return dispatching.claim(NOON, 10)[0]


def test_what_was_taken_back_is_not_what_an_answer_goes_to(company, tell):
    tell(COMMENT)
    tell(replace(COMMENT, external_id="c2", parent="c1", text="Ups"))
    tell(contract.Deleted("c2", NOON))
    company.available(company.alice)
    answer(ring_and_accept(company.alice), company.alice)
    (dispatch,) = dispatching.claim(NOON, 10)
    told = dispatching.outbound_of(dispatch)
    assert (told.target, told.in_reply_to) == ("c1", ("c1", "c2"))
    tell(contract.Deleted("c1", NOON))  # all is gone: the network says so itself
    assert dispatching.outbound_of(dispatch).target == "c2"


def test_a_part_that_left_ends_nothing_and_the_rest_is_still_sent(company, tell):
    dispatch = answered(company, tell)
    first = Echo("m1", THREAD, NOON, "", key=dispatch.key, part=1)
    tell(first)
    dispatch.refresh_from_db()
    assert dispatch.state == "sending"
    receipts.went_wrong(dispatch, ChannelError("the process was cut off", unknown=True), NOON)
    again = dispatching.claim(NOON + timedelta(hours=1), 10)[0]
    assert dispatching.outbound_of(again).left == ("m1",)
    tell(replace(first, external_id="m2", part=0))
    sent = Message.objects.get(direction="out")
    assert (sent.state, sent.external_id) == ("sent", "m1")
    assert receipts.message_of(company.api.pk, "m2") == sent


def test_the_receipt_names_parts_although_the_last_was_told_before(company, tell):
    dispatch = answered(company, tell)
    tell(Echo("m2", THREAD, NOON, "", key=dispatch.key))
    receipts.sent(dispatch, contract.Receipt("m1", "sent", NOON, also=("m2",)), NOON)
    sent = Message.objects.get(direction="out")
    assert {receipts.message_of(company.api.pk, name) for name in ("m1", "m2")} == {sent}


def test_an_edit_that_tells_all_files_again_adds_those_alone_that_are_new(company, tell):
    tell(COMMENT)
    other = Attachment("otra.jpg", "image/jpeg", reference="media-8")
    for minutes, files in ((1, COMMENT.attachments), (2, (*COMMENT.attachments, other))):
        at = NOON + timedelta(minutes=minutes)
        tell(contract.Edited("c1", f"¿Abren? ({minutes})", at, files), at=at)
    assert [file.name for file in File.objects.order_by("id")] == ["foto.jpg", "otra.jpg"]
    assert Question.objects.filter(what="file").count() == 2


def test_a_file_that_we_sent_is_not_kept_again_when_our_words_are_edited(company, tell):
    dispatch = answered(company, tell)
    File.objects.create(message=dispatch.message, name="pan.jpg", mime="image/jpeg", blob="a" * 64)
    receipts.sent(dispatch, contract.Receipt("m1", "sent", NOON), NOON)
    there = (Attachment("image-1.jpg", "image/jpeg", reference="https://toy.example/1.jpg"),)
    tell(contract.Edited("m1", "Sí, hasta las dos", NOON + timedelta(minutes=1), there))
    assert dispatch.message.attachments.get().name == "pan.jpg"


def test_an_answer_to_what_we_said_stays_in_the_thread_and_somebody_else_s_has_its_own(company, tell):
    """Where a network tells what is answered, and not where it stands."""
    tell(COMMENT)
    tell(Echo("c2", THREAD, NOON, "Sí", in_reply_to=("c1",)))
    above = contract.Post("c2", ours=True)
    for who, id in ((DANA, "c3"), (Author("eva", "Eva"), "c4")):
        tell(Inbound(id, who, above.thread_of(who), NOON, "¿Hasta qué hora?", form="comment", parent="c2",
                     in_reply_to=("c2",)))  # fmt: skip
    threads = dict(Message.objects.filter(direction="in").values_list("external_id", "thread__external_id"))
    assert threads == {"c1": "p1/dana", "c3": "p1/dana", "c4": "c2/eva"}
