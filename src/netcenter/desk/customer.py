"""The right column: who this is, what was read of their words, and what is like it."""

from dataclasses import dataclass

from django.db.models import Case as DbCase
from django.db.models import Exists, F, OuterRef, Q, QuerySet, When

from netcenter.cases import queries as cases
from netcenter.cases.models import About, Case, Customer, Identity, Message, Thread
from netcenter.desk.rows import Row, rows
from netcenter.desk.words import hint_words
from netcenter.lib.prepared import prepared
from netcenter.people.models import Person
from netcenter.people.permissions import brand_ids
from netcenter.understanding.models import Reading

NEIGHBOURS = 200  # recent cases among which similar ones are looked for


@dataclass(frozen=True)
class Side:
    """The right column: who this is, what was read, and what is like it."""

    customer: Customer
    about: str  # what the case's brand noted of them
    abouts: list[About]  # what other brands did, as far as the person may see them
    identities: list[Identity]
    history: list[Row]
    reading: Reading | None
    chances: list[tuple[str, float]]
    is_unsure: bool  # another kind was as likely: it is treated as this one because nothing speaks clearly
    hints: list[str]
    words: list[str]  # that decided; whom they address decides nothing
    same: list[Customer]
    similar: list[Row]


def side(case: Case, person: Person) -> Side:
    """What is known beside the case."""
    identities = identities_of(case, person)
    noted = {a.brand_id: a for a in _abouts(case, person)}
    own = noted.pop(case.brand_id, None)
    reading = next(iter(_reading(case.pk)), None)
    return Side(
        customer=case.customer, about=own.text if own else "", abouts=list(noted.values()), identities=identities,
        history=rows(person, [i for (i,) in _history(case.customer_id, case.pk, brand_ids(person))]),
        reading=reading, is_unsure=_is_unsure(reading),
        # What is less likely would only look like a share of a hundred.
        chances=(reading.holding or reading.chances[:1]) if reading else [],
        hints=hint_words(reading.probabilities, reading.message.thread.place == "public") if reading else [],
        words=[word for word in reading.why if not word.startswith(("@", "#"))] if reading else [],
        same=same_customers(case, identities, person), similar=similar(case, person),
    )  # fmt: skip


@prepared
def _reading(case_id: int) -> QuerySet[Reading]:
    """Of the words that made the case what it is; else of the last that came in. A photograph alone says nothing."""
    heard = Reading.objects.filter(message__case=case_id, message__direction=Message.Direction.IN)
    heard = heard.select_related("message__thread")
    decides = Q(message__state=Message.State.WAITING, kind=F("message__case__kind"))
    weight = DbCase(When(message__text="", then=2), When(decides, then=0), default=1)
    return heard.annotate(weight=weight).order_by("weight", "-message__sent_at", "-message_id")[:1]


def _is_unsure(reading: Reading | None) -> bool:
    if reading is None or reading.corrected_by:
        return False
    chances = reading.probabilities.get("kind", {})
    return bool(chances) and chances.get(reading.kind, 0.0) < max(chances.values())


@prepared
def _history(customer_id: int, besides: int, brands: list[int] | None) -> QuerySet[Case, tuple[int]]:
    """The customer's other cases, latest first."""
    others = cases.along(brands).filter(customer=customer_id).exclude(pk=besides)
    return others.order_by("-last_at").values_list("id")[:10]


def identities_of(case: Case, person: Person) -> list[Identity]:
    """The customer's handles, those by which they wrote to brands that the person may see."""
    return _identities(case.customer_id, brand_ids(person))


@prepared
def _identities(customer_id: int, brands: list[int] | None) -> QuerySet[Identity]:
    identities = Identity.objects.filter(customer=customer_id).order_by("id")
    if brands is not None:
        to_them = Q(identity=OuterRef("pk"), account__brand__in=brands)
        wrote = Exists(Message.objects.filter(to_them)) | Exists(Thread.objects.filter(to_them))
        identities = identities.filter(wrote)
    return identities[:20]


def _abouts(case: Case, person: Person) -> list[About]:
    return _noted(case.customer_id, brand_ids(person))


@prepared
def _noted(customer_id: int, brands: list[int] | None) -> QuerySet[About]:
    noted = About.objects.filter(customer=customer_id).exclude(text="")
    noted = noted if brands is None else noted.filter(brand_id__in=brands)
    return noted.select_related("brand").order_by("brand__name")


def same_customers(case: Case, identities: list[Identity], person: Person) -> list[Customer]:
    """Other customers who gave the same e-mail address or telephone, and wrote to a brand the person may see."""
    others = [
        *_with_email([i.email for i in identities if i.email], case.customer_id),
        *_with_phone([i.phone for i in identities if i.phone], case.customer_id),
    ]
    if not others:
        return []
    known = _who_wrote([customer_id for (customer_id,) in others], brand_ids(person))
    return _customers(sorted({customer_id for (customer_id,) in known}))


# "not empty" in so many words: without it SQLite does not use the partial indexes.


@prepared
def _with_email(emails: list[str], besides: int) -> QuerySet[Identity, tuple[int]]:
    given = Identity.objects.filter(~Q(email=""), email__in=emails)
    return given.exclude(customer=besides).values_list("customer_id")[:20]


@prepared
def _with_phone(phones: list[str], besides: int) -> QuerySet[Identity, tuple[int]]:
    given = Identity.objects.filter(~Q(phone=""), phone__in=phones)
    return given.exclude(customer=besides).values_list("customer_id")[:20]


@prepared
def _who_wrote(customer_ids: list[int], brands: list[int] | None) -> QuerySet[Case, tuple[int]]:
    return cases.along(brands).filter(customer__in=customer_ids).values_list("customer_id").distinct()


@prepared
def _customers(ids: list[int]) -> QuerySet[Customer]:
    return Customer.objects.filter(pk__in=ids, merged_into=None).order_by("id")[:3]


def similar(case: Case, person: Person) -> list[Row]:
    """The brand's latest closed cases of the same kind that somebody answered."""
    if not case.kind or case.kind == "other":
        return []
    alike = [
        (language != case.language, place, id)
        for place, (id, kind, customer_id, language) in enumerate(_recent(case.brand_id))
        if kind == case.kind and customer_id != case.customer_id
    ]
    return rows(person, [id for _other_language, _place, id in sorted(alike)[:4]])


@prepared
def _recent(brand_id: int) -> QuerySet[Case, tuple[int, str, int, str]]:
    """Of the brand's latest cases those that somebody answered and closed."""
    latest = Case.objects.filter(brand=brand_id).order_by("-last_at").values("id")[:NEIGHBOURS]
    answered = Case.objects.filter(pk__in=latest, closed_at__isnull=False, last_operator__isnull=False)
    return answered.order_by("-last_at").values_list("id", "kind", "customer_id", "language")
