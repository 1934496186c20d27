"""Keeping what was heard: each once, copies behind the first, and what becomes of it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from netcenter.accounts import actions as accounts
from netcenter.accounts.models import Account, Brand
from netcenter.channels.contract import Raw
from netcenter.events.actions import SYSTEM, event, record
from netcenter.intake.commit import store_now
from netcenter.lib import wakeup
from netcenter.lib.alike import Gist, bands, gist, likeness
from netcenter.lib.bulk import insert_many
from netcenter.lib.refused import Refused
from netcenter.lib.text import clean
from netcenter.lib.transactions import atomic
from netcenter.listening import queries
from netcenter.listening.models import Search, Sighting, Source, Trace
from netcenter.listening.rules import Wanted
from netcenter.listening.sources.heard import Heard
from netcenter.understanding import actions as understanding

State = Sighting.State
SAME = 0.7  # the Jaccard index from which two texts are one, told again
FOLDS_FOR = timedelta(days=14)
OLDEST = timedelta(days=30)  # what was said before that is no news: a new feed brings its whole past
FEWEST_WORDS = 4  # with fewer, everybody says the same: "good bread" is no copy of "good bread"
COMPLAINS = ("complaint", "claim", "question")
CHANNEL, TOPIC = "web", "listening"


@dataclass(frozen=True)
class Hit:
    """Something heard that somebody searches for."""

    heard: Heard
    brand: Brand
    search: Search | None
    phrase: str
    source: Source | None


def sift(heard: Sequence[Heard], searches: Sequence[Search], source: Source | None, now: datetime) -> list[Hit]:
    """What of it is searched for, and by which search: for each brand the first that finds it."""
    wanted = [(search, queries.wanted(search)) for search in searches]
    hits = []
    for one in heard:
        if one.sent_at is not None and one.sent_at < now - OLDEST:
            continue
        brands: set[int] = set()
        for search, wish in wanted:
            if search.brand_id not in brands and (phrase := found_in(one, wish, source)):
                brands.add(search.brand_id)
                hits.append(Hit(one, search.brand, search, phrase, source))
    return hits


def found_in(one: Heard, wish: Wanted, source: Source | None = None) -> str:
    """The phrase that stands in it; "" when it is not what is wanted."""
    place = (one.place, source.place if source else "")
    words = f"{one.title}\n{one.text}"
    told = one.language or (source.language if source else "")
    if not (phrase := wish.found_in(words)) or not wish.is_there(*place, words):
        return ""
    if wish.languages and not told:
        told = understanding.read([words])[0].language
    return phrase if wish.is_of(told) else ""


def name_of(key: str) -> str:
    """The name under which a thing is known for ever: addresses may be long."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def keep(hits: Sequence[Hit], now: datetime) -> list[Sighting]:
    """Write down what is new of it; returns that, without what became a copy. Told twice it changes nothing."""
    fresh = _fresh(hits)
    if not fresh:
        return []
    reads = understanding.read([clean(f"{h.heard.title}\n{h.heard.text}") for h in fresh])
    kept = []
    for hit, read in zip(fresh, reads, strict=True):
        one = hit.heard
        sighting = Sighting(
            brand=hit.brand, search=hit.search, source=hit.source, name=name_of(one.name), url=one.url[:2000],
            title=clean(one.title)[:300], text=clean(one.text)[:20_000], phrase=hit.phrase[:200],
            author=dict(one.author),
            where=one.where[:120], place=(one.place or (hit.source.place if hit.source else ""))[:120],
            language=(one.language or read.language)[:10], kind=read.kind, mood=read.mood, shares=one.shares,
            sent_at=min(one.sent_at or now, now), heard_at=now,
        )  # fmt: skip
        if _write(sighting, now):
            kept.append(sighting)
    return kept


def _fresh(hits: Sequence[Hit]) -> list[Hit]:
    """Without what is here already."""
    unique = {(h.brand.pk, name_of(h.heard.name)): h for h in reversed(hits)}
    names = {name for _brand, name in unique}
    known = set(Sighting.objects.filter(name__in=names).values_list("brand_id", "name"))
    return [hit for key, hit in reversed(unique.items()) if key not in known]


@atomic
def _write(sighting: Sighting, now: datetime) -> bool:
    """Keep it, behind the first who said so if there is one; False when it is a copy, or was here already."""
    said = gist(f"{sighting.title} {sighting.text}")
    marks = _marks(said) if len(said.words) >= FEWEST_WORDS else []
    lead = _first(sighting, said, marks)
    sighting.lead = lead
    sighting.reach = 0 if lead else _followers(sighting)
    try:
        with transaction.atomic():
            sighting.save(force_insert=True)
    except IntegrityError:  # another process heard it, too
        return False
    if lead is not None:
        more = 0 if _said_before(lead, sighting) else _followers(sighting)
        Sighting.objects.filter(pk=lead.pk).update(copies=F("copies") + 1, reach=F("reach") + more)
        record(event("sighting.repeated", now, brand_id=sighting.brand_id, sighting=lead.pk, copy=sighting.pk))
        return False
    insert_many([Trace(sighting=sighting, brand_id=sighting.brand_id, mark=mark) for mark in marks])
    record(event("sighting.heard", now, brand_id=sighting.brand_id, sighting=sighting.pk, url=sighting.url[:500],
                 search=sighting.search_id, reads=sighting.kind))  # fmt: skip
    return True


def _marks(said: Gist) -> list[int]:
    digests = (hashlib.blake2b(repr(band).encode(), digest_size=8).digest() for band in bands(said))
    return [int.from_bytes(digest, signed=True) for digest in digests]


def _first(sighting: Sighting, said: Gist, marks: Sequence[int]) -> Sighting | None:
    """Who said this first, lately."""
    if not marks:
        return None
    since = sighting.sent_at - FOLDS_FOR
    met = Trace.objects.filter(brand=sighting.brand_id, mark__in=marks, sighting__sent_at__gt=since)
    found = {t.sighting_id: t.sighting for t in met.select_related("sighting").order_by("sighting_id")[:500]}
    scored = [(-likeness(said, gist(f"{s.title} {s.text}")), s.pk) for s in found.values()]
    best = min(scored, default=(0.0, 0))
    return found[best[1]] if -best[0] >= SAME else None


def _followers(sighting: Sighting) -> int:
    told = sighting.author.get("followers")
    return told if isinstance(told, int) and 0 < told < 2**31 else 0


def _said_before(lead: Sighting, copy: Sighting) -> bool:
    """Whether this author is counted already: who repeats oneself reaches nobody new."""
    who = copy.author.get("id")
    if not who or lead.author.get("id") == who:
        return bool(who)
    others = Sighting.objects.filter(lead=lead).exclude(pk=copy.pk).values_list("author", flat=True)
    return any(author.get("id") == who for author in others[:500])


# --- What becomes of it ---------------------------------------------------------------------------


def obey(kept: Sequence[Sighting], now: datetime) -> int:
    """Make cases of those whose search says so; returns how many."""
    return sum(become_case(s.pk, now, SYSTEM) for s in kept if s.search is not None and _becomes(s))


def _becomes(sighting: Sighting) -> bool:
    rule = sighting.search.becomes if sighting.search else Search.Becomes.NEVER
    return rule == Search.Becomes.ALWAYS or (rule == Search.Becomes.COMPLAINTS and sighting.kind in COMPLAINS)


@atomic
def become_case(sighting_id: int, now: datetime, actor: str) -> bool:
    """Bring it in through the door, like everything that customers say; False when it was one already."""
    sighting = Sighting.objects.select_related("brand").get(pk=sighting_id)
    account = account_of(sighting.brand, now)
    mine = Sighting.objects.filter(pk=sighting.pk).exclude(state=State.CASE)
    if not mine.update(state=State.CASE, by=actor[:60], account=account):
        return False
    store_now(account.pk, [Raw(json.dumps(told(sighting)).encode(), sighting.name)], now)
    record(event("sighting.became_case", now, actor, brand_id=sighting.brand_id, sighting=sighting.pk))
    wakeup.wake("intake")
    return True


def account_of(brand: Brand, now: datetime) -> Account:
    """Where cases from the open web are: made by itself, one for each brand."""
    address = f"web-{brand.pk}"
    known = Account.objects.filter(channel=CHANNEL, brand=brand).first()
    if known is not None:
        return known
    try:
        return accounts.connect(brand, CHANNEL, _("The open web"), address, {}, now, SYSTEM)
    except Refused:  # another process was quicker
        return Account.objects.get(channel=CHANNEL, address=address)


def told(sighting: Sighting) -> dict[str, object]:
    """As the channel of the open web reads it."""
    by = sighting.author
    name = by.get("name") or by.get("handle") or sighting.where
    return {
        "id": sighting.name, "url": sighting.url, "title": sighting.title, "text": sighting.text,
        "sent_at": sighting.sent_at.isoformat(), "language": sighting.language, "shares": sighting.copies or None,
        "author": {"id": by.get("id") or sighting.where or sighting.name, "name": name, "url": by.get("url", ""),
                   "followers": by.get("followers")},
    }  # fmt: skip


@atomic
def put_aside(sighting_id: int, now: datetime, actor: str, *, back: bool = False) -> None:
    """There is nothing to do about it; or there is, after all (`back`)."""
    was, becomes = (State.PASSED, State.NEW) if back else (State.NEW, State.PASSED)
    sighting = Sighting.objects.get(pk=sighting_id)
    if Sighting.objects.filter(pk=sighting_id, state=was).update(state=becomes, by=actor[:60]):
        record(
            event(
                "sighting.brought_back" if back else "sighting.passed",
                now,
                actor,
                brand_id=sighting.brand_id,
                sighting=sighting_id,
            )
        )


@atomic
def gone(brand: Brand, key: str, now: datetime) -> bool:
    """The page no longer says so; what we know of it stays. False when we know no such thing."""
    mine = Sighting.objects.filter(brand=brand, name=name_of(key), gone_at=None)
    sighting = mine.first()
    if sighting is None or not mine.update(gone_at=now):
        return False
    record(event("sighting.vanished", now, brand_id=brand.pk, sighting=sighting.pk))
    return True
