"""What is done by a protocol in a case: choosing it, ticking its steps."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from netcenter.cases.models import Case
from netcenter.events.actions import event, record
from netcenter.lib.refused import Refused
from netcenter.people.models import Person
from netcenter.protocols.content import read
from netcenter.protocols.known import Known
from netcenter.protocols.models import Followed, Protocol, Tick, Version


@transaction.atomic
def follow(case: Case, shown: Known, by: Person, now: datetime) -> None:
    """From now on the case is answered by this protocol; what was ticked of another stays on record."""
    before = Followed.objects.filter(case=case).values_list("version__protocol_id", flat=True).first()
    if before == shown.pk:
        return
    told = {"version_id": shown.version_id, "by": by, "at": now}
    Followed.objects.update_or_create(case=case, defaults=told)
    record(event("protocol.followed", now, by.actor, case_id=case.pk, brand_id=case.brand_id,
                 operator_id=case.holder_id, protocol=shown.pk, version=shown.number, name=shown.name,
                 before=before))  # fmt: skip


@transaction.atomic
def tick(
    case: Case, protocol_id: int, version: int, step: str, by: Person, now: datetime, *, done: bool = True
) -> None:  # fmt: skip
    """A step is done, or is not after all. The first tick takes the protocol, in the version that was seen.

    Raises Refused when that version has no such step.
    """
    kept = Version.objects.select_related("protocol").filter(protocol=protocol_id, number=version).first()
    if kept is None or step not in {s.key for s in read(kept.content).steps}:
        raise Refused("no_step", _("The protocol has changed meanwhile. Look again."))
    if kept.protocol.brand_id not in (None, case.brand_id):
        raise Refused("no_step", _("This protocol is another brand's."))
    if done:
        try:
            with transaction.atomic():
                Followed.objects.create(case=case, version=kept, by=by, at=now)
                record(event("protocol.followed", now, by.actor, case_id=case.pk, brand_id=case.brand_id,
                             operator_id=case.holder_id, protocol=protocol_id, version=version,
                             name=kept.protocol.name, before=None))  # fmt: skip
        except IntegrityError:
            pass  # it follows one already
        try:
            with transaction.atomic():
                Tick.objects.create(case=case, protocol_id=protocol_id, step=step, by=by, at=now)
        except IntegrityError:
            return  # ticked already
    elif not Tick.objects.filter(case=case, protocol=protocol_id, step=step).delete()[0]:
        return
    record(event("protocol.ticked" if done else "protocol.unticked", now, by.actor, case_id=case.pk,
                 brand_id=case.brand_id, operator_id=case.holder_id, protocol=protocol_id, version=version,
                 step=step))  # fmt: skip


def chosen(protocol_id: int, brand_id: int) -> Known:
    """A protocol that this brand may follow, as it counts now. Raises Refused."""
    protocol = Protocol.objects.filter(pk=protocol_id, is_on=True, removed_at=None).first()
    if protocol is None or protocol.brand_id not in (None, brand_id):
        raise Refused("no_protocol", _("This protocol is not used any more."))
    version = Version.objects.get(protocol=protocol, number=protocol.number)
    return Known(protocol.pk, version.number, version.pk, protocol.brand_id, protocol.name, read(version.content))
