"""Whether everything is well: what `netcenter doctor` looks at."""

import os
import tempfile
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from netcenter.accounts.models import Account, Health
from netcenter.channels.contract import Check
from netcenter.intake.models import Delivery
from netcenter.lib.models import Lease
from netcenter.lib.secrets import Locked, unseal


def examine() -> Iterator[Check]:
    """Each check as it is known, in the language of whoever asks."""
    with translation.override(_language()):
        yield _folder()
        database = _database()
        yield database
        if not database.ok:
            return
        yield _migrations()
        if pending_migrations():
            return
        yield from _accounts()
        yield _deliveries()
        yield from _loops()


def pending_migrations() -> list[str]:
    """The migrations that the database lacks."""
    executor = MigrationExecutor(connection)
    return [str(step) for step, _backwards in executor.migration_plan(executor.loader.graph.leaf_nodes())]


def _language() -> str:
    """As the terminal's other programs choose it: the first of these variables that says something."""
    spoken = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    try:
        return translation.get_supported_language_variant(spoken.partition(".")[0].lower().replace("_", "-"))
    except LookupError:
        return "en"


def _folder() -> Check:
    where = str(settings.DATA)
    try:
        with tempfile.TemporaryFile(dir=settings.DATA) as file:
            file.write(b"well")
    except OSError as error:
        advice = _("Give the user who runs Netcenter the right to write there, or set NETCENTER_DATA.")
        return Check(_("The data folder can be written"), False, f"{where}: {error.strerror}", advice)
    return Check(_("The data folder can be written"), True, where)


def _database() -> Check:
    label = _("The database answers")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Check(label, False, str(error).strip(), _("Look at NETCENTER_DATABASE, and whether the server runs."))
    return Check(label, True, connection.vendor)


def _migrations() -> Check:
    label = _("The database is up to date")
    if pending := pending_migrations():
        return Check(label, False, ", ".join(pending[:3]), _("Run: netcenter migrate"))
    return Check(label, True)


def _accounts() -> Iterator[Check]:
    """Credentials that can be opened, and wires that work."""
    health = {h.account_id: h for h in Health.objects.all()}
    for account in Account.objects.filter(enabled=True):
        try:
            unseal(account.sealed)
        except Locked:
            advice = _("Bring back the file box.key of this installation, or connect the account again.")
            yield Check(account.name, False, _("its credentials were sealed with another key"), advice)
            continue
        known = health.get(account.pk)
        if known and known.failures_in_row:
            yield Check(account.name, False, known.error, _("Open Settings → Accounts and test the connection."))
        else:
            yield Check(account.name, True, account.address)


def _deliveries() -> Check:
    unread = Delivery.objects.filter(state=Delivery.State.UNREADABLE).count()
    if not unread:
        return Check(_("Everything that came in was read"), True)
    detail = ngettext("%(n)d could not be read", "%(n)d could not be read", unread) % {"n": unread}
    advice = _("Look at them under Ledger → Unreadable; they are kept and can be read again.")
    return Check(_("Everything that came in was read"), False, detail, advice)


def _loops() -> Iterator[Check]:
    """Where many hosts share the work, each lonely loop has a holder."""
    from netcenter.lib import clock

    now = clock.now()
    for lease in Lease.objects.all():
        held = lease.until > now
        advice = "" if held else _("Start a process: netcenter loops")
        yield Check(_("The loop %(name)s has a host") % {"name": lease.name}, held, lease.holder, advice)
