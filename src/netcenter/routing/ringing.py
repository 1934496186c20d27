"""Ringing: what the switchboard chose becomes offers, with everything that it rests on looked at again under locks."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from netcenter.cases.models import Case
from netcenter.events.actions import event, record
from netcenter.lib.bulk import insert_many
from netcenter.lib.prepared import prepared
from netcenter.people import actions as people
from netcenter.routing.actions import insert
from netcenter.routing.models import Offer, Referral
from netcenter.routing.queries import waiting_cases
from netcenter.routing.rules import Pair

State = Offer.State


def make(pairs: Sequence[Pair], seconds: Mapping[int, int], now: datetime) -> set[int]:
    """Ring those of the pairs that are still possible; returns their cases. `seconds`: brand to how long it rings.

    Cases and desks are locked without waiting: what somebody else has in hand is theirs.
    """
    with transaction.atomic():
        brand_of, room = _lock([p.case_id for p in pairs], [p.operator_id for p in pairs], now)
        offers = []
        for p in pairs:
            if p.case_id not in brand_of or room.pop(p.operator_id, -1) < p.weight:  # one ring a desk
                continue
            until = now + timedelta(seconds=seconds.get(brand_of[p.case_id], settings.RING_SECONDS))
            offers.append(Offer(case_id=p.case_id, operator_id=p.operator_id, weight=p.weight, rang_at=now,
                                until=until, why=p.why))  # fmt: skip
        people.fill({o.operator_id: o.weight for o in offers})
        offers = _insert_all(offers, now)
        record(*(
            event("offer.rang", now, case_id=o.case_id, operator_id=o.operator_id, brand_id=brand_of[o.case_id],
                  offer=o.pk, until=o.until.isoformat(), why=o.why)
            for o in offers
        ))  # fmt: skip
    return {o.case_id for o in offers}


def _lock(case_ids: list[int], operator_ids: list[int], now: datetime) -> tuple[dict[int, int], dict[int, int]]:
    """Those of the cases and desks that nobody else has in hand, locked, and that do not ring: the cases' brands, and
    how much room the desks have.

    What rings is looked at after the locks are held: an offer that a colleague is just now picking up or declining
    still rings for us, so that we never wait for them while they wait for the desk.
    """
    mine = dict(_cases(now, case_ids))
    room = people.lock_desks(operator_ids)
    for (case_id,) in _asked(case_ids):
        mine.pop(case_id, None)
    for case_id, operator_id, state in _live(case_ids, operator_ids):
        mine.pop(case_id, None)
        if state == State.RINGING:
            room.pop(operator_id, None)
    return mine, room


@prepared
def _cases(now: datetime, ids: Sequence[int]) -> QuerySet[Case, tuple[int, int]]:
    rows = waiting_cases(now).filter(pk__in=ids).order_by("pk")
    return rows.select_for_update(skip_locked=True, no_key=True).values_list("pk", "brand_id")


@prepared
def _asked(case_ids: Sequence[int]) -> QuerySet[Referral, tuple[int]]:
    return Referral.objects.filter(case_id__in=case_ids, ended_at=None).values_list("case_id")


@prepared
def _live(case_ids: Sequence[int], operator_ids: Sequence[int]) -> QuerySet[Offer, tuple[int, int, str]]:
    elsewhere = Q(case_id__in=case_ids, state__in=Offer.LIVE)
    live = Offer.objects.filter(elsewhere | Q(operator_id__in=operator_ids, state=State.RINGING))
    return live.values_list("case_id", "operator_id", "state")


def _insert_all(offers: list[Offer], now: datetime) -> list[Offer]:
    """Insert them in one statement; when one of them is not possible any more, one by one. Returns those inserted."""
    try:
        with transaction.atomic():
            insert_many(offers)
    except IntegrityError:
        return [offer for offer in offers if insert(offer, now)]
    return offers
