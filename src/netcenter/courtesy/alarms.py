"""An account in trouble is told to whoever administers, by mail, at most once a day (law 1)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from netcenter.accounts.actions import SILENT_AFTER_FAILURES
from netcenter.accounts.models import Health
from netcenter.lib import clock
from netcenter.lib.loops import Loop
from netcenter.look.formats import moment
from netcenter.people import letters
from netcenter.people.models import Letter, Person
from netcenter.people.zones import zone_of

KIND = "account"
AGAIN = timedelta(days=1)


def tell(now: datetime) -> int:
    """Write to the administrators of every account that is in trouble and of which they were not told today."""
    wrong = Q(permanent=True) | Q(failures_in_row__gte=SILENT_AFTER_FAILURES) | Q(silent_at__isnull=False)
    untold = Q(told_at=None) | Q(told_at__lte=now - AGAIN)
    told = 0
    for health in Health.objects.filter(wrong, untold, account__enabled=True):
        mine = Health.objects.filter(untold, pk=health.pk)
        if mine.update(told_at=now):
            who = Person.objects.filter(role=Person.Role.ADMINISTRATOR, is_active=True)
            letters.write(list(who), KIND, now, account=health.pk)
            told += 1
    return told


def compose(letter: Letter) -> tuple[str, str] | None:
    """Subject and body; None when all is well again, or it is nobody's any more."""
    health = Health.objects.select_related("account__brand").filter(pk=letter.data.get("account")).first()
    person = letter.person
    if health is None or not person.is_active or not health.account.enabled:
        return None
    broken = health.permanent or health.failures_in_row > 0
    if not broken and health.silent_at is None:
        return None
    with translation.override(person.language), timezone.override(zone_of(person)):
        name = {"account": health.account.name}
        link = settings.PUBLIC_URL + reverse("setup:account", args=[health.pk])
        if broken:
            subject = _("%(account)s does not work") % name
            body = _("The network says: %(error)s. Customers who write there may not be heard until it is mended. "
                     "What was missed is fetched afterwards.") % {"error": health.error[:300] or "?"}  # fmt: skip
        else:
            subject = _("%(account)s is unusually silent") % name
            since = moment(health.heard_at) if health.heard_at else "?"
            body = _("Nothing was heard there since %(since)s, which is much longer than usual. Look whether it is "
                     "still connected.") % {"since": since}  # fmt: skip
        return " ".join(subject.split()), f"{body}\n\n{link}\n"


def _step() -> None:
    tell(clock.now())


LOOPS = [Loop("courtesy.alarms", _step, every=30.0, alone=True)]
