"""Who comes and who goes, with wires of string."""

import asyncio
import random
from collections.abc import Callable

from netcenter.street.citizens import Citizen, Utterance, citizen
from netcenter.street.matters import APP, CHAT, MAIL, MATTERS
from netcenter.street.street import Pace, Street
from netcenter.street.wires import Ear, Heard, House, Wire

HOUSE = House("http://127.0.0.1:9", chats=("k",), mail="a@b.example", hook="h", hook_secret="s")
HOURS = next(m for m in MATTERS if m.name == "hours")
QUICK = Pace(seconds=0.05, patience=0.02, types=False)
Answers = Callable[[Utterance], str]


class String:
    """A wire on which every utterance is noted and perhaps answered."""

    def __init__(self, network: "Strings", ear: Ear) -> None:
        self.network, self.ear = network, ear

    async def say(self, said: Utterance) -> None:
        self.network.said.append(said)
        if answer := self.network.answers(said):
            self.ear.hear(Heard(self.network.way, answer, "Ana"))

    async def leave(self) -> None:
        self.network.left += 1


class Strings:
    def __init__(self, way: str, answers: Answers) -> None:
        self.way, self.answers = way, answers
        self.said: list[Utterance] = []
        self.people: list[Citizen] = []
        self.left = 0

    def wire(self, person: Citizen, ear: Ear) -> Wire:
        self.people.append(person)
        return String(self, ear)


def street(there: frozenset[str], answers: Answers = lambda _said: "", pace: Pace = QUICK) -> Street:
    made = Street(HOUSE, lambda: there, pace, seed=4)
    made.networks = {way: Strings(way, answers) for way in (CHAT, MAIL, APP)}
    return made


def live(made: Street, seconds: float) -> None:
    async def run() -> None:
        watching = asyncio.create_task(made._watch())
        coming = asyncio.create_task(made._arrivals())
        await asyncio.sleep(seconds)
        for task in [watching, coming, *made._tasks]:
            task.cancel()
        await asyncio.gather(watching, coming, *made._tasks, return_exceptions=True)

    asyncio.run(run())


def test_nobody_comes_while_nobody_is_there_to_answer():
    made = street(frozenset())
    live(made, 1.5)
    assert made.counts.came == 0


def test_somebody_comes_within_five_seconds_of_an_operator():
    made = street(frozenset({"es"}), pace=Pace(seconds=60))
    live(made, 4.5)
    assert made.counts.came == 1


def test_there_are_never_more_unanswered_than_the_street_allows():
    made = street(frozenset({"es", "pt", "en"}), pace=Pace(seconds=0.05, most_unanswered=4, types=False))
    live(made, 6)
    assert made.counts.came == 4


def test_people_speak_a_language_of_those_who_are_there():
    made = street(frozenset({"pt"}), lambda _said: "Sentimos muito, já devolvemos o valor hoje mesmo.")
    live(made, 5)
    people = [person for network in made.networks.values() for person in network.people]  # type: ignore[attr-defined]
    assert people
    assert {person.voice.language for person in people} == {"pt"}


def test_an_answered_person_goes_away_content():
    async def story() -> Street:
        made = street(frozenset({"es"}), lambda _said: "Abrimos a las 8, y los domingos a las 9. Lamentamos la espera.")
        made._there = frozenset({"es"})
        await made.welcome(citizen(random.Random(5), HOURS, "es", CHAT))
        return made

    made = asyncio.run(story())
    assert made.counts.pleased == 1
    assert not made.talks
    assert made.networks[CHAT].left == 1  # type: ignore[attr-defined]


def test_an_ignored_person_moves_to_another_way_and_in_the_end_leaves():
    async def story() -> tuple[Street, Citizen]:
        made = street(frozenset({"es"}))
        made._there = frozenset({"es"})
        person = citizen(random.Random(5), HOURS, "es", CHAT)
        person.patience, person.moves_to = 0.5, MAIL
        await made.welcome(person)
        return made, person

    made, person = asyncio.run(story())
    chat, mail = made.networks[CHAT], made.networks[MAIL]
    assert len(chat.said) == 2  # type: ignore[attr-defined]
    assert len(mail.said) == 1  # type: ignore[attr-defined]
    assert person.pleased is False
    assert made.counts.displeased == 1


def test_patience_does_not_run_out_while_nobody_is_there():
    async def story() -> Citizen:
        made = street(frozenset())
        person = citizen(random.Random(5), HOURS, "es", CHAT)
        person.patience = 0.5
        task = made.welcome(person)
        await asyncio.sleep(3)
        task.cancel()
        return person

    assert asyncio.run(story()).nags == 0
