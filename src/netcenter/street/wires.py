"""What a citizen's ways to a house have in common, and where the house's doors are. No wire knows the others."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from netcenter.street.citizens import Citizen, Utterance


@dataclass(frozen=True, slots=True)
class House:
    """An installation as its customers know it: addresses, and the secret that its webhook partner was given."""

    url: str  # http://127.0.0.1:8000
    chats: tuple[str, ...] = ()  # keys of chat accounts, the bakeries' first, then the cafés'
    mail: str = ""  # the company's address; "" when mail cannot be written
    mail_host: str = "127.0.0.1"
    mail_port: int = 0
    hook: str = ""  # key of the api account; "" when there is none
    hook_secret: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What reached a citizen. `way` tells where, so that they answer there."""

    way: str
    text: str
    operator: str = ""
    automatic: bool = False


@dataclass
class Ear:
    """What somebody has heard and not yet minded, whichever way it came."""

    heard: asyncio.Queue[Heard] = field(default_factory=asyncio.Queue)

    def hear(self, heard: Heard) -> None:
        self.heard.put_nowait(heard)


class Wire(Protocol):
    """One citizen's way to the house."""

    async def say(self, said: Utterance) -> None:
        """Return when the house has it for sure; tries for as long as it takes."""

    async def leave(self) -> None:
        """Nothing more will be said or heard here. Idempotent."""


class Network(Protocol):
    """What makes wires of one kind."""

    def wire(self, citizen: Citizen, ear: Ear) -> Wire: ...


FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0


async def pause(attempt: int) -> None:
    """Wait before trying again, longer each time."""
    await asyncio.sleep(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempt, 6)))
