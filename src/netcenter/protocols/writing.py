"""Writing protocols down: each change is a new version; installing what the house brings along."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from netcenter.events.actions import event, record
from netcenter.lib.refused import Refused
from netcenter.people.models import Person
from netcenter.protocols.content import Content, kept, spoken
from netcenter.protocols.manuals import Shipped
from netcenter.protocols.models import ApprovalRule, Protocol, Version


@dataclass(frozen=True)
class Written:
    """A protocol as the form gives it. `seen` is the number of the version that it began from; 0: a new one."""

    content: Content
    language: str  # of who writes: the name in lists
    brand_id: int | None = None
    seen: int = 0


@transaction.atomic
def save_protocol(protocol: Protocol | None, written: Written, by: Person, now: datetime) -> Protocol:
    """A new protocol, or a new version of one. Raises Refused when a colleague changed it meanwhile, or it asks for
    nothing.
    """
    if written.content.when.is_open:
        raise Refused("no_condition", _("Say when it applies: without a condition it would fit everything."))
    name = spoken(written.content.titles, written.language)[:120]
    if protocol is None:
        made = Protocol.objects.create(name=name, brand_id=written.brand_id)
        _version(made, 1, written.content, by, now)
        record(event("protocol.added", now, by.actor, brand_id=made.brand_id, protocol=made.pk, name=name))
        return made
    number = written.seen + 1
    mine = Protocol.objects.filter(pk=protocol.pk, number=written.seen, removed_at=None)
    if not mine.update(name=name, brand_id=written.brand_id, number=number):
        raise Refused("changed", _("A colleague has changed it meanwhile. Open it again; your words are still here."))
    _version(protocol, number, written.content, by, now)
    record(event("protocol.changed", now, by.actor, brand_id=written.brand_id, protocol=protocol.pk, name=name,
                 version=number))  # fmt: skip
    protocol.refresh_from_db()
    return protocol


def _version(protocol: Protocol, number: int, content: Content, by: Person | None, now: datetime) -> Version:
    return Version.objects.create(protocol=protocol, number=number, content=kept(content), at=now, by=by)


@transaction.atomic
def bring_back(protocol: Protocol, number: int, by: Person, now: datetime) -> Protocol:
    """An older version counts again, as a new one. Raises Refused when there is none of this number."""
    old = Version.objects.filter(protocol=protocol, number=number).first()
    if old is None:
        raise Refused("no_version", _("There is no such version."))
    following = protocol.number + 1
    if not Protocol.objects.filter(pk=protocol.pk, number=protocol.number, removed_at=None).update(number=following):
        raise Refused("changed", _("A colleague has changed it meanwhile. Look again."))
    Version.objects.create(protocol=protocol, number=following, content=old.content, at=now, by=by)
    record(event("protocol.changed", now, by.actor, brand_id=protocol.brand_id, protocol=protocol.pk,
                 name=protocol.name, version=following, like=number))  # fmt: skip
    protocol.refresh_from_db()
    return protocol


@transaction.atomic
def switch(protocol: Protocol, on: bool, by: Person, now: datetime) -> None:
    """Whether it is proposed. Cases that follow it already go on with it."""
    if Protocol.objects.filter(pk=protocol.pk, is_on=not on, removed_at=None).update(is_on=on):
        record(event("protocol.switched", now, by.actor, brand_id=protocol.brand_id, protocol=protocol.pk,
                     name=protocol.name, on=on))  # fmt: skip


@transaction.atomic
def remove_protocol(protocol: Protocol, by: Person, now: datetime) -> None:
    """It is proposed no more; what was done by it stays."""
    if Protocol.objects.filter(pk=protocol.pk, removed_at=None).update(removed_at=now, is_on=False):
        record(event("protocol.removed", now, by.actor, brand_id=protocol.brand_id, protocol=protocol.pk,
                     name=protocol.name))  # fmt: skip


def install(manual: Iterable[Shipped], by: Person, now: datetime) -> int:
    """The protocols of a manual that are not here yet; returns how many came. What the company changed stays as it is.

    Each alone: two who press at once install it once.
    """
    came = 0
    for shipped in manual:
        name = spoken(shipped.content.titles, by.language[:2])[:120]
        try:
            with transaction.atomic():
                made = Protocol.objects.create(name=name, came_from=shipped.key)
                _version(made, 1, shipped.content, by, now)
                record(event("protocol.added", now, by.actor, protocol=made.pk, name=name, came_from=shipped.key))
        except IntegrityError:
            continue  # it is here
        came += 1
    return came


@transaction.atomic
def save_approval_rule(trainees: bool, crisis_from: int, topics: Iterable[str], by: Person, now: datetime) -> None:
    """Whose answers wait for a second pair of eyes from now on."""
    told: dict[str, Any] = {"trainees": trainees, "crisis_from": crisis_from, "topics": sorted(set(topics))}
    ApprovalRule.objects.update_or_create(pk=1, defaults=told)
    record(event("protocol.approval_ruled", now, by.actor, trainees=trainees, crisis_from=crisis_from,
                 topics=told["topics"]))  # fmt: skip
