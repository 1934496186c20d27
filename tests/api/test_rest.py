"""The REST API as a program sees it, over the real journey."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from netcenter.api import access, tokens
from netcenter.api.schemas import Reason, reasons
from netcenter.cases import drafts, ledger
from netcenter.cases.models import Case, Message, Note
from netcenter.lib import clock
from netcenter.outbox.models import Dispatch
from netcenter.people.models import Person
from netcenter.routing import actions as routing
from netcenter.routing.models import Offer
from tests.company import NOON, Company, found

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


class Program:
    """A program with somebody's key."""

    def __init__(self, person: Person, *scopes: str) -> None:
        _, text = tokens.make(person, "a program", scopes or ("read", "write"), NOON)
        self.client = Client(headers={"authorization": f"Bearer {text}"})

    def get(self, path, **query):
        answer = self.client.get(V1 + path, query)
        return answer.status_code, json.loads(answer.content)

    def post(self, path, told, key=""):
        headers = {"idempotency-key": key} if key else {}
        answer = self.client.post(V1 + path, json.dumps(told), content_type="application/json", headers=headers)
        return answer.status_code, json.loads(answer.content)


@pytest.fixture(autouse=True)
def language():
    with translation.override("en"):
        yield


@pytest.fixture
def company() -> Company:
    company = found()
    Person.objects.filter(name="Alice").update(language="en")
    company.alice.refresh_from_db()
    return company


@pytest.fixture
def waiting(company) -> Case:
    company.deliver(company.said("¿Dónde está mi pan?", id="m-1"))
    return Case.objects.get()


def last(case) -> int:
    return Message.objects.filter(case=case, direction="in").latest("pk").pk


# --- Keys -----------------------------------------------------------------------------------------


def test_without_a_valid_key_nothing_is_told(company):
    for headers in ({}, {"authorization": "Bearer nct_guess"}, {"authorization": "Basic YTpi"}):
        answer = Client(headers=headers).get(f"{V1}/me")
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
        assert answer["WWW-Authenticate"] == "Bearer"


def test_a_key_acts_as_its_person_until_it_is_revoked(company):
    token, text = tokens.make(company.alice, "shop", ["read"], NOON)
    program = Client(headers={"authorization": f"Bearer {text}"})
    assert program.get(f"{V1}/me").json() == {
        "id": company.alice.pk, "name": "Alice", "email": "alice@example.com", "role": "operator", "scopes": ["read"],
    }  # fmt: skip
    token.refresh_from_db()
    assert token.used_at is not None
    assert text not in json.dumps([token.digest, token.hint])
    tokens.revoke(token.pk, company.bob, NOON)
    assert program.get(f"{V1}/me").status_code == 200, "Bob cannot revoke what is Alice's"
    tokens.revoke(token.pk, company.alice, NOON)
    assert program.get(f"{V1}/me").status_code == 401


def test_a_key_ends_with_its_person(company):
    program = Program(company.alice)
    Person.objects.filter(pk=company.alice.pk).update(is_active=False)
    assert program.get("/me")[0] == 401


def test_a_key_that_may_only_read_cannot_write(company, waiting):
    status, told = Program(company.alice, "read").post(f"/cases/{waiting.pk}/notes", {"text": "x"})
    assert (status, told["code"]) == (403, "forbidden")
    assert not Note.objects.exists()


def test_a_session_of_the_desk_is_no_key(company):
    client = Client()
    client.force_login(company.alice)
    assert client.get(f"{V1}/me").status_code == 401


def test_too_many_requests_with_one_key_are_slowed_and_other_keys_are_not(company, monkeypatch):
    monkeypatch.setattr(access, "PER_MINUTE", 3)
    monkeypatch.setattr(access.time, "time", lambda: 1_767_225_610.0)
    alice, bob = Program(company.alice), Program(company.bob)
    assert [alice.get("/me")[0] for _ in range(4)] == [200, 200, 200, 429]
    answer = alice.client.get(f"{V1}/me")
    assert 0 < int(answer["Retry-After"]) <= 60
    assert answer.json()["code"] == "too_fast"
    assert bob.get("/me")[0] == 200


# --- Reading --------------------------------------------------------------------------------------


def test_cases_are_listed_by_state(company, waiting):
    alice = Program(company.alice)
    for state, many in (("waiting", 1), ("open", 1), ("mine", 0), ("closed", 0)):
        assert len(alice.get("/cases", state=state)[1]["cases"]) == many, state
    routing.take(waiting.pk, company.alice, NOON)
    [case] = alice.get("/cases", state="mine")[1]["cases"]
    assert (case["id"], case["state"], case["holder"]["name"], case["customer"]["name"]) == (
        waiting.pk, "waiting", "Alice", "Dana",
    )  # fmt: skip
    assert case["due_at"] > case["waiting_since"]


def test_pages_are_whole_and_without_doubles_while_new_cases_come(company):
    company.deliver(*(company.said("Hola", by=f"c{i}", at=NOON + timedelta(minutes=i // 2)) for i in range(7)))
    alice = Program(company.alice)
    seen, after = [], ""
    for page in range(4):
        _, told = alice.get("/cases", limit=2, after=after)
        seen += [case["id"] for case in told["cases"]]
        after = told["next"]
        if page == 1:
            company.deliver(company.said("Nuevo", by="late", at=NOON + timedelta(hours=1)))
    assert after is None
    assert seen == list(
        Case.objects.exclude(customer__name="Late").order_by("-last_at", "-id").values_list("pk", flat=True)
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [("/cases?state=lost", 422), ("/cases?limit=0", 422), ("/cases?limit=101", 422), ("/cases?after=zzz", 404),
     ("/cases/999999", 404), ("/cases/999999/messages", 404), ("/cases/search", 422), ("/cases/search?q=", 422),
     ("/ledger?since=yesterday", 422), ("/nothing", 404)],
)  # fmt: skip
def test_a_bad_question_gets_a_problem_and_no_page(company, path, status):
    answer = Program(company.charlie).client.get(V1 + path)
    assert answer.status_code == status
    if path != "/nothing":
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status


def test_nobody_reads_the_cases_of_other_brands(company, waiting):
    stranger = Person.objects.create_user("erin@example.com", "x", name="Erin", role="operator")
    erin = Program(stranger)
    assert erin.get("/cases")[1]["cases"] == []
    assert erin.get("/accounts")[1] == []
    assert erin.get("/cases/search", q="pan")[1] == []
    for path in ("", "/messages", "/attachments/1"):
        assert erin.get(f"/cases/{waiting.pk}{path}")[0] == 404
    for path, told in (
        ("replies", {"text": "x", "seen_id": 1}), ("notes", {"text": "x"}),
        ("dispositions", {"reason": "spam", "seen_id": 1}),
    ):  # fmt: skip
        assert erin.post(f"/cases/{waiting.pk}/{path}", told)[0] == 404


def test_a_case_is_read_with_its_places_messages_and_files(company):
    company.deliver(company.said(
        "Mire la foto", id="m-1", attachments=[{"name": "pan.png", "mime": "image/png", "content": "aGk="}]
    ))  # fmt: skip
    alice, case = Program(company.alice), Case.objects.get()
    _, whole = alice.get(f"/cases/{case.pk}")
    assert [thread["account"]["name"] for thread in whole["threads"]] == ["Web shop"]
    _, told = alice.get(f"/cases/{case.pk}/messages")
    [message] = told["messages"]
    assert (message["text"], message["author"], message["state"], told["next"]) == (
        "Mire la foto",
        "Dana",
        "waiting",
        None,
    )
    [file] = message["attachments"]
    answer = alice.client.get(f"{V1}/cases/{case.pk}/attachments/{file['id']}")
    assert (answer.content, answer["Content-Type"]) == (b"hi", "application/octet-stream")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_messages_are_paged_to_the_beginning(company):
    company.deliver(*(company.said(f"línea {i}", at=NOON + timedelta(seconds=i), id=f"m{i}") for i in range(5)))
    alice, case = Program(company.alice), Case.objects.get()
    _, first = alice.get(f"/cases/{case.pk}/messages", limit=3)
    _, rest = alice.get(f"/cases/{case.pk}/messages", limit=3, before=first["next"])
    assert [m["text"] for m in first["messages"] + rest["messages"]] == [f"línea {i}" for i in (4, 3, 2, 1, 0)]
    assert rest["next"] is None


def test_a_list_of_cases_asks_the_database_no_more_for_being_long(company):
    alice = Program(company.alice)
    company.deliver(company.said("Hola", by="first"))
    with CaptureQueriesContext(
        connection,
    ) as short:
        alice.get("/cases")
    company.deliver(*(company.said("Hola", by=f"c{i}") for i in range(20)))
    with CaptureQueriesContext(connection) as long:
        alice.get("/cases")
    assert len(long) <= len(short)


def test_cases_are_found_without_accents(company, waiting):
    assert [case["id"] for case in Program(company.alice).get("/cases/search", q="donde dana")[1]] == [waiting.pk]


def test_the_ledger_is_for_supervisors(company, waiting):
    assert Program(company.alice).get("/ledger")[0] == 403
    charlie = Program(company.charlie)
    equation = {"received": 1, "answered": 0, "disposed": 0, "waiting": 1, "balances": True}
    assert charlie.get("/ledger") == (200, equation)
    assert charlie.get("/ledger", brand=company.brand.pk, since="2026-03-01T00:00:00Z") == (200, equation)
    assert charlie.get("/ledger", brand=999)[1]["received"] == 0


def test_anybody_may_ask_whether_the_house_is_ready(company):
    assert Client().get(f"{V1}/ready").json() == {"ready": True}


# --- Writing --------------------------------------------------------------------------------------


def test_a_reply_leaves_through_the_outbox_under_the_persons_name(company, waiting):
    wish = {"text": "Ya va en camino, Dana.", "seen_id": last(waiting), "close": True,
            "attachments": [{"name": "a.txt", "mime": "text/plain", "content": "aGk="}]}  # fmt: skip
    status, told = Program(company.alice).post(f"/cases/{waiting.pk}/replies", wish)
    assert (status, told["state"], told["operator"]["name"]) == (201, "sending", "Alice")
    dispatch = Dispatch.objects.get()
    assert dispatch.state == Dispatch.State.QUEUED
    assert dispatch.message.attachments.get().name == "a.txt"
    waiting.refresh_from_db()
    assert waiting.waiting_since is None and waiting.closed_at is not None
    assert not Offer.objects.filter(state__in=Offer.LIVE).exists()
    assert ledger.equation().answered == 1


def test_the_same_idempotency_key_is_one_reply(company, waiting):
    alice, wish = Program(company.alice), {"text": "Ya va en camino.", "seen_id": last(waiting)}
    first = alice.post(f"/cases/{waiting.pk}/replies", wish, key="k1")
    again = alice.post(f"/cases/{waiting.pk}/replies", wish, key="k1")
    assert first[0] == again[0] == 201
    assert first[1]["id"] == again[1]["id"]
    assert Dispatch.objects.count() == 1
    assert not Offer.objects.filter(state__in=Offer.LIVE).exists()


def test_what_arrived_behind_the_programs_back_goes_on_waiting(company, waiting):
    seen = last(waiting)
    company.deliver(company.said("¿Hola?", id="m-2", at=NOON + timedelta(minutes=1)))
    Program(company.alice).post(f"/cases/{waiting.pk}/replies", {"text": "Ya va en camino.", "seen_id": seen})
    waiting.refresh_from_db()
    assert waiting.waiting_since == NOON + timedelta(minutes=1)


def test_nobody_answers_over_a_colleagues_shoulder(company, waiting):
    wish = {"text": "Ya va en camino.", "seen_id": last(waiting)}
    drafts.start_writing(waiting.pk, company.bob, clock.now())
    status, told = Program(company.alice).post(f"/cases/{waiting.pk}/replies", wish)
    assert (status, told["code"], told["detail"]) == (409, "being_written", "Bob is writing an answer.")
    drafts.stop_writing(waiting.pk, company.bob, clock.now())
    routing.take(waiting.pk, company.bob, clock.now())
    for path, asked in (("replies", wish), ("dispositions", {"reason": "spam", "seen_id": last(waiting)})):
        assert Program(company.alice).post(f"/cases/{waiting.pk}/{path}", asked)[1]["code"] == "held"
    assert drafts.who_writes(waiting.pk, clock.now()) is None, "a refusal leaves no lock behind"
    assert not Dispatch.objects.exists()


def test_a_note_is_written_and_tells_who_is_mentioned(company, waiting):
    status, told = Program(company.alice).post(
        f"/cases/{waiting.pk}/notes", {"text": "Mira esto", "mentions": [company.bob.pk]}
    )
    assert (status, told["author"]["name"]) == (201, "Alice")
    assert company.bob.mentions.get().note_id == told["id"]
    assert Program(company.alice).post(f"/cases/{waiting.pk}/notes", {"text": " "})[0] == 409


def test_a_case_is_disposed_with_a_reason(company, waiting):
    alice, path = Program(company.alice), f"/cases/{waiting.pk}/dispositions"
    assert alice.post(path, {"reason": "other", "seen_id": last(waiting)})[1]["code"] == "note_missing"
    assert alice.post(path, {"reason": "automatic", "seen_id": last(waiting)})[0] == 422
    assert alice.post(path, {"reason": "thanks", "seen_id": last(waiting)}) == (201, {"disposed": 1})
    assert ledger.equation().disposed == 1
    assert set(Reason.__args__) == reasons()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [(b"{", 400, "not_json"), (b"{}", 422, "invalid"), (b"[]", 422, "invalid"),
     (b'{"text": 5, "seen_id": "x"}', 422, "invalid"),
     (b'{"text": "' + b"x" * 3_000_000 + b'"}', 413, "too_large"), (b'{"text": " ", "seen_id": 1}', 409, "empty"),
     (b'{"text": "x", "seen_id": 1, "thread": 999}', 409, "no_thread"),
     (b'{"text": "x", "seen_id": 1, "attachments": [{"name": "a", "content": "%"}]}', 409, "not_base64")],
)  # fmt: skip
def test_a_bad_reply_is_refused_with_a_reason(company, waiting, body, status, code):
    answer = Program(company.alice).client.post(
        f"{V1}/cases/{waiting.pk}/replies", body, content_type="application/json"
    )
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (
        status,
        "application/problem+json",
        code,
    )
    assert not Dispatch.objects.exists()


def test_errors_speak_the_language_of_the_person(company, waiting):
    path = f"/cases/{waiting.pk}/replies"
    _, english = Program(company.alice).post(path, {"text": "x"})
    _, spanish = Program(company.bob).post(path, {"text": "x"})
    assert english["errors"] == [{"path": "/seen_id", "problem": "is required"}]
    assert spanish["errors"] == [{"path": "/seen_id", "problem": "es obligatorio"}]
    assert spanish["title"] == "La solicitud no es válida"
