"""Panadería Aurora, the demo's company. The edge at which the street is tied to a house: it knows both."""

import os
import socket
import tomllib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import close_old_connections, transaction

from netcenter.accounts import actions as accounts
from netcenter.accounts.actions import BrandDetails
from netcenter.accounts.models import Account, Brand
from netcenter.accounts.queries import connection_of, organisation
from netcenter.cases.models import Case
from netcenter.people import staff
from netcenter.people.breaks import BreakDetails, save_break
from netcenter.people.capacity import set_capacity
from netcenter.people.models import Desk, Person, Skill, Team
from netcenter.people.staff import Details
from netcenter.protocols.actions import Words, save_answer
from netcenter.routing.menus import Line, MenuDetails, save_menu
from netcenter.routing.overflow import Wanted, set_chain
from netcenter.routing.queues import Honesty, QueueDetails, set_honesty
from netcenter.setup.actions import save_brand
from netcenter.setup.menu_form import QUESTION, said
from netcenter.standards import rulebook
from netcenter.standards.actions import install_defaults
from netcenter.standards.models import Standard
from netcenter.standards.rulebook import Rule, Week
from netcenter.street import owners, past
from netcenter.street.wires import House
from netcenter.street.words import FOLDER

ACTOR = "demo"
ZONE = "America/Argentina/Buenos_Aires"
ADDRESS = "hola@panaderia-aurora.example"
LANGUAGES = {"es": "Español", "pt": "Português", "en": "English"}
TOPICS = {"billing": "Facturación", "orders": "Pedidos"}
MENU = (  # what the bakery's chat asks, with the skill of each line
    ({"es": "Facturas y pagos", "en": "Billing", "pt": "Faturas e pagamentos"}, "billing"),
    ({"es": "Un pedido", "en": "An order", "pt": "Um pedido"}, "orders"),
    ({"es": "Otra cosa", "en": "Something else", "pt": "Outra coisa"}, ""),
)
CHAT_MINUTES = 5  # somebody sits in front of a screen
MOST_WAITING = 30  # cases; a demo that runs alone overnight must not fill up

_PEOPLE: tuple[tuple[str, str, str, dict[str, int]], ...] = (
    ("Ana Ríos", Person.Role.OPERATOR, "es", {"es": 3, "pt": 2, "billing": 3}),
    ("Bruno Carvalho", Person.Role.OPERATOR, "pt-br", {"pt": 3, "es": 2, "orders": 2, "billing": 1}),
    ("Carla Medina", Person.Role.OPERATOR, "es", {"es": 3, "en": 2, "orders": 3}),
    ("Diego Suárez", Person.Role.OPERATOR, "es", {"es": 3, "orders": 2}),
    ("Elena Prat", Person.Role.OPERATOR, "es", {"es": 3, "en": 2, "billing": 2}),
    ("Grace Wells", Person.Role.OPERATOR, "en", {"en": 3, "es": 2, "billing": 1, "orders": 2}),
    ("Sofía Lamas", Person.Role.SUPERVISOR, "es", {"es": 3, "pt": 2, "en": 2, "billing": 2, "orders": 2}),
    ("Marcos Vidal", Person.Role.ADMINISTRATOR, "es", {"es": 3, "en": 2}),
)
_WEEKDAY = [["07:00", "13:00"], ["14:00", "21:00"]]
_HOURS = {
    **{str(day): _WEEKDAY for day in range(5)},
    "5": [["08:00", "14:00"], ["16:00", "20:00"]],
    "6": [["08:00", "13:00"]],
}
_OVERFLOW = (Wanted(60, "level"), Wanted(180, "everybody"), Wanted(600, "supervisors"))
_BREAKS = (("Almuerzo", 60), ("Pausa", 15), ("Reunión", 0), ("Capacitación", 0), ("Fuera del puesto", 5))
_GREETINGS = {
    "greeting_es": "¡Hola! Somos Panadería Aurora. ¿Qué necesitas?",
    "greeting_en": "Hello! We are Panadería Aurora. What can we do for you?",
    "greeting_pt": "Olá! Somos a Panadería Aurora. Como podemos ajudar?",
}


@dataclass(frozen=True)
class Opened:
    """The demo, ready to begin: the house as its citizens know it, and the sockets on which it reaches them."""

    house: House
    post: socket.socket
    shop: socket.socket


def open_street(url: str, now: datetime) -> Opened | None:
    """Furnish an empty database, open the citizens' mail server and the shop's webhook, and tell the accounts.

    Call it before the loops start: it chooses the port on which the house takes mail. None when the installation is
    somebody's real one.
    """
    if not settings.DEMO or not install(now):
        return None
    post, shop = (socket.create_server(("127.0.0.1", 0)) for _ in range(2))
    if not os.environ.get("NETCENTER_EMAIL_SMTP_PORT"):
        os.environ["NETCENTER_EMAIL_SMTP_PORT"] = str(_free_port())
    mail_port = int(os.environ["NETCENTER_EMAIL_SMTP_PORT"])
    return Opened(_tie(url, mail_port, post.getsockname()[1], shop.getsockname()[1], now), post, shop)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def install(now: datetime, stories: int = past.STORIES) -> bool:
    """The company, its people and its last week, on an empty database. False when the installation is not the demo's.

    Idempotent; all or nothing.
    """
    if organisation() is not None:
        return Account.objects.filter(channel="email", address=ADDRESS).exists()
    with transaction.atomic():
        accounts.found("Panadería Aurora", "es", ZONE, now, ACTOR)
        people = _people(now)
        bakery, cafe = _brands(people, now)
        _standards(now)
        _accounts(bakery, cafe, now)
        _answers(now)
        _desks(people, now)
        past.live_through(past.Cast.of(bakery, cafe, people), now, stories)
        owners.name_owners(ZONE, now, ACTOR)
        owners.ask_one(people[0], now)
        _menu(now)  # the past was not asked
    return True


def _people(now: datetime) -> list[Person]:
    team = staff.save_team(None, "Atención al cliente", [], now, ACTOR)
    skills = {code: staff.save_skill(None, f"language:{code}", name, now, ACTOR).pk for code, name in LANGUAGES.items()}
    skills |= {code: staff.save_skill(None, code, name, now, ACTOR).pk for code, name in TOPICS.items()}
    made = []
    for name, role, language, spoken in _PEOPLE:
        first = name.partition(" ")[0].lower().replace("í", "i")
        email = f"{first}@demo.netcenter.example"
        levels = {skills[code]: level for code, level in spoken.items()}
        details = Details(name, email, role, language, ZONE, teams=[team.pk], levels=levels)
        made.append(staff.add(details, now, ACTOR))
    return made


def _brands(people: list[Person], now: datetime) -> tuple[Brand, Brand]:
    team = Team.objects.get()
    everybody = [p.pk for p in people]
    signature = "Panadería Aurora · panaderia-aurora.example"
    bakery = BrandDetails("Aurora", "es", "#b45309", signature, everybody)
    cafe = BrandDetails("Aurora Café", "es", "#0f766e", "Aurora Café", everybody)
    brands = (
        save_brand(None, bakery, now, ACTOR, QueueDetails(team_id=team.pk, ring_seconds=25)),
        save_brand(None, cafe, now, ACTOR, QueueDetails(ring_seconds=25)),
    )
    queue = brands[0].queue
    set_chain(queue, _OVERFLOW, now, ACTOR)
    set_honesty(queue, Honesty(busy_after_seconds=60), now, ACTOR)
    return brands


def _standards(now: datetime) -> None:
    """The usual ones in the shops' hours; a chat within minutes, whenever somebody is there."""
    always = install_defaults(ZONE)  # a time that is named to a customer is read on their clock
    shops = rulebook.save_calendar(
        None, Week("Horario de los locales", ZONE, hours=_HOURS, country="AR"), now, ACTOR
    )  # fmt: skip
    Standard.objects.filter(calendar=always).update(calendar=shops)
    for measure in (Standard.Measure.FIRST, Standard.Measure.NEXT):
        rulebook.save_standard(None, Rule(measure, CHAT_MINUTES, always.pk, channel="webchat"), now, ACTOR)


def _accounts(bakery: Brand, cafe: Brand, now: datetime) -> None:
    """A chat for each brand, one mailbox, and the shop's app. Their wires are tied at each start."""
    mail = {"smtp_host": "127.0.0.1", "smtp_security": "plain", "copies": "server", "signature": bakery.signature}
    accounts.connect(bakery, "email", "Correo de Aurora", ADDRESS, mail, now, ACTOR)
    chat = {"title": "Aurora", "ask_email": True, **_GREETINGS}
    accounts.connect(bakery, "webchat", "Chat de la web", "", chat, now, ACTOR)
    accounts.connect(cafe, "webchat", "Chat de los cafés", "", chat | {"title": "Aurora Café"}, now, ACTOR)
    accounts.connect(bakery, "api", "Aplicación de pedidos", "", {"webhook_url": "http://127.0.0.1/"}, now, ACTOR)


def _menu(now: datetime) -> None:
    """The bakery's chat asks what it is about; some of its citizens ignore that."""
    chat = Account.objects.filter(channel="webchat").earliest("pk")
    skills = dict(Skill.objects.values_list("code", "pk"))
    lines = [Line(None, labels, skills.get(code)) for labels, code in MENU]
    save_menu(chat, MenuDetails(True, said(QUESTION), 30, lines), now, ACTOR)


def _desks(people: list[Person], now: datetime) -> None:
    """Why people take breaks; and Diego, who is new, takes fewer chats."""
    for name, minutes in _BREAKS:
        save_break(None, BreakDetails(name, minutes), now, ACTOR)
    diego = next(p for p in people if p.first_name == "Diego")
    set_capacity(diego, 100, {"webchat": 2}, now, ACTOR)


def _answers(now: datetime) -> None:
    with (FOLDER / "canned.toml").open("rb") as file:
        listed = tomllib.load(file)["answers"]
    for one in listed:
        words = Words(one["name"], one["shortcut"], texts={code: one[code] for code in LANGUAGES})
        save_answer(None, words, now, ACTOR)


def _tie(url: str, mail_port: int, post_port: int, shop_port: int, now: datetime) -> House:
    """Tell the accounts where the citizens are today; returns where the house is for them."""
    mail = Account.objects.get(channel="email", address=ADDRESS)
    app = Account.objects.get(channel="api", name="Aplicación de pedidos")
    _change(mail, {"smtp_port": post_port}, now)
    _change(app, {"webhook_url": f"http://127.0.0.1:{shop_port}/"}, now)
    chats = Account.objects.filter(channel="webchat").order_by("pk").values_list("key", flat=True)
    return House(
        url=url, chats=tuple(chats), mail=ADDRESS, mail_port=mail_port, hook=app.key,
        hook_secret=connection_of(app).secrets["secret"],
    )  # fmt: skip


def _change(account: Account, values: dict[str, Any], now: datetime) -> None:
    accounts.change(account, account.name, account.address, {**account.config, **values}, now, ACTOR)


def attendance() -> frozenset[str]:
    """The languages of the people who are available; empty when nobody is, or when enough is waiting already."""
    close_old_connections()
    there = Person.objects.filter(desk__state=Desk.State.AVAILABLE, is_active=True)
    codes = set(there.filter(skills__code__startswith="language:").values_list("skills__code", flat=True))
    spoken = frozenset(code.removeprefix("language:") for code in codes) & LANGUAGES.keys()
    if not spoken:
        return frozenset()
    waiting = Case.objects.filter(waiting_since__isnull=False, holder=None, language__in=spoken)
    return spoken if waiting.count() < MOST_WAITING else frozenset()
