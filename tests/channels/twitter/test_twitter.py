"""An account against the street's X, which refuses what the real one refuses."""

import dataclasses
import json
import types
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcenter.channels.contract import (
    Act,
    Answered,
    Attachment,
    Author,
    ChannelError,
    Connection,
    Deleted,
    Echo,
    Inbound,
    Outbound,
    Post,
    Raw,
    ThreadRef,
    Unreadable,
)
from netcenter.channels.twitter import failures, limits, measure, media, oauth1, values
from netcenter.channels.twitter.channel import CHANNEL
from netcenter.street.networks.base import Clock
from netcenter.street.networks.x import X
from tests.channels.keeping import assert_sane
from tests.channels.meta.house import House, moment, picture, says

NOW = 1_767_225_600.0


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def x(clock, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with X(clock) as network:
        yield network


def connected(x, **more):
    secrets = {"consumer_secret": x.secret, "token": "bearer", "refresh_token": "refresh-0",
               "client_secret": x.client_secret, **more.pop("secrets", {})}  # fmt: skip
    config = {"base_url": x.url, "files_url": x.url, "dialog_url": x.url, "user_id": x.own, "handle": x.handle,
              "consumer_key": x.key, "client_id": x.client, **more}  # fmt: skip
    return Connection("x", "@panaderiasol", "Sol", config, secrets)


@pytest.fixture
def house(x, clock):
    one = House(CHANNEL, connected(x), clock)
    x.hook(one.door)
    return one


@pytest.fixture
def dana(x):
    return x.person("Dana López", "dana")


def under(root, who, target, text="Lo sentimos", **more):
    return says(text, who, thread=Post(root).thread_of(Author(who)), target=target, **more)


# --- Signatures and counting --------------------------------------------------------------------------


def test_it_signs_as_the_documentation_s_example():
    """https://docs.x.com/resources/fundamentals/authentication/oauth-1-0a/creating-a-signature"""
    keys = oauth1.Keys(
        "xvz1evFS4wEEPTGEFPHBog", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
        "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
    )  # fmt: skip
    told = {"oauth_nonce": "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg", "oauth_timestamp": "1318622958"}
    form = [("status", "Hello Ladies + Gentlemen, a signed OAuth request!"), ("include_entities", "true")]
    said = oauth1.header(keys, "POST", "https://api.twitter.com/1.1/statuses/update.json", form, told)
    assert 'oauth_signature="hCtSmYh%2BiHYCEqBWrE7C7hYmtUk%3D"' in said


@pytest.mark.parametrize("text, weight", [
    ("", 0), ("¿Qué tal?", 9), ("一二三", 6), ("👩‍👩‍👧", 2), ("🇪🇸", 2), ("👍🏽 ok", 5), ("1️⃣", 2),
    ("mire https://example.com/" + "x" * 80, 28), ("sol.es", 23), ("a.b", 3), ("e\u0301", 1),
])  # fmt: skip
def test_it_counts_as_x_counts(text, weight):
    assert measure.weight(text) == weight


# --- Public ---------------------------------------------------------------------------------------------


def test_it_answers_a_reply_and_finds_its_answer(x, house, dana):
    root = x.ours("Roscón recién hecho")
    reply = x.posts(dana, "@panaderiasol Llegó roto", to=root)
    x.pusher.deliver()
    said = house.heard()[0]
    assert (said.external_id, said.form, said.thread.external_id) == (reply, "comment", f"{root}/{dana}")
    answer = under(root, dana, reply, "Lo sentimos, mire sol.example/cambios", attachments=(picture(),))
    assert CHANNEL.find(answer, house.connection) is None
    receipt = CHANNEL.send(answer, house.connection)
    x.pusher.deliver()
    assert [one.external_id for one in house.heard(Echo)] == [receipt.external_id]
    assert CHANNEL.find(answer, house.connection).external_id == receipt.external_id
    assert CHANNEL.send(answer, house.connection).external_id == receipt.external_id, "said already is said"
    assert len(list(x.truth.replies(f"{root}/{dana}"))) == 1
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(under(root, dana, x.posts(dana, "Y frío", to=reply), answer.text), house.connection)
    assert (error.value.permanent, error.value.reason) == (True, "twice")


def test_it_hides_likes_and_deletes(x, house, dana):
    root = x.ours("Roscón")
    reply = x.posts(dana, "@panaderiasol Roto", to=root)
    thread = Post(root).thread_of(Author(dana))
    ours = CHANNEL.send(under(root, dana, reply), house.connection).external_id
    for verb, target in (("hide", reply), ("react", reply), ("delete_ours", ours), ("delete_ours", "404")):
        assert CHANNEL.act(Act("k", verb, target, thread), house.connection).state == "sent"
    assert x.truth.get(reply).hidden_at and x.likes == {reply} and x.truth.get(ours).deleted_at
    CHANNEL.act(Act("k", "show", reply, thread), house.connection)
    CHANNEL.act(Act("k", "unreact", reply, thread), house.connection)
    assert x.truth.get(reply).hidden_at is None and not x.likes
    for verb, target in (("hide", x.posts(dana, "@panaderiasol Hola")), ("edit", ours)):
        with pytest.raises(ChannelError) as error:
            CHANNEL.act(Act("k", verb, target, thread), house.connection)
        assert error.value.permanent
    x.erases(reply)
    x.pusher.deliver()
    assert house.heard(Deleted)[-1].by == "author"


def test_it_tells_of_posts_and_people(x, house, dana):
    root = x.ours("Roscón")
    assert CHANNEL.post(root, house.connection).reach.promoted is None
    x.truth.get(root).facts["paid"] = 9
    found = CHANNEL.post(root, house.connection)
    assert (found.text, found.ours, found.reach.promoted) == ("Roscón", True, True)
    assert CHANNEL.post("404", house.connection) is None
    assert CHANNEL.author(Author(dana), house.connection).handle == "@dana"
    assert CHANNEL.author(Author("404"), house.connection) == Author("404")


# --- Private --------------------------------------------------------------------------------------------


def test_it_answers_privately_in_pieces(x, house, dana):
    first = x.writes(dana, "Hola")
    x.pusher.deliver()
    film = picture("a.mp4", b"film", "video/mp4")
    answer = says("Buenas", dana, target=first, attachments=(picture(), film))
    receipt = CHANNEL.send(answer, house.connection)
    x.pusher.deliver()
    assert [one.external_id for one in house.heard(Echo)] == [receipt.external_id, *receipt.also]
    found = CHANNEL.find(answer, house.connection)
    assert (found.external_id, found.also) == (receipt.external_id, receipt.also)
    more = dataclasses.replace(answer, attachments=(*answer.attachments, film))
    with pytest.raises(ChannelError) as error:
        CHANNEL.find(more, house.connection)
    assert len(error.value.left) == 2
    thread = ThreadRef(dana)
    CHANNEL.act(Act("k", "delete_ours", receipt.external_id, thread), house.connection)
    with pytest.raises(ChannelError):
        CHANNEL.act(Act("k", "hide", receipt.external_id, thread), house.connection)


def test_what_breaks_in_the_middle_says_what_left(x, house, dana):
    broken = picture("b.png", b"broken")
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Buenas", dana, attachments=(picture(), broken)), house.connection)
    assert len(error.value.left) == 1 and error.value.reason == "unfit"
    x.closed.add(dana)
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Buenas", dana, way="private_reply", target="1"), house.connection)
    assert (error.value.permanent, error.value.reason) == (True, "blocked")


def test_it_fetches_private_files_in_our_name(x, house):
    found = CHANNEL.fetch(
        Attachment("a", "image/jpeg", reference=f"{x.url}/1.1/ton/data/dm/1/2/a.png"), house.connection
    )
    assert (found.content, found.mime) == (b"\x89PNG", "image/png")
    assert CHANNEL.fetch(Attachment("a", "a/b", reference=f"{x.url}/nowhere"), house.connection).missing


# --- Without webhooks, and after they lost something ------------------------------------------------------


def test_it_polls_from_now_on_and_misses_nothing(x, clock, dana):
    connection = connected(x, delivery="poll")
    x.posts(dana, "@panaderiasol antes")
    clock.pass_by(1)
    cursor = CHANNEL.poll(connection, {}).cursor
    said = {x.posts(dana, f"@panaderiasol {n}") for n in range(120)}
    said |= {x.posts(dana, "Vaya", quotes=x.ours("Roscón")), x.writes(dana, "Hola")}
    heard, more = [], True
    while more:
        found = CHANNEL.poll(connection, cursor)
        heard += [one.external_id for raw in found.raws for one in CHANNEL.parse(raw, connection)]
        cursor, more = found.cursor, found.more
    assert sorted(heard) == sorted(said)
    assert CHANNEL.poll(connection, cursor).raws == ()
    assert CHANNEL.poll(connected(x), {"a": 1}).cursor == {"a": 1}, "webhooks tell it"


def test_it_finds_again_what_webhooks_lost(x, house, clock, dana):
    root = x.ours("Roscón")
    for n in range(130):
        x.posts(dana, f"@panaderiasol {n}", to=root)
        clock.pass_by(1)
    x.writes(dana, "Hola")
    x.posts(dana, "Vaya", quotes=root)
    clock.pass_by(60)
    house.reconcile(NOW - 1, clock())
    assert {one.external_id for one in house.heard()} == set(x.truth.told)
    assert x.limits.earned == 0


def test_it_stays_within_the_rates(x, house, dana):
    connection = dataclasses.replace(house.connection, budget=house.limits)
    with pytest.raises(ChannelError) as error:
        for n in range(20):
            CHANNEL.send(says(f"Hola {n}", dana), connection)
    assert error.value.reason == "rate" and error.value.retry_at and x.limits.earned == 0
    for _time in range(5):
        with pytest.raises(ChannelError):
            CHANNEL.send(says("Hola", dana), connection)
    assert house.limits.spent("pro:dm:day") == 15, "whoever waits a quarter of an hour spends nothing of the day"
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Hola", dana), house.connection)
    assert (error.value.reason, error.value.permanent, error.value.unknown) == ("rate", False, False)


# --- The account ------------------------------------------------------------------------------------------


def test_keys_of_oauth_1_do_the_same(x, dana):
    keys = {"access_token": f"{x.own}-keys", "access_secret": x.token_secret, "token": ""}
    connection = connected(x, secrets=keys, user_id="")
    assert CHANNEL.hears(connection) == (x.own,)
    assert CHANNEL.send(says("¿Qué tal + 1?", dana), connection).state == "sent"
    film = picture("a.png", b"x" * 9 * 2**20)
    mention = x.posts(dana, "@panaderiasol Hola")
    assert CHANNEL.send(under(mention, dana, mention, "", attachments=(film,)), connection).state == "sent"
    assert all(check.ok for check in CHANNEL.health(connected(x, secrets=keys, delivery="poll")))
    wrong = connected(x, secrets={**keys, "access_secret": "wrong"})
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Hola", dana), wrong)
    assert (error.value.reason, error.value.permanent) == ("token", False)


def test_it_signs_in_renews_and_subscribes(x):
    connection = connected(x)
    consent = CHANNEL.authorize(connection, "https://care.example/oauth", "state")
    query = parse_qs(urlsplit(consent.url).query)
    x.codes["code"] = query["code_challenge"][0]
    (grant,) = CHANNEL.exchange(connection, {"code": "code"}, "https://care.example/oauth", consent.keep)
    assert (grant.address, grant.config["user_id"]) == ("@panaderiasol", x.own) and grant.expires_at
    signed_in = connected(x, secrets=dict(grant.secrets), **grant.config)
    assert [check.ok for check in CHANNEL.health(signed_in)][-1] is False, "no hook yet"
    for _twice in range(2):
        CHANNEL.subscribe(signed_in, "https://care.example/hooks/x")
    assert len(x.hooks) == 1 and x.subscribed == {x.own}
    assert all(check.ok for check in CHANNEL.health(signed_in))
    for _twice in range(2):
        CHANNEL.unsubscribe(signed_in, "https://care.example/hooks/x")
    assert not x.subscribed
    assert CHANNEL.refresh(signed_in).secrets["token"] != grant.secrets["token"]
    with pytest.raises(ChannelError) as error:
        CHANNEL.refresh(signed_in)
    assert (error.value.reason, error.value.permanent) == ("token", False)
    with pytest.raises(ChannelError):
        CHANNEL.exchange(connection, {"error": "access_denied"}, "https://care.example/oauth", {})
    x.tokens.revoke("bearer")
    assert not next(iter(CHANNEL.health(connection))).ok


# --- What is refused, and what is hostile -------------------------------------------------------------------


@pytest.mark.parametrize("status, told, fate", [
    (401, {"title": "Unauthorized"}, (False, False, "token")),
    (402, {"type": "https://api.x.com/2/problems/credits"}, (False, False, "rate")),
    (403, {"detail": "You are not permitted to perform this action."}, (True, False, "right")),
    (403, {"type": "https://api.twitter.com/2/problems/client-forbidden"}, (True, False, "right")),
    (403, {"detail": "You have been blocked from replying"}, (True, False, "blocked")),
    (403, {"detail": "duplicate content"}, (False, True, "twice")),
    (403, {"errors": [{"code": 349, "message": "You cannot send messages to this user."}]}, (True, False, "blocked")),
    (404, {}, (True, False, "gone")), (400, [], (True, False, "unfit")), (413, {}, (True, False, "unfit")),
    (429, {"detail": "Too Many Requests: blocked"}, (False, False, "rate")), (500, {}, (False, True, "")),
    (503, {}, (False, True, "")),
])  # fmt: skip
def test_what_x_refuses_has_its_meaning(status, told, fate):
    headers = {"x-rate-limit-reset": str(int(NOW) + 60)}
    error = failures.error_of("POST", Answered(status, headers, json.dumps(told).encode()), moment(NOW))
    assert (error.permanent, error.unknown, error.reason) == fate
    if status == 429:
        assert error.retry_at == moment(NOW + 60)


@pytest.mark.parametrize("files, flaw", [
    ((picture(),) * 4, False), ((picture(),) * 5, True), ((picture(mime="image/gif"), picture()), True),
    ((picture(mime="application/pdf"),), True),
])  # fmt: skip
def test_which_files_fit(files, flaw):
    assert (
        bool(CHANNEL.unfit(Outbound("k", Post("1").thread_of(Author("2")), Author("2"), "", attachments=files))) is flaw
    )


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([
        "id", "id_str", "user", "text", "created_at", "timestamp_ms", "type", "message_create", "message_data",
        "status", "sender_id", "event_type", "dm_conversation_id",
        "author_id", "entities", "urls", "url", "attachments", "data",
    ]), inner, max_size=6),
    max_leaves=15,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([
    "tweet_create_events", "tweet_delete_events", "favorite_events", "direct_message_events", "posts", "dm_events",
    "direct_message_mark_read_events", "user_event", "users",
]), st.lists(_json, max_size=2) | _json))  # fmt: skip
def test_hostile_payloads_are_read_or_unreadable(told):
    connection = Connection("x", "@sol", "Sol", {"user_id": "1"}, {})
    body = json.dumps({"for_user_id": "1", **told}).encode("utf-8", "surrogatepass")
    try:
        found = CHANNEL.parse(Raw(body, "x"), connection)
    except Unreadable as error:
        found = error.readable
    for one in found:
        assert_sane(one)
    assert all(isinstance(one, Inbound) or one for one in found)


# --- Blocking, and what is broken ---------------------------------------------------------------------------


def test_who_is_blocked_writes_no_direct_messages(x, house, dana):
    def judge(verb, who=dana, place="private"):
        CHANNEL.act(Act("k", verb, "1", ThreadRef(who, place), Author(who)), house.connection)

    for _time in (1, 2):
        judge("block")
    assert x.silenced == {dana}
    judge("unblock")
    assert x.silenced == set()
    for who, place in (("404", "private"), (dana, "public")):
        with pytest.raises(ChannelError) as error:
            judge("block", who, place)
        assert error.value.permanent


def test_one_source_that_fails_costs_itself_alone_and_all_three_are_told(x, dana, monkeypatch):
    polls = connected(x, delivery="poll")
    cursor = CHANNEL.poll(polls, {}).cursor
    x.tokens.get("bearer").rights.discard("dm.read")
    x.posts(dana, "@panaderiasol ¿Abren?")
    told = CHANNEL.poll(polls, cursor)
    assert len(told.raws) == 1 and told.cursor["dm_events"] == cursor["dm_events"]
    x.tokens.get("bearer").rights.clear()
    with pytest.raises(ChannelError) as error:
        CHANNEL.poll(polls, cursor)
    assert error.value.reason == "right"
    x.tokens.revoke("bearer")
    with pytest.raises(ChannelError) as error:
        CHANNEL.poll(polls, cursor)
    assert error.value.reason == "token"


def test_a_file_that_x_does_not_give_or_cannot_use(x, house, monkeypatch):
    lost = Attachment("foto.jpg", "image/jpeg", reference=f"{x.url}/1.1/ton/data/none")
    assert CHANNEL.fetch(lost, house.connection).missing
    answers = iter([{"data": {"processing_info": {"state": "failed", "error": {"message": "no film"}}}}])
    slow = {"state": "pending", "check_after_secs": 0}
    monkeypatch.setattr(media.time, "sleep", lambda seconds: None)
    asked = types.SimpleNamespace(get=lambda *more, **named: next(answers))
    with pytest.raises(ChannelError, match="no film") as error:
        media._wait(asked, "1", slow)
    assert error.value.permanent
    for_ever = types.SimpleNamespace(get=lambda *more, **named: {"data": {"processing_info": slow}})
    with pytest.raises(ChannelError, match="still works") as error:
        media._wait(for_ever, "1", slow)
    assert not error.value.permanent


@pytest.mark.parametrize("bad", [None, True, "", " ", "x" * 300, []])
def test_what_is_no_id_and_no_time_is_said_so(bad):
    with pytest.raises(ValueError, match=r"id|missing|long"):
        values.name(bad)
    if not isinstance(bad, bool):
        with pytest.raises((ValueError, TypeError)):
            values.moment(bad)


def test_health_says_whether_the_hook_is_valid(x, house):
    def bad():
        return [str(check.label) for check in CHANNEL.health(house.connection) if not check.ok]

    assert bad()[-1] == "X pushes to a valid hook", "there is none yet"
    x.tokens.revoke("bearer")
    assert bad() == ["X accepts the keys"]


@pytest.mark.parametrize("plan", ["pro", "basic", "free"])
def test_the_limits_of_an_account_are_those_of_its_plan(plan):
    shown = {bucket.name for bucket in CHANNEL.allowed({"plan": plan})}
    assert shown == {bucket.name for bucket in CHANNEL.buckets if bucket.name.startswith(f"{plan}:")}
    assert {bucket.name for bucket in CHANNEL.allowed({})} >= set(limits.names("", "post"))
