"""The channel against the AT Protocol's own development network, which has no chat (`make servers`)."""

import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from netcenter.channels.bluesky import sessions, watching
from netcenter.channels.bluesky.channel import CHANNEL
from netcenter.channels.contract import (
    Act,
    Attachment,
    ChannelError,
    Connection,
    Deleted,
    Echo,
    Inbound,
    Outbound,
    Reached,
    Reaction,
    Trouble,
)  # fmt: skip
from netcenter.street.pictures import photo
from tests.servers import atproto

pytestmark = [pytest.mark.servers, pytest.mark.timeout(1200)]
PNG = photo(random.Random(1))  # a real one: the network looks into it
SECONDS = 120.0  # the app view hears of everything a little later; on a busy machine much later


@pytest.fixture(scope="module")
def network():
    try:
        with atproto.bluesky_network() as running:
            for name in ("brand", "dana", "erin"):
                running.join(name)
            yield running
    except atproto.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def account(network, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    config = {
        "base_url": network.url,
        "plc_url": network.plc,
        "handle": "brand.test",
        "did": network.join("brand")["did"],
    }
    return Connection("key", "@brand.test", "Sol", config, {"password": network.app_password("brand")})


class Reader:
    """Polls, and remembers what it has read."""

    def __init__(self, account):
        self.account, self.cursor, self.found = account, CHANNEL.poll(account, {}).cursor, []

    def until(self, wanted, *, look=False):
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            if look:
                self.cursor["looked"] -= watching.EVERY
            told = CHANNEL.poll(self.account, self.cursor)
            self.cursor = told.cursor
            self.found += [each for raw in told.raws for each in CHANNEL.parse(raw, self.account)]
            if (hit := next(filter(wanted, self.found), None)) is not None:
                return hit
            time.sleep(0.2)
        raise AssertionError(f"it never came, but {self.found}")


def wait_for(look):
    deadline = time.monotonic() + SECONDS
    while not (seen := look()):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return seen


def test_a_conversation_with_files_hiding_and_deletions(network, account):
    reader = Reader(account)
    assert [type(each) for each in reader.found] in ([], [Trouble])  # it has no chat
    picture = network.upload("dana", PNG, "image/png")
    embed = {"$type": "app.bsky.embed.images", "images": [{"image": picture, "alt": "Un pan"}]}
    network.say("dana", "¿y mi pedido? https://sol.example/p", to="brand", embed=embed, langs=["es"])
    inbound = reader.until(lambda e: isinstance(e, Inbound))
    assert (inbound.form, inbound.language) == ("mention", "es")
    assert CHANNEL.fetch(inbound.attachments[0], account).content == PNG
    assert CHANNEL.post(inbound.external_id, account).text == inbound.text
    assert CHANNEL.author(inbound.author, account).reach.followers == 0

    outbound = Outbound("k1", inbound.thread, inbound.author, "Ya lo miramos, @dana.test https://sol.example/ok #pan",
                        (inbound.external_id,), (Attachment("pan.png", "image/png", PNG + b"1", alt="Otro"),),
                        target=inbound.external_id)  # fmt: skip
    assert CHANNEL.find(outbound, account) is None
    sent = CHANNEL.send(outbound, account)
    assert CHANNEL.send(outbound, account).external_id == sent.external_id
    assert CHANNEL.find(outbound, account).external_id == sent.external_id
    listed = "app.bsky.notification.listNotifications"
    told = wait_for(lambda: [n for n in network.query("dana", listed)["notifications"] if n["uri"] == sent.external_id])
    assert told[0]["reason"] in ("reply", "mention") and len(told[0]["record"]["facets"]) == 3
    for verb in ("react", "react", "unreact", "unreact"):
        CHANNEL.act(Act("a", verb, inbound.external_id, inbound.thread, what="like"), account)

    ours = network.say("brand", "Hoy hay medialunas")
    wait_for(lambda: CHANNEL.post(ours["uri"], account))
    ref = {"uri": ours["uri"], "cid": ours["cid"]}
    network.write("dana", "app.bsky.feed.like", subject=ref)
    network.write("dana", "app.bsky.feed.repost", subject=ref)
    network.say("dana", "miren", embed={"$type": "app.bsky.embed.record", "record": ref})
    said = network.say("erin", "horribles", reply={"root": ref, "parent": ref})
    comment = reader.until(lambda e: isinstance(e, Inbound) and e.form == "comment")
    assert comment.thread.external_id == f"{ours['uri']}/{comment.author.external_id}"
    assert reader.until(lambda e: isinstance(e, Inbound) and e.form == "quote").thread.post.external_id == ours["uri"]
    assert reader.until(lambda e: isinstance(e, Reaction) and e.what == "repost").external_id == ours["uri"]
    for verb in ("hide", "hide", "show", "show", "hide"):
        CHANNEL.act(Act("a", verb, comment.external_id, comment.thread), account)
    network.say("brand", "desde el teléfono", reply={"root": ref, "parent": {"uri": said["uri"], "cid": said["cid"]}})
    assert reader.until(lambda e: isinstance(e, Echo)).to.external_id == comment.author.external_id
    assert reader.until(lambda e: isinstance(e, Reached) and e.external_id == ours["uri"], look=True).reach.likes == 1
    network.delete("erin", said["uri"])
    assert reader.until(lambda e: isinstance(e, Deleted), look=True).external_id == said["uri"]

    for _time in (1, 2):
        CHANNEL.act(Act("d", "delete_ours", sent.external_id, inbound.thread), account)
    assert CHANNEL.find(outbound, account) is None


def test_sessions_rights_and_refusals(network, account):
    grant = CHANNEL.refresh(account)
    assert grant.config["did"] == account.config["did"] and grant.expires_at > datetime.now(UTC)
    kept = Connection("k", "", "", {**account.config, **grant.config}, {**account.secrets, **grant.secrets})
    assert CHANNEL.granted(kept).rights == {"atproto", "transition:generic"}  # this password may not read the chat
    assert CHANNEL.refresh(kept).secrets["access"]
    for secrets in ({"password": "typo"}, {"password": ""}):
        sessions._open.clear()
        with pytest.raises(ChannelError) as refused:
            CHANNEL.poll(Connection("k", "", "", dict(account.config), secrets), {})
        assert refused.value.reason == "token"
    begun = replace(account, secrets={})
    consent = CHANNEL.authorize(begun, "http://127.0.0.1:8000/back", "state")  # DPoP, its nonce and PAR are taken
    assert consent.url.startswith(network.url) and "request_uri" in consent.url


def test_reconciling_finds_what_was_said(network, account):
    said = network.say("erin", "¿siguen ahí?", to="brand")
    Reader(account).until(lambda e: isinstance(e, Inbound) and e.external_id == said["uri"])
    now, cursor, found = datetime.now(UTC), {}, []
    quiet = Connection("k", "", "", {**account.config, "chat": False}, account.secrets)
    while True:
        page = CHANNEL.reconcile(quiet, now - timedelta(hours=1), now + timedelta(minutes=1), cursor)
        cursor = page.cursor
        found += [each.external_id for raw in page.raws for each in CHANNEL.parse(raw, quiet)]
        if not page.more:
            break
    assert said["uri"] in found
