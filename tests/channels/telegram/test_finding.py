"""Did it leave? What is asked by the numbers of messages, what follows from it, and when nobody can say."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from netcenter.channels.contract import (
    Attachment,
    Author,
    ChannelError,
    Choice,
    Doubt,
    Outbound,
    Receipt,
    ThreadRef,
    Unsettled,
)
from netcenter.channels.telegram import finding
from netcenter.channels.telegram.channel import CHANNEL
from netcenter.street.networks.base import Storm
from tests.channels.telegram.house import NOW, House, answers

JPG = Attachment("pan.jpg", "image/jpeg", b"jpg")
LONG = "a" * 1025  # goes before the files
MENU = (Choice("horario", "Horario"),)
TRIED = datetime.fromtimestamp(NOW, UTC)


class Asking:
    """An answer of which nobody knows whether it left, and what its house holds around it."""

    def __init__(self, network, house: House, **more) -> None:
        house.poll()
        self.network, self.house = network, house
        self.outbound = answers(house.heard()[-1], **more)
        self.before = {one.external_id: one.sent_at for one in house.heard()}
        self.ours: dict[str, datetime] = {}
        self.held: set[str] = set()
        self.others: tuple[Unsettled, ...] = ()

    def lose(self, **other) -> "Asking":
        """It is said there, and we are not told."""
        self.network.weather.lost = 1.0
        with pytest.raises(ChannelError) as error:
            CHANNEL.send(dataclasses.replace(self.outbound, **other), self.house.connection)
        assert error.value.unknown
        self.network.weather.lost = 0.0
        return self

    def say(self, **other) -> tuple[str, ...]:
        """It is said there; its names."""
        outbound = dataclasses.replace(self.outbound, **other)
        for _attempt in range(9):
            try:
                receipt = CHANNEL.send(outbound, self.house.connection)
            except ChannelError as error:
                assert error.reason == "rate" and error.retry_at
                self.house.clock.at = error.retry_at.timestamp()
                outbound = dataclasses.replace(outbound, left=error.left)
            else:
                return (receipt.external_id, *receipt.also)
        raise AssertionError("it never left")

    def goes_on(self, seconds: float = 40) -> "Asking":
        """Well after the attempt somebody else writes: so far the numbers have come."""
        self.house.clock.pass_by(seconds)
        self.network.writes(self.network.person("Eva"), "Buenas")
        self.house.poll()
        return self

    def find(self, **other) -> Receipt | None:
        known = {one.external_id: one.sent_at for one in self.house.heard() if one.external_id not in self.before}
        doubt = Doubt(TRIED, self.before, {**known, **self.ours}, self.holds, self.others)
        outbound = dataclasses.replace(self.outbound, **{"doubt": doubt, **other})
        return CHANNEL.find(outbound, self.house.connection)

    def holds(self, names) -> set[str]:
        return self.held & set(names)

    def fails(self, **other) -> ChannelError:
        with pytest.raises(ChannelError) as error:
            self.find(**other)
        assert not error.value.unknown, "asking does nothing: the doubt is as old as it was"
        return error.value

    def is_given_up(self, **other) -> bool:
        error = self.fails(**other)
        assert "Look in the chat" in str(error)
        return error.permanent

    def is_asked_later(self, **other) -> bool:
        error, now = self.fails(**other), self.house.clock()
        return not error.permanent and error.retry_at is not None and error.retry_at.timestamp() == now + 20


@pytest.fixture
def asking(network, house, dana):
    network.writes(dana, "¿Abren hoy?")
    return Asking(network, house)


def names(receipt: Receipt | None) -> list[str]:
    assert receipt is not None
    return [receipt.external_id, *receipt.also]


def test_what_left_is_found_at_once_and_nothing_is_changed(network, asking, dana):
    assert names(asking.lose().find()) == [f"{dana['id']}/2"]
    assert [one.text for one in network.truth.replies()] == [asking.outbound.text]
    assert not any("edit_date" in one for one in network.messages.values())


def test_what_did_not_leave_is_said_again_once_it_can_be_nowhere_else(network, asking, dana):
    assert asking.is_asked_later(), "above what we know there may be numbers that we do not"
    assert asking.goes_on().find() is None
    network.writes(network.person("Eva"), "not heard yet")
    network.writes(dana, "nor is this")
    asking.house.clock.pass_by(40)
    asking.goes_on()
    assert asking.find() is None


def test_it_is_found_among_what_was_said_elsewhere_and_is_not_recorded_yet(network, asking, dana):
    eva, group = network.person("Eva"), network.group("Amigos", "group")
    for n in range(3):
        network.writes(eva, f"{n}")
        network.writes(dana, f"{n}", group)
    network.writes(dana, "¿Hola?")
    asking.lose()
    network.writes(eva, "more")
    found = asking.find()
    assert found is not None and network.truth.answers[found.external_id].text == asking.outbound.text


def test_what_has_a_name_is_not_asked(network, asking, house):
    asking.lose()
    for n in range(30):
        network.writes(network.person("Eva"), f"{n}")
    house.poll()
    calls = len(network.calls)
    assert asking.find() is not None
    assert len(network.calls) - calls == 1 + 1 + finding.BEYOND, "theirs, ours, and those above"


def test_what_we_said_there_before_is_never_taken_for_it(network, asking):
    asking.held = set(asking.say())
    assert asking.is_asked_later() and asking.goes_on().find() is None


def test_somebody_who_wrote_in_the_same_minute_does_not_tell_how_far_the_numbers_have_come(network, asking):
    asking.goes_on(seconds=20)
    assert asking.is_asked_later()
    asking.lose()
    assert asking.find() is not None, "it left later than they wrote"


def test_a_supergroup_counts_alone_and_a_basic_group_does_not(network, house, dana):
    for kind in ("supergroup", "group"):
        group = network.group("Amigos", kind)
        network.writes(dana, "¿Abren?", group)
        lost, unsaid = Asking(network, house).lose(), Asking(network, house, key="k2")
        (there,) = names(lost.find())
        assert there.startswith(f"{group['id']}/")
        unsaid.ours = {there: TRIED}
        unsaid.goes_on()
        if kind == "supergroup":
            assert unsaid.is_asked_later(), "what is said in private tells nothing here"
            network.writes(dana, "¿Hola?", group)
            house.poll()
        assert unsaid.find() is None


def test_an_album_is_found_whole_or_not_at_all(network, house, asking, dana):
    album = Asking(network, house, text="Vea", attachments=(JPG, JPG, JPG))
    assert names(album.lose().find()) == [f"{dana['id']}/{n}" for n in (2, 3, 4)]
    network.erases(f"{dana['id']}/3")
    assert album.is_asked_later()
    house.clock.pass_by(40)
    assert album.goes_on().is_given_up(), "two of three: nobody knows what that is"


def test_a_half_sent_answer_goes_on_with_what_is_missing(network, house, asking, dana):
    whole = Asking(network, house, text=LONG, attachments=(JPG, JPG))
    whole.lose()
    assert whole.is_asked_later(), "the files may be there as well"
    whole.goes_on()
    error = whole.fails()
    assert not error.permanent and error.left == (f"{dana['id']}/2",)
    assert whole.find(left=error.left) is None, "the files are not"
    assert whole.say(left=error.left)[0] == error.left[0]
    assert [one.facts["kind"] for one in network.truth.replies()] == ["text", "photo", "photo"]


def test_of_a_process_that_died_with_all_said_all_is_found(network, house, asking):
    whole = Asking(network, house, text=LONG, attachments=(JPG, JPG))
    said = whole.say()
    assert names(whole.find()) == list(said)
    assert names(whole.find(left=said[:1])) == list(said)
    assert whole.is_given_up(left=said), "then there is nothing in doubt"


def test_a_menu_is_found_with_its_buttons_which_stay(network, house, asking):
    menu = Asking(network, house, text=LONG, choices=MENU, attachments=(JPG,))
    said = menu.say()
    assert names(menu.find()) == list(said)
    made = network.messages[menu.house.network._key(said[0])]
    assert made["reply_markup"]["inline_keyboard"] and "edit_date" not in made


def test_what_has_other_buttons_is_not_it(network, house, asking):
    menu = Asking(network, house, text="¿Qué necesita?", choices=MENU)
    elsewhere = network.messages[network._key(asking.say()[0])]
    assert menu.is_given_up() and "reply_markup" not in elsewhere, "ours are taken away again"
    asking.before |= {network._name(elsewhere): TRIED}
    menu.say()
    assert asking.is_given_up()


@pytest.mark.parametrize("until, since, is_it", [(-31, 0, True), (-29, 0, False), (60, 0, False), (-31, None, False)])
def test_where_something_else_of_ours_may_have_left_what_is_found_may_be_that(asking, dana, until, since, is_it):
    asking.lose().goes_on()
    asking.others = (Unsettled(str(dana["id"]), TRIED + timedelta(seconds=until), False), Unsettled("77", TRIED, True))
    if since is None:
        asking.before = {}
    assert asking.find() if is_it else asking.is_asked_later()


def test_of_two_in_doubt_what_is_not_there_did_not_leave_either_of_them(asking, dana):
    asking.others = (Unsettled(str(dana["id"]), TRIED, False),)
    assert asking.goes_on().find() is None


def test_no_buttons_are_touched_that_may_be_another_s(network, house, asking, dana):
    menu = Asking(network, house, choices=MENU)
    asking.others = (Unsettled(str(dana["id"]), TRIED, True),)
    menu.others = (Unsettled(str(dana["id"]), TRIED, False),)
    menu.lose().goes_on()
    calls = len(network.calls)
    assert asking.is_asked_later() and menu.is_asked_later()
    assert len(network.calls) == calls


def test_two_of_ours_where_one_was_said_are_for_a_person_to_look_at(network, asking):
    asking.lose()
    asking.house.clock.pass_by(2)
    asking.say()
    assert asking.is_asked_later()
    assert asking.goes_on().is_given_up()


def test_where_the_customer_s_own_words_are_not_seen_an_answer_tells_nothing(network, asking, dana):
    asking.lose().goes_on()
    network.erases(f"{dana['id']}/1")
    assert asking.is_given_up()


def test_who_took_our_answer_away_gets_it_again(network, asking, dana):
    asking.lose().goes_on()
    network.erases(f"{dana['id']}/2")
    assert asking.find() is None


def test_too_much_to_ask_is_left_alone(network, asking, dana):
    asking.lose()
    for n in range(finding.MOST):
        network.writes(network.person("Eva"), f"{n} that is not heard yet")
    calls = len(network.calls)
    assert asking.goes_on().house.heard()
    asking.ours = {}
    asking.house.happened = [one for one in asking.house.happened if "not heard" not in getattr(one, "text", "")]
    assert asking.is_asked_later()
    asking.ours = {f"77/{finding.SPAN + 9}": TRIED}
    asking.house.happened = asking.house.happened[:1]
    assert asking.is_given_up()
    assert not [one for one in network.calls[calls:] if "editMessageReplyMarkup" in str(one)]


def test_nobody_knows_what_nothing_is_known_of(network, house, asking, dana):
    asking.lose()
    assert asking.is_given_up(doubt=None)
    asking.before = {}
    assert asking.is_given_up(target="callback/1")
    network.writes_to_business(dana, "¿Turno?", network.business(network.person("Ana")))
    assert Asking(network, house).is_given_up()
    direct = Outbound(
        "k", ThreadRef("-1001~5"), Author("1"), "Sí", target="-1001/7", doubt=Doubt(TRIED, {}, {}, lambda names: ())
    )
    with pytest.raises(ChannelError, match="Look in the chat"):
        CHANNEL.find(direct, house.connection)


def test_an_answer_to_a_button_is_found_without_words_of_theirs(network, house, asking, dana):
    menu = Asking(network, house, text="¿Qué necesita?", choices=MENU)
    said = menu.say()[0]
    network.presses(dana, said, "horario")
    pressed = Asking(network, house)
    assert pressed.outbound.target.startswith("callback/")
    pressed.ours = {said: TRIED}
    house.clock.pass_by(2)
    assert names(pressed.lose().find()) == [f"{dana['id']}/3"]


@pytest.mark.parametrize("break_it, given_up, reason", [
    (lambda n, d: n.chats.pop(d["id"]), True, ""),
    (lambda n, d: n.tokens.revoke(n.token), False, "token"),
    (lambda n, d: setattr(n.weather, "storms", (Storm(0, 9e12, 429),)), False, "rate"),
    (lambda n, d: setattr(n.weather, "storms", (Storm(0, 9e12, 502),)), False, ""),
    (lambda n, d: n.stop(), False, ""),
])  # fmt: skip
def test_when_asking_fails_it_is_asked_again_or_given_up(network, asking, dana, break_it, given_up, reason):
    asking.lose()
    break_it(network, dana)
    error = asking.fails()
    assert (error.permanent, error.reason) == (given_up, reason)


def test_asking_is_paid_like_any_call_and_earns_no_429(network, house, clock):
    people = [network.person(f"P{n}") for n in range(20)]
    doubts = []
    for who in people:
        network.writes(who, "Hola")
        doubts.append(Asking(network, house).lose())
        clock.pass_by(0.1)
    waited = 0
    for one in doubts:
        one.ours = {name: TRIED for other in doubts if other is not one for name in network.truth.answers}
        one.ours = {name: at for name, at in one.ours.items() if not name.startswith(one.outbound.thread.external_id)}
        for _time in range(9):
            try:
                assert one.find() is not None
                break
            except ChannelError as error:
                assert error.reason == "rate" and error.retry_at and error.bucket == "messages"
                waited, clock.at = waited + 1, error.retry_at.timestamp()
    assert waited and network.limits.earned == 0
