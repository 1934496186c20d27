"""Who lives in the street, and how they behave. Pure: the same seed is the same person, who says the same things."""

import random
import re
import unicodedata
from dataclasses import dataclass, field

from netcenter.street.matters import APP, CHAT, MAIL, Matter, any_matter
from netcenter.street.pictures import photo
from netcenter.street.words import LANGUAGES, Voice

DOMAINS = ("correo.example", "mail.example", "buzon.example", "caixa.example")
_SORRY = re.compile(
    r"\b(lament|disculp|perd[oó]n|sentimos|desculp|sorry|apolog|ayud|solucion|resol|devol|reembols|estorn|refund|fix|help|pena|pity|upset|chatea)",
    re.IGNORECASE,
)
_GOES_ON = ("question", "claim")  # after whose answer there may be another question
PRESSES = 0.6  # how many use a menu
_TOPICS: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (frozenset({"invoice", "double_charge", "refund_pending", "coupon", "points", "gift_card"}),
     ("factur", "fatura", "pag", "bill")),
    (frozenset({"late_order", "wrong_cake", "missing_item", "change_address", "cancel_order", "birthday_order",
                "holiday_cake"}), ("pedid", "order", "encom")),
)  # fmt: skip
LEAST_ANSWER = 12  # characters; who gets less feels brushed off


@dataclass(frozen=True, slots=True)
class Photo:
    name: str
    content: bytes
    mime: str = "image/png"


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody is about to say: lines on a chat, one text elsewhere. `wait` seconds pass before it."""

    lines: tuple[str, ...]
    wait: float = 0.0
    subject: str = ""
    photos: tuple[Photo, ...] = ()
    way: str = ""  # "" the way of before

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass
class Citizen:
    """One person with one matter."""

    voice: Voice
    matter: Matter
    way: str
    email: str
    handle: str  # in the shop's app
    temper: float  # 0 an angel, 1 a volcano
    patience: float  # seconds without an answer until they ask again
    moves_to: str = ""  # where they try again when nobody answers
    gives_email: bool = True  # on a chat
    nags: int = 0
    turns: int = 0
    is_done: bool = False
    pleased: bool | None = None
    rng: random.Random = field(default_factory=random.Random, repr=False)

    def opening(self) -> Utterance:
        """Their first words."""
        voice, lines = self.voice, self.voice.opening(self.matter)
        if self.matter.is_spam:
            self.is_done = True
        elif self.way == CHAT:
            greeting = voice.hello()
            apart = greeting.endswith("?") or self.rng.random() < 0.5
            lines = [greeting, *lines] if apart else [_joined(greeting, lines[0]), *lines[1:]]
        return Utterance(tuple(self._spoken(lines)), subject=voice.subject(self.matter), photos=self._photos())

    def react(self, answer: str, operator: str, automatic: bool) -> Utterance | None:
        """What they say to an answer; None when nothing. They may be done afterwards."""
        if self.is_done or automatic:
            return None  # who knows that a machine spoke goes on waiting
        self.turns += 1
        self.nags = 0
        if self._is_brushed_off(answer):
            self.temper = min(1.0, self.temper + 0.2)
            self.pleased = False
            self.is_done = self.turns >= 3
            return self._say(self.voice.talk("angrier"), after=(6, 20))
        if "?" in answer and self.turns <= 2:
            detail = self.voice.detail(self.matter)
            if detail:
                yes = self.voice.talk("yes") if self.rng.random() < 0.4 else ""
                return self._say(*filter(None, [yes, detail]), after=(5, 20))
        self.pleased = True
        self.temper = max(0.0, self.temper - 0.3)
        luck = self.rng.random()
        if luck < 0.25 and self.turns <= 2 and self.matter.kind in _GOES_ON:
            return self._say(self.voice.talk("further", place=self.voice.elsewhere()), after=(8, 25))
        self.is_done = True
        if luck < 0.8:
            return self._say(self._thanks(operator), after=(4, 15))
        return self._say(self.voice.talk("satisfied"), after=(4, 15)) if luck < 0.9 else None

    def choose(self, labels: list[str]) -> int | None:
        """Which line of a menu they press; None for the many who simply go on."""
        if not labels or self.is_done or self.rng.random() > PRESSES:
            return None
        stems = next((stems for names, stems in _TOPICS if self.matter.name in names), ())
        fits = (i for i, label in enumerate(labels) if any(stem in label.lower() for stem in stems))
        return next(fits, len(labels) - 1)

    def nag(self) -> Utterance | None:
        """Nobody answered for as long as their patience lasts. None: they go away."""
        if self.is_done:
            return None
        self.nags += 1
        self.temper = min(1.0, self.temper + 0.15)
        self.patience *= 1.3
        if self.nags == 1:
            return self._say(self.voice.talk("hurry"))
        if self.nags == 2 and self.moves_to:
            self.way, self.moves_to = self.moves_to, ""
            lines = [self.voice.talk("moved"), *self.voice.opening(self.matter)]
            subject = self.voice.subject(self.matter)
            return Utterance(tuple(self._spoken(lines)), subject=subject, way=self.way)
        if self.nags == 2:
            return self._say(self.voice.talk("fed_up"))
        self.is_done, self.pleased = True, False
        return None

    # --- Inside -------------------------------------------------------------------------------------------------------

    def _is_brushed_off(self, answer: str) -> bool:
        if len(answer.strip()) < LEAST_ANSWER:
            return self.rng.random() < 0.3 + 0.7 * self.temper
        if self.matter.heat < 0.5 or _SORRY.search(answer):
            return False
        return self.rng.random() < 0.6 * self.temper

    def _thanks(self, operator: str) -> str:
        return self.voice.talk("thanks", operator=operator) if operator else _tidy(self.voice.talk("thanks"))

    def _say(self, *lines: str, after: tuple[float, float] = (0, 0)) -> Utterance:
        """These lines, after so many seconds."""
        return Utterance(tuple(self._spoken(list(lines))), wait=self.rng.uniform(*after))

    def _spoken(self, lines: list[str]) -> list[str]:
        if self.way == MAIL or self.matter.is_spam:
            return lines
        return [self.voice.typed(line, self.temper) for line in lines]

    def _photos(self) -> tuple[Photo, ...]:
        if not self.matter.photos or self.rng.random() < 0.3:
            return ()
        start = self.rng.randint(1000, 9000)
        mouldy = self.matter.name == "mouldy_bread"
        return tuple(
            Photo(f"IMG_{start + i}.png", photo(self.rng, mouldy))
            for i in range(self.rng.randint(1, self.matter.photos))
        )


def citizen(
    rng: random.Random, matter: Matter | None = None, language: str = "", way: str = "", ways: tuple[str, ...] = ()
) -> Citizen:
    """Somebody new. What is not said is left to chance; `ways` are the ways that are open at all."""
    matter = matter or any_matter(rng)
    language = language or rng.choices(list(LANGUAGES), list(LANGUAGES.values()))[0]
    open_ways = [w for w in matter.ways if not ways or w in ways] or list(ways or matter.ways)
    way = way or rng.choices(open_ways, [{CHAT: 4, MAIL: 3, APP: 2}[w] for w in open_ways])[0]
    voice = Voice(language, rng)
    handle = f"{_ascii(voice.first)}.{_ascii(voice.last)}{rng.randint(1, 9999)}"
    others = [w for w in (ways or (CHAT, MAIL, APP)) if w != way]
    return Citizen(
        voice=voice, matter=matter, way=way, email=f"{handle}@{rng.choice(DOMAINS)}", handle=handle,
        temper=min(1.0, max(0.0, rng.gauss(0.15 + 0.7 * matter.heat, 0.15))),
        patience=rng.uniform(60, 150) * {CHAT: 1, APP: 2, MAIL: 5}[way] * (1.3 - 0.6 * matter.heat),
        moves_to=rng.choice(others) if others and rng.random() < 0.35 else "", gives_email=rng.random() < 0.7, rng=rng,
    )  # fmt: skip


def _joined(greeting: str, line: str) -> str:
    begun = line.lstrip("¿¡")
    marks = line[: len(line) - len(begun)]
    return f"{greeting.rstrip('!.')}, {marks}{begun[:1].lower()}{begun[1:]}"


def _tidy(text: str) -> str:
    """Without the place where a name would have stood."""
    return re.sub(r"\s*,?\s+(?=[!,.]|$)", "", text).replace(" !", "!").replace(",!", "!")


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFD", name.lower())
    return "".join(c for c in plain if c.isascii() and c.isalnum())
