"""What a person fills in to make a key or add a webhook."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from netcenter.api.models import ApiToken
from netcenter.api.rules import GROUPS

LABELS = {
    "message.*": _("Messages: received, written, sent, failed, edited, read"),
    "case.*": _("Cases: closed, disposed, passed on, snoozed"),
    "offer.*": _("Rings: rang, accepted, declined, missed"),
    "referral.*": _("Handed on to who is responsible: asked, reminded, answered"),
    "acknowledgement.*": _("What the house told by itself, and whether it was kept"),
    "menu.*": _("Menus: asked, chosen, passed over"),
    "note.*": _("Notes and mentions"),
    "post.*": _("Posts: first heard of, learned, hidden, vanished"),
    "deed.*": _("What was done on a network: hidden, deleted, liked, and with whose approval"),
    "round.*": _("Rounds: one text for many, from asking to its end"),
    "sighting.*": _("Heard elsewhere: found, repeated, made a case"),
    "promise.*": _("Promises: near, broken"),
    "customer.*": _("Customers: merged, described, named"),
    "account.*": _("Accounts: connected, changed, failing"),
    "delivery.*": _("Deliveries that cannot be read"),
    "dispatch.*": _("Answers that could not be sent"),
    "guard.*": _("Guard: overruled"),
    "protocol.*": _("Protocols: followed, steps ticked, written, switched"),
    "assistant.*": _("Assistant: what left the house, what it drafted, what was sent of it"),
    "approval.*": _("Answers that waited for approval: asked, approved, returned, withdrawn"),
    "desk.*": _("Desks: who is available"),
    "*": _("Everything, also changes of settings"),
}


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("What will use it, e.g. the shop."),
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=_("What it may do, under your name"), choices=ApiToken.Scope.choices, initial=[ApiToken.Scope.READ],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


class WebhookForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    url = forms.URLField(
        label=_("Address"), max_length=500, assume_scheme="https",
        help_text=_("Events are posted there as signed JSON, with everything that is on the record."),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(label=_("What it is told"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kinds"]
        kinds.choices = [(pattern, LABELS[pattern]) for pattern in (*(group.pattern for group in GROUPS), "*")]
