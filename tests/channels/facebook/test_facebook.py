"""A page against the street's Facebook, which refuses what the real one refuses."""

import dataclasses
from functools import partial

import pytest

from netcenter.channels.contract import (
    Act,
    Author,
    ChannelError,
    Choice,
    Connection,
    Deleted,
    Echo,
    Edited,
    Hidden,
    Post,
    Reaction,
    Request,
    ThreadRef,
)  # fmt: skip
from netcenter.channels.facebook.channel import CHANNEL
from netcenter.channels.meta.connecting import PAGE_FIELDS
from netcenter.street.networks.base import Asked, Clock, File, Network, Rate, Said, Storm, call, route
from netcenter.street.networks.meta.app import person_token
from netcenter.street.networks.meta.pages import RIGHTS, Pages
from tests.channels.meta.house import NOW, PNG, House, moment, picture, says

PAGE = "1067280970047460"


@pytest.fixture
def clock():
    return Clock(NOW)


@pytest.fixture
def facebook(clock, settings):
    settings.ALLOW_PRIVATE_HTTP = True
    with Pages(clock) as network:
        network.page(PAGE)
        yield network


@pytest.fixture
def house(facebook, clock):
    secrets = {"app_secret": facebook.app_secret, "token": f"token-{PAGE}", "verify_token": "ours"}
    config = {"base_url": facebook.url, "page_id": PAGE, "app_id": facebook.app_id, "dialog_url": facebook.url}
    one = House(CHANNEL, Connection("fb", PAGE, "Panadería Sol", config, secrets), clock)
    facebook.hook(one.door, batch=3)
    return one


@pytest.fixture
def dana(facebook):
    return facebook.person("Dana López")


def _to(person, comment):
    thread = Post(comment.post or comment.id).thread_of(Author(person.id))
    return {"to": person.id, "thread": thread, "target": comment.id}


# --- Private ---------------------------------------------------------------------------------------


def test_it_answers_privately_and_knows_its_own_echo(facebook, house, dana):
    facebook.writes(dana, PAGE, "¿Abren hoy?", (File("a.png", "image/png", PNG),))
    facebook.pusher.deliver()
    said = house.heard()[0]
    assert (said.text, said.author.external_id, said.attachments[0].mime) == ("¿Abren hoy?", dana.id, "image/jpeg")
    assert CHANNEL.fetch(said.attachments[0], house.connection).content == PNG
    choices = (Choice("1", "Gracias, eso era todo, saludos"),)
    answer = says("Sí, hasta las 20", dana.id, attachments=(picture(),), target=said.external_id, choices=choices)
    receipt = CHANNEL.send(answer, house.connection)
    facebook.pusher.deliver()
    echoes = house.heard(Echo)
    assert [one.external_id for one in echoes] == [receipt.external_id, *receipt.also]
    assert {one.key for one in echoes} == {"k1"}
    assert next(facebook.truth.replies()).facts["choices"] == ["1"]


def test_it_tells_who_writes(house, dana):
    assert CHANNEL.author(Author(dana.id), house.connection).name == "Dana López"
    assert CHANNEL.author(Author("999"), house.connection) == Author("999")


@pytest.mark.parametrize("days, tag, reason", [
    (0.9, "", None), (1.1, "", "window"), (1.1, "HUMAN_AGENT", None), (7.1, "HUMAN_AGENT", "window"),
])  # fmt: skip
def test_the_window_is_a_day_and_with_a_person_s_tag_a_week(facebook, house, dana, clock, days, tag, reason):
    facebook.writes(dana, PAGE, "¿Abren hoy?")
    clock.pass_by(days * 86400)
    if reason is None:
        assert CHANNEL.send(says("Sí", dana.id, tag=tag), house.connection).state == "sent"
        return
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Sí", dana.id, tag=tag), house.connection)
    assert (error.value.permanent, error.value.reason) == (True, reason)


def test_who_blocks_us_and_who_is_unknown(facebook, house, dana):
    facebook.writes(dana, PAGE, "Hola")
    dana.blocks = True
    for to, reason in ((dana.id, "blocked"), ("404", "gone")):
        with pytest.raises(ChannelError) as error:
            CHANNEL.send(says("Sí", to), house.connection)
        assert (error.value.permanent, error.value.reason) == (True, reason)


def test_what_breaks_in_the_middle_goes_on_after_what_left(facebook, house, dana):
    facebook.writes(dana, PAGE, "Hola")
    bad = picture("b.mp4", b"x", "video/mp4")
    outbound = says("Sí", dana.id, attachments=(picture(), dataclasses.replace(bad, content=bytes(26 * 2**20))))
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(outbound, house.connection)
    assert len(error.value.left) == 2 and error.value.reason == "unfit"
    again = dataclasses.replace(outbound, left=error.value.left, attachments=(picture(), bad))
    receipt = CHANNEL.send(again, house.connection)
    assert receipt.external_id == error.value.left[0] and len(receipt.also) == 2
    assert [one.text for one in facebook.talks[PAGE, dana.id]] == ["Hola", "Sí", "", ""]


def test_a_lost_answer_is_found_and_not_sent_again(facebook, house, dana, clock):
    facebook.writes(dana, PAGE, "¿Y mañana?")
    CHANNEL.send(says("Sí", dana.id, key="before"), house.connection)
    said = facebook.writes(dana, PAGE, "¿Seguro?")
    outbound = says("Sí", dana.id, target=said.id, attachments=(picture(),))
    assert CHANNEL.find(outbound, house.connection) is None, "the same words were said before, to something else"
    facebook.weather.lost = 1.0
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(outbound, house.connection)
    assert error.value.unknown and not error.value.permanent
    facebook.weather.lost = 0.0
    with pytest.raises(ChannelError) as part:
        CHANNEL.find(outbound, house.connection)
    clock.pass_by(1)
    receipt = CHANNEL.send(dataclasses.replace(outbound, left=part.value.left), house.connection)
    assert CHANNEL.find(dataclasses.replace(outbound, left=part.value.left), house.connection).also == receipt.also
    assert [(one.sender == PAGE, one.text) for one in facebook.talks[PAGE, dana.id]] == [
        (False, "¿Y mañana?"), (True, "Sí"), (False, "¿Seguro?"), (True, "Sí"), (True, ""),
    ]  # fmt: skip


def test_edits_and_reactions_arrive(facebook, house, dana):
    one = facebook.writes(dana, PAGE, "Hola")
    facebook.changes(dana, PAGE, one.id, "Hola, ¿abren?")
    facebook.reacts_to(dana, PAGE, "m_ours")
    facebook.pusher.deliver()
    assert house.heard(Edited)[0].text == "Hola, ¿abren?"
    assert house.heard(Reaction)[0].what == "❤"


@pytest.mark.parametrize("verb, works", [
    ("seen", True), ("typing", True), ("react", True), ("unreact", True), ("delete_ours", False),
])  # fmt: skip
def test_what_can_be_done_to_private_words(facebook, house, dana, verb, works):
    one = facebook.writes(dana, PAGE, "Hola")
    act = Act("k", verb, one.id, ThreadRef(dana.id), Author(dana.id), what="love")
    if works:
        assert CHANNEL.act(act, house.connection).state == "sent"
    else:
        with pytest.raises(ChannelError, match="know no"):
            CHANNEL.act(act, house.connection)


# --- Public ----------------------------------------------------------------------------------------


def test_comments_are_heard_answered_edited_hidden_liked_and_deleted(facebook, house, dana):
    post = facebook.publishes(PAGE, "¡Roscones!")
    comment = facebook.comments(dana, post, "Llegó roto")
    reply = facebook.comments(facebook.person("Eva"), comment, "A mí también")
    facebook.pusher.deliver()
    said = house.heard()
    assert [(one.text, one.parent) for one in said] == [("Llegó roto", ""), ("A mí también", comment.id)]
    receipt = CHANNEL.send(says("Lo sentimos", **_to(dana, comment), attachments=(picture(),)), house.connection)
    facebook.pusher.deliver()
    assert house.heard(Echo)[0].in_reply_to == (comment.id,)
    thread = said[0].thread
    for verb, target, text in (
        ("hide", comment.id, ""), ("show", comment.id, ""), ("hide", comment.id, ""), ("react", comment.id, ""),
        ("react", comment.id, ""), ("unreact", comment.id, ""), ("edit", receipt.external_id, "Lo sentimos mucho"),
        ("delete_theirs", reply.id, ""), ("delete_theirs", reply.id, ""), ("delete_ours", receipt.external_id, ""),
    ):  # fmt: skip
        CHANNEL.act(Act("k", verb, target, thread, text=text, what="like"), house.connection)
    facebook.pusher.deliver()
    assert facebook.truth.told[comment.id].hidden_at and facebook.truth.told[reply.id].deleted_at
    assert [one.shown for one in house.heard(Hidden)] == [False, True, False]
    assert [one.external_id for one in house.heard(Deleted)] == [reply.id, receipt.external_id]
    assert facebook.truth.get(receipt.external_id).edits[0][1] == "Lo sentimos"
    with pytest.raises(ChannelError, match="know no call"):
        CHANNEL.act(Act("k", "call", comment.id, thread), house.connection)


def test_a_lost_comment_of_ours_is_found_under_what_it_answers(facebook, house, dana):
    post = facebook.publishes(PAGE, "¡Roscones!")
    comment = facebook.comments(dana, post, "Llegó roto")
    reply = facebook.comments(dana, comment, "¿Nadie contesta?")
    outbound = says("Lo sentimos", **_to(dana, reply))
    assert CHANNEL.find(outbound, house.connection) is None
    facebook.weather.lost = 1.0
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(outbound, house.connection)
    assert error.value.unknown
    found = CHANNEL.find(outbound, house.connection)
    assert [found.external_id] == [one.id for one in facebook.truth.replies()]


def test_a_comment_is_answered_privately_once_within_a_week(facebook, house, dana, clock):
    post = facebook.publishes(PAGE, "¡Roscones!")
    first, late = facebook.comments(dana, post, "Llegó roto"), facebook.comments(dana, post, "¿Y?")
    private = says("Le escribimos por aquí", **_to(dana, first), way="private_reply")
    assert CHANNEL.send(private, house.connection).state == "sent"
    with pytest.raises(ChannelError) as twice:
        CHANNEL.send(private, house.connection)
    assert (twice.value.reason, twice.value.unknown) == ("twice", True)
    assert CHANNEL.find(private, house.connection) is not None, "and what was sent is found"
    clock.pass_by(7.1 * 86400)
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Hola", **_to(dana, late), way="private_reply"), house.connection)
    assert error.value.permanent


def test_visitors_mentions_recommendations_and_advertisements_are_heard(facebook, house, dana):
    advert = facebook.publishes(PAGE, "Oferta", dark=True)
    facebook.posts(dana, PAGE, "Media hora de cola")
    facebook.mentions(dana, PAGE, "No vayan a Panadería Sol")
    facebook.recommends(dana, PAGE, "Nadie atiende")
    facebook.comments(dana, advert, "Estafa")
    facebook.pusher.deliver()
    assert [one.form for one in house.heard()] == ["post", "mention", "review", "comment"]
    post = CHANNEL.post(advert.id, house.connection)
    assert (post.ours, post.text, post.reach.promoted, post.reach.shares) == (True, "Oferta", True, 3)
    assert CHANNEL.post("404", house.connection) is None


@pytest.mark.parametrize("outbound, fits", [
    (says("a" * 2000, "x"), True), (says("a" * 2001, "x"), False),
    (says("a" * 8000, "x", thread=Post("p").thread_of(Author("x"))), True),
    (says("Hola", "x", attachments=(picture(), picture())), True),
    (says("Hola", "x", attachments=(picture(),), thread=Post("p").thread_of(Author("x"))), True),
    (says("Hola", "x", attachments=(picture(), picture()), thread=Post("p").thread_of(Author("x"))), False),
    (says("Hola", "x", attachments=(picture(mime="video/mp4"),), thread=Post("p").thread_of(Author("x"))), False),
    (says("Hola", "x", way="private_reply", attachments=(picture(),)), False),
    (says("Hola", "x", way="private_reply"), True),
    (says("Hola", "x", attachments=(picture(content=bytes(9 * 2**20)),)), False),
    (says("Hola", "x", attachments=(picture("a.pdf", bytes(9 * 2**20), "application/pdf"),)), True),
    (says("Hola", "x", choices=tuple(Choice(str(n), "x") for n in range(14))), False),
    (says("Hola", "x", tag="OTHER"), False),
])  # fmt: skip
def test_it_says_beforehand_what_does_not_fit(outbound, fits):
    assert (CHANNEL.unfit(outbound) == "") == fits


def test_nothing_to_answer_and_nothing_to_say(house):
    for outbound in (says("Hola", "x", thread=ThreadRef("t", "public")), says("", "x")):
        with pytest.raises(ChannelError) as error:
            CHANNEL.send(outbound, house.connection)
        assert error.value.reason == "unfit"


# --- Tokens, rights, rates, weather ------------------------------------------------------------------


@pytest.mark.parametrize("right, do", [
    ("pages_messaging", lambda h, c, d: CHANNEL.send(says("Sí", d.id), h.connection)),
    ("pages_manage_engagement", lambda h, c, d: CHANNEL.send(says("Sí", **_to(d, c)), h.connection)),
    ("pages_read_user_content", lambda h, c, d: CHANNEL.find(says("Sí", **_to(d, c)), h.connection)),
    ("pages_read_engagement", lambda h, c, d: CHANNEL.post(c.post, h.connection)),
    ("pages_manage_metadata", lambda h, c, d: CHANNEL.unsubscribe(h.connection, "http://x")),
])  # fmt: skip
def test_without_a_right_it_is_refused_for_good(facebook, house, dana, right, do):
    comment = facebook.comments(dana, facebook.publishes(PAGE, "x"), "y")
    facebook.writes(dana, PAGE, "Hola")
    facebook.tokens.get(f"token-{PAGE}").rights.discard(right)
    with pytest.raises(ChannelError) as error:
        do(house, comment, dana)
    assert (error.value.permanent, error.value.reason) == (True, "right")


def test_a_token_that_expired_is_never_the_message_s_fault(facebook, house, dana):
    facebook.writes(dana, PAGE, "Hola")
    facebook.tokens.expire(f"token-{PAGE}", NOW)
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Sí", dana.id), house.connection)
    assert (error.value.permanent, error.value.reason) == (False, "token")
    with pytest.raises(ChannelError) as error:
        list(CHANNEL.health(house.connection))
    assert error.value.reason == "token"


@pytest.mark.parametrize("change", [{"config": {"version": "v9.0"}}, {"secrets": {"app_secret": "another"}}])
def test_other_versions_and_calls_without_the_app_s_proof_are_refused(facebook, house, dana, change):
    connection = house.told(**{name: {**getattr(house.connection, name), **value} for name, value in change.items()})
    with pytest.raises(ChannelError):
        CHANNEL.send(says("Sí", dana.id), connection)
    assert not list(facebook.truth.replies())


def test_it_stops_before_the_network_has_to_refuse(facebook, house, dana, clock):
    facebook.limits.rates["app"] = Rate(200, 3600)
    facebook.writes(dana, PAGE, "Hola")
    connection = dataclasses.replace(house.connection, budget=house.limits)
    sent = refused = 0
    for n in range(400):
        try:
            CHANNEL.send(says("Sí", dana.id, key=f"k{n}"), connection)
            sent += 1
        except ChannelError as error:
            assert error.reason == "rate" and error.retry_at
            refused += 1
        clock.pass_by(0.5)
    assert facebook.limits.earned == 0 and sent <= 200 and refused


@pytest.mark.parametrize("status, unknown", [(429, False), (503, False), (500, True)])
def test_storms_are_waited_out(facebook, house, dana, clock, status, unknown):
    facebook.writes(dana, PAGE, "Hola")
    facebook.weather.storms = (Storm(NOW, NOW + 60, status),)
    with pytest.raises(ChannelError) as error:
        CHANNEL.send(says("Sí", dana.id), house.connection)
    assert not error.value.permanent
    clock.pass_by(61)
    assert CHANNEL.send(says("Sí", dana.id), house.connection).state == "sent"


# --- Found again -------------------------------------------------------------------------------------


def test_what_no_webhook_told_is_found_again_once(facebook, house, clock):
    facebook.weather.dropped = 0.5
    people = [facebook.person(f"Persona {n}") for n in range(8)]
    post, advert = facebook.publishes(PAGE, "¡Roscones!"), facebook.publishes(PAGE, "Oferta", dark=True)
    for n in range(120):
        clock.pass_by(60)
        person = people[n % 8]
        files = (File("a.png", "image/png", PNG),) if n % 5 else ()
        doings = (
            partial(facebook.comments, person, post), partial(facebook.writes, person, PAGE, files=files),
            partial(facebook.comments, person, advert), partial(facebook.posts, person, PAGE),
            partial(facebook.mentions, person, PAGE), partial(facebook.recommends, person, PAGE),
        )  # fmt: skip
        doings[n % 6](words=f"palabras {n}")
        facebook.pusher.deliver()
    before = {one.external_id for one in house.heard()}
    assert before < set(facebook.truth.told)
    assert house.reconcile(NOW, clock()) >= 5
    found = {one.external_id: one for one in house.heard()}
    assert set(found) == set(facebook.truth.told)
    for id, told in facebook.truth.told.items():
        one = found[id]
        assert (one.text, one.author.external_id, one.thread.external_id) == (told.text, told.author, told.thread)
        assert abs(one.sent_at.timestamp() - told.at) < 1
    assert facebook.limits.earned == 0


def test_a_span_finds_its_own_and_goes_through_long_threads(facebook, house, clock, dana):
    post, others = facebook.publishes(PAGE, "¡Roscones!"), [facebook.person(f"Persona {n}") for n in range(13)]
    for n in range(130):
        facebook.comments(dana, post, f"c{n}")
        facebook.writes(others[n % 13], PAGE, f"p{n}")
        clock.pass_by(1)
    clock.pass_by(3600)
    facebook.comments(dana, post, "después")
    house.reconcile(NOW, NOW + 600)
    assert len(house.heard()) == 260 and "después" not in {one.text for one in house.heard()}
    clock.pass_by(60)
    house.happened.clear()
    house.reconcile(NOW + 600, clock())
    assert [one.text for one in house.heard()] == ["después"]


def test_a_missing_right_costs_its_own_edge_alone(facebook, house, dana):
    facebook.writes(dana, PAGE, "Hola")
    facebook.comments(dana, facebook.publishes(PAGE, "x"), "y")
    facebook.tokens.get(f"token-{PAGE}").rights.discard("pages_read_user_content")
    house.reconcile(NOW - 1, NOW + 1)
    assert [one.text for one in house.heard()] == ["Hola"]
    facebook.tokens.expire(f"token-{PAGE}", NOW)
    with pytest.raises(ChannelError):
        house.reconcile(NOW - 1, NOW + 1)


# --- Connecting --------------------------------------------------------------------------------------


def test_signing_in_connects_every_page_that_was_chosen(facebook, house):
    facebook.page("222")
    back, user = "https://care.example/oauth", person_token(facebook, *RIGHTS).value
    consent = CHANNEL.authorize(house.connection, back, "state-1")
    assert f"{facebook.url}/v24.0/dialog/oauth?" in consent.url and "pages_messaging" in consent.url
    told = {"code": facebook.consents(back, user).partition("code=")[2].partition("&")[0], "state": "state-1"}
    grants = CHANNEL.exchange(house.connection, told, back, {})
    assert [(one.config["page_id"], one.secrets["token"]) for one in grants] == [
        (PAGE, f"token-{PAGE}"),
        ("222", "token-222"),
    ]
    assert grants[0].expires_at == moment(NOW + 60 * 86400)
    with pytest.raises(ChannelError, match="used or is invalid"):
        CHANNEL.exchange(house.connection, told, back, {})
    with pytest.raises(ChannelError, match="user denied"):
        CHANNEL.exchange(house.connection, {"error": "access_denied", "error_description": "user denied"}, back, {})


def test_tokens_are_prolonged_before_they_end(facebook, house, clock):
    user = person_token(facebook, *RIGHTS)
    connection = house.told(secrets={**house.connection.secrets, "user_token": user.value})
    clock.pass_by(3600)
    grant = CHANNEL.refresh(connection)
    assert grant.secrets["token"] == f"token-{PAGE}" and grant.secrets["user_token"] != user.value
    assert grant.expires_at == moment(NOW + 3600 + 60 * 86400)
    assert CHANNEL.refresh(house.connection).expires_at == moment(NOW + 3600 + 90 * 86400)


def test_its_checks_say_which_right_is_missing(facebook, house):
    (less,) = [one for one in CHANNEL.health(house.connection) if not one.ok]
    assert (less.detail, less.needed) == ("business_management", False) and less.advice
    facebook.tokens.get(f"token-{PAGE}").rights.discard("pages_messaging")
    bad = [one for one in CHANNEL.health(house.connection) if not one.ok and one.needed]
    assert [one.detail for one in bad] == ["pages_messaging"] and bad[0].advice


@pytest.mark.parametrize("wrong", [{"config": {"app_id": "9"}}, {"secrets": {"app_secret": "another"}}])
def test_an_app_and_its_secret_that_do_not_fit_are_told_as_wrong_keys(facebook, house, wrong):
    back, kept = "https://care.example/oauth", house.connection
    code = facebook.consents(back, person_token(facebook, *RIGHTS).value).partition("code=")[2].partition("&")[0]
    other = house.told(**{name: {**getattr(kept, name), **given} for name, given in wrong.items()})
    with pytest.raises(ChannelError) as failed:
        CHANNEL.exchange(other, {"code": code}, back, {})
    assert failed.value.reason == "token"


def test_it_subscribes_answers_the_challenge_and_stops(facebook, house, dana):
    class Door(Network):
        @route("GET", "/hooks/fb", query={"hub.mode": str, "hub.challenge": str, "hub.verify_token": str}, open=True)
        def challenged(self, asked: Asked):
            answer = CHANNEL.verify(Request("GET", {}, asked.url.partition("?")[2], b""), house.connection)
            return Said(answer.status, answer.body, mime="text/plain")

    facebook.accounts[PAGE]["subscribed"] = False
    with Door() as door:
        CHANNEL.subscribe(house.connection, f"{door.url}/hooks/fb")
        assert facebook.app_fields == set(PAGE_FIELDS) and facebook.accounts[PAGE]["subscribed"]
        wrong = house.told(secrets={**house.connection.secrets, "verify_token": "theirs"})
        with pytest.raises(ChannelError, match="Challenge mismatch"):
            CHANNEL.subscribe(wrong, f"{door.url}/hooks/fb")
    CHANNEL.unsubscribe(house.connection, "")
    facebook.writes(dana, PAGE, "Hola")
    assert facebook.pusher.waiting() == 0


def test_the_street_s_graph_shows_only_what_there_is(facebook):
    header = {"authorization": f"Bearer token-{PAGE}"}
    facebook.requires_proof = False
    assert call("GET", f"{facebook.url}/v24.0/{PAGE}?fields=id,name", header)[0] == 200
    assert call("GET", f"{facebook.url}/v24.0/{PAGE}?fields=id,nonsense", header)[0] == 400
    assert call("GET", f"{facebook.url}/v24.0/{PAGE}?other=1", header)[0] == 400
    assert call("GET", f"{facebook.url}/v24.0/{PAGE}")[0] == 400


def test_who_is_blocked_by_the_page_and_let_in_again(facebook, house, dana):
    comment = facebook.comments(dana, facebook.publishes(PAGE, "¡Roscones!"), "¡Ladrones!")

    def judge(verb, who):
        CHANNEL.act(Act("k", verb, comment.id, ThreadRef(who, "public"), Author(who)), house.connection)

    for _time in (1, 2):
        judge("block", dana.id)
    assert dana.is_blocked
    judge("unblock", dana.id)
    assert not dana.is_blocked
    for verb in ("block", "unblock"):
        with pytest.raises(ChannelError) as error:
            judge(verb, "404")
        assert error.value.permanent
    facebook.tokens.get(f"token-{PAGE}").rights.discard("pages_manage_engagement")
    with pytest.raises(ChannelError) as error:
        judge("block", dana.id)
    assert (error.value.permanent, error.value.reason) == (True, "right")
