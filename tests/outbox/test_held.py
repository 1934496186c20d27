"""A second pair of eyes on words: when it is asked for, who gives it, once, and what the case does meanwhile."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from netcenter import approving
from netcenter.cases.drafts import draft_of
from netcenter.cases.files import StoredFile
from netcenter.cases.models import Case, KeptFile, Mention, Message
from netcenter.desk import answering
from netcenter.events.models import Event
from netcenter.intake.sweeping import free
from netcenter.lib import clock
from netcenter.lib.refused import Refused
from netcenter.outbox import held as holding
from netcenter.outbox.models import Dispatch, HeldReply
from netcenter.people.models import Person, PersonSkill, Skill
from netcenter.protocols import writing
from netcenter.protocols.content import Content, Step
from netcenter.protocols.rules import Condition
from netcenter.protocols.writing import Written
from netcenter.routing import actions as routing
from netcenter.routing import crises, presence
from netcenter.routing.models import Offer, Queue
from netcenter.standards.models import Promise
from tests.company import NOON, found

pytestmark = pytest.mark.django_db
TEXT = "Hola Dana, sí: abrimos el domingo de 9 a 13."


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def case(company) -> Case:
    return asked(company)


def asked(company) -> Case:
    company.deliver(company.said("¿Abren el domingo?", at=clock.now()))
    Person.objects.filter(pk=company.alice.pk).update(is_trainee=True)
    company.alice.refresh_from_db()
    return again(Case.objects.get())


def again(case: Case) -> Case:
    return Case.objects.select_related("account", "brand", "customer").get(pk=case.pk)


def send(case: Case, person: Person, text: str = TEXT, **more):
    seen = Message.objects.filter(case=case, direction="in").order_by("-pk").first()
    said = answering.Answer(text, str(uuid.uuid4()), seen.thread_id, seen.pk, **more)
    return answering.send(again(case), said, person, clock.now())


def waiting(case: Case) -> HeldReply:
    return holding.of(HeldReply.objects.get(case=case, state="asked").pk).get()


# --- When -----------------------------------------------------------------------------------------


def test_a_trainees_answer_waits_and_the_promise_runs_on(company, case):
    kept = send(case, company.alice)
    assert isinstance(kept, HeldReply) and kept.reasons == [{"code": "trainee", "about": "", "skill": ""}]
    assert not Message.objects.filter(direction="out").exists() and not Dispatch.objects.exists()
    case = again(case)
    assert case.waiting_since is not None and case.approval_since is not None and case.holder == company.alice
    assert Promise.objects.filter(case=case, ended_at=None).exists()
    assert Event.objects.get(kind="approval.asked").data["reasons"] == kept.reasons


def test_nobody_elses_does(company, case):
    assert isinstance(send(case, company.bob), Message)


def test_in_a_crisis_everybodys_waits(company, case):
    crises.declare(Queue.objects.get(), 2, "Un incendio", clock.now(), company.charlie)
    assert [r["code"] for r in send(case, company.bob).reasons] == ["crisis"]


def test_a_house_of_one_answers_all_the_same(company, case):
    crises.declare(Queue.objects.get(), 2, "Un incendio", clock.now(), company.charlie)
    assert isinstance(send(case, company.charlie), Message), "nobody else could approve it"


def test_chosen_topics_and_protocols_ask_for_it(company, case):
    writing.save_approval_rule(False, 0, ["hours"], company.charlie, clock.now())
    Message.objects.get().reading.probabilities["topic"] = {"hours": 0.9}
    reading = Message.objects.get().reading
    reading.probabilities = {**reading.probabilities, "topic": {"hours": 0.9}}
    reading.save()
    content = Content({"en": "Opening"}, Condition(words=("abren",)), (Step("a", {"en": "Look"}),), approval=True)
    writing.save_protocol(None, Written(content, "en"), company.charlie, clock.now())
    assert [(r["code"], r["about"]) for r in send(case, company.bob).reasons] == [
        ("topic", "hours"), ("protocol", "Opening"),
    ]  # fmt: skip


def test_only_who_has_the_skill_answers_where_the_protocol_says_so(company, case):
    content = Content({"en": "Legal"}, Condition(words=("abren",)), (Step("a", {"en": "Look"}),), answer_skill="legal")
    writing.save_protocol(None, Written(content, "en"), company.charlie, clock.now())
    with pytest.raises(Refused, match="Pass the case on"):
        send(case, company.bob)
    PersonSkill.objects.create(person=company.bob, skill=Skill.objects.create(code="legal", name="Legal"))
    assert isinstance(send(case, company.bob), Message)


# --- Who, and once --------------------------------------------------------------------------------


def test_it_leaves_in_its_writers_name_once_somebody_else_approves(company, case):
    send(case, company.alice)
    held = waiting(case)
    for person, why in ((company.alice, "somebody else|Somebody else"), (company.bob, "may not")):
        with pytest.raises(Refused, match=why):
            approving.decide(held, person, clock.now(), granted=True)
    message = approving.decide(held, company.charlie, clock.now(), granted=True)
    message.refresh_from_db()
    assert (message.operator, message.text, message.extra["approved_by"]) == (company.alice, TEXT, "Charlie")
    case = again(case)
    assert case.waiting_since is None and case.approval_since is None and case.holder is None
    assert Dispatch.objects.get().key == held.key
    with pytest.raises(Refused, match="approved it already"):
        approving.decide(holding.of(held.pk).get(), company.charlie, clock.now(), granted=True)
    assert Message.objects.filter(direction="out").count() == 1


def test_the_approver_may_change_it_and_the_words_before_are_kept(company, case):
    send(case, company.alice, close=True)
    other = "Hola Dana, sí: este domingo abrimos de 9 a 14."
    message = approving.decide(waiting(case), company.charlie, clock.now(), granted=True, text=other)
    held = HeldReply.objects.get()
    assert (message.text, held.text, held.sent_text, held.message) == (other, TEXT, other, message)
    assert again(case).closed_at is not None
    assert Event.objects.get(kind="approval.granted").data["changed"] is True


def test_what_the_approver_writes_is_judged_too(company, case):
    send(case, company.alice)
    with pytest.raises(Refused):
        approving.decide(waiting(case), company.charlie, clock.now(), granted=True, text="Hola {{nombre}}, sí.")
    assert again(case).approval_since is not None and not Message.objects.filter(direction="out").exists()
    approving.decide(
        waiting(case), company.charlie, clock.now(), granted=True, text="Hola {{nombre}}, sí.", note="Así se llama"
    )
    assert "placeholder" in Event.objects.get(kind="guard.overruled").data["rules"]


def test_it_is_returned_with_a_comment_and_is_a_draft_again(company, case):
    company.available(company.alice, at=clock.now())
    send(case, company.alice)
    Person.objects.filter(pk=company.alice.pk).update(language="pt-br")
    with pytest.raises(Refused, match="few words"):
        approving.decide(waiting(case), company.charlie, clock.now(), granted=False)
    approving.decide(waiting(case), company.charlie, clock.now(), granted=False, note="Di también la hora")
    case = again(case)
    assert (case.approval_since, case.holder, draft_of(case.pk, company.alice)) == (None, company.alice, TEXT)
    assert Mention.objects.get().person == company.alice
    assert Mention.objects.get().note.text == "Devolvida: Di también la hora", "told in the writer's language"
    assert isinstance(send(case, company.alice), HeldReply), "and it can be asked for anew"


def test_who_has_the_protocols_skill_may_approve_too(company, case):
    content = Content({"en": "Legal"}, Condition(words=("abren",)), (Step("a", {"en": "Look"}),), approval=True,
                      approver_skill="legal")  # fmt: skip
    writing.save_protocol(None, Written(content, "en"), company.charlie, clock.now())
    send(case, company.alice)
    assert holding.waiting_count(company.bob) == 0
    PersonSkill.objects.create(person=company.bob, skill=Skill.objects.create(code="legal", name="Legal"))
    assert holding.waiting_count(company.bob) == 1 and holding.waiting_count(company.alice) == 0
    assert approving.decide(waiting(case), company.bob, clock.now(), granted=True).operator == company.alice


def test_the_database_itself_wants_somebody_else_and_one_reply_a_case(company, case):
    held = send(case, company.alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        HeldReply.objects.filter(pk=held.pk).update(seen_by=company.alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        HeldReply.objects.create(
            case=case, thread=held.thread, by=company.bob, key="other", text="x", asked_at=clock.now()
        )
    with pytest.raises(Refused, match="already"):
        send(case, company.alice, "Otra cosa distinta, con hora: a las 9.")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_one_does():
    company = found()
    case = asked(company)
    frank = Person.objects.create_user("frank@example.com", "correct horse", name="Frank", role="administrator")
    send(case, company.alice)
    held, told, start = waiting(case), [], threading.Barrier(2)

    def approve(person: Person) -> None:
        start.wait()
        try:
            approving.decide(holding.of(held.pk).get(), person, clock.now(), granted=True)
            told.append("sent")
        except Refused as refused:
            told.append(refused.code)
        finally:
            connection.close()

    both = [threading.Thread(target=approve, args=(person,)) for person in (company.charlie, frank)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(told) == ["over", "sent"]
    assert Message.objects.filter(direction="out").count() == 1 and Dispatch.objects.count() == 1


# --- Meanwhile ------------------------------------------------------------------------------------


def test_the_case_leaves_nobodys_desk_meanwhile(company, case):
    company.available(company.alice, at=clock.now())
    send(case, company.alice)
    Case.objects.update(due_at=clock.now())
    late = clock.now() + timedelta(hours=3)
    assert presence.take_back(late) == 0, "it is not forgotten: it waits for somebody else"
    presence.set_state(company.alice, "offline", late, company.alice)
    assert again(case).holder == company.alice and Offer.objects.get(state="accepted").operator == company.alice
    for act in (
        lambda: routing.take(case.pk, company.charlie, late),
        lambda: routing.transfer(case.pk, company.bob, "", company.charlie, late),
        lambda: routing.refuse_if_held(again(case), company.alice),
    ):
        with pytest.raises(Refused, match="waits for approval"):
            act()


def test_returned_to_who_has_gone_it_rings_elsewhere(company, case):
    company.available(company.alice, at=clock.now())
    send(case, company.alice)
    presence.set_state(company.alice, "offline", clock.now(), company.alice)
    approving.decide(waiting(case), company.charlie, clock.now(), granted=False, note="Falta la hora")
    assert again(case).holder is None and draft_of(case.pk, company.alice) == TEXT


def test_when_the_customer_writes_again_it_is_withdrawn_and_told(company, case):
    company.available(company.alice, at=clock.now())
    send(case, company.alice)
    held = waiting(case)
    company.deliver(company.said("Deje, ya vi que sí", at=clock.now(), id="second"))
    held.refresh_from_db()
    case = again(case)
    assert (held.state, case.approval_since, case.holder) == ("withdrawn", None, company.alice)
    assert draft_of(case.pk, company.alice) == TEXT
    told = Event.objects.get(kind="approval.withdrawn")
    assert (told.operator_id, told.data["why"]) == (company.alice.pk, "wrote")
    with pytest.raises(Refused, match="wrote again"):
        approving.decide(holding.of(held.pk).get(), company.charlie, clock.now(), granted=True)
    assert not Message.objects.filter(direction="out").exists()


def test_its_writer_takes_it_back_and_nobody_else(company, case):
    send(case, company.alice)
    with pytest.raises(Refused):
        approving.take_back(case.pk, company.bob, clock.now())
    approving.take_back(case.pk, company.alice, clock.now())
    assert HeldReply.objects.get().state == "withdrawn" and draft_of(case.pk, company.alice) == TEXT
    with pytest.raises(Refused, match="Nothing waits"):
        approving.take_back(case.pk, company.alice, clock.now())


def test_its_files_are_not_swept_away_while_it_waits(company, case, monkeypatch):
    monkeypatch.setattr("netcenter.outbox.actions._refuse_unfit", lambda *_a, **_k: None)
    blob = "a" * 64
    send(case, company.alice, files=(StoredFile("x.txt", "text/plain", 1, blob),))
    assert free({blob, "b" * 64}) == {"b" * 64}
    message = approving.decide(waiting(case), company.charlie, NOON, granted=True)
    assert [a.blob for a in message.attachments.all()] == [blob] and not KeptFile.objects.exists()


# --- Pages ----------------------------------------------------------------------------------------


def at(person: Person, **headers) -> Client:
    Person.objects.update(language="en")
    client = Client(headers=headers)
    client.force_login(Person.objects.get(pk=person.pk))
    return client


def test_the_pages_say_what_waits_and_that_the_promise_runs(company, case):
    send(case, company.alice)
    held = waiting(case)
    head = at(company.alice, **{"HX-Request": "true"}).get(reverse("desk:head", args=[case.pk])).content.decode()
    assert "Your answer waits for approval" in head and "The promise keeps running" in head and "Look at it" not in head
    charlie = at(company.charlie)
    listed = charlie.get(reverse("desk:approvals")).content.decode()
    assert "Dana" in listed and "still learning" in listed and reverse("desk:review", args=[held.pk]) in listed
    page = charlie.get(reverse("desk:review", args=[held.pk])).content.decode()
    assert "Alice wrote an answer" in page and "the promise keeps running" in page and TEXT in page
    answer = charlie.post(reverse("desk:review", args=[held.pk]), {"text": TEXT, "granted": "no"})
    assert answer.status_code == 422 and "few words" in answer.content.decode()
    assert charlie.post(reverse("desk:review", args=[held.pk]), {"text": TEXT, "granted": "yes"}).status_code == 302
    assert "approved by Charlie" in charlie.get(reverse("desk:case", args=[case.pk])).content.decode()


def test_its_writer_sees_it_and_others_do_not(company, case):
    send(case, company.alice)
    url = reverse("desk:review", args=[waiting(case).pk])
    assert "somebody else must look" in at(company.alice).get(url).content.decode()
    assert at(company.bob).get(url).status_code == 404
    assert at(company.bob).get(reverse("desk:approvals")).status_code == 403
    answer = at(company.alice).post(url, {"granted": "yes", "text": TEXT})
    assert answer.status_code == 422 and HeldReply.objects.get().state == "asked"


def test_the_desk_says_beforehand_that_it_will_wait(company, case):
    client = at(company.alice, **{"HX-Request": "true"})
    assert "looks at your answer before it leaves: still learning" in " ".join(
        client.get(reverse("desk:head", args=[case.pk])).content.decode().split()
    )
    seen = Message.objects.get()
    form = {"text": TEXT, "key": str(uuid.uuid4()), "seen": seen.pk, "thread": seen.thread_id, "mode": "reply"}
    answer = client.post(reverse("desk:reply", args=[case.pk]), form)
    assert answer.status_code == 204 and "Somebody else looks" in answer["HX-Trigger"]
