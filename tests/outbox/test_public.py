"""Files of ours that a network fetches, and customers who asked for nothing more."""

import pytest
from django.core import signing
from django.test import Client

from netcenter.cases.arrivals import Arrival
from netcenter.cases.identities import identity_of
from netcenter.cases.models import Attachment, Message
from netcenter.cases.record import record
from netcenter.channels.contract import Author
from netcenter.lib import blobs, clock
from netcenter.lib.refused import Refused
from netcenter.outbox import public
from netcenter.outbox.actions import Reply, answer
from tests.company import NOON
from tests.outbox.toy import DANA, comment, take_place

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(company, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    take_place(monkeypatch)
    return record([Arrival(company.api, comment("c1", DANA, "¿Abren hoy?"), NOON)], NOON)[0]


def file_of(message: Message) -> Attachment:
    return Attachment.objects.create(message=message, name="x.html", mime="text/html", size=3, blob=blobs.put(b"<p>"))


def path_of(file: Attachment) -> str:
    return public.address_of(file).partition("/out/")[2]


def test_a_network_fetches_a_file_of_ours_and_nobody_is_shown_a_page(told, monkeypatch):
    out = Message.objects.create(
        account=told.account, thread=told.thread, case=told.case, direction="out", state="sending", external_id="o1",
        sent_at=NOON, received_at=NOON,
    )  # fmt: skip
    file = file_of(out)
    address = f"/out/{path_of(file)}"
    found = Client().get(address)
    assert (found.status_code, b"".join(found.streaming_content)) == (200, b"<p>")
    assert "attachment" in found["Content-Disposition"] and "sandbox" in found["Content-Security-Policy"]
    assert Client().get(address[:-3] + "xx/").status_code == 404
    monkeypatch.setattr(public, "SECONDS", -1)
    assert Client().get(address).status_code == 404, "an hour later it is closed"


def test_what_a_customer_sent_is_never_public(told):
    assert Client().get(f"/out/{path_of(file_of(told))}").status_code == 404
    assert Client().get(f"/out/{signing.dumps(10**9, salt=public.SALT)}/").status_code == 404


def test_who_said_stop_gets_nothing_until_they_say_start(company, told):
    author = Author("dana", profile={"stopped": True})
    for stopped in (True, False):
        identity_of(company.api.channel, Author("dana", profile={"stopped": stopped}), NOON)
        identity_of(company.api.channel, Author("dana"), NOON)
        reply = Reply("Sí", f"k-{stopped}", told.thread_id, None)
        if stopped:
            with pytest.raises(Refused) as refused:
                answer(told.case, reply, company.alice, NOON)
            assert refused.value.code == "stopped"
        else:
            assert answer(told.case, reply, company.alice, NOON).text == "Sí"
    assert author.profile["stopped"]
