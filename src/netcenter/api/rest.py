"""REST at /api/v1/: what a person may do at the desk, a program may do with their key."""

from typing import Annotated, Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from ninja import Header, NinjaAPI, Query, Status
from ninja.openapi.schema import OpenAPISchema
from pydantic import AwareDatetime, Field

from netcenter.api import answering, described, problems, queries
from netcenter.api.access import READ, WRITE, PerKey
from netcenter.api.schemas import (
    AccountOut,
    CaseOut,
    CasesOut,
    CaseWholeOut,
    DisposedOut,
    DisposeIn,
    LedgerOut,
    MeOut,
    MessageOut,
    MessagesOut,
    Named,
    NoteIn,
    NoteOut,
    ProblemOut,
    ReadyOut,
    ReplyIn,
    ThreadOut,
)
from netcenter.cases import actions as cases
from netcenter.cases import ledger as ledgers
from netcenter.cases import queries as read
from netcenter.lib import blobs, clock
from netcenter.people.permissions import May, require


class Api(NinjaAPI):
    """Ninja's, with the doors and webhooks of the channels in the same document."""

    def get_openapi_schema(self, **more: Any) -> OpenAPISchema:
        return described.complete(super().get_openapi_schema(**more))


api = Api(
    title="Netcenter",
    version="1",
    description=described.WELCOME,
    urls_namespace="api-v1",
    throttle=[PerKey()],
    openapi_extra={"tags": described.TAGS},
)
problems.install(api)

GOES_WRONG: dict[Any, Any] = {frozenset({400, 401, 403, 404, 409, 422, 429}): ProblemOut}
Limit = Annotated[int, Query(ge=1, le=100)]


@api.get(
    "/me", response={200: MeOut, **GOES_WRONG}, auth=READ, tags=["Keys"], operation_id="me", summary="Whose key this is"
)
def me(request: HttpRequest) -> MeOut:
    """Whose key this is, and what it may do."""
    token = request.auth  # type: ignore[attr-defined]
    person = token.person
    return MeOut(id=person.pk, name=person.name, email=person.email, role=person.role, scopes=token.scopes)


@api.get("/accounts", response={200: list[AccountOut], **GOES_WRONG}, auth=READ, tags=["Accounts"],
         operation_id="accounts", summary="List accounts")  # fmt: skip
def accounts(request: HttpRequest) -> list[AccountOut]:
    """The accounts of your brands."""
    return [
        AccountOut(id=a.pk, key=a.key, name=a.name, address=a.address, channel=a.channel, enabled=a.enabled,
                   brand=Named(id=a.brand_id, name=a.brand.name))
        for a in queries.accounts(request.auth.person)  # type: ignore[attr-defined]
    ]  # fmt: skip


@api.get(
    "/cases",
    response={200: CasesOut, **GOES_WRONG},
    auth=READ,
    tags=["Cases"],
    operation_id="cases",
    summary="List cases",
)
def case_list(
    request: HttpRequest,
    state: queries.State | None = None,
    brand: int | None = None,
    after: str = "",
    limit: Limit = 50,
) -> CasesOut:
    """The cases you may see, the latest word first. `mine` are those that you hold."""
    found, following = queries.page_of_cases(request.auth.person, state, brand, after, limit)  # type: ignore[attr-defined]
    return CasesOut(cases=[CaseOut.of(case) for case in found], next=following)


@api.get("/cases/search", response={200: list[CaseOut], **GOES_WRONG}, auth=READ, tags=["Cases"],
         operation_id="search_cases", summary="Search cases")  # fmt: skip
def search(
    request: HttpRequest, q: Annotated[str, Query(min_length=1, max_length=200)], limit: Limit = 50
) -> list[CaseOut]:
    """By words (accents do not matter), name, handle, e-mail, telephone or case number; the newest first."""
    return [CaseOut.of(case) for case in read.searched(request.auth.person, q, limit)]  # type: ignore[attr-defined]


@api.get("/cases/{int:case_id}", response={200: CaseWholeOut, **GOES_WRONG}, auth=READ, tags=["Cases"],
         operation_id="case", summary="Read a case")  # fmt: skip
def case_whole(request: HttpRequest, case_id: int) -> CaseWholeOut:
    """One case, and where it can be answered."""
    case = queries.case_of(request.auth.person, case_id)  # type: ignore[attr-defined]
    threads = [
        ThreadOut(id=t.pk, place=t.place, subject=t.subject, account=Named(id=t.account_id, name=t.account.name))
        for t in read.threads_of(case)
    ]
    return CaseWholeOut(case=CaseOut.of(case), threads=threads)


@api.get("/cases/{int:case_id}/messages", response={200: MessagesOut, **GOES_WRONG}, auth=READ, tags=["Cases"],
         operation_id="messages", summary="Read what was said")  # fmt: skip
def messages(request: HttpRequest, case_id: int, before: int | None = None, limit: Limit = 50) -> MessagesOut:
    """What was said in a case, on all its threads."""
    case = queries.case_of(request.auth.person, case_id)  # type: ignore[attr-defined]
    found, following = queries.page_of_messages(case, before, limit)
    return MessagesOut(messages=[MessageOut.of(message) for message in found], next=following)


@api.get("/cases/{int:case_id}/attachments/{int:attachment_id}", auth=READ, tags=["Cases"], operation_id="attachment",
         summary="Fetch a file",
         response={200: None, **GOES_WRONG}, openapi_extra=described.FILE)  # fmt: skip
def attachment(request: HttpRequest, case_id: int, attachment_id: int) -> HttpResponse:
    """The bytes of a file, as the customer sent them: do not trust them."""
    case = queries.case_of(request.auth.person, case_id)  # type: ignore[attr-defined]
    file = queries.attachment_of(case, attachment_id)
    return HttpResponse(
        blobs.get(file.blob),
        headers={
            "Content-Type": "application/octet-stream",
            "Content-Disposition": "attachment",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )


@api.post("/cases/{int:case_id}/replies", response={201: MessageOut, **GOES_WRONG}, auth=WRITE, tags=["Cases"],
          operation_id="reply", summary="Answer a customer")  # fmt: skip
def reply(
    request: HttpRequest, case_id: int, wish: ReplyIn,
    idempotency_key: Annotated[str, Header(alias="Idempotency-Key", max_length=200)] = "",
) -> Status[MessageOut]:  # fmt: skip
    """Answer the customer under your name. It passes the guard and leaves through the outbox, once for each key."""
    case = queries.case_of(request.auth.person, case_id)  # type: ignore[attr-defined]
    written = answering.reply(request.auth, case, wish, idempotency_key, clock.now())  # type: ignore[attr-defined]
    return Status(201, MessageOut.of(written))


@api.post("/cases/{int:case_id}/notes", response={201: NoteOut, **GOES_WRONG}, auth=WRITE, tags=["Cases"],
          operation_id="note", summary="Write a note")  # fmt: skip
def note(request: HttpRequest, case_id: int, wish: NoteIn) -> Status[NoteOut]:
    """Write an internal note, which no customer sees."""
    person = request.auth.person  # type: ignore[attr-defined]
    require(person, May.ANSWER)
    case = queries.case_of(person, case_id)
    written = cases.note(case.pk, person, wish.text, queries.colleagues(wish.mentions), clock.now())
    author = Named(id=person.pk, name=person.name)
    return Status(201, NoteOut(id=written.pk, author=author, text=written.text, at=written.at))


@api.post("/cases/{int:case_id}/dispositions", response={201: DisposedOut, **GOES_WRONG}, auth=WRITE, tags=["Cases"],
          operation_id="dispose", summary="Close without an answer")  # fmt: skip
def dispose(request: HttpRequest, case_id: int, wish: DisposeIn) -> Status[DisposedOut]:
    """Close what waits without an answer, and say why."""
    case = queries.case_of(request.auth.person, case_id)  # type: ignore[attr-defined]
    count = answering.dispose(request.auth, case, wish, clock.now())  # type: ignore[attr-defined]
    return Status(201, DisposedOut(disposed=count))


@api.get(
    "/ledger",
    response={200: LedgerOut, **GOES_WRONG},
    auth=READ,
    tags=["Figures"],
    operation_id="ledger",
    summary="The ledger's equation",
)
def ledger(
    request: HttpRequest, since: AwareDatetime | None = None,
    brand: Annotated[int | None, Field(description="Of one brand only.")] = None,
) -> LedgerOut:  # fmt: skip
    """received = answered + disposed + waiting, at any time; `since` counts from its day (UTC) on."""
    person = request.auth.person  # type: ignore[attr-defined]
    require(person, May.SEE_LEDGER)
    ids = [a.pk for a in queries.accounts(person) if a.brand_id == brand] if brand is not None else None
    found = ledgers.equation(ids, since.date() if since else None)
    return LedgerOut(received=found.received, answered=found.answered, disposed=found.disposed, waiting=found.waiting,
                     balances=found.balances)  # fmt: skip


@api.get("/ready", response={200: ReadyOut, 503: ProblemOut}, auth=None, throttle=[], tags=["Figures"],
         operation_id="ready", summary="Is the house ready?")  # fmt: skip
def ready(request: HttpRequest) -> Any:
    """Whether this process can serve: for load balancers. No key is needed."""
    try:
        if queries.is_ready():
            return Status(200, ReadyOut(ready=True))
        return problems.problem(503, "not_ready", "The database is being brought up to date.")
    except DatabaseError:
        return problems.problem(503, "not_ready", "The database does not answer.")
