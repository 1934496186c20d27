"""The channel against the street's Mastodon: what it says, does and finds, and how it understands refusals."""

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from websockets.sync.server import serve

from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import (
    Act,
    Answered,
    Attachment,
    Author,
    ChannelError,
    Connection,
    Deleted,
    Echo,
    Edited,
    Held,
    Inbound,
    Outbound,
    Reached,
    Reaction,
    ThreadRef,
)  # fmt: skip
from netcenter.channels.mastodon import receiving, watching, wire, writing
from netcenter.channels.mastodon.channel import CHANNEL
from netcenter.street.networks.base import Storm, Weather
from netcenter.street.networks.mastodon import Mastodon

BACK = "https://house.test/back"
PNG = Attachment("pan.png", "image/png", b"\x89PNG pan", alt="Un pan")


@pytest.fixture
def network(settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with Mastodon() as street:
        yield street


@pytest.fixture
def account(network):
    """Connected as a person does it: the server's address, then signing in."""
    return connected(network)


def connected(network, **config):
    begun = Connection("key", "", "", {"base_url": network.url, **config}, {})
    consent = CHANNEL.authorize(begun, BACK, "state")
    (grant,) = CHANNEL.exchange(begun, network.allow(consent.url), BACK, consent.keep)
    budget = InProcess(CHANNEL.buckets)
    return Connection(
        "key", grant.address, grant.name, {**begun.config, **grant.config}, dict(grant.secrets), budget=budget
    )


def polled(account, cursor):
    told = CHANNEL.poll(account, cursor)
    return [each for raw in told.raws for each in CHANNEL.parse(raw, account)], told.cursor


def said(network, account, words="@brand ¿y mi pan?", **more):
    """A customer says it: (what we read, the cursor after it)."""
    _before, cursor = polled(account, {})
    network.say("dana", words, **more)
    (inbound, *_more), cursor = polled(account, cursor)
    return inbound, cursor


def answer(inbound, key="k1", text="Ya lo miramos.", **more):
    return Outbound(
        key, inbound.thread, inbound.author, text, (inbound.external_id,), target=inbound.external_id, **more
    )


def test_signing_in_tells_who_we_are_and_what_the_server_allows(account):
    assert account.address == "@brand@street.example"
    assert (account.config["max_characters"], account.config["scopes"].split()[0]) == (500, "read:accounts")
    assert [check for check in CHANNEL.health(account) if not check.ok] == []


@pytest.mark.parametrize("told", [{"error": "access_denied"}, {}])
def test_who_does_not_allow_it_is_told_so(network, told):
    with pytest.raises(ChannelError) as refused:
        CHANNEL.exchange(Connection("k", "", "", {"base_url": network.url}, {}), told, BACK, {})
    assert refused.value.reason == "right" and refused.value.permanent


def test_a_wrong_verifier_gets_no_token(network):
    begun = Connection("k", "", "", {"base_url": network.url}, {})
    consent = CHANNEL.authorize(begun, BACK, "s")
    with pytest.raises(ChannelError):
        CHANNEL.exchange(begun, network.allow(consent.url), BACK, {**consent.keep, "verifier": "another"})


def test_a_missing_right_is_named_with_what_it_costs(network, account):
    network.tokens.get(account.secrets["token"]).rights -= {"write:statuses"}
    pasted = replace(account, config={"base_url": network.url})
    failed = [check for check in CHANNEL.health(pasted) if not check.ok]
    assert [(check.detail, check.advice) for check in failed] == [("write:statuses", "Nothing can be answered.")]
    inbound, _cursor = said(network, account)
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(answer(inbound), account)
    assert refused.value.reason == "right" and refused.value.permanent


def test_a_pasted_token_is_enough(network, account):
    inbound, _cursor = said(network, replace(account, config={"base_url": network.url, "domain": "street.example"}))
    assert inbound.author.external_id == "dana@street.example"


def test_an_answer_names_the_customer_and_is_never_wider_than_what_it_answers(network, account):
    for asked, wanted in (
        ("public", "unlisted"),
        ("unlisted", "unlisted"),
        ("private", "direct"),
        ("direct", "direct"),
    ):
        inbound, _cursor = said(network, account, visibility=asked, warning="Ojo")
        receipt = CHANNEL.send(answer(inbound, key=asked), account)
        made = network.posted[receipt.external_id]
        assert (made["visibility"], made["in_reply_to_id"]) == (wanted, inbound.external_id)
        assert made["text"].startswith("@dana@street.example ") and made["spoiler_text"] == "Ojo"


def test_the_same_key_is_the_same_answer_and_is_found_again(network, account):
    inbound, _cursor = said(network, account)
    outbound = answer(inbound, text="Mire https://sol.example/a?b=1 #pan")
    assert CHANNEL.find(outbound, account) is None
    receipt = CHANNEL.send(outbound, account)
    assert CHANNEL.send(outbound, account).external_id == receipt.external_id
    assert CHANNEL.find(outbound, account).external_id == receipt.external_id
    assert network.truth.doubles() == []
    assert CHANNEL.find(replace(outbound, text="otra cosa"), account) is None


def test_a_lost_answer_is_unknown_and_then_found(network, account):
    inbound, _cursor = said(network, account)
    network.weather = Weather(lost=1.0)
    with pytest.raises(ChannelError) as lost:
        CHANNEL.send(answer(inbound), account)
    assert lost.value.unknown
    assert CHANNEL.find(answer(inbound), account)


def test_a_public_comment_is_answered_privately(network, account):
    inbound, _cursor = said(network, account)
    outbound = answer(inbound, way="private_reply")
    receipt = CHANNEL.send(outbound, account)
    assert network.posted[receipt.external_id]["visibility"] == "direct"
    assert CHANNEL.find(outbound, account) and CHANNEL.find(replace(outbound, way="reply"), account) is None


def test_files_travel_both_ways_with_their_description(network, account, monkeypatch):
    monkeypatch.setattr(writing, "BETWEEN", 0)
    inbound, cursor = said(network, account)
    film = Attachment("pan.mp4", "video/mp4", b"film")
    sent = CHANNEL.send(answer(inbound, attachments=(PNG, PNG)), account)
    assert [file["description"] for file in network.posted[sent.external_id]["media_attachments"]] == ["Un pan"] * 2
    CHANNEL.send(answer(inbound, key="k2", text="vea", attachments=(film,)), account)
    assert CHANNEL.unfit(answer(inbound, attachments=(film, PNG)))
    network.say("dana", "@brand foto", files=network.posted[sent.external_id]["media_attachments"][:1])
    found, _cursor = polled(account, cursor)
    (file,) = next(each for each in found if isinstance(each, Inbound)).attachments
    assert CHANNEL.fetch(file, account).content == PNG.content
    assert CHANNEL.fetch(replace(file, reference=f"{network.url}/media/none"), account).missing


def test_what_we_do_is_done_once_however_often(network, account):
    inbound, _cursor = said(network, account)
    sent = CHANNEL.send(answer(inbound, attachments=(PNG,)), account)

    def act(verb, target, **more):
        return CHANNEL.act(Act("a", verb, target, inbound.thread, inbound.author, **more), account)

    act("edit", sent.external_id, text="Corregido")
    made = network.posted[sent.external_id]
    assert made["text"] == "@dana@street.example Corregido" and made["media_attachments"]
    for verb, wanted in (("react", True), ("react", True), ("unreact", False), ("unreact", False)):
        act(verb, inbound.external_id, what="like")
        assert network.posted[inbound.external_id]["favourited"] is wanted
    act("delete_ours", sent.external_id)
    act("delete_ours", sent.external_id)
    assert sent.external_id not in network.posted
    with pytest.raises(ChannelError):
        act("hide", inbound.external_id)
    with pytest.raises(ChannelError) as refused:
        act("delete_ours", inbound.external_id)
    assert refused.value.permanent and inbound.external_id in network.posted


@pytest.mark.parametrize(
    ("break_it", "reason", "permanent"),
    [
        (lambda n, a: n.tokens.revoke(a.secrets["token"]), "token", False),
        (lambda n, a: n.tokens.expire(a.secrets["token"]), "token", False),
        (lambda n, a: n.posted.clear(), "gone", True),
        (lambda n, a: setattr(n, "weather", Weather(storms=(Storm(0, 9e12, 429),))), "rate", False),
        (lambda n, a: setattr(n, "weather", Weather(storms=(Storm(0, 9e12, 503),))), "", False),
    ],
)  # fmt: skip
def test_refusals_are_understood(network, account, break_it, reason, permanent):
    inbound, _cursor = said(network, account)
    break_it(network, account)
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(answer(inbound), account)
    assert (refused.value.reason, refused.value.permanent) == (reason, permanent)


def test_what_is_too_long_is_refused_before_it_leaves(network, account):
    inbound, _cursor = said(network, account)
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(answer(inbound, text="a" * 496), account)
    assert refused.value.reason == "unfit" and not list(network.truth.replies())
    assert CHANNEL.length("mire https://sol.example/" + "x" * 99 + " @dana@otra.example") == len("mire  @dana") + 23


def test_a_conversation_has_one_root_which_is_asked_for_once(network, account):
    _before, cursor = polled(account, {})
    ours = network._post(network.brand, "Hoy hay medialunas")
    first = network.say("dana", "@brand ¿a qué hora?", reply_to=ours["id"])
    for name in ("erin", "fred", "gina"):
        network.say(name, "@brand yo también", reply_to=ours["id"])
    network.say("erin", "@brand @dana ¡a las 8!", reply_to=first["id"])
    found, _cursor = polled(account, cursor)
    threads = [each.thread.external_id for each in found if isinstance(each, Inbound)]
    assert threads == [f"{ours['id']}/{name}@street.example" for name in ("dana", "erin", "fred", "gina", "erin")]
    assert sum(path.endswith("/context") for _method, path in network.calls) == 1


def test_looking_again_notices_edits_deletions_and_reach(network, account):
    inbound, cursor = said(network, account)
    kept = network.say("erin", "@brand hola")
    _found, cursor = polled(account, cursor)
    network.edit(kept["id"], "@brand adiós")
    network.remove(inbound.external_id)
    found, cursor = polled(account, cursor)
    assert found == []
    cursor["looked"] -= watching.EVERY
    kept_status = network.posted[kept["id"]]
    kept_status["favourites_count"] = 9
    found, cursor = polled(account, cursor)
    assert [e.external_id for e in found if isinstance(e, Deleted)] == [inbound.external_id]
    assert {e.text for e in found if isinstance(e, Edited)} == {"@brand adiós"}
    assert [e.reach.likes for e in found if isinstance(e, Reached)] == [9]


def test_a_server_that_cannot_be_asked_for_several_is_asked_for_each(network, account, monkeypatch):
    inbound, cursor = said(network, account)
    network._routes = [(e, one) for e, one in network._routes if (one.method, one.path) != ("GET", "/api/v1/statuses")]
    network.remove(inbound.external_id)
    cursor["looked"] -= watching.EVERY
    found, cursor = polled(account, cursor)
    assert [type(each) for each in found] == [Deleted] and cursor["alone"]


def test_answers_with_another_application_are_echoes_and_our_own_are_not(network, account):
    inbound, cursor = said(network, account)
    CHANNEL.send(answer(inbound), account)
    network._post(network.brand, "@dana desde el teléfono", reply_to=inbound.external_id, application={"name": "Tusky"})
    found, cursor = polled(account, cursor)
    assert [(e.text, e.sender_name) for e in found if isinstance(e, Echo)] == [("@dana desde el teléfono", "Tusky")]
    assert [e for e in polled(account, cursor)[0] if isinstance(e, Echo)] == []


def test_likes_and_shares_are_told_with_how_far_it_carries(network, account):
    _before, cursor = polled(account, {})
    ours = network._post(network.brand, "Hoy hay medialunas")
    network.like("dana", ours["id"])
    network.like("erin", ours["id"], "reblog")
    found, _cursor = polled(account, cursor)
    assert [e.what for e in found if isinstance(e, Reaction)] == ["like", "repost"]
    assert [(e.reach.likes, e.reach.shares) for e in found if isinstance(e, Reached)] == [(1, 1), (1, 1)]


def test_looking_back_goes_on_past_the_conversations_that_it_remembers(network, account, monkeypatch):
    """Who looks back comes to ever older ones, each older than all that are remembered."""
    monkeypatch.setattr(receiving, "MOST_ROOTS", 5)
    top = network.say("dana", "@brand ¿Hola?")["id"]
    said = {network.say("dana", "@brand ¿Y?", reply_to=top)["id"] for _time in range(100)}
    now, cursor, present = datetime.now(UTC), {}, set()
    for _page in range(2):
        page = CHANNEL.reconcile(account, now - timedelta(hours=1), now + timedelta(minutes=1), cursor)
        cursor, present = page.cursor, present | set(page.present)
    assert {top, *said} <= present


def test_reconciling_finds_all_that_was_said_in_a_span(network, account):
    for n in range(95):
        network.say("dana", f"@brand n{n}")
    network._post(network.brand, "@dana hola", application={"name": "Tusky"})
    now, cursor, ids, pages = datetime.now(UTC), {}, [], 0
    while True:
        page = CHANNEL.reconcile(account, now - timedelta(hours=1), now + timedelta(minutes=1), cursor)
        cursor, pages = page.cursor, pages + 1
        ids += [e.external_id for raw in page.raws for e in CHANNEL.parse(raw, account) if isinstance(e, Inbound)]
        if not page.more:
            break
    assert sorted(ids) == sorted(network.truth.told) and pages == 3
    early = CHANNEL.reconcile(account, now - timedelta(days=9), now - timedelta(days=8), {})
    assert early.raws == ()


def test_the_post_and_its_author_can_be_asked_for(network, account):
    inbound, _cursor = said(network, account)
    assert CHANNEL.post(inbound.external_id, account).text == "@brand ¿y mi pan?"
    assert CHANNEL.post("1", account) is None
    assert CHANNEL.author(Author("dana@street.example"), account).reach.followers == 10
    assert CHANNEL.author(Author("nobody@street.example"), account) == Author("nobody@street.example")


def test_the_stream_tells_at_once_and_a_server_without_one_is_polled(network, account):
    _before, cursor = polled(account, {})
    first = network.say("dana", "@brand ya")
    note = json.dumps(network.notifications.pop())
    frames = [
        "", "no json", json.dumps({"event": "filters_changed"}),
        json.dumps({"event": "notification", "payload": note}),
        json.dumps({"event": "status.update", "payload": json.dumps({**first, "edited_at": "2026-03-02T09:00:00Z"})}),
        json.dumps({"event": "delete", "payload": first["id"]}),
    ]  # fmt: skip

    def speak(line):
        assert line.request.headers["authorization"] == f"Bearer {account.secrets['token']}"
        for frame in frames:
            line.send(frame)
        line.recv()

    with serve(speak, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        streamed = replace(account, config={**account.config, "streaming_url": url})
        told, line = [], CHANNEL.stream(streamed, cursor, lambda: False)
        for each in line:
            told += [one for raw in each.raws for one in CHANNEL.parse(raw, account)]
            if any(isinstance(one, Deleted) for one in told):
                break
        line.close()
        server.shutdown()
    assert [type(one) for one in told] == [Inbound, Edited, Deleted]
    network.say("erin", "@brand hola")
    for broken in ("", "ws://127.0.0.1:1"):
        other = replace(account, config={**account.config, "streaming_url": broken})
        first_page = next(iter(CHANNEL.stream(other, cursor, lambda: False)))
        assert [type(e) for raw in first_page.raws for e in CHANNEL.parse(raw, other)] == [Inbound]


def test_no_429_is_earned_by_a_flood(network, account):
    """The budget ends first; what was not read comes later."""
    _before, cursor = polled(account, {})
    for n in range(400):
        network.say("dana", f"@brand n{n}", reply_to=network.say("erin", "hola")["id"])
    found, refused = 0, None
    while refused is None:
        try:
            more, cursor = polled(account, cursor)
            found += len(more)
        except ChannelError as error:
            refused = error
    assert refused.reason == "rate" and refused.retry_at and network.limits.earned == 0
    assert 0 < found < 400


def test_a_reply_in_a_thread_without_a_target_is_found_by_whom_it_names(network, account):
    network.account("dana")
    to = Author("dana@street.example")
    outbound = Outbound("k", ThreadRef("direct/dana@street.example"), to, "Hola")
    sent = CHANNEL.send(outbound, account)
    assert CHANNEL.find(outbound, account).external_id == sent.external_id


# --- Blocking -----------------------------------------------------------------------------------------


def test_who_is_blocked_is_heard_no_more_until_unblocked(network, account):
    inbound, cursor = said(network, account)
    for verb in ("block", "block"):
        assert CHANNEL.act(Act("a", verb, inbound.external_id, inbound.thread, inbound.author), account).state == "sent"
    network.say("dana", "@brand ¡ladrones!")
    heard, cursor = polled(account, cursor)
    assert heard == []
    CHANNEL.act(Act("b", "unblock", inbound.external_id, inbound.thread, inbound.author), account)
    network.say("dana", "@brand perdón")
    heard, _cursor = polled(account, cursor)
    assert [one.text for one in heard if isinstance(one, Inbound)] == ["@brand perdón"]


def test_without_the_right_or_the_person_nobody_is_blocked(network, account):
    inbound, _cursor = said(network, account)
    nobody = replace(inbound.author, external_id="nobody@street.example")
    with pytest.raises(ChannelError) as gone:
        CHANNEL.act(Act("a", "block", inbound.external_id, inbound.thread, nobody), account)
    assert (gone.value.permanent, gone.value.reason) == (True, "gone")
    network.tokens.get(account.secrets["token"]).rights -= {"write:blocks"}
    with pytest.raises(ChannelError) as refused:
        CHANNEL.act(Act("a", "block", inbound.external_id, inbound.thread, inbound.author), account)
    assert (refused.value.permanent, refused.value.reason) == (True, "right")


# --- Servers that answer otherwise ----------------------------------------------------------------------


def test_a_file_a_post_and_a_person_that_are_gone_are_told_so(network, account):
    lost = Attachment("pan.png", "image/png", reference=f"{network.url}/media/1")
    assert CHANNEL.fetch(lost, account).missing
    assert CHANNEL.post("1", account) is None
    nobody = Author("nobody@street.example")
    assert CHANNEL.author(nobody, account) == nobody


def test_what_stands_there_is_asked_for_together_and_by_itself(network, account):
    names = [network.say("dana", f"n{n}")["id"] for n in range(3)]
    network.remove(names[1])
    held = [Held(name, "comment", "public") for name in names]
    assert CHANNEL.stands(held, account) == {names[0], names[2]}


def test_the_beginning_of_a_conversation_that_is_gone_is_what_was_answered(network, account):
    api, state = wire.server(account), {"roots": {}}
    told = {"id": "999", "in_reply_to_id": "998", "visibility": "public"}
    assert receiving._root(told, api, state) == wire.name_of("998")
    network.weather = Weather(storms=(Storm(0, 10**12, 503),))
    with pytest.raises(ChannelError) as storm:
        receiving._root({**told, "in_reply_to_id": "997"}, api, state)
    assert not storm.value.permanent


def test_what_may_pass_is_asked_again_and_not_taken_for_gone(network, account):
    network.weather = Weather(storms=(Storm(0, 10**12, 503),))
    for ask in (
        lambda: CHANNEL.fetch(Attachment("x", "image/png", reference=f"{network.url}/media/1"), account),
        lambda: CHANNEL.post("1", account),
        lambda: CHANNEL.author(Author("dana@street.example"), account),
    ):
        with pytest.raises(ChannelError) as storm:
            ask()
        assert not storm.value.permanent


def test_a_sign_in_that_the_server_does_not_finish(network, monkeypatch):
    begun = Connection("key", "", "", {"base_url": network.url}, {})
    consent = CHANNEL.authorize(begun, BACK, "state")
    with pytest.raises(ChannelError, match="not today") as denied:
        CHANNEL.exchange(begun, {"error": "access_denied", "error_description": "not today"}, BACK, consent.keep)
    assert denied.value.reason == "right"
    monkeypatch.setattr(wire.Server, "json", lambda self, answered: {})
    with pytest.raises(ChannelError, match="gave no token"):
        CHANNEL.exchange(begun, network.allow(consent.url), BACK, consent.keep)
    with pytest.raises(ChannelError, match="registers no applications"):
        CHANNEL.authorize(begun, BACK, "state")


def test_health_says_which_step_fails(network, account):
    def bad(one):
        return [(str(check.label), str(check.advice)) for check in CHANNEL.health(one) if not check.ok]

    assert bad(replace(account, secrets={"token": "none"})) == [("The token is accepted", "Sign in again.")]
    nowhere = replace(account, config={**account.config, "base_url": "http://127.0.0.1:1"})
    assert bad(nowhere) == [("The server answers", "Check the address of the server.")]
    with pytest.raises(ChannelError, match="no server"):
        wire.server(replace(account, config={}))


@pytest.mark.parametrize("status, body, reason, permanent", [
    (403, b'{"error": "Your login is currently disabled"}', "token", False),
    (403, b'{"error": "This action is not allowed"}', "right", True),
    (422, b'{"error": "Validation failed"}', "unfit", True),
    (429, b"no json", "rate", False),
    (502, b"<html>", "", False),
])  # fmt: skip
def test_what_a_refusal_means(status, body, reason, permanent):
    failed = wire.Server("http://x", {}).failure("POST", Answered(status, {}, body))
    assert (failed.reason, failed.permanent) == (reason, permanent)


def test_a_server_of_the_first_version_tells_of_itself_in_the_old_words():
    class Old(wire.Server):
        def get(self, path, *more, **named):
            if path == "api/v2/instance":
                raise ChannelError("404", permanent=True, reason="gone")
            return {
                "uri": "https://old.example/",
                "max_toot_chars": 5000,
                "urls": {"streaming_api": "wss://old.example"},
            }

    told = wire.instance(Old("http://x", {}))
    assert (told["domain"], told["max_characters"], told["streaming_url"]) == ("old.example", 5000, "wss://old.example")

    class Broken(wire.Server):
        def get(self, path, *more, **named):
            raise ChannelError("503")

    with pytest.raises(ChannelError, match="503"):
        wire.instance(Broken("http://x", {}))
