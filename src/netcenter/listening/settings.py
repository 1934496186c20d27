"""What people set: searches, sources and our own sites."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from netcenter.accounts.models import Brand
from netcenter.events.actions import event, record
from netcenter.lib import wakeup
from netcenter.lib.refused import Refused
from netcenter.lib.transactions import atomic
from netcenter.listening.actions import TOPIC
from netcenter.listening.models import Search, Site, Source
from netcenter.listening.sources import bluesky

MOST_SOURCES, MOST_SEARCHES = 500, 200
LEAST_SECONDS = 60


@dataclass(frozen=True)
class SearchDetails:
    """What the form of a search holds."""

    brand: Brand
    name: str
    phrases: list[str]
    excluded: list[str]
    languages: list[str]
    places: list[str]
    becomes: str
    enabled: bool = True


@atomic
def save_search(search: Search | None, details: SearchDetails, now: datetime, actor: str) -> Search:
    """A new search, or another one in its place. Raises Refused."""
    if not details.phrases:
        raise Refused("no_phrase", _("Write at least one phrase."))
    if search is None and Search.objects.count() >= MOST_SEARCHES:
        raise Refused("too_many", _("There are as many as one house can listen for. Remove one first."))
    row = search or Search()
    for name in ("brand", "name", "phrases", "excluded", "languages", "places", "becomes", "enabled"):
        setattr(row, name, getattr(details, name))
    row.changed_at = now
    row.save()
    record(event("search.saved", now, actor, brand_id=row.brand_id, search=row.pk, name=row.name,
                 phrases=row.phrases[:20], becomes=row.becomes, enabled=row.enabled))  # fmt: skip
    return row


@atomic
def remove_search(search: Search, now: datetime, actor: str) -> None:
    """It listens no more; what it found stays."""
    record(event("search.removed", now, actor, brand_id=search.brand_id, search=search.pk, name=search.name))
    search.delete()


@dataclass(frozen=True)
class SourceDetails:
    """What the form of a source holds."""

    kind: str
    address: str
    name: str = ""
    language: str = ""
    place: str = ""
    minutes: int = 5
    enabled: bool = True


@atomic
def save_source(source: Source | None, details: SourceDetails, now: datetime, actor: str) -> Source:
    """A new source, or other settings for one; it is asked at once. Raises Refused."""
    address = _address(details.kind, details.address.strip())
    if source is None and Source.objects.count() >= MOST_SOURCES:
        raise Refused("too_many", _("There are as many as one house can listen to. Remove one first."))
    row = source or Source()
    if row.pk and (row.kind, row.address) != (details.kind, address):
        row.state = {}  # another place is read from its beginning
    row.kind, row.address, row.name = details.kind, address, details.name[:120]
    row.language, row.place, row.enabled = details.language, details.place[:120], details.enabled
    row.every_seconds = max(LEAST_SECONDS, details.minutes * 60)
    row.due_at, row.failures, row.error = now, 0, ""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Refused("known", _("We listen there already.")) from error
    record(event("source.saved", now, actor, source=row.pk, what=row.kind, address=row.address[:300],
                 enabled=row.enabled))  # fmt: skip
    wakeup.wake(TOPIC)
    return row


def _address(kind: str, told: str) -> str:
    """The address as it is asked. Raises Refused for what is none."""
    if kind == Source.Kind.BLUESKY:
        told = told or bluesky.REAL
        schemes = ("wss", "ws")
    else:
        schemes = ("https", "http")
        if told and "://" not in told:
            told = f"https://{told}"
    try:
        parts = urlsplit(told)
        fine = parts.scheme in schemes and _is_host(parts.hostname or "") and not parts.username and parts.port != 0
    except ValueError:
        fine = False
    if not fine or len(told) > 1000:
        raise Refused("no_address", _("That is no address. It begins with https://."))
    return told


def _is_host(name: str) -> bool:
    """Whether it is a name of several parts, this machine or a number; a sentence is none."""
    return re.fullmatch(r"[\w.-]+\.[\w-]+|localhost|[0-9a-f:.]+", name) is not None


@atomic
def remove_source(source: Source, now: datetime, actor: str) -> None:
    """Nobody listens there any more; what was heard stays."""
    record(event("source.removed", now, actor, source=source.pk, what=source.kind, address=source.address[:300]))
    source.delete()


@atomic
def save_sites(brand: Brand, hosts: list[str], now: datetime, actor: str) -> None:
    """The sites of a brand: pages that link there may tell us so. Raises Refused."""
    plain = []
    for told in hosts:
        host = (urlsplit(told if "://" in told else f"https://{told}").hostname or "").lower()
        if not host or "." not in host or len(host) > 253:
            raise Refused("no_host", _("%(host)s is no site.") % {"host": told[:80]})
        plain.append(host)
    if taken := Site.objects.filter(host__in=plain).exclude(brand=brand).first():
        raise Refused("taken", _("%(host)s belongs to another brand.") % {"host": taken.host})
    Site.objects.filter(brand=brand).exclude(host__in=plain).delete()
    for host in dict.fromkeys(plain):
        Site.objects.get_or_create(host=host, defaults={"brand": brand})
    record(event("site.saved", now, actor, brand_id=brand.pk, hosts=plain[:50]))
