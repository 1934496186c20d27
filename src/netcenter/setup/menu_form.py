"""The form of a menu: a question, a few lines in three languages, and what each asks of whoever is rung."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from netcenter.accounts.models import Account
from netcenter.channels.contract import Capabilities
from netcenter.lib.text import fold
from netcenter.look.formats import duration
from netcenter.people.models import Skill
from netcenter.routing.choices import MOST_CHOICES, is_number
from netcenter.routing.menus import Line, MenuDetails
from netcenter.routing.models import Menu
from netcenter.setup.actions import LANGUAGES

LONGEST_LABEL = 40  # characters: one line on a telephone
LONGEST_QUESTION = 300
LIVE_PATIENCE = (15, 30, 60, 120, 300)  # seconds that somebody in front of a screen may be waited for
PATIENCE = (*LIVE_PATIENCE, 900, 3600, 4 * 3600)
LEVELS = [(1, gettext_lazy("Can help out")), (2, gettext_lazy("Good")), (3, gettext_lazy("Expert"))]
QUESTION = gettext_noop("To take you to the right person: what is it about? You may also simply go on writing.")
ELSE = gettext_noop("Something else")


@dataclass(frozen=True)
class Row:
    """The fields of one line."""

    number: int
    pk: forms.BoundField
    labels: list[tuple[str, forms.BoundField]]
    skill: forms.BoundField
    level: forms.BoundField
    position: forms.BoundField

    @property
    def errors(self) -> list[str]:
        bound = [*(label for _code, label in self.labels), self.skill, self.level, self.position]
        return [str(error) for one in bound for error in one.errors]


class MenuForm(forms.Form):
    """`lines` are the rows that say something, in their order."""

    is_on = forms.BooleanField(label=gettext_lazy("Ask for a first choice"), required=False)
    patience = forms.TypedChoiceField(label=gettext_lazy("Wait for a choice"), coerce=int)

    def __init__(self, account: Account, able: Capabilities, kept: Menu | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(account, able, kept))
        self.language = account.brand.language[:2]
        self.lines: list[Line] = []
        seconds = {*(LIVE_PATIENCE if able.live else PATIENCE), *([kept.patience_seconds] if kept else [])}
        self.fields["patience"].choices = [(s, duration(s)) for s in sorted(seconds)]  # type: ignore[attr-defined]
        for code, name in LANGUAGES:
            self.fields[f"question_{code}"] = forms.CharField(
                label=name, required=False, max_length=LONGEST_QUESTION,
                widget=forms.Textarea({"rows": 2, "lang": code}),
            )  # fmt: skip
        filled = sum(
            1 for n in range(MOST_CHOICES) if self.initial.get(f"line{n}_pk") or self.initial.get(f"line{n}_es")
        )
        self._shown = MOST_CHOICES if data is not None else min(MOST_CHOICES, max(3, filled + 1))
        skills = Skill.objects.exclude(code__startswith="language:")
        for n in range(MOST_CHOICES):
            self._add_row(n, skills)

    def _add_row(self, n: int, skills: Any) -> None:
        self.fields[f"line{n}_pk"] = forms.IntegerField(required=False, widget=forms.HiddenInput)
        for code, name in LANGUAGES:
            self.fields[f"line{n}_{code}"] = forms.CharField(
                label=name, required=False, max_length=LONGEST_LABEL,
                widget=forms.TextInput({"lang": code, "autocomplete": "off"}),
            )  # fmt: skip
        self.fields[f"line{n}_skill"] = forms.ModelChoiceField(
            skills, label=_("Rings who knows"), required=False, empty_label=_("anybody")
        )
        self.fields[f"line{n}_level"] = forms.TypedChoiceField(
            label=_("At least"),
            coerce=int,
            choices=LEVELS,
            required=False,
            initial=1,
            empty_value=1,  # type: ignore[arg-type]
        )
        self.fields[f"line{n}_position"] = forms.IntegerField(
            label=_("Place"), required=False, min_value=1, max_value=MOST_CHOICES, initial=n + 1
        )

    @property
    def questions(self) -> list[forms.BoundField]:
        return [self[f"question_{code}"] for code, _name in LANGUAGES]

    @property
    def rows(self) -> list[Row]:
        found = [
            Row(n + 1, self[f"line{n}_pk"], [(code, self[f"line{n}_{code}"]) for code, _name in LANGUAGES],
                self[f"line{n}_skill"], self[f"line{n}_level"], self[f"line{n}_position"])
            for n in range(MOST_CHOICES)
        ]  # fmt: skip
        return [r for r in found if r.number <= self._shown or r.errors]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        found = []
        for n in range(MOST_CHOICES):
            labels = {
                code: label for code, _name in LANGUAGES if (label := (values.get(f"line{n}_{code}") or "").strip())
            }
            if labels:
                self._check(n, labels)
                skill = values.get(f"line{n}_skill")
                line = Line(values.get(f"line{n}_pk"), labels, skill.pk if skill else None,
                            values.get(f"line{n}_level") or 1)  # fmt: skip
                found.append((values.get(f"line{n}_position") or n + 1, n, line))
        self.lines = [line for _position, _n, line in sorted(found, key=lambda one: one[:2])]
        if values.get("is_on"):
            if not values.get(f"question_{self.language}"):
                self.add_error(f"question_{self.language}", _("Write the question in the language of the brand."))
            if len(self.lines) < 2:
                self.add_error(None, _("A menu needs two lines or more."))
        return values

    def _check(self, n: int, labels: dict[str, str]) -> None:
        """What is chosen must be told apart by whoever reads it, and by us."""
        if self.language not in labels:
            self.add_error(f"line{n}_{self.language}", _("Write this line in the language of the brand too."))
        for code, label in labels.items():
            before = {fold((self.cleaned_data.get(f"line{m}_{code}") or "").strip()) for m in range(n)}
            if fold(label) in before:
                self.add_error(f"line{n}_{code}", _("Another line says the same."))
            elif is_number(label):
                self.add_error(f"line{n}_{code}", _("This would be read as the number of a line. Use other words."))

    def details(self) -> MenuDetails:
        values = self.cleaned_data
        question = {code: (values.get(f"question_{code}") or "").strip() for code, _name in LANGUAGES}
        return MenuDetails(bool(values.get("is_on")), question, values.get("patience") or 60, self.lines)


def _initial(account: Account, able: Capabilities, kept: Menu | None) -> dict[str, Any]:
    if kept is None:
        return _suggested(account, able)
    questions = {f"question_{code}": text for code, text in kept.question.items()}
    found: dict[str, Any] = {"is_on": kept.is_on, "patience": kept.patience_seconds, **questions}
    for n, choice in enumerate(kept.choices.all()):  # type: ignore[attr-defined]
        found |= {
            f"line{n}_pk": choice.pk, f"line{n}_skill": choice.skill_id, f"line{n}_level": choice.level,
            f"line{n}_position": n + 1, **{f"line{n}_{code}": label for code, label in choice.labels.items()},
        }  # fmt: skip
    return found


def _suggested(account: Account, able: Capabilities) -> dict[str, Any]:
    """A beginning: our words, the skills that there are, and a line for everything else."""
    found: dict[str, Any] = {f"question_{code}": text for code, text in said(QUESTION).items()}
    found["patience"] = 60 if able.live else 3600
    skills = list(Skill.objects.exclude(code__startswith="language:").order_by("name")[:3])
    for n, skill in enumerate(skills):
        found |= {f"line{n}_{account.brand.language[:2]}": skill.name[:LONGEST_LABEL], f"line{n}_skill": skill.pk,
                  f"line{n}_position": n + 1}  # fmt: skip
    return found | {f"line{len(skills)}_{code}": text for code, text in said(ELSE).items()}


def said(msgid: str) -> dict[str, str]:
    """Our own words in each language of customers."""
    found = {}
    for code, _name in LANGUAGES:
        with translation.override("pt-br" if code == "pt" else code):
            found[code] = _(msgid)
    return found
