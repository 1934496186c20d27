"""A small network with public places, for tests: it stands where the api channel stood, and remembers."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from netcenter.channels.contract import (
    Act,
    Author,
    Capabilities,
    Inbound,
    Post,
    Receipt,
)
from netcenter.channels.registry import channel
from tests.company import NOON

DANA = Author("dana", "Dana", handle="@dana")
EVA = Author("eva", "Eva")
POST = Post("p1", "Hoy abrimos hasta las ocho", ours=True, url="https://toy.example/p1")
COMMENT = Inbound("c1", DANA, POST.thread_of(DANA), NOON, "¿Abren hoy?", form="comment")
ABLE = Capabilities(
    places=("private", "public"), private_reply=True, templates=True, hours={"private": 24.0, "private_reply": 168.0},
    tags={"HUMAN_AGENT": 168.0}, reactions=("like",), max_length=200,
    acts=frozenset({"hide", "show", "delete_theirs", "delete_ours", "edit", "react", "unreact"}),
)  # fmt: skip


def comment(id: str, by: Author, text: str, minutes: float = 0, **more) -> Inbound:
    """A comment under the one post."""
    at = NOON + timedelta(minutes=minutes)
    return replace(COMMENT, external_id=id, author=by, thread=POST.thread_of(by), text=text, sent_at=at, **more)


@dataclass
class Toy:
    """What the network was asked, and how it fails next."""

    said: list = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)
    done_before: bool = False

    def act(self, act: Act, connection) -> Receipt:
        if self.fails:
            raise self.fails.pop(0)
        self.acts.append(act)
        return Receipt(act.target, "sent", NOON)

    def find_act(self, act: Act, connection) -> Receipt | None:
        return Receipt(act.target, "sent", NOON) if self.done_before else None

    def send(self, outbound, connection) -> Receipt:
        if self.fails:
            raise self.fails.pop(0)
        self.said.append(outbound)
        return Receipt(f"ours-{len(self.said)}", "sent", NOON)


def take_place(monkeypatch) -> Toy:
    """The api channel of this test is the toy."""
    toy, kind = Toy(), type(channel("api"))
    monkeypatch.setattr(kind, "capabilities", ABLE)
    for name in ("act", "find_act", "send"):
        monkeypatch.setattr(channel("api"), name, getattr(toy, name), raising=False)
    return toy
