"""What programs read of cases: by pages that stay right while new messages come in."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Prefetch, QuerySet
from django.http import Http404

from netcenter.accounts.models import Account
from netcenter.api.models import WebhookDelivery, WebhookSubscription
from netcenter.cases import queries as cases
from netcenter.cases.models import Attachment, Case, Message
from netcenter.people.models import Person
from netcenter.people.permissions import visible_brands

State = Literal["waiting", "mine", "open", "closed"]

_migrated = False


def accounts(person: Person) -> list[Account]:
    """The accounts of the brands the person sees."""
    return list(Account.objects.filter(visible_brands(person)).select_related("brand"))


def page_of_cases(
    person: Person, state: State | None, brand: int | None, after: str, limit: int
) -> tuple[list[Case], str | None]:
    """Cases, the latest word first, and the name of the next page."""
    found = _in_state(cases.visible(person), state, person)
    if brand is not None:
        found = found.filter(brand_id=brand)
    if after:
        at, pk = _position(after)
        # One range for the index, and the few rows of the same instant taken out of it.
        found = found.filter(last_at__lte=at).exclude(last_at=at, pk__gte=pk)
    page = list(found.order_by("-last_at", "-id")[: limit + 1])
    more = len(page) > limit
    return page[:limit], _name(page[limit - 1]) if more else None


def case_of(person: Person, case_id: int) -> Case:
    """The case, if the person may see it. Raises Http404."""
    case = cases.visible(person).filter(pk=case_id).first()
    if case is None:
        raise Http404
    return case


def page_of_messages(case: Case, before: int | None, limit: int) -> tuple[list[Message], int | None]:
    """The messages of a case, the newest first, and where the next page begins."""
    found = (
        Message.objects.filter(case=case)
        .select_related("thread", "identity", "operator", "disposition")
        .prefetch_related(Prefetch("attachments", queryset=Attachment.objects.order_by("id")))
        .order_by("-id")
    )
    page = list((found if before is None else found.filter(pk__lt=before))[: limit + 1])
    return page[:limit], page[limit - 1].pk if len(page) > limit else None


def attachment_of(case: Case, attachment_id: int) -> Attachment:
    """A file of the case that has bytes. Raises Http404."""
    file = Attachment.objects.filter(pk=attachment_id, message__case=case).exclude(blob="").first()
    if file is None:
        raise Http404
    return file


def colleagues(ids: Sequence[int]) -> list[Person]:
    """The people with these ids who work here."""
    return list(Person.objects.filter(pk__in=ids, is_active=True))


def webhooks() -> list[WebhookSubscription]:
    """Every webhook."""
    return list(WebhookSubscription.objects.all())


def dead_letters(limit: int = 50) -> tuple[list[WebhookDelivery], int]:
    """The newest events that did not arrive, and how many there are in all."""
    dead = WebhookDelivery.objects.filter(state=WebhookDelivery.State.DEAD)
    return list(dead.select_related("subscription").order_by("-id")[:limit]), dead.count()


def is_ready() -> bool:
    """The database answers and has every table. Raises DatabaseError."""
    global _migrated  # noqa: PLW0603
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return _migrated


def _in_state(found: QuerySet[Case], state: State | None, person: Person) -> QuerySet[Case]:
    wanted: dict[str | None, dict[str, Any]] = {
        "waiting": {"waiting_since__isnull": False},
        "mine": {"holder": person},
        "open": {"closed_at": None},
        "closed": {"closed_at__isnull": False},
    }
    return found.filter(**wanted.get(state, {}))


def _name(case: Case) -> str:
    return urlsafe_b64encode(f"{case.last_at.isoformat()} {case.pk}".encode()).decode().rstrip("=")


def _position(name: str) -> tuple[datetime, int]:
    try:
        at, pk = urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode().split(" ")
        return datetime.fromisoformat(at), int(pk)
    except (ValueError, binascii.Error) as error:
        raise Http404 from error
