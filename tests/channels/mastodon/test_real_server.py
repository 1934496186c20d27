"""The channel against snac, a real server of the fediverse that speaks as Mastodon does (`make servers`)."""

import time

import pytest

from netcenter.channels.contract import Act, Attachment, ChannelError, Connection, Edited, Inbound, Outbound
from netcenter.channels.mastodon import watching
from netcenter.channels.mastodon.channel import CHANNEL
from tests.servers import snac

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]
PNG = Attachment("pan.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"0" * 100, alt="Un pan")


@pytest.fixture(scope="module")
def server():
    try:
        with snac.snac_server() as running:
            yield running
    except snac.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def account(server, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    begun = Connection("key", "", "", {"base_url": server.url}, {})
    consent = CHANNEL.authorize(begun, snac.REDIRECT, "state")
    told = server.sign_in("brand", consent.url)
    assert told["state"] == "state"
    (grant,) = CHANNEL.exchange(begun, told, snac.REDIRECT, consent.keep)
    return Connection("key", grant.address, grant.name, {**begun.config, **grant.config}, dict(grant.secrets))


def poll_until(account, cursor, wanted, seconds=120.0):
    """(the first happening that is wanted, the cursor after it)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        told = CHANNEL.poll(account, cursor)
        cursor = told.cursor
        for each in (each for raw in told.raws for each in CHANNEL.parse(raw, account)):
            if wanted(each):
                return each, cursor
        time.sleep(0.3)
    raise AssertionError("it never came")


def below(server, asked, wanted, seconds=120.0):
    """What dana sees below her words, once it is as wanted: it takes a while to get there."""
    deadline = time.monotonic() + seconds
    while not wanted(seen := server.call("dana", "GET", f"api/v1/statuses/{asked['id']}/context")["descendants"]):
        assert time.monotonic() < deadline, "she never saw it"
        time.sleep(0.3)
    return seen


def test_a_conversation_with_files_edits_and_private_words(server, account):
    assert [check for check in CHANNEL.health(account) if not check.ok] == []
    cursor = CHANNEL.poll(account, {}).cursor
    asked = server.say("dana", "Hola @brand, ¿y mi pedido? https://sol.example/p/1")
    inbound, cursor = poll_until(account, cursor, lambda e: isinstance(e, Inbound))
    assert "¿y mi pedido? https://sol.example/p/1" in inbound.text and inbound.thread.place == "public"

    outbound = Outbound("k1", inbound.thread, inbound.author, "Ya lo miramos. https://sol.example/ok",
                        (inbound.external_id,), (PNG,), target=inbound.external_id)  # fmt: skip
    assert CHANNEL.find(outbound, account) is None
    sent = CHANNEL.send(outbound, account)
    assert CHANNEL.find(outbound, account).external_id == sent.external_id
    seen = below(server, asked, lambda seen: seen)
    assert [file["description"] for file in seen[0]["media_attachments"]] == ["Un pan"]
    for verb, target in (("react", inbound.external_id), ("edit", sent.external_id), ("unreact", inbound.external_id)):
        CHANNEL.act(Act("a", verb, target, inbound.thread, inbound.author, text="Corregido"), account)
    assert below(server, asked, lambda seen: "Corregido" in seen[0]["content"])[0]["media_attachments"]

    server.say("dana", "@brand mi DNI es 12345678", visibility="direct")
    private, cursor = poll_until(account, cursor, lambda e: isinstance(e, Inbound) and "DNI" in e.text)
    assert private.thread.external_id == f"direct/{inbound.author.external_id}" and private.thread.place == "private"
    reply = Outbound(
        "k2", private.thread, private.author, "Gracias", (private.external_id,), target=private.external_id
    )
    sent_privately = CHANNEL.send(reply, account)
    assert CHANNEL.find(reply, account).external_id == sent_privately.external_id

    server.call("dana", "PUT", f"api/v1/statuses/{asked['id']}", status="@brand ya llegó")
    cursor["looked"] = -watching.EVERY
    edited, cursor = poll_until(account, cursor, lambda e: isinstance(e, Edited) and "ya llegó" in e.text)
    assert edited.external_id == inbound.external_id
    with pytest.raises(ChannelError):  # snac knows no such call, and we do not pretend
        CHANNEL.act(Act("d", "delete_ours", sent.external_id, inbound.thread), account)
