"""The form of an account, made from what its channel says it needs."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from netcenter.accounts.models import Account, Brand
from netcenter.accounts.queries import saved_secrets
from netcenter.channels.contract import Channel, Field
from netcenter.setup.forms import colour

ADDRESS = "address"  # a channel's field of this name is the account's own address


class ConnectionForm(forms.Form):
    """Name and brand, then the channel's own fields. A saved secret is never put into the page."""

    brand = forms.ModelChoiceField(Brand.objects, label=gettext_lazy("Brand"), empty_label=None)
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("Only colleagues read it. Like: Mail, head office."),
    )

    def __init__(
        self, channel: Channel, account: Account | None, data: Any = None, pasted: frozenset[str] = frozenset()
    ) -> None:  # fmt: skip
        super().__init__(data, initial=_initial(channel, account))
        self.channel = channel
        self.saved = saved_secrets(account) if account else set()
        if account is not None:
            del self.fields["brand"]  # what was said under one brand stays there
        elif len(brands := list(Brand.objects.values_list("pk", flat=True)[:2])) == 1:
            self.initial["brand"] = brands[0]
            if data is None or data.get("brand") == str(brands[0]):  # nothing to choose, unless it was chosen wrongly
                self.fields["brand"].widget = forms.HiddenInput()
        for field in channel.fields:
            if field.generated and account is None:
                continue  # made up by the house
            self.fields[field.name] = made = _made(field, field.name in self.saved)
            wanted = field.required or (field.name in pasted and not field.rare)
            made.required = wanted and field.kind != "checkbox" and field.name not in self.saved

    def clean(self) -> dict[str, Any]:
        """Who may change an account must not learn its password by sending it to a server of their own."""
        values = super().clean() or {}
        for field in self.channel.fields:
            kept = field.name in self.saved and not values.get(field.name)
            if kept and any(name in self.changed_data for name in field.sent_to):
                self.add_error(field.name, gettext("Type it again: it would be sent to another server."))
        return values

    @property
    def usual(self) -> list[forms.BoundField]:
        """What everybody fills in; `rare` follows, folded."""
        rare = {field.name for field in self.channel.fields if field.rare}
        return [bound for bound in self if bound.name not in rare]

    @property
    def rare(self) -> list[forms.BoundField]:
        usual = {bound.name for bound in self.usual}
        return [bound for bound in self if bound.name not in usual]

    @property
    def address(self) -> str:
        return str(self.cleaned_data.get(ADDRESS, "") or "")

    @property
    def values(self) -> dict[str, Any]:
        """What the channel's fields were given; an unchanged secret is left out."""
        given = {f.name: self.cleaned_data.get(f.name) for f in self.channel.fields if f.name in self.fields}
        return {k: "" if v is None else v for k, v in given.items() if v or not self._secret(k)}

    def _secret(self, name: str) -> bool:
        return any(f.secret or f.kind == "secret" for f in self.channel.fields if f.name == name)


class SecretLines(forms.Textarea):
    """Several lines that are never put into the page again, like a password."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


def _initial(channel: Channel, account: Account | None) -> dict[str, Any]:
    given = {field.name: field.default for field in channel.fields if not field.secret}
    if account is not None:
        given |= account.config | {"name": account.name}
        if account.address:
            given[ADDRESS] = account.address
    return given


def _made(field: Field, is_saved: bool) -> forms.Field:
    """One of Django's fields for one of the channel's; its words are translated when they are drawn."""
    common: dict[str, Any] = {"label": _told(field.label), "help_text": _told(field.help), "required": False}
    if field.secret or field.kind == "secret":
        shown = {"autocomplete": "off", "spellcheck": "false"}
        if is_saved:
            shown["placeholder"] = gettext("Saved. Type to replace it.")
        widget = SecretLines({**shown, "rows": 3}) if field.lines else forms.PasswordInput(shown)
        return forms.CharField(widget=widget, strip=not field.lines, **common)
    match field.kind:
        case "number":
            return forms.IntegerField(min_value=0, max_value=field.most, **common)
        case "choice":
            return forms.ChoiceField(choices=[(value, _told(label)) for value, label in field.choices], **common)
        case "checkbox":
            return forms.BooleanField(**common)
        case "url":
            return forms.URLField(assume_scheme="https", **common)
        case "email":
            return forms.EmailField(**common)
        case "colour":  # in words: a browser's own picker knows no empty
            return forms.CharField(max_length=7, validators=[colour], **common)
    return forms.CharField(max_length=2000, widget=forms.Textarea({"rows": 3}) if field.lines else None, **common)


def _told(words: str) -> str:
    return gettext(words) if words else ""
