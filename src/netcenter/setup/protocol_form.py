"""The form of a protocol: what it asks, its steps a line each, its words, what is never said."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from netcenter.accounts.models import Brand
from netcenter.people.models import Skill
from netcenter.protocols.content import MOST, Content, Step, Words, spoken
from netcenter.protocols.models import Protocol
from netcenter.protocols.rules import Condition
from netcenter.protocols.writing import Written
from netcenter.setup.actions import LANGUAGES
from netcenter.setup.standards import KINDS, channel_choices
from netcenter.setup.topics import topic_choices

BLOCKS = (1, 2, 3)
MOODS = (("negative", gettext_lazy("Negative")), ("neutral", gettext_lazy("Neutral")),
         ("positive", gettext_lazy("Positive")))  # fmt: skip
SIGNS = (
    ("angry", gettext_lazy("Angry")), ("abuse", gettext_lazy("Insults")), ("threat", gettext_lazy("Threatens")),
    ("legal", gettext_lazy("Speaks of lawyers or authorities")), ("churn", gettext_lazy("Speaks of leaving")),
    ("personal", gettext_lazy("Holds personal data")),
)  # fmt: skip
PLACES = (("public", gettext_lazy("Public")), ("private", gettext_lazy("Private")))
CRISES = (
    (0, gettext_lazy("Always")), (1, gettext_lazy("From yellow")), (2, gettext_lazy("From orange")),
    (3, gettext_lazy("Only in red")),
)  # fmt: skip
GRADES = (("block", gettext_lazy("It does not leave, unless somebody says why")),
          ("warn", gettext_lazy("A warning")))  # fmt: skip


def condition_words(when: Condition) -> str:
    """When it applies, in a few words, for lists."""
    known = {**dict(KINDS), **dict(MOODS), **dict(SIGNS), **dict(PLACES), **dict(channel_choices()),
             **dict(topic_choices())}  # fmt: skip
    parts = [
        ", ".join(str(known.get(value, value)) for value in values)
        for values in (when.kinds, when.topics, when.signs, when.moods, when.channels, when.places) if values
    ]  # fmt: skip
    if when.words:
        parts.append("“" + "”, “".join(when.words[:3]) + "”" + ("…" if len(when.words) > 3 else ""))
    if when.crisis:
        parts.append(str(dict(CRISES)[when.crisis]))
    return " · ".join(parts)


def _skills() -> list[tuple[str, str]]:
    return [("", "–"), *Skill.objects.values_list("code", "name")]


def _ticks(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple)


def _lines(label: Any, rows: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=8000,
                           widget=forms.Textarea({"rows": rows}), **more)  # fmt: skip


class ProtocolForm(forms.Form):
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0)
    brand = forms.ModelChoiceField(
        Brand.objects, label=gettext_lazy("Brand"), required=False, empty_label=gettext_lazy("Every brand")
    )
    kinds = _ticks(gettext_lazy("Kind of message"), KINDS[1:])
    topics = _ticks(gettext_lazy("Topic"), topic_choices)
    words = _lines(gettext_lazy("Or one of these words"), 3, help_text=gettext_lazy(
        "One a line, in any language; the beginning of a word is enough."))  # fmt: skip
    moods = _ticks(gettext_lazy("Mood"), MOODS)
    signs = _ticks(gettext_lazy("Signs"), SIGNS)
    channels = _ticks(gettext_lazy("Channel"), lambda: channel_choices()[1:])
    places = _ticks(gettext_lazy("Place"), PLACES)
    crisis = forms.TypedChoiceField(
        label=gettext_lazy("Crisis level"), choices=CRISES, coerce=int, required=False
    )  # fmt: skip
    never = _lines(gettext_lazy("Never say"), 4, help_text=gettext_lazy("One phrase a line."))
    never_grade = forms.ChoiceField(label=gettext_lazy("When it is said all the same"), choices=GRADES, initial="block",
                                    widget=forms.RadioSelect, required=False)  # fmt: skip
    answer_skill = forms.ChoiceField(label=gettext_lazy("Only answered by who has"), choices=_skills, required=False)
    approval = forms.BooleanField(label=gettext_lazy("Somebody else approves the answer"), required=False)
    approver_skill = forms.ChoiceField(
        label=gettext_lazy("Who has this may approve, too"), choices=_skills, required=False,
        help_text=gettext_lazy("Supervisors always may; never who wrote it."),
    )  # fmt: skip

    def __init__(self, *args: Any, before: Content | None, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before, self.language = before, language
        for code, name in LANGUAGES:
            lang = {"lang": code}
            self.fields[f"title_{code}"] = forms.CharField(label=name, required=False, max_length=120,
                                                           widget=forms.TextInput(lang))  # fmt: skip
            self.fields[f"note_{code}"] = forms.CharField(label=name, required=False, max_length=400,
                                                          widget=forms.TextInput(lang))  # fmt: skip
            self.fields[f"steps_{code}"] = forms.CharField(label=name, required=False, max_length=8000,
                                                           widget=forms.Textarea({"rows": 6, **lang}))  # fmt: skip
            for n in BLOCKS:
                self.fields[f"say{n}_{code}"] = forms.CharField(
                    label=name, required=False, max_length=8000, widget=forms.Textarea({"rows": 4, **lang})
                )
        for n in BLOCKS:
            self.fields[f"say{n}_name"] = forms.CharField(label=_("Name"), required=False, max_length=80)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not any(values.get(f"title_{code}") for code, _name in LANGUAGES):
            self.add_error(f"title_{self._own}", _("Give it a name in at least one language."))
        if not self.errors and not self.steps():
            self.add_error(f"steps_{self._own}", _("Write at least one step."))
        counts = {len(lines) for code, _name in LANGUAGES if (lines := self._lines_in(f"steps_{code}"))}
        if len(counts) > 1:
            self.add_error(f"steps_{self._own}", _(
                "Each language needs the same number of lines: a line is the same step in all of them."))  # fmt: skip
        return values

    @property
    def _own(self) -> str:
        return self.language if self.language in dict(LANGUAGES) else "es"

    def group(self, name: str) -> list[forms.BoundField]:
        return [self[f"{name}_{code}"] for code, _name in LANGUAGES]

    @property
    def blocks(self) -> list[tuple[int, forms.BoundField, list[forms.BoundField]]]:
        return [(n, self[f"say{n}_name"], self.group(f"say{n}")) for n in BLOCKS]

    def _texts(self, name: str) -> dict[str, str]:
        said = {code: (self.cleaned_data.get(f"{name}_{code}") or "").strip() for code, _name in LANGUAGES}
        return {code: text for code, text in said.items() if text}

    def _lines_in(self, name: str) -> list[str]:
        lines = [line.strip() for line in (self.cleaned_data.get(name) or "").splitlines()]
        return [line[:400] for line in lines if line][:MOST]

    def steps(self) -> tuple[Step, ...]:
        """A line is a step. One that says in any language what an old one said is the old one, and keeps its ticks."""
        by_language = {code: self._lines_in(f"steps_{code}") for code, _name in LANGUAGES}
        known = {(code, text): s.key for s in (self.before.steps if self.before else ())
                 for code, text in s.texts.items()}  # fmt: skip
        found: list[Step] = []
        for i in range(max(map(len, by_language.values()), default=0)):
            texts = {code: lines[i] for code, lines in by_language.items() if i < len(lines)}
            key = next((known[one] for one in texts.items() if one in known), uuid.uuid4().hex[:12])
            if key in {s.key for s in found}:
                key = uuid.uuid4().hex[:12]
            found.append(Step(key, texts))
        return tuple(found)

    def _words(self) -> tuple[Words, ...]:
        old = self.before.words if self.before else ()
        found = []
        for n in BLOCKS:
            texts, name = self._texts(f"say{n}"), (self.cleaned_data.get(f"say{n}_name") or "").strip()
            if not texts:
                continue
            names = dict(old[n - 1].names) if n <= len(old) else {}
            if not names or spoken(names, self.language) != name:
                names = {**names, self._own: name or _("Words")}
            found.append(Words(names, texts))
        return tuple(found) + tuple(old[len(BLOCKS) :])

    def content(self) -> Content:
        """What the form says; of a form with errors, what of it can be read."""
        v = self.cleaned_data
        several = {name: tuple(v.get(name) or ()) for name in (
            "kinds", "topics", "moods", "signs", "channels", "places")}  # fmt: skip
        return Content(
            titles=self._texts("title"), notes=self._texts("note"),
            when=Condition(**several, words=tuple(self._lines_in("words")), crisis=v.get("crisis") or 0),
            steps=self.steps(), words=self._words(), never=tuple(self._lines_in("never")),
            never_grade=v.get("never_grade") or "block", answer_skill=v.get("answer_skill") or "",
            approval=bool(v.get("approval")), approver_skill=v.get("approver_skill") or "",
        )  # fmt: skip

    def written(self) -> Written:
        brand = self.cleaned_data.get("brand")
        return Written(self.content(), self.language, brand.pk if brand else None, self.cleaned_data.get("seen") or 0)


def initial(kept: Protocol | None, content: Content | None, language: str) -> dict[str, Any]:
    """What stands in the form at first."""
    if kept is None or content is None:
        return {"seen": 0, "never_grade": "block", "crisis": 0}
    when = content.when
    told: dict[str, Any] = {
        "seen": kept.number, "brand": kept.brand, "words": "\n".join(when.words), "never": "\n".join(content.never),
        "never_grade": content.never_grade, "answer_skill": content.answer_skill, "approval": content.approval,
        "approver_skill": content.approver_skill, "crisis": when.crisis,
        **{name: list(getattr(when, name)) for name in ("kinds", "topics", "moods", "signs", "channels", "places")},
    }  # fmt: skip
    for code, _name in LANGUAGES:
        told[f"title_{code}"], told[f"note_{code}"] = content.titles.get(code, ""), content.notes.get(code, "")
        lines = [s.texts.get(code, "") for s in content.steps]
        told[f"steps_{code}"] = "\n".join(line or "–" for line in lines) if any(lines) else ""
        for n, words in zip(BLOCKS, content.words, strict=False):
            told[f"say{n}_{code}"] = words.texts.get(code, "")
            told[f"say{n}_name"] = spoken(words.names, language)
    return told
