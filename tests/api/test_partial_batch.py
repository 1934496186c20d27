"""One bad item in a batch: the good ones ring, somebody sees the bad one, and nothing doubles after the mending."""

import json
from datetime import timedelta

import pytest

from netcenter.cases import ledger
from netcenter.cases.models import Message
from netcenter.channels.contract import Raw
from netcenter.flow import take_in
from netcenter.intake import actions as intake
from netcenter.intake.models import Delivery
from tests.company import NOON, found

pytestmark = pytest.mark.django_db


def test_one_bad_item_neither_rings_nor_keeps_the_good_ones_from_ringing():
    company = found()
    good, bad = company.said("Hola", id="g"), company.said("Olá", id="b", by="erin") | {"author": {"name": "Nobody"}}
    intake.store(company.api, [Raw(json.dumps([good, bad]).encode(), "d1")], None, NOON)
    take_in(NOON)
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.error) == (
        Delivery.State.UNREADABLE, "/1/author/id: is required: a string that names it for ever in your system",
    )  # fmt: skip
    assert [m.external_id for m in Message.objects.all()] == ["g"]

    intake.read_again([delivery.pk], NOON, "system")
    take_in(NOON + timedelta(minutes=1))
    assert Message.objects.count() == 1, "reading it once more doubles nothing"
    assert ledger.equation().waiting == 1

    mended = bad | {"author": {"id": "erin"}}
    intake.store(company.api, [Raw(json.dumps([good, mended]).encode(), "d2")], None, NOON)
    take_in(NOON + timedelta(minutes=2))
    assert sorted(m.external_id for m in Message.objects.all()) == ["b", "g"]
    assert Delivery.objects.get(dedupe="d2").state == Delivery.State.READ
