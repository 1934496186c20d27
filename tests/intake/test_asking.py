"""Files, posts, people and pointers that a network only names are asked for: bounded, retried, each once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from netcenter import flow
from netcenter.cases.models import Attachment as File
from netcenter.cases.models import Identity, Message, Post
from netcenter.channels import contract
from netcenter.channels.contract import Attachment, Author, ChannelError, Pointer, Raw
from netcenter.channels.registry import channel
from netcenter.events.models import Event
from netcenter.intake import asking
from netcenter.intake.actions import store
from netcenter.intake.loops import _ask
from netcenter.intake.models import Delivery, Question
from netcenter.lib import blobs
from tests.company import NOON
from tests.outbox.toy import COMMENT, DANA

pytestmark = pytest.mark.django_db
FILE = Attachment("foto.jpg", "image/jpeg", reference="media-7")


@pytest.fixture
def tell(company, monkeypatch):
    """The network tells these happenings, in one delivery."""
    said: dict[bytes, list] = {}
    monkeypatch.setattr(channel("api"), "parse", lambda raw, connection: said[raw.body])

    def now_told(*happenings, at=NOON) -> None:
        body = f"delivery {len(said)}".encode()
        said[body] = list(happenings)
        store(company.api, [Raw(body, body.decode())], None, at)
        flow.take_in(at)

    now_told.said = said
    return now_told


@pytest.fixture
def answers(monkeypatch):
    """The network answers these questions so."""

    def so(**methods) -> None:
        for name, method in methods.items():
            monkeypatch.setattr(type(channel("api")), name, method)

    return so


def work(at=NOON) -> None:
    for question in asking.claim(at, 10):
        try:
            asking.ask(question, at)
        except Exception as error:
            asking.went_wrong(question, error, at)


def test_a_file_that_is_only_named_is_fetched_once(company, tell, answers):
    answers(fetch=lambda self, file, wire: replace(file, content=b"bytes", mime="image/png"))
    tell(replace(COMMENT, attachments=(FILE,)))
    assert File.objects.get().missing == asking.NOT_YET
    work()
    file = File.objects.get()
    assert (blobs.get(file.blob), file.size, file.mime, file.missing) == (b"bytes", 5, "image/png", "")
    assert not Question.objects.exists()
    assert Event.objects.get(kind="message.file_fetched").case_id == Message.objects.get().case_id


def test_a_file_is_tried_again_at_the_networks_own_time_and_given_up_in_the_end(company, tell, answers):
    failing = [ChannelError("slow down", reason="rate", retry_at=NOON + timedelta(minutes=7))]
    failing += [ChannelError("broken")] * 20

    def fetch(self, file, wire):
        raise failing.pop(0)

    answers(fetch=fetch)
    tell(replace(COMMENT, attachments=(FILE,)))
    work()
    question = Question.objects.get()
    assert (question.due_at, question.attempts) == (NOON + timedelta(minutes=7), 0)
    for day in range(1, 20):
        work(NOON + timedelta(days=day))
    assert len(failing) == 20 - 1 - len(asking.BACK_OFF)
    assert File.objects.get().missing == "broken"
    assert not Question.objects.exists()


def test_what_is_gone_for_good_is_not_asked_again(company, tell, answers):
    answers(fetch=lambda self, file, wire: replace(file, missing="it was deleted"))
    tell(replace(COMMENT, attachments=(FILE,)))
    work()
    assert (File.objects.get().missing, Question.objects.count()) == ("it was deleted", 0)


def test_posts_and_people_of_whom_only_the_id_was_told_are_asked_for(company, tell, answers):
    whole = contract.Post("p9", "Hoy abrimos", ours=True, reach=contract.Reach(likes=3))
    answers(
        post=lambda self, name, wire: replace(whole, external_id=name),
        author=lambda self, author, wire: replace(author, name="Dana", handle="@dana"),
    )
    bare = contract.Post("p9")
    tell(replace(COMMENT, author=Author("dana"), thread=bare.thread_of(DANA)))
    assert sorted(Question.objects.values_list("what", flat=True)) == ["author", "post"]
    work()
    assert (Post.objects.get().text, Identity.objects.get().name) == ("Hoy abrimos", "Dana")
    assert Identity.objects.get().profile["handle"] == "@dana"
    told = Event.objects.get(kind="customer.learned")
    assert told.case_id == Message.objects.get().case_id, "screens that show nobody's name look again"
    tell(replace(COMMENT, external_id="c2", thread=bare.thread_of(DANA)))
    assert not Question.objects.exists(), "what is known is not asked again"
    assert Post.objects.get().text == "Hoy abrimos", "nor forgotten"


def test_a_post_that_is_gone_is_marked_and_kept(company, tell, answers):
    answers(post=lambda self, name, wire: None)
    tell(replace(COMMENT, thread=contract.Post("p9").thread_of(DANA)))
    work()
    assert Post.objects.get().gone_at is not None


def test_a_pointer_is_followed_and_what_it_points_at_read(company, tell, answers):
    followed = []

    def follow(self, reference, wire):
        followed.append(reference)
        tell.said[b"fetched"] = [COMMENT]
        return (Raw(b"fetched", "comment-77"),)

    answers(follow=follow)
    tell(Pointer("comment/77", NOON), Pointer("comment/77", NOON))
    assert Delivery.objects.get().state == "read"
    work()
    flow.take_in(NOON)
    assert (followed, Message.objects.get().external_id) == (["comment/77"], "c1")


def test_a_pointer_that_cannot_be_followed_is_shown_and_can_be_read_again(company, tell, answers):
    def follow(self, reference, wire):
        raise ChannelError("no right to", permanent=True, reason="right")

    answers(follow=follow)
    tell(Pointer("comment/77", NOON))
    work()
    delivery = Delivery.objects.get()
    assert delivery.state == "unreadable" and "comment/77" in delivery.error


def test_two_of_an_account_are_asked_at_once_and_each_by_one_process(company, tell, answers):
    answers(fetch=lambda self, file, wire: file)
    tell(*(replace(COMMENT, external_id=f"c{n}", attachments=(FILE,)) for n in range(5)))
    first = asking.claim(NOON, 10)
    assert len(first) == 2
    second = asking.claim(NOON, 10, {company.api.pk: 1})
    assert len(second) == 1 and not {q.pk for q in first} & {q.pk for q in second}
    assert len(asking.claim(NOON + asking.LEASE, 10, most_each=9)) == 5, "a dead process's are asked by another"


def test_the_loop_writes_down_how_it_went(company, tell, answers):
    answers(fetch=lambda self, file, wire: replace(file, content=b"x"))
    tell(replace(COMMENT, attachments=(FILE,)))
    _ask(asking.claim(NOON, 1)[0])
    assert File.objects.get().blob
