"""YouTube and the house together: what the network says is on the ledger, and what we say is said once."""

import pytest

from netcenter import flow
from netcenter.accounts import actions as accounts
from netcenter.accounts.queries import connection_of
from netcenter.cases.models import Message, Post
from netcenter.channels.contract import Grant, Raw, Request
from netcenter.channels.registry import channel
from netcenter.intake import asking, reconciling
from netcenter.intake.actions import store
from netcenter.intake.loops import poll_once
from netcenter.intake.models import Delivery
from netcenter.lib import clock as house_clock
from tests.channels.meta.house import moment
from tests.channels.youtube.street import connected
from tests.company import found

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(network, clock, monkeypatch, settings, tmp_path):
    settings.BLOBS_ROOT = tmp_path
    monkeypatch.setattr(house_clock, "now", lambda: moment(clock()))
    company, told = found(), connected(network)
    secrets = {name: value for name, value in told.secrets.items() if name != "hub_secret"}
    grant = Grant(secrets, dict(told.config), None, told.address, told.name)
    return accounts.connect(company.brand, "youtube", "Sol", told.address, {}, moment(clock()), "system", grant)


def taken(account, clock, seconds=60):
    clock.pass_by(seconds)
    poll_once(account)
    while flow.take_in(moment(clock())):
        pass


def test_the_ledger_holds_what_youtube_holds(network, clock, account, dana):
    video = network.publishes("Pan de masa madre")
    taken(account, clock, 0)
    one = network.comments(dana, video, "¿Lleva gluten?")
    held = network.comments(dana, video, "¡Timadores!", state="heldForReview")
    for _turn in range(6):
        taken(account, clock)
    kept = {m.external_id: m for m in Message.objects.filter(account=account)}
    assert set(kept) == {one, held} and kept[held].hidden_at is not None and kept[one].hidden_at is None
    assert kept[one].state == Message.State.WAITING
    network.edits(one, "¿Lleva gluten o no?")
    network.answers(one, "No lleva.")
    network.removes(held)
    for _turn in range(8):
        taken(account, clock)
    taken(account, clock, 1800)
    kept = {m.external_id: m for m in Message.objects.filter(account=account)}
    assert kept[one].text == "¿Lleva gluten o no?" and kept[one].state == Message.State.ANSWERED
    assert kept[held].deleted_at is not None
    assert Post.objects.get(external_id=video).account == account


def test_what_was_missed_is_taken_in_and_nothing_twice(network, clock, account, dana):
    video = network.publishes("Pan")
    taken(account, clock, 0)
    for n in range(30):
        top = network.comments(dana, video, f"c{n}")
        network.replies(dana, top, f"r{n}")
    clock.pass_by(60)
    poll_once(account)
    lost = Delivery.objects.filter(account=account).order_by("id")[::2]
    Delivery.objects.filter(pk__in=[one.pk for one in lost]).delete()
    for _turn in range(12):
        now = moment(clock())
        reconciling.enrol(now)
        for row in reconciling.claim(now, 5):
            reconciling.reconcile(row, now)
        while flow.take_in(now):
            pass
        clock.pass_by(20)
    held = Message.objects.filter(account=account, direction=Message.Direction.IN)
    assert sorted(held.values_list("external_id", flat=True)) == sorted(network.truth.told)


def test_a_push_has_the_comments_of_the_video_fetched(network, clock, account, dana):
    video = network.publishes("Croissants")
    network.comments(dana, video, "¡Primera!")
    pushed = []
    network.hook(lambda push: pushed.append(push) or 200, connection_of(account).secrets["hub_secret"])
    network.push(network._entry(video))
    network.pusher.deliver()
    answer = channel("youtube").verify(Request("POST", pushed[0].headers, "", pushed[0].body), connection_of(account))
    assert answer.store
    store(account, [Raw(pushed[0].body, "push-1")], None, moment(clock()))
    flow.take_in(moment(clock()))
    for question in asking.claim(moment(clock()), 5):
        asking.ask(question, moment(clock()))
    flow.take_in(moment(clock()))
    assert Message.objects.get(account=account).text == "¡Primera!"
