"""Matrix within the house: an answer whose fate nobody knew is found again, and an ended sign-in is renewed."""

import pytest

from netcenter import flow
from netcenter.accounts.actions import connect
from netcenter.accounts.models import Health
from netcenter.cases.models import Message
from netcenter.channels.contract import ChannelError, Connection
from netcenter.channels.matrix.channel import CHANNEL
from netcenter.intake import loops, upkeep
from netcenter.intake.loops import Listener, poll_once
from netcenter.lib import clock
from netcenter.outbox import dispatching
from netcenter.outbox.loops import deliver
from netcenter.outbox.models import Dispatch
from netcenter.street.networks.matrix import HOME, MatrixServer
from tests.channels.matrix.house import BACK
from tests.journeys.test_trouble import answer, ring_and_accept

pytestmark = pytest.mark.django_db
DANA = f"@dana:{HOME}"


@pytest.fixture
def street(settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with MatrixServer() as one:
        yield one


@pytest.fixture
def account(company, street):
    values = {"base_url": street.url, "user": "care", "password": street.password}
    begun = Connection("", "", "", {"base_url": street.url, "user": "care"}, {"password": street.password})
    consent = CHANNEL.authorize(begun, BACK, "s")
    (grant,) = CHANNEL.exchange(begun, {}, BACK, consent.keep)
    return connect(company.brand, "matrix", "Matrix", grant.address, values, clock.now(), "system", grant)


def hear(account):
    poll_once(account)
    flow.take_in(clock.now())


def send():
    for dispatch in dispatching.claim(clock.now(), 10):
        deliver(dispatch)


def test_an_answer_whose_fate_nobody_knew_is_found_again(company, street, account):
    room = street.room(DANA, street.care)
    street.say(room, DANA, "¿Abren hoy?")
    hear(account)
    hear(account)
    company.available(company.alice, at=clock.now())
    answer(ring_and_accept(company.alice, clock.now()), company.alice, "Sí", clock.now())
    street.weather.lost = 1.0
    send()
    assert Dispatch.objects.get().state == "unknown"
    street.weather.lost = 0.0
    Dispatch.objects.update(due_at=clock.now())
    send()
    assert Dispatch.objects.get().state == "sent"
    hear(account)
    assert [one.text for one in street.truth.replies()] == ["Sí"]
    assert Message.objects.filter(direction="out").count() == 1, "its echo is known by our key"
    assert Message.objects.get(direction="in").state == "answered"


def test_a_listener_whose_sign_in_ended_has_it_renewed(company, street, account, monkeypatch):
    listener = object.__new__(Listener)  # without its thread
    listener.account, listener._failures = account, 0
    waits: list[float] = []

    class Once:
        def is_set(self):
            return bool(waits)

        def wait(self, seconds):
            waits.append(seconds)

    class Nothing:
        def close(self):
            pass

    def ended(_network):
        raise ChannelError("M_UNKNOWN_TOKEN", reason="token")

    monkeypatch.setattr(loops, "close_old_connections", lambda: None)
    monkeypatch.setattr(loops, "connection", Nothing())
    listener._stop, listener._catch_up_and_stream = Once(), ended
    listener._run()
    assert Health.objects.get(account=account).permanent
    before = bytes(account.sealed)
    assert upkeep.refresh(account, clock.now())
    account.refresh_from_db()
    assert bytes(account.sealed) != before and not Health.objects.get(account=account).permanent
    hear(account)
