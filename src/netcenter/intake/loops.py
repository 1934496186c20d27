"""Asking the networks that do not call us: one thread per account, each woken by its network where it can.

And sweeping files that nobody refers to.
"""

import logging
import threading

from django.db import close_old_connections, connection

from netcenter.accounts import actions as accounts
from netcenter.accounts.models import Account
from netcenter.accounts.queries import connection_of, enabled
from netcenter.channels.contract import Channel, ChannelError
from netcenter.channels.registry import channel, channels
from netcenter.intake import asking, reconciling, upkeep
from netcenter.intake.actions import cursor_of, store
from netcenter.intake.models import Question, Reconciling
from netcenter.intake.ports import Ports
from netcenter.intake.sweeping import PARTS, sweep
from netcenter.lib import clock
from netcenter.lib.engines import engine
from netcenter.lib.loops import LEASE, PROCESS, Loop
from netcenter.lib.models import drop_lease, take_lease
from netcenter.lib.workers import Workers

log = logging.getLogger(__name__)

SHORTEST_PAUSE, LONGEST_PAUSE = 2.0, 300.0  # seconds, doubled with each failure in a row


def poll_once(account: Account) -> bool:
    """Fetch and store one batch; True when there is more to fetch at once. Raises ChannelError."""
    network, wire = channel(account.channel), connection_of(account)
    polled = network.poll(wire, cursor_of(account))
    now = clock.now()
    store(account, polled.raws, polled.cursor, now)
    network.stored(wire, polled.cursor)
    accounts.fared_well(account.pk, now, heard=bool(polled.raws))
    return polled.more


class Listener:
    """Reads one account for as long as it is enabled and this process has its lease."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.signature = signature(account)
        self._failures = 0  # in a row
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"poll:{account.key}", daemon=True)
        self._thread.start()

    def stop(self, wait: float = 0.0) -> None:
        """Ask it to end; with `wait`, be there when it does, for so many seconds."""
        self._stop.set()
        self._thread.join(wait)

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        network = channel(self.account.channel)
        while not self._stop.is_set():
            try:
                close_old_connections()
                if not self._leads():
                    self._stop.wait(LEASE.total_seconds() / 3)
                    continue
                if network.can("stream"):
                    self._catch_up_and_stream(network)
                elif not poll_once(self.account):
                    # Shorter than the lease where somebody else could take it.
                    seconds = min(network.poll_seconds, LEASE.total_seconds() / 3) if engine().hears_others else None
                    network.wait(connection_of(self.account), seconds or network.poll_seconds, self._stop.is_set)
                self._failures = 0
            except Exception as error:
                if isinstance(error, ChannelError) and error.reason == "rate" and error.retry_at:
                    self._stop.wait(min(LONGEST_PAUSE, max(1.0, (error.retry_at - clock.now()).total_seconds())))
                    continue  # no failure of the wire: it is we who wait
                self._failures += 1
                # A token that is no longer good heals by no waiting: `upkeep` renews it, or tells an administrator.
                permanent = isinstance(error, ChannelError) and (error.permanent or error.reason == "token")
                log.warning("account %s cannot be read: %r", self.account.key, error,
                            exc_info=not isinstance(error, ChannelError))  # fmt: skip
                accounts.fared_ill(self.account.pk, str(error) or repr(error), permanent, clock.now())
                pause = SHORTEST_PAUSE * 2 ** min(self._failures - 1, 10)
                self._stop.wait(LONGEST_PAUSE if permanent else min(LONGEST_PAUSE, pause))
        if engine().hears_others:
            drop_lease(self._lease, PROCESS)
        connection.close()

    def _catch_up_and_stream(self, network: Channel) -> None:
        """What was missed, where it can be asked for; then what the open line says, each durable before the next."""
        while network.polls and poll_once(self.account):
            if self._stop.is_set():
                return
        wire = connection_of(self.account)
        for polled in network.stream(wire, cursor_of(self.account), self._stop.is_set):
            now, self._failures = clock.now(), 0
            if polled.raws:
                store(self.account, polled.raws, polled.cursor, now)
                network.stored(wire, polled.cursor)
                accounts.fared_well(self.account.pk, now, heard=True)
            if self._stop.is_set() or not self._leads():
                return
        self._stop.wait(SHORTEST_PAUSE)  # the line was closed in peace

    @property
    def _lease(self) -> str:
        return f"poll:{self.account.key}"

    def _leads(self) -> bool:
        return not engine().hears_others or take_lease(self._lease, PROCESS, clock.now(), LEASE)


def signature(account: Account) -> tuple:
    """What makes a listener start anew when it changes."""
    return (account.channel, account.address, str(account.config), bytes(account.sealed))


class Listeners:
    """Keeps exactly one listener for each enabled account of a network that is asked."""

    def __init__(self) -> None:
        self._running: dict[int, Listener] = {}

    def step(self) -> None:
        asked = {kind for kind, network in channels().items() if network.polls or network.can("stream")}
        wanted = {a.pk: a for a in enabled() if a.channel in asked}
        for pk, listener in list(self._running.items()):
            account = wanted.get(pk)
            if account is None or signature(account) != listener.signature or not listener.is_alive:
                listener.stop()
                del self._running[pk]
        for pk, account in wanted.items():
            if pk not in self._running:
                self._running[pk] = Listener(account)

    def stop(self) -> None:
        """End them all, together."""
        for listener in self._running.values():
            listener.stop()
        for listener in self._running.values():
            listener.stop(wait=3.0)
        self._running.clear()


def _sweep() -> None:
    """One part of the store a minute: all of it in four hours."""
    now = clock.now()
    sweep(int(now.timestamp()) // 60 % PARTS, now)


def _ask(question: Question) -> None:
    try:
        asking.ask(question, clock.now())
    except Exception as error:
        log.warning("%s of account %s was not answered: %r", question, question.account_id, error)
        asking.went_wrong(question, error, clock.now())


def _reconcile(row: Reconciling) -> None:
    try:
        reconciling.reconcile(row, clock.now())
    except Exception as error:
        log.warning("account %s cannot be reconciled: %r", row.account_id, error)
        reconciling.went_wrong(row, error, clock.now())


class Reconciler:
    """Looks through accounts; all of them when this process has just come up."""

    def __init__(self) -> None:
        self._workers = Workers("reconcile", "reconciling", reconciling.claim, _reconcile, reconciling.next_due,
                                threads=2, per_account=1)  # fmt: skip
        self._was_away = True

    def step(self) -> float | None:
        now = clock.now()
        if self._was_away:
            reconciling.after_outage(now)
            self._was_away = False
        reconciling.enrol(now)
        return self._workers.step()


def _keep_up() -> None:
    upkeep.keep_up(clock.now())


_listeners, _ports = Listeners(), Ports()
_questions = Workers("asking", asking.TOPIC, asking.claim, _ask, asking.next_due, threads=4)
LOOPS = [
    Loop("intake.ask", _questions.step, topics=(asking.TOPIC,), every=10.0),
    Loop("intake.reconcile", Reconciler().step, topics=("reconciling", "accounts"), every=30.0),
    Loop("intake.keep_up", _keep_up, topics=("accounts",), every=60.0, alone=True),
    Loop("intake.listen", _listeners.step, topics=("accounts",), every=10.0, stop=_listeners.stop),
    Loop("intake.ports", _ports.step, every=10.0, stop=_ports.stop),
    Loop("intake.sweep", _sweep, every=60.0, alone=True),
]
