"""Who wrote: identities, and the customers behind them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from netcenter.cases.arrivals import Batch
from netcenter.cases.models import Case, Customer, Identity
from netcenter.cases.told import plain
from netcenter.channels.contract import Author
from netcenter.events.actions import event, record_all
from netcenter.lib.bulk import insert_many, update_many
from netcenter.lib.prepared import prepared
from netcenter.lib.rows import fresh
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic

CHANGES = frozenset({"stopped"})  # of a profile, what people take back: all else stays as it was first told


@prepared
def _identities(channel: str, handles: list[str]) -> QuerySet[Identity]:
    return Identity.objects.select_related("customer").filter(channel=channel, external_id__in=handles)


def identity_of(channel: str, author: Author, now: datetime) -> Identity:
    """Who that is, found or made."""
    batch, name = Batch(now), (channel, author.external_id[:255])
    identify(batch, {name: author})
    return batch.identities[name]


@atomic
def learn_who(identity: Identity, author: Author, now: datetime) -> Identity:
    """What the network answered when it was asked who that is. Whoever looks at their cases is told."""
    known = identity_of(identity.channel, author, now)
    if (known.name, known.profile) != (identity.name, identity.profile):
        record_all(
            event("customer.learned", now, case_id=case.pk, brand_id=case.brand_id, operator_id=case.holder_id,
                  customer=known.customer_id)
            for case in Case.objects.filter(customer=known.customer_id, closed_at=None)
        )  # fmt: skip
    return known


def identify(batch: Batch, wanted: Mapping[tuple[str, str], Author]) -> None:
    """Find or make who wrote; the same e-mail address or telephone on another network is the same customer."""
    for channel in {key[0] for key in wanted}:
        handles = [handle for kind, handle in wanted if kind == channel]
        for identity in _identities(channel, handles):
            batch.identities[(channel, identity.external_id)] = identity
    _introduce(batch, wanted)
    missing = {key: author for key, author in wanted.items() if key not in batch.identities}
    if not missing:
        return
    # An address that is only a visitor's own word must not let them into somebody else's case.
    emails = {a.email.lower() for a in missing.values() if a.email and a.confirmed}
    phones = {a.phone for a in missing.values() if a.phone and a.confirmed}
    known: dict[str, Customer] = {}
    if emails or phones:
        # "not empty" in so many words: without it SQLite does not use the partial indexes.
        given = Q(email__in=emails) & ~Q(email="") | Q(phone__in=phones) & ~Q(phone="")
        same = Identity.objects.select_related("customer").filter(given)
        for identity in same.filter(confirmed=True).order_by("id"):
            known.update({k: identity.customer for k in (identity.email, identity.phone) if k})
    new: list[Customer] = []
    made: list[Identity] = []
    for (channel, handle), author in missing.items():
        email = author.email.lower()[:254]
        customer = (known.get(email) or known.get(author.phone)) if author.confirmed else None
        if customer is None:
            customer = fresh(
                Customer, name=clean(author.name)[:200], language=author.language[:10], created_at=batch.now
            )
            new.append(customer)
            if author.confirmed:
                known.update({k: customer for k in (email, author.phone) if k})
        made.append(fresh(
            Identity, customer=customer, channel=channel, external_id=handle, name=clean(author.name)[:200],
            email=email, phone=author.phone[:20], confirmed=author.confirmed, profile=_profile(author),
        ))  # fmt: skip
    insert_many(new)
    for identity in made:
        identity.customer = identity.customer  # takes up the id its customer has got
    insert_many(made)
    batch.identities.update({(i.channel, i.external_id): i for i in made})


def _profile(author: Author) -> dict[str, Any]:
    """What the network tells of them, and how they are named there."""
    more = {"handle": author.handle, "url": author.url, "avatar_url": author.avatar_url, "reach": plain(author.reach)}
    return dict(author.profile) | {name: value for name, value in more.items() if value}


def _introduce(batch: Batch, wanted: Mapping[tuple[str, str], Author]) -> None:
    """Who was known by a handle alone has given a name, an address or a telephone since."""
    for key, identity in batch.identities.items():
        author = wanted[key]
        name, email, phone = clean(author.name)[:200], author.email.lower()[:254], author.phone[:20]
        told_now = (identity.name or name, identity.email or email, identity.phone or phone)
        told = {k: v for k, v in _profile(author).items() if k not in identity.profile or k in CHANGES}
        profile = identity.profile | told
        if told_now == (identity.name, identity.email, identity.phone) and profile == identity.profile:
            continue
        if email or phone:
            # One address that is only a visitor's word makes all of them so.
            identity.confirmed = author.confirmed and (identity.confirmed or not (identity.email or identity.phone))
        identity.name, identity.email, identity.phone = told_now
        identity.profile = profile
        update_many([identity], ["name", "email", "phone", "confirmed", "profile"])
        Customer.objects.filter(pk=identity.customer_id, name="").update(name=identity.name)
