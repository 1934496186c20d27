"""The street itself: who turns up when, and what becomes of each conversation."""

import asyncio
import logging
import random
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from netcenter.street.app import Shop
from netcenter.street.chat import Chats
from netcenter.street.citizens import Citizen, Utterance, citizen
from netcenter.street.mail import Post
from netcenter.street.matters import APP, CHAT, MAIL
from netcenter.street.wires import Ear, Heard, House, Network, Wire

log = logging.getLogger(__name__)

FIRST_WITHIN = (0.5, 2.5)  # seconds after somebody is there to answer
LOOK_EVERY = 1.0
LONGEST = 30 * 60.0  # seconds of one conversation while somebody is there to answer
LISTENS_ON = 20.0  # seconds after the last word


@dataclass(frozen=True, slots=True)
class Pace:
    """How busy the street is."""

    seconds: float = 15.0  # between two new people, on average
    most_open: int = 12  # conversations at once
    most_unanswered: int = 6  # of them, that wait for a first answer
    patience: float = 1.0  # times everybody's own
    types: bool = True  # typing takes time


@dataclass
class Counts:
    """What happened in the street so far."""

    came: int = 0
    said: int = 0
    heard: int = 0
    pleased: int = 0
    displeased: int = 0


Attendance = Callable[[], frozenset[str]]
"""The languages of those who could answer now; empty when nobody is there. May block."""


@dataclass(eq=False)
class Talk:
    """One citizen's conversation: their wires, and what they hear over them."""

    citizen: Citizen
    ear: Ear = field(default_factory=Ear)
    wires: dict[str, Wire] = field(default_factory=dict)
    is_answered: bool = False


class Street:
    """A Poisson stream of citizens, each of whom talks with the house until they are content or fed up.

    `post` and `shop` are the sockets on which the house reaches the citizens.
    """

    def __init__(self, house: House, attendance: Attendance, pace: Pace = Pace(), seed: int | None = None) -> None:
        self.house, self.pace, self.counts = house, pace, Counts()
        self.talks: set[Talk] = set()
        self._attendance = attendance
        self._there: frozenset[str] = frozenset()
        self._rng = random.Random(seed)  # noqa: S311
        self._post, self._shop = Post(house), Shop(house)
        self.networks: dict[str, Network] = {
            way: network
            for way, network, is_open in (
                (CHAT, Chats(house, pace.types), bool(house.chats)), (MAIL, self._post, bool(house.mail)),
                (APP, self._shop, bool(house.hook)),
            )
            if is_open
        }  # fmt: skip
        self._tasks: set[asyncio.Task[None]] = set()

    async def live(self, post: socket.socket, shop: socket.socket) -> None:
        """People come and go until cancelled."""
        servers = [await self._post.open(post), await self._shop.open(shop)]
        watching = asyncio.create_task(self._watch())
        try:
            await self._arrivals()
        finally:
            for task in [watching, *self._tasks]:
                task.cancel()
            await asyncio.gather(watching, *self._tasks, return_exceptions=True)
            for server in servers:
                server.close()

    # --- Who comes ----------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            try:
                self._there = await asyncio.to_thread(self._attendance)
            except Exception:
                log.exception("the street cannot see whether somebody is there")
                self._there = frozenset()
            await asyncio.sleep(LOOK_EVERY)

    async def _arrivals(self) -> None:
        due = 0.0
        while True:
            if not self._there:
                due = 0.0
            elif not due:
                due = time.monotonic() + self._rng.uniform(*FIRST_WITHIN)
            elif time.monotonic() >= due and self._has_room():
                self.welcome(self._somebody())
                mean = self.pace.seconds
                due = time.monotonic() + min(4 * mean, max(0.2 * mean, self._rng.expovariate(1 / mean)))
            await asyncio.sleep(0.1)

    def _has_room(self) -> bool:
        unanswered = sum(not t.is_answered for t in self.talks)
        return len(self.talks) < self.pace.most_open and unanswered < self.pace.most_unanswered

    def _somebody(self) -> Citizen:
        person = citizen(random.Random(self._rng.random()), ways=tuple(self.networks))  # noqa: S311
        if person.voice.language not in self._there:  # nobody could answer them
            language = self._rng.choice(sorted(self._there))
            person = citizen(person.rng, person.matter, language, person.way, tuple(self.networks))
        person.patience *= self.pace.patience
        return person

    # --- What becomes of it -------------------------------------------------------------------------------------------

    def welcome(self, person: Citizen) -> "asyncio.Task[None]":
        """Let this person talk with the house."""
        self.counts.came += 1
        task = asyncio.create_task(self._converse(Talk(person)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _converse(self, talk: Talk) -> None:
        person = talk.citizen
        self.talks.add(talk)
        try:
            await self._say(talk, person.opening())
            await self._go_on(talk)
            await self._say_thanks_to_late_words(talk)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("a citizen's conversation failed")
        finally:
            self.talks.discard(talk)
            for wire in talk.wires.values():
                await wire.leave()
            if person.pleased is not None:
                self.counts.pleased += person.pleased
                self.counts.displeased += not person.pleased

    async def _go_on(self, talk: Talk) -> None:
        person, end = talk.citizen, LONGEST
        while not person.is_done and end > 0:
            heard, waited = await self._hear(talk, person.patience)
            end -= waited
            said = person.react(heard.text, heard.operator, heard.automatic) if heard else person.nag()
            if heard and not heard.automatic:
                self.counts.heard += 1
                talk.is_answered = True
                person.way = heard.way
            if said is not None:
                await self._say(talk, said)

    async def _hear(self, talk: Talk, patience: float) -> tuple[Heard | None, float]:
        """What they hear before their patience ends, and how long they waited. Nobody's patience ends at night."""
        waited = 0.0
        while waited < patience:
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    return await talk.ear.heard.get(), waited
            except TimeoutError:
                waited += LOOK_EVERY if self._there else 0.0
        return None, waited

    async def _say_thanks_to_late_words(self, talk: Talk) -> None:
        """They stay for a moment, so that who writes one more line is not talking to nobody."""
        if not talk.citizen.matter.is_spam:
            await asyncio.sleep(LISTENS_ON * self.pace.patience)

    async def _say(self, talk: Talk, said: Utterance) -> None:
        person = talk.citizen
        if self.pace.types:
            await asyncio.sleep(said.wait)
        way = said.way or person.way
        if way not in talk.wires:
            talk.wires[way] = self.networks[way].wire(person, talk.ear)
        await talk.wires[way].say(said)
        self.counts.said += 1
