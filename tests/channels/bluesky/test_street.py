"""The channel against the street's Bluesky: what it says, does, finds and asks for, and how refusals are understood."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from netcenter.channels.bluesky import keys, sessions, watching, words
from netcenter.channels.bluesky.channel import CHANNEL
from netcenter.channels.budgets import InProcess
from netcenter.channels.contract import (
    Act,
    Attachment,
    Author,
    ChannelError,
    Connection,
    Deleted,
    Echo,
    Inbound,
    Outbound,
    Reached,
    Reaction,
    Reconciled,
    ThreadRef,
    Trouble,
)  # fmt: skip
from netcenter.street.networks.base import Refused, Said, Storm, Weather
from netcenter.street.networks.bluesky import Bluesky

BACK = "http://127.0.0.1:8000/back"
PNG = Attachment("pan.png", "image/png", b"\x89PNG pan", alt="Un pan")


@pytest.fixture
def network(settings):
    settings.ALLOW_PRIVATE_HTTP = True
    sessions._open.clear()
    with Bluesky() as street:
        yield street


@pytest.fixture
def account(network):
    config = {"base_url": network.url, "plc_url": network.url, "handle": "brand.street.test", "did": network.did}
    budget = InProcess(CHANNEL.buckets)
    return Connection("key", "@brand.street.test", "Sol", config, {"password": network.password}, budget=budget)


def polled(account, cursor):
    told = CHANNEL.poll(account, cursor)
    return [each for raw in told.raws for each in CHANNEL.parse(raw, account)], told.cursor


def said(network, account, text="@brand.street.test ¿y mi pan?", **more):
    _before, cursor = polled(account, {})
    network.say("dana", text, **more)
    (inbound, *_more), cursor = polled(account, cursor)
    return inbound, cursor


def answer(inbound, key="k1", text="Ya lo miramos.", **more):
    return Outbound(
        key, inbound.thread, inbound.author, text, (inbound.external_id,), target=inbound.external_id, **more
    )


def act(account, verb, target, **more):
    return CHANNEL.act(Act("a", verb, target, ThreadRef("t", "public"), **more), account)


# --- Who we are ---------------------------------------------------------------------------------------


def test_an_app_password_is_enough_and_makes_one_session(network, account):
    assert [check for check in CHANNEL.health(account) if not check.ok] == []
    polled(account, {})
    assert sum(path.endswith("createSession") for _method, path in network.calls) == 1


def test_a_session_is_renewed_by_its_token_and_by_the_password_when_that_is_refused(network, account):
    grant = CHANNEL.refresh(account)
    kept = replace(account, config={**account.config, **grant.config}, secrets={**account.secrets, **grant.secrets})
    assert grant.address == "@brand.street.test" and grant.expires_at > datetime.now(UTC)
    renewed = CHANNEL.refresh(kept)
    assert renewed.secrets["access"] != grant.secrets["access"]
    assert CHANNEL.refresh(kept).secrets["access"]  # its refresh token was used up
    assert sum(path.endswith("createSession") for _method, path in network.calls) == 2
    assert CHANNEL.granted(kept).expires_at == grant.expires_at


def test_a_wrong_password_and_none_at_all_ask_for_a_person(network, account):
    for secrets in ({"password": "typo"}, {}):
        other = replace(account, secrets=secrets)
        (check,) = CHANNEL.health(other)
        assert not check.ok and "app password" in check.advice
        with pytest.raises(ChannelError) as refused:
            CHANNEL.poll(other, {})
        assert refused.value.reason == "token" and not refused.value.permanent


def test_a_session_that_was_ended_there_is_opened_anew(network, account):
    polled(account, {})
    for token in network.tokens._known.values():
        token.is_revoked = True
    with pytest.raises(ChannelError) as refused:
        CHANNEL.poll(account, {})
    assert refused.value.reason == "token"
    polled(account, {})


def test_without_the_right_to_chat_the_rest_goes_on_and_it_is_told_once(network, account):
    network.may_chat = False
    found, cursor = polled(account, {})
    assert [type(each) for each in found] == [Trouble]
    network.say("dana", "@brand.street.test hola")
    found, cursor = polled(account, cursor)
    assert [type(each) for each in found] == [Inbound]
    failed = [check.detail for check in CHANNEL.health(account) if not check.ok and check.needed]
    assert len(failed) == 1 and "Bad token scope" in failed[0]
    network.may_chat = True
    sessions.forget(account)
    network.write_privately("dana", "hola")
    cursor["looked"] -= watching.EVERY
    found, cursor = polled(account, cursor)
    assert "hola" in [each.text for each in found if isinstance(each, Inbound)] and "chat_off" not in cursor


def test_while_the_chat_s_service_is_out_the_rest_is_heard_and_nothing_of_the_chat_is_lost(network, account):
    _before, cursor = polled(account, {})
    judge, is_out = network.judge, True

    def out(asked, route):
        if is_out and "chat.bsky" in asked.url:
            raise Refused("other", said=Said(502, {"error": "UpstreamFailure", "message": "pipethrough failed"}))
        judge(asked, route)

    network.judge = out
    network.write_privately("dana", "en privado")
    told = []
    for n in range(5):
        network.say("dana", f"@brand.street.test hola {n}")
        found, cursor = polled(account, cursor)
        assert f"@brand.street.test hola {n}" in [each.text for each in found if isinstance(each, Inbound)]
        told.append(sum(isinstance(each, Trouble) for each in found))
    assert told == [0, 0, 1, 0, 0]
    is_out = False
    cursor["looked"] -= watching.EVERY
    found, cursor = polled(account, cursor)
    assert "en privado" in [each.text for each in found if isinstance(each, Inbound)]
    assert not {"chat_off", "chat_failed"} & set(cursor)


def test_oauth_proves_each_call_and_renews(network, account):
    begun = replace(account, secrets={})
    consent = CHANNEL.authorize(begun, BACK, "st4te")
    told = network.allow(consent.url)
    with pytest.raises(ChannelError):
        CHANNEL.exchange(begun, {**told, "iss": "https://other.test"}, BACK, consent.keep)
    (grant,) = CHANNEL.exchange(begun, told, BACK, consent.keep)
    assert grant.address == "@brand.street.test" and grant.config["did"] == network.did
    signed_in = replace(account, config={**account.config, **grant.config}, secrets=dict(grant.secrets))
    assert CHANNEL.granted(signed_in).rights == {"atproto", "transition:generic", "transition:chat.bsky"}
    renewed = CHANNEL.refresh(signed_in)
    with pytest.raises(ChannelError) as used_up:
        CHANNEL.refresh(signed_in)
    assert used_up.value.reason == "token" and renewed.secrets["refresh"] != grant.secrets["refresh"]
    ended = replace(signed_in, secrets={**signed_in.secrets, "access": ""})
    with pytest.raises(ChannelError) as refused:
        CHANNEL.poll(ended, {})
    assert refused.value.reason == "token"


def test_oauth_needs_metadata_and_a_yes(network, account):
    account = replace(account, secrets={})  # with an app password nobody is sent anywhere
    with pytest.raises(ChannelError) as refused:
        CHANNEL.authorize(account, "https://house.test/back", "s")
    assert "client metadata" in str(refused.value)
    published = replace(account, config={**account.config, "client_id": "https://sol.example/netcenter.json"})
    assert "sol.example" in CHANNEL.authorize(published, "https://house.test/back", "s").url
    with pytest.raises(ChannelError):
        CHANNEL.exchange(account, {"error": "access_denied"}, BACK, {})


# --- Public words ---------------------------------------------------------------------------------------


def test_an_answer_marks_links_names_and_tags_by_bytes(network, account):
    inbound, _cursor = said(network, account)
    text = "¡Sí! https://sol.example/é, @dana.street.test y @nadie.street.test #pan"
    receipt = CHANNEL.send(answer(inbound, text=text), account)
    record = network._found(receipt.external_id)["value"]
    marked = [text.encode()[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in record["facets"]]
    assert marked == ["https://sol.example/é", "@dana.street.test", "#pan"]
    assert record["reply"]["parent"]["uri"] == record["reply"]["root"]["uri"] == inbound.external_id
    assert record["viaNetcenter"] == "k1" and record["langs"] == ["es"]


def test_the_same_key_is_the_same_post(network, account):
    inbound, _cursor = said(network, account)
    assert CHANNEL.find(answer(inbound), account) is None
    first = CHANNEL.send(answer(inbound), account)
    assert CHANNEL.send(answer(inbound), account).external_id == first.external_id
    assert CHANNEL.find(answer(inbound), account).external_id == first.external_id
    assert network.truth.doubles() == [] and len(network.truth.answers) == 1


def test_a_lost_answer_is_unknown_and_then_found(network, account):
    inbound, _cursor = said(network, account)
    network.weather = Weather(lost=1.0)
    with pytest.raises(ChannelError) as lost:
        CHANNEL.send(answer(inbound), account)
    assert lost.value.unknown
    network.weather = Weather()
    assert CHANNEL.find(answer(inbound), account)


def test_files_travel_both_ways(network, account):
    inbound, cursor = said(network, account)
    sent = CHANNEL.send(answer(inbound, attachments=(PNG,)), account)
    embed = network._found(sent.external_id)["value"]["embed"]
    assert [image["alt"] for image in embed["images"]] == ["Un pan"]
    film = Attachment("f.mp4", "video/mp4", b"film", alt="La fila")
    CHANNEL.send(answer(inbound, key="k2", attachments=(film,)), account)
    assert CHANNEL.unfit(answer(inbound, attachments=(film, PNG))) and CHANNEL.unfit(
        answer(inbound, attachments=(PNG,), way="private_reply")
    )
    network.say("dana", "foto", embed=embed)
    found, _cursor = polled(account, cursor)
    (file,) = next(each for each in found if isinstance(each, Inbound) and each.text == "foto").attachments
    assert CHANNEL.fetch(file, account).content == PNG.content
    assert CHANNEL.fetch(replace(file, reference="did:plc:nobody bafy"), account).missing


@pytest.mark.parametrize(
    ("break_it", "reason", "permanent"),
    [
        (lambda n, uri: n.remove(uri), "gone", True),
        (lambda n, uri: n.blocks.add(uri.split("/")[2]), "blocked", True),
        (lambda n, uri: setattr(n, "weather", Weather(storms=(Storm(0, 9e12, 429),))), "rate", False),
        (lambda n, uri: setattr(n, "weather", Weather(storms=(Storm(0, 9e12, 502),))), "", False),
        (lambda n, uri: [n.tokens.expire(value) for value in list(n.tokens._known)], "token", False),
    ],
)  # fmt: skip
def test_refusals_are_understood(network, account, break_it, reason, permanent):
    inbound, _cursor = said(network, account)
    break_it(network, inbound.external_id)
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(answer(inbound), account)
    assert (refused.value.reason, refused.value.permanent) == (reason, permanent)


def test_what_is_too_long_is_refused_by_both_sides(network, account):
    inbound, _cursor = said(network, account)
    assert CHANNEL.unfit(answer(inbound, text="a" * 301)) and not CHANNEL.unfit(answer(inbound, text="👩‍👩‍👧" * 100))
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(answer(inbound, text="a" * 301), account)
    assert refused.value.permanent


def test_what_we_do_is_done_once_however_often(network, account):
    inbound, _cursor = said(network, account)
    sent = CHANNEL.send(answer(inbound), account)
    for _time in (1, 2):
        act(account, "react", inbound.external_id, what="like")
        assert network._view(inbound.external_id)["likeCount"] == 1
    for _time in (1, 2):
        act(account, "unreact", inbound.external_id)
        assert network._view(inbound.external_id)["likeCount"] == 0
    for _time in (1, 2):
        act(account, "delete_ours", sent.external_id)
        assert CHANNEL.find(answer(inbound), account) is None
    for verb, target in (("delete_ours", inbound.external_id), ("hide", inbound.external_id)):
        with pytest.raises(ChannelError) as refused:
            act(account, verb, target)
        assert refused.value.permanent


def test_answers_and_quotes_of_our_posts_are_hidden_and_shown(network, account):
    ours = network.say("brand", "Hoy hay medialunas", to_brand=False)
    comment = network.say("erin", "horribles", reply_to=ours)
    quote = network.say("dana", "miren", embed={"$type": "app.bsky.embed.record", "record": network._ref(ours)})
    gates = {
        "app.bsky.feed.threadgate": ("hiddenReplies", comment),
        "app.bsky.feed.postgate": ("detachedEmbeddingUris", quote),
    }
    for collection, (field, target) in gates.items():
        for verb, wanted in (("hide", [target]), ("hide", [target]), ("show", []), ("show", [])):
            act(account, verb, target)
            assert network._found(ours.replace("app.bsky.feed.post", collection))["value"][field] == wanted


def test_who_answers_whom_and_what_it_carries(network, account):
    _before, cursor = polled(account, {})
    ours = network.say("brand", "Hoy hay medialunas", to_brand=False)
    network.say("dana", "¿a qué hora?", reply_to=ours)
    network.say("erin", "miren", embed={"$type": "app.bsky.embed.record", "record": network._ref(ours)})
    network.like("fred", ours)
    network.like("fred", ours, "repost")
    found, cursor = polled(account, cursor)
    assert [(e.form, e.thread.post.external_id) for e in found if isinstance(e, Inbound)] == [
        ("comment", ours),
        ("quote", ours),
    ]
    assert [e.what for e in found if isinstance(e, Reaction)] == ["like", "repost"]
    cursor["looked"] -= watching.EVERY
    found, cursor = polled(account, cursor)
    assert (1, 1, 1) in [(e.reach.likes, e.reach.shares, e.reach.replies) for e in found if isinstance(e, Reached)]


def test_looking_again_notices_what_is_gone(network, account):
    inbound, cursor = said(network, account)
    network.remove(inbound.external_id)
    cursor["looked"] -= watching.EVERY
    found, cursor = polled(account, cursor)
    assert [e.external_id for e in found if isinstance(e, Deleted)] == [inbound.external_id]
    cursor["looked"] -= watching.EVERY
    assert polled(account, cursor)[0] == []


def test_answers_with_another_application_are_echoes_and_our_own_are_not(network, account):
    inbound, cursor = said(network, account)
    CHANNEL.send(answer(inbound), account)
    network.say("brand", "desde el teléfono", to_brand=False, reply_to=inbound.external_id)
    found, cursor = polled(account, cursor)
    assert [e.text for e in found if isinstance(e, Echo)] == ["desde el teléfono"]
    assert [e for e in polled(account, cursor)[0] if isinstance(e, Echo)] == []


def test_the_post_and_its_author_can_be_asked_for(network, account):
    inbound, _cursor = said(network, account)
    assert CHANNEL.post(inbound.external_id, account).text == inbound.text
    assert CHANNEL.post(inbound.external_id[:-3] + "222", account) is None
    assert CHANNEL.author(inbound.author, account).reach.followers == 42
    assert CHANNEL.author(Author("did:plc:nobody"), account) == Author("did:plc:nobody")


# --- Private words --------------------------------------------------------------------------------------


def test_with_an_app_password_alone_our_own_private_words_are_no_customers(network, account):
    config = {name: value for name, value in account.config.items() if name != "did"}
    account = replace(account, config=config)
    _before, cursor = polled(account, {})
    network.write_privately("dana", "hola")
    (inbound,), cursor = polled(account, cursor)
    sent = CHANNEL.send(answer(inbound), account)
    found, _cursor = polled(account, cursor)
    now, page = datetime.now(UTC), Reconciled((), {"of": "chat"}, more=True)
    while page.more:
        page = CHANNEL.reconcile(account, now - timedelta(hours=1), now + timedelta(minutes=1), dict(page.cursor))
        found += [e for raw in page.raws for e in CHANNEL.parse(raw, account) if e.external_id == sent.external_id]
    assert [(type(e), e.external_id) for e in found] == [(Echo, sent.external_id)] * 2


def test_private_words_come_in_and_are_answered(network, account):
    _before, cursor = polled(account, {})
    network.write_privately("dana", "mi DNI es 12345678")
    (inbound,), cursor = polled(account, cursor)
    assert (inbound.thread.place, inbound.author.handle) == ("private", "@dana.street.test")
    outbound = answer(inbound, text="Gracias, https://sol.example/ok")
    assert CHANNEL.find(outbound, account) is None
    sent = CHANNEL.send(outbound, account)
    assert CHANNEL.find(outbound, account).external_id == sent.external_id
    found, cursor = polled(account, cursor)
    assert [e.external_id for e in found if isinstance(e, Echo)] == [sent.external_id]
    network.react("dana", sent.external_id, "🙏")
    (reaction,), cursor = polled(account, cursor)
    assert (reaction.external_id, reaction.what) == (sent.external_id, "🙏")
    for verb, wanted in (("react", ["❤️"]), ("react", ["❤️"]), ("unreact", [])):
        act(account, verb, inbound.external_id, what="like")
        convo, _slash, name = inbound.external_id.partition("/")
        message = next(m for m in network.convos[convo]["messages"] if m["id"] == name)
        assert [r["value"] for r in message["reactions"]] == wanted


def test_a_public_post_is_answered_privately_where_its_writer_allows(network, account):
    inbound, _cursor = said(network, account)
    outbound = answer(inbound, way="private_reply")
    assert CHANNEL.find(outbound, account) is None
    sent = CHANNEL.send(outbound, account)
    assert CHANNEL.find(outbound, account).external_id == sent.external_id
    network.closed[inbound.author.external_id] = "MessagesDisabled"
    with pytest.raises(ChannelError) as refused:
        CHANNEL.send(replace(outbound, key="k2"), account)
    assert (refused.value.reason, refused.value.permanent) == ("blocked", True)


def test_when_connecting_private_words_that_wait_come_in(network, account):
    network.write_privately("dana", "¿hay alguien?")
    found, cursor = polled(account, {})
    assert [e.text for e in found] == ["¿hay alguien?"]
    assert polled(account, cursor)[0] == []
    nothing = replace(account, config={**account.config, "history_days": 0, "chat": False})
    assert polled(nothing, {})[0] == []


# --- All of it --------------------------------------------------------------------------------------------


def test_a_long_list_is_read_page_by_page_and_nothing_is_missed(network, account):
    _before, cursor = polled(account, {})
    for n in range(250):
        network.say("dana", f"n{n}")
    ids, pages = set(), 0
    while True:
        told = CHANNEL.poll(account, cursor)
        ids |= {e.external_id for raw in told.raws for e in CHANNEL.parse(raw, account) if isinstance(e, Inbound)}
        cursor, pages = told.cursor, pages + 1
        if not told.more:
            break
    assert ids == set(network.truth.told) and pages == 3


def test_reconciling_finds_all_that_was_said_in_a_span(network, account):
    for n in range(120):
        network.say("dana", f"n{n}")
    network.say("brand", "respuesta", to_brand=False, reply_to=next(iter(network.truth.told)))
    for name in ("dana", "erin"):
        network.write_privately(name, "hola")
    now, cursor, found = datetime.now(UTC), {}, []
    while True:
        page = CHANNEL.reconcile(account, now - timedelta(hours=1), now + timedelta(minutes=1), cursor)
        cursor = page.cursor
        found += [e for raw in page.raws for e in CHANNEL.parse(raw, account)]
        if not page.more:
            break
    assert {e.external_id for e in found if isinstance(e, Inbound)} == set(network.truth.told)
    assert [e.text for e in found if isinstance(e, Echo)] == ["respuesta"]
    quiet = replace(account, config={**account.config, "chat": False})
    assert CHANNEL.reconcile(quiet, now, now, {"of": "chat"}).more is False
    network.may_chat = False
    sessions.forget(account)
    assert CHANNEL.reconcile(account, now, now, {"of": "chat"}).more is False


def test_names_are_the_same_for_the_same_key_and_near_what_they_answer():
    beside = "3lc2dana22222"
    assert keys.rkey_of("k", beside) == keys.rkey_of("k", beside) != keys.rkey_of("k2", beside)
    near = keys.moment_of(keys.rkey_of("k", beside)) - keys.moment_of(beside)
    assert timedelta(0) <= near < timedelta(minutes=18)
    for odd in ("", "self", "j" + "z" * 12):
        assert keys.moment_of(keys.rkey_of("k", odd)).year == 2023
    assert keys.moment_of("self") is None and keys.place_of("https://x.test") is None


def test_a_shortened_link_is_whole_and_a_named_one_is_both():
    text = "a b.te… y aquí"

    def link(piece, uri):
        at = len(text[: text.index(piece)].encode())
        return {"index": {"byteStart": at, "byteEnd": at + len(piece.encode())},
                "features": [{"$type": "app.bsky.richtext.facet#link", "uri": uri}]}  # fmt: skip

    told = {"text": text, "facets": [link("b.te…", "https://b.test/x"), link("aquí", "https://c.test")]}
    assert words.text_of(told) == "a https://b.test/x y aquí (https://c.test)"


def test_who_is_blocked_is_heard_no_more_until_unblocked(network, account):
    inbound, cursor = said(network, account)
    for _time in (1, 2):
        act(account, "block", inbound.external_id, to=inbound.author)
    assert sum("/app.bsky.graph.block/" in uri for uri in network.repos[network.did]) == 1
    network.say("dana", "@brand.street.test ¡ladrones!")
    heard, cursor = polled(account, cursor)
    assert "ladrones" not in str(heard)
    for _time in (1, 2):
        act(account, "unblock", inbound.external_id, to=inbound.author)
    network.say("dana", "@brand.street.test perdón")
    heard, _cursor = polled(account, cursor)
    assert "@brand.street.test perdón" in [one.text for one in heard if isinstance(one, Inbound)]
    with pytest.raises(ChannelError) as nobody:
        act(account, "block", inbound.external_id, to=Author("did:plc:nobody"))
    assert nobody.value.permanent
