"""What keeps an account connected: credentials, the network's pushes, rights; and a word when it is silent."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Sum

from netcenter.accounts import actions as accounts
from netcenter.accounts.models import Account, Health
from netcenter.accounts.queries import connection_of, hook_of
from netcenter.accounts.rules import refresh_at, silence_allowed
from netcenter.cases.models import Tally
from netcenter.channels.contract import ChannelError
from netcenter.channels.registry import channels

log = logging.getLogger(__name__)

ASK_RIGHTS = timedelta(days=1)
HOOK_AGAIN = timedelta(days=1)  # networks forget; to subscribe twice is to subscribe once
PAUSE = timedelta(minutes=10)  # after a failure

Chore = Callable[[Account, datetime], bool]
_Pause = tuple[datetime, bytes]  # until when, and with which credentials it failed: others are tried at once
_pauses: dict[tuple[str, int], _Pause] = {}  # of this process, which alone does the chores


def keep_up(now: datetime) -> int:
    """Do what is due for every account; one that fails does not hold up the others. Returns how many were done."""
    found = Account.objects.select_related("brand", "health").filter(channel__in=channels())
    done = 0
    for account in found:
        Health.objects.get_or_create(account=account)
        for name, chore in _CHORES.items():
            until, with_these = _pauses.get((name, account.pk), (now, b""))
            if until <= now or with_these != bytes(account.sealed):
                done += _do(name, chore, account, now)
    return done


def _do(name: str, chore: Chore, account: Account, now: datetime) -> bool:
    try:
        done = chore(account, now)
    except Exception as error:
        log.warning("account %s: %s failed: %r", account.key, name, error,
                    exc_info=not isinstance(error, ChannelError))  # fmt: skip
        wire = error if isinstance(error, ChannelError) else None
        later = wire.retry_at if wire and wire.retry_at else now + PAUSE
        _pauses[name, account.pk] = max(later, now), bytes(account.sealed)
        if not (wire and wire.reason == "rate"):
            accounts.fared_ill(account.pk, str(error) or repr(error), bool(wire and wire.reason == "token"), now)
        return False
    _pauses.pop((name, account.pk), None)
    return done


def refresh(account: Account, now: datetime) -> bool:
    """New credentials before the old ones end, or when the network says that they have ended."""
    network = channels()[account.channel]
    if not account.enabled or not network.can("refresh"):
        return False
    health = _health(account)
    got_at = account.got_at or account.created_at
    ends = account.expires_at is not None and refresh_at(account.expires_at, got_at) <= now
    if not ends and not health.permanent:
        return False
    grant = network.refresh(connection_of(account))
    renewed = accounts.renewed(account, grant, now)
    account.refresh_from_db()
    return renewed


def ask_rights(account: Account, now: datetime) -> bool:
    """What our credentials may do, and until when."""
    network, asked_at = channels()[account.channel], _health(account).asked_at
    if not account.enabled or not network.can("granted") or (asked_at and asked_at > now - ASK_RIGHTS):
        return False
    accounts.saw_rights(account, network.granted(connection_of(account)), now)
    return True


def hook(account: Account, now: datetime) -> bool:
    """Have the network push to us, while the account is enabled; and no more once it is paused."""
    network, health = channels()[account.channel], _health(account)
    if not network.pushes or not network.can("subscribe"):
        return False
    ours = hook_of(account)
    if not account.enabled:
        if not health.hook:
            return False
        network.unsubscribe(connection_of(account), health.hook)
        accounts.hooked(account, "", now)
        return True
    if health.hook == ours and health.hooked_at and health.hooked_at > now - HOOK_AGAIN:
        return False
    network.subscribe(connection_of(account), ours)
    accounts.hooked(account, ours, now)
    return True


def notice_silence(account: Account, now: datetime) -> bool:
    """Nothing was heard for unusually long."""
    health = _health(account)
    if not account.enabled or health.heard_at is None or health.silent_at is not None:
        return False
    if not channels()[account.channel].fields:
        return False  # nobody connected it: there arrives what the house itself brings
    since = (now - timedelta(days=8)).date()
    heard = Tally.objects.filter(account=account, day__gte=since).aggregate(n=Sum("received"))["n"] or 0
    allowed = silence_allowed(heard)
    if allowed is None or now - health.heard_at < allowed:
        return False
    accounts.silent(account.pk, health.heard_at, now)
    return True


def _health(account: Account) -> Health:
    return Health.objects.get(account=account)


_CHORES: dict[str, Chore] = {
    "refresh": refresh, "rights": ask_rights, "hook": hook, "silence": notice_silence,
}  # fmt: skip
