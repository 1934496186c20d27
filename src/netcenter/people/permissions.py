"""What somebody may do and see: the one place that decides."""

from enum import StrEnum
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from netcenter.lib.prepared import prepared
from netcenter.people.models import Person

Role = Person.Role


class May(StrEnum):
    """Everything that needs a right."""

    ANSWER = "answer"  # be rung, answer, note, dispose on cases of one's brands
    ANSWER_ASKED = "answer_asked"  # the limited seat: the cases that were handed on to oneself, and nothing beside them
    SEE_ALL = "see_all"  # every brand, every colleague's desk
    REASSIGN = "reassign"  # move cases and people's states
    SEE_LEDGER = "see_ledger"
    SET_STANDARDS = "set_standards"  # standards, calendars, canned answers, teams, skills
    SET_UP = "set_up"  # brands, accounts, people, credentials
    RE_READ = "re_read"  # unreadable deliveries and dead letters
    DELETE_WORDS = "delete_words"  # what a customer wrote, on the network; to hide it is ANSWER
    APPROVE = "approve"  # the second pair of eyes when a complaint shall disappear


_RIGHTS: dict[str, frozenset[May]] = {
    Role.OWNER: frozenset({May.ANSWER_ASKED}),
    Role.OPERATOR: frozenset({May.ANSWER_ASKED, May.ANSWER}),
    Role.SUPERVISOR: frozenset({
        May.ANSWER_ASKED, May.ANSWER, May.SEE_ALL, May.REASSIGN, May.SEE_LEDGER, May.SET_STANDARDS, May.RE_READ,
        May.DELETE_WORDS, May.APPROVE,
    }),
    Role.ADMINISTRATOR: frozenset(May),
}  # fmt: skip


def may(person: Person, right: May) -> bool:
    """Whether the person has the right."""
    return bool(person.is_active) and right in _RIGHTS.get(person.role, frozenset())


def who_may(right: May) -> Q:
    """The same as a filter on people."""
    return Q(is_active=True, role__in=[role for role, rights in _RIGHTS.items() if right in rights])


def require(person: Person, right: May) -> None:
    """Raise PermissionDenied unless the person has the right."""
    if not may(person, right):
        raise PermissionDenied(right)


def brand_ids(person: Person) -> list[int] | None:
    """The brands whose cases the person may see; None means all."""
    if may(person, May.SEE_ALL):
        return None
    if not may(person, May.ANSWER):
        return []  # whatever brands they have on record
    known: list[list[int]] | None = getattr(person, "_brands_read", None)
    if known is None:
        return _brands_of(person)
    if not known:
        known.append(_brands_of(person))
    return known[0]


def remember_brands(person: Person) -> None:
    """Read the brands of this object once: it lives no longer than a request, which asks for them many times."""
    person._brands_read = []  # type: ignore[attr-defined]


def _brands_of(person: Person) -> list[int]:
    return sorted(brand_id for (brand_id,) in _brands(person.pk))


@prepared
def _brands(person_id: int) -> QuerySet[Any, tuple[int]]:
    return Person.objects.filter(pk=person_id, brands__isnull=False).values_list("brands")


def visible_brands(person: Person, field: str = "brand") -> Q:
    """The same as a filter on a brand field."""
    brands = brand_ids(person)
    return Q() if brands is None else Q(**{f"{field}_id__in": brands})
