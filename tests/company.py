"""A small company for tests: Alice and Bob operate, Charlie supervises, Dana complains."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from netcenter.accounts.actions import connect
from netcenter.accounts.models import Account, Brand, Organisation
from netcenter.assistant.known import MEMORY
from netcenter.channels.contract import Raw
from netcenter.flow import take_in
from netcenter.intake.actions import store
from netcenter.people.models import Person, PersonSkill, Skill, Team
from netcenter.routing.menus import MENUS
from netcenter.routing.models import Queue
from netcenter.routing.presence import set_state
from netcenter.standards.actions import install_defaults

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)  # a Wednesday


@dataclass
class Company:
    """What `found` made."""

    brand: Brand
    api: Account
    chat: Account
    alice: Person
    bob: Person
    charlie: Person

    def said(self, text: str, by: str = "dana", at: datetime = NOON, thread: str = "", id: str = "", **more) -> dict:
        """One message in the api channel's format."""
        thread_of = {"id": thread or f"thread-{by}"}
        message = {
            "type": "message", "id": id or f"{by}-{at.isoformat()}-{abs(hash(text))}", "thread": thread_of,
            "author": {"id": by, "name": by.title(), **more.pop("author", {})}, "text": text,
            "sent_at": at.isoformat(),
        }  # fmt: skip
        return message | more

    def deliver(self, *happenings: dict, at: datetime | None = None) -> None:
        """The api account hands over happenings, one delivery each, and they are taken in."""
        now = at or max((datetime.fromisoformat(h["sent_at"]) for h in happenings if "sent_at" in h), default=NOON)
        raws = [Raw(json.dumps(h).encode(), f"d-{h.get('id')}-{h['type']}-{i}") for i, h in enumerate(happenings)]
        store(self.api, raws, None, now)
        while take_in(now):
            pass

    def available(self, *people: Person, at: datetime = NOON) -> None:
        for i, person in enumerate(people):
            set_state(person, "available", at + timedelta(microseconds=i), person)


def found() -> Company:
    """A company with one brand, an api and a chat account, and three people who speak Spanish."""
    MENUS.forget()
    MEMORY.forget()
    Organisation.objects.create(name="Panadería Aurora")
    brand = Brand.objects.create(name="Aurora")
    team = Team.objects.create(name="Mostrador")
    Queue.objects.create(name="Aurora", brand=brand, needs_language=False)
    install_defaults()
    spanish = Skill.objects.create(code="language:es", name="Español")
    people = []
    for name, role in (("Alice", "operator"), ("Bob", "operator"), ("Charlie", "supervisor")):
        person = Person.objects.create_user(f"{name.lower()}@example.com", "correct horse", name=name, role=role)
        PersonSkill.objects.create(person=person, skill=spanish)
        brand.people.add(person)
        team.members.add(person)
        people.append(person)
    api = connect(brand, "api", "Web shop", "shop", {"webhook_url": "https://shop.example/hook"}, NOON, "system")
    chat = connect(brand, "webchat", "Chat", "chat", {}, NOON, "system")
    return Company(brand, api, chat, *people)
