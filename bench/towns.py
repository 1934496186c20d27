"""Towns for `bench.chaos`: on each network of the street, who lives there, what they do, and how we are connected.

A town has `network` (with its own record, `truth`), `kind` (the channel's), `address` and `values` for connecting an
account, `door(to)` that has it push there, and `speak()` and `change()`, which are what customers do. `expire()` ends
our credentials; `mend()` is the owner who signs in again, where they cannot be renewed by themselves. `said_in` and
`answer_in` tell which entry of its record a message of ours is.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from netcenter.street.networks.base import Push

Door = Callable[..., int]
"""`door(push, url)`: what the house answers; `url` where the network called, if that is a part of its proof."""
PEOPLE = 400
BACK = "https://sol.example/back"
HOOK = "https://sol.example/hooks/key"
WORDS = (
    "¿Cuándo llega mi pedido {n}?", "Llegó roto, quiero una solución ({n})", "Pedido {n}: ¿abren el domingo?",
    "Where is my order {n}?", "O pedido {n} não chegou", "Muchas gracias por el {n}", "Otra vez sin respuesta, {n}",
)  # fmt: skip


class Town:
    """What the towns share. Subclasses make `network`."""

    kind = ""
    address = ""
    reconciles = True  # the network can be asked for what it told before
    most_answers = 1_000_000  # in the day; what is said beyond is disposed of, all day long
    network: Any

    def __init__(self, now: Callable[[], float], seed: int) -> None:
        self.now, self.chance = now, random.Random(seed)
        self.said = 0
        self.build()

    def build(self) -> None:
        """Make the network and its people."""
        raise NotImplementedError

    @property
    def values(self) -> dict[str, Any]:
        """What the owner fills in."""
        raise NotImplementedError

    def grant(self) -> Any:
        """What signing in at the network brings, where that is the way."""
        return None

    def signed_in(self) -> Any:
        """A grant as a person gets it: sent to the network, allowed there, and back."""
        from netcenter.channels.contract import Connection
        from netcenter.channels.registry import channel

        secrets = {name: value for name, value in self.values.items() if name.endswith(("secret", "password"))}
        begun, network = Connection("key", "", "", self.values, secrets), channel(self.kind)
        consent = network.authorize(begun, BACK, "state")
        told = {"state": "state"} if consent.url.startswith(BACK) else self.network.allow(consent.url)
        (grant,) = network.exchange(begun, told, BACK, consent.keep)
        return grant

    def end_all(self) -> None:
        """Every token that was ever given out."""
        for value in self.network.tokens.values():
            self.network.tokens.expire(value, self.now())

    def door(self, to: Door) -> None:
        """Networks that push."""

    def words(self) -> str:
        self.said += 1
        return self.chance.choice(WORDS).format(n=self.said)

    def speak(self) -> None:
        raise NotImplementedError

    def change(self) -> None:
        """Somebody edits or takes back what they said."""

    def expire(self) -> None:
        raise NotImplementedError

    def mend(self) -> dict[str, Any]:
        """New values, as the owner's signing in brings them; empty where nobody is needed."""
        return {}

    def said_in(self, name: str) -> str:
        """What the network's record calls a customer's message."""
        return name

    def answer_in(self, name: str, words: str) -> str:
        """What the network's record calls an answer of ours."""
        return name


class Facebook(Town):
    kind, address, page = "facebook", "1067280970047460", "1067280970047460"

    def build(self) -> None:
        from netcenter.street.networks.meta.pages import Pages

        self.network = Pages(self.now)
        self.token = self.network.page(self.page)
        self.people = [self.network.person(f"Persona {n}") for n in range(PEOPLE)]
        self.posts = [self.network.publishes(self.page, f"Novedad {n}") for n in range(20)]
        self.commented: list[Any] = []

    @property
    def values(self) -> dict[str, Any]:
        return {
            "app_secret": self.network.app_secret, "token": self.token, "verify_token": "ours", "page_id": self.page,
            "app_id": self.network.app_id, "base_url": self.network.url, "dialog_url": self.network.url,
        }  # fmt: skip

    def door(self, to: Door) -> None:
        self.network.hook(to, batch=3)

    def speak(self) -> None:
        who, how = self.chance.choice(self.people), self.chance.random()
        if how < 0.6:
            self.commented.append(self.network.comments(who, self.chance.choice(self.posts), self.words()))
        elif how < 0.9:
            self.network.writes(who, self.page, self.words())
        else:
            self.network.posts(who, self.page, self.words())

    def change(self) -> None:
        if self.commented:
            one = self.commented.pop(self.chance.randrange(len(self.commented)))
            if self.chance.random() < 0.5:
                self.network.rewrites(one, f"{one.text} (corregido)")
            else:
                self.network.takes_back(one)

    def expire(self) -> None:
        self.network.tokens.expire(self.token, self.now())

    def mend(self) -> dict[str, Any]:
        old = self.network.tokens.get(self.token)
        self.token = self.network.tokens.issue(f"{self.token}+", *old.rights, of=old.of).value
        return {"token": self.token}


class Instagram(Facebook):
    kind, address, own = "instagram", "@sol", "17841405309211844"

    def build(self) -> None:
        from netcenter.street.networks.meta.instagram import Instagram as Network

        self.network = Network(self.now)
        self.token = self.network.professional(self.own, self.page)
        self.people = [self.network.person(f"Persona {n}") for n in range(PEOPLE)]
        self.posts = [self.network.publishes(self.own, f"Novedad {n}") for n in range(20)]
        self.privately: list[tuple[Any, str]] = []

    @property
    def values(self) -> dict[str, Any]:
        return {**super().values, "instagram_id": self.own}

    def speak(self) -> None:
        who = self.chance.choice(self.people)
        if self.chance.random() < 0.6:
            self.network.comments(who, self.chance.choice(self.posts), self.words())
        else:
            self.privately.append((who, self.network.writes(who, self.own, self.words()).id))

    def change(self) -> None:
        if self.privately:
            who, mid = self.privately.pop(self.chance.randrange(len(self.privately)))
            if self.chance.random() < 0.5:
                self.network.changes(who, self.own, mid, "Quería decir otra cosa")
            else:
                self.network.unsends(who, self.own, mid)


class WhatsApp(Town):
    """Its cloud cannot be asked for what it told before: it repeats a push until it is taken, for seven days."""

    kind, address, reconciles = "whatsapp", "+34600111222", False

    def build(self) -> None:
        from netcenter.street.networks.meta.whatsapp import WhatsAppCloud

        self.network = WhatsAppCloud(self.now)
        self.token = self.network.sign_up()
        self.network.pusher.most_tries = 10_000
        self.people = [self.network.human(f"Persona {n}") for n in range(PEOPLE)]
        self.written: list[tuple[Any, str]] = []

    @property
    def values(self) -> dict[str, Any]:
        one = self.network
        return {
            "app_secret": one.app_secret, "token": self.token, "verify_token": "ours", "base_url": one.url,
            "files_url": one.url, "number_id": one.phone, "business_id": one.business, "app_id": one.app_id,
        }  # fmt: skip

    def door(self, to: Door) -> None:
        self.network.hook(to, batch=2)

    def speak(self) -> None:
        who = self.chance.choice(self.people)
        self.written.append((who, self.network.writes(who, self.words())))

    def change(self) -> None:
        if self.written:
            self.network.takes_back(*self.written.pop(self.chance.randrange(len(self.written))))

    expire, mend = Facebook.expire, Facebook.mend


class X(Town):
    """It takes 100 posts and 15 private messages of ours in a quarter of an hour."""

    kind, address, most_answers = "twitter", "@panaderiasol", 8_000

    def build(self) -> None:
        from netcenter.street.networks.x import X as Network

        self.network = Network(self.now)
        self.people = [self.network.person(f"Persona {n}", f"persona{n}") for n in range(PEOPLE)]
        self.roots = [self.network.ours(f"Novedad {n}") for n in range(20)]
        self.posted: list[str] = []

    @property
    def values(self) -> dict[str, Any]:
        x = self.network
        return {
            "consumer_secret": x.secret, "client_secret": x.client_secret, "base_url": x.url, "files_url": x.url,
            "dialog_url": x.url, "consumer_key": x.key, "client_id": x.client,
        }  # fmt: skip

    def grant(self) -> Any:
        from netcenter.channels.contract import Grant

        config = {"user_id": self.network.own, "handle": self.network.handle}
        return Grant({"token": "bearer", "refresh_token": "refresh-0"}, config)

    def door(self, to: Door) -> None:
        self.network.hook(to)

    def speak(self) -> None:
        who, how = self.chance.choice(self.people), self.chance.random()
        if how < 0.5:
            self.posted.append(self.network.posts(who, f"@panaderiasol {self.words()}", self.chance.choice(self.roots)))
        elif how < 0.9:
            self.posted.append(self.network.posts(who, f"@panaderiasol {self.words()}"))
        else:
            self.network.writes(who, self.words())

    def change(self) -> None:
        if self.posted:
            self.network.erases(self.posted.pop(self.chance.randrange(len(self.posted))))

    def expire(self) -> None:
        self.network.tokens.expire("bearer", self.now())


class Mastodon(Town):
    kind, address = "mastodon", "@brand@street.example"

    def build(self) -> None:
        from netcenter.street.networks.mastodon import Mastodon as Network

        self.network = Network(self.now)
        self.posted: list[str] = []

    @property
    def values(self) -> dict[str, Any]:
        return {"base_url": self.network.url}

    def grant(self) -> Any:
        grant = self.signed_in()
        self.token = grant.secrets["token"]
        return grant

    def speak(self) -> None:
        who, private = f"persona{self.chance.randrange(PEOPLE)}", self.chance.random() < 0.3
        seen = {"visibility": "direct"} if private else {}
        self.posted.append(self.network.say(who, f"@brand {self.words()}", **seen)["id"])

    def change(self) -> None:
        if self.posted:
            one = self.posted.pop(self.chance.randrange(len(self.posted)))
            if self.chance.random() < 0.5:
                self.network.edit(one, "@brand quería decir otra cosa")
            else:
                self.network.remove(one)

    def expire(self) -> None:
        self.network.tokens.revoke(self.token)

    def mend(self) -> dict[str, Any]:
        return {"token": self.grant().secrets["token"]}


class Bluesky(Town):
    kind, address = "bluesky", "@brand.street.test"

    def build(self) -> None:
        from netcenter.street.networks.bluesky import Bluesky as Network

        self.network = Network(self.now)
        self.posted: list[str] = []

    @property
    def values(self) -> dict[str, Any]:
        one = self.network
        return {"base_url": one.url, "plc_url": one.url, "handle": "brand.street.test", "did": one.did,
                "password": one.password}  # fmt: skip

    def speak(self) -> None:
        who = f"persona{self.chance.randrange(PEOPLE)}"
        if self.chance.random() < 0.7:
            self.posted.append(self.network.say(who, f"@brand.street.test {self.words()}"))
        else:
            self.network.write_privately(who, self.words())

    def change(self) -> None:
        if self.posted:
            self.network.remove(self.posted.pop(self.chance.randrange(len(self.posted))))

    def expire(self) -> None:
        """A new session is had for the app password."""
        self.end_all()


class Telegram(Town):
    """Has no history, and keeps what was not fetched: nothing is dropped for good."""

    kind, address, reconciles = "telegram", "@solbot", False

    def build(self) -> None:
        from netcenter.street.networks.telegram import BotApi

        self.network = BotApi(self.now)
        self.people = [self.network.person(f"Persona {n}") for n in range(PEOPLE)]
        self.posts = []
        for n in range(10):  # shops: more than 20 answers a minute no group takes
            group = self.network.group(f"Amigos del pan {n}")
            channel = self.network.channel(f"Panadería Sol {n}", group)
            self.posts += [self.network.posts(channel, f"Novedad {each}") for each in range(2)]
        self.written: list[str] = []

    @property
    def values(self) -> dict[str, Any]:
        return {"token": self.network.token, "base_url": self.network.url, "groups": "all"}

    def speak(self) -> None:
        who = self.chance.choice(self.people)
        if self.chance.random() < 0.3:
            self.network.comments(who, self.words(), self.chance.choice(self.posts))
        else:
            self.written.append(self.network.writes(who, self.words()))

    def change(self) -> None:
        if self.written:
            one = self.written.pop(self.chance.randrange(len(self.written)))
            self.network.edits(one, "Quería decir otra cosa")

    def expire(self) -> None:
        """A bot's token does not end by itself."""


class YouTube(Town):
    """With a larger quota than the default: at 50 units an answer 10,000 a day would be 140 answers."""

    kind, address = "youtube", "Panadería Sol"

    def build(self) -> None:
        from netcenter.street.networks.youtube import YouTube as Network

        self.network = Network(self.now)
        self.network.quota = 2_000_000
        self.people = [self.network.person(f"Persona {n}") for n in range(PEOPLE)]
        self.videos = [self.network.publishes(f"Receta {n}") for n in range(10)]
        self.commented: list[str] = []

    @property
    def values(self) -> dict[str, Any]:
        one = self.network
        return {
            "base_url": f"{one.url}/youtube/v3", "dialog_url": f"{one.url}/o/oauth2/v2/auth", "token_url": one.url,
            "hub_url": f"{one.url}/hub", "client_id": one.client, "client_secret": one.client_secret,
            "hub_secret": "made-up-hub-secret", "units": 2_000_000,
        }  # fmt: skip

    def grant(self) -> Any:
        return self.signed_in()

    def speak(self) -> None:
        who = self.chance.choice(self.people)
        self.commented.append(self.network.comments(who, self.chance.choice(self.videos), self.words()))

    def change(self) -> None:
        if self.commented:
            one = self.commented.pop(self.chance.randrange(len(self.commented)))
            if self.chance.random() < 0.5:
                self.network.edits(one, "Quería decir otra cosa")
            else:
                self.network.removes(one)

    def expire(self) -> None:
        self.end_all()


class Reddit(Town):
    kind, address = "reddit", "u/panaderiasol"

    def build(self) -> None:
        from netcenter.street.networks.reddit import Reddit as Network

        self.network = Network(self.now)
        self.people = [f"persona{n}" for n in range(PEOPLE)]
        for name in self.people:
            self.network.person(name)
        self.written: list[str] = []

    @property
    def values(self) -> dict[str, Any]:
        one = self.network
        return {
            "base_url": one.url, "site_url": one.url, "client_id": one.client, "client_secret": one.client_secret,
            "username": self.address, "subreddits": "r/sol",
        }  # fmt: skip

    def grant(self) -> Any:
        return self.signed_in()

    def speak(self) -> None:
        who = self.chance.choice(self.people)
        if self.chance.random() < 0.5:
            self.written.append(self.network.posts(who, "sol", self.words(), "Cuenten"))
        else:
            self.network.writes(who, self.words())

    def change(self) -> None:
        if self.written:
            one = self.written.pop(self.chance.randrange(len(self.written)))
            if self.chance.random() < 0.5:
                self.network.edits(one, "Quería decir otra cosa")
            else:
                self.network.deletes(one)

    def expire(self) -> None:
        self.end_all()


class Matrix(Town):
    """A room for each customer, and three that anybody may enter."""

    kind = "matrix"

    def build(self) -> None:
        from netcenter.street.networks.matrix import MatrixServer

        self.network = MatrixServer(self.now)
        self.address = self.network.care
        self.people = [self.network.user(f"persona{n}") for n in range(PEOPLE)]
        self.own = [self.network.room(who, self.network.care) for who in self.people]
        self.open = [self.network.room(self.people[n], rule="public", title=f"Plaza {n}") for n in range(3)]
        for room in self.open:
            self.network.come(room, self.network.care)
        self.written: list[tuple[str, str, str]] = []

    @property
    def values(self) -> dict[str, Any]:
        return {"base_url": self.network.url, "user": self.network.care, "password": self.network.password}

    def grant(self) -> Any:
        return self.signed_in()

    def speak(self) -> None:
        n = self.chance.randrange(PEOPLE)
        who, room = self.people[n], self.own[n] if self.chance.random() < 0.8 else self.chance.choice(self.open)
        self.written.append((room, who, self.network.say(room, who, self.words())))

    def change(self) -> None:
        if self.written:
            room, who, one = self.written.pop(self.chance.randrange(len(self.written)))
            if self.chance.random() < 0.5:
                self.network.edit(room, who, one, "Quería decir otra cosa")
            else:
                self.network.redact(room, who, one)

    def expire(self) -> None:
        """A new token is had for the refresh token."""
        self.end_all()


class Sms(Town):
    """Twilio tells once; what is said cannot be unsaid."""

    kind, address = "sms", "+34600111222"

    def build(self) -> None:
        from netcenter.street.networks.twilio import TwilioMessages

        self.network = TwilioMessages(self.now)
        self.people = [self.network.human(f"Persona {n}") for n in range(PEOPLE)]

    @property
    def values(self) -> dict[str, Any]:
        one = self.network
        return {
            "base_url": one.url, "messaging_url": one.url, "account_sid": one.account, "auth_token": one.auth_token,
            "number": one.number,
        }  # fmt: skip

    def door(self, to: Door) -> None:
        self.network.knock = lambda url, headers, body: (to(Push(body, dict(headers)), url), b"")

    def speak(self) -> None:
        self.network.writes(self.chance.choice(self.people), self.words())

    def expire(self) -> None:
        """Somebody makes a new auth token in Twilio's console: with it they sign from now on."""
        one = self.network
        one.tokens.revoke(f"{one.account}:{one.auth_token}")
        one.auth_token = "e" * 32
        one.tokens.issue(f"{one.account}:{one.auth_token}", of=one.account)

    def mend(self) -> dict[str, Any]:
        return {"auth_token": self.network.auth_token}


class Reviews(Town):
    """What the towns of reviews share: a message of ours is one wording of a review, or of the reply below it."""

    def __init__(self, now: Callable[[], float], seed: int) -> None:
        super().__init__(now, seed)
        self.written: list[str] = []
        self._answers: dict[tuple[str, str], str] = {}  # of the network's record, by review and words

    def speak(self) -> None:
        who, stars = f"Persona {self.said}", self.chance.randint(1, 5)
        self.written.append(self.network.write(who, self.words(), stars))

    def change(self) -> None:
        one = self.written.pop(self.chance.randrange(len(self.written)))
        if self.chance.random() < 0.5:
            self.network.reword(one, f"Quería decir otra cosa de {one}")
        else:
            self.network.remove(one)

    def said_in(self, name: str) -> str:
        from netcenter.channels.reviews import told

        return told.review_of(name)

    def answer_in(self, name: str, words: str) -> str:
        if len(self._answers) != len(self.network.truth.answers):
            self._answers = {(one.thread, one.text): one.id for one in self.network.truth.replies()}
        return self._answers.get((self.said_in(name), words), "")

    def expire(self) -> None:
        """Another token is had at any time."""
        self.end_all()


class GoogleBusiness(Reviews):
    """With notices by Pub/Sub, which name a review that is asked for then."""

    kind, address, pusher = "googlebusiness", "accounts/101", "push@street.iam.gserviceaccount.com"

    def build(self) -> None:
        from netcenter.street.networks.reviews import GoogleBusiness as Network

        self.network = Network(self.now)

    @property
    def values(self) -> dict[str, Any]:
        return {
            "base_url": self.network.url, "client_id": "client-1", "client_secret": "client-secret-1",
            "topic": "projects/street/topics/reviews", "push_account": self.pusher, "days_back": 30,
        }  # fmt: skip

    def grant(self) -> Any:
        return self.signed_in()

    def door(self, to: Door) -> None:
        self.network.subscribed(lambda push: to(push, HOOK), HOOK, self.pusher)


class GooglePlay(Reviews):
    """Google takes 2,000 replies a day for an app."""

    kind, address, most_answers = "googleplay", "com.example.pan", 1_800

    def build(self) -> None:
        from netcenter.street.networks.reviews import GooglePlay as Network

        self.network = Network(self.now)
        self.key = self.network.service()

    @property
    def values(self) -> dict[str, Any]:
        return {"base_url": self.network.url, "package": self.network.package, "key_file": self.key}


class AppStore(Reviews):
    kind, address = "appstore", "1234567890"

    def build(self) -> None:
        from netcenter.street.networks.reviews import AppStore as Network

        self.network, self.key = Network(self.now), "2X9R4HXF34"

    @property
    def values(self) -> dict[str, Any]:
        one = self.network
        return {
            "base_url": one.url, "app": one.app, "issuer": one.issuer, "key_id": self.key, "key": one.key(self.key),
            "days_back": 30,
        }  # fmt: skip

    def expire(self) -> None:
        """Tokens are made by ourselves; the key they are signed with is revoked."""
        self.network.keys.clear()

    def mend(self) -> dict[str, Any]:
        self.key = "9Z8Y7X6W5V"
        self.network.keys[self.key] = "CUSTOMER_SUPPORT"
        return {"key_id": self.key, "key": self.network.key(self.key)}


class Trustpilot(Reviews):
    kind, address = "trustpilot", "sol.example"

    def build(self) -> None:
        from netcenter.street.networks.reviews import Trustpilot as Network

        self.network = Network(self.now)

    @property
    def values(self) -> dict[str, Any]:
        one = self.network
        return {
            "base_url": one.url, "api_key": "key-1", "api_secret": "secret-1", "business_unit": one.unit,
            "business_user": one.user, "hook_token": "made-up-hook-token", "days_back": 30,
        }  # fmt: skip

    def door(self, to: Door) -> None:
        self.network.subscribed(lambda push: to(push, f"{HOOK}?token=made-up-hook-token"))


TOWNS: dict[str, type[Town]] = {
    town.kind: town
    for town in (
        Facebook, Instagram, WhatsApp, X, Telegram, Mastodon, Bluesky, Matrix, YouTube, Reddit, Sms, GoogleBusiness,
        GooglePlay, AppStore, Trustpilot,
    )
}  # fmt: skip
