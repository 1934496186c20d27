"""The desk's place in the house."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "netcenter.desk"

    def ready(self) -> None:
        from netcenter.look import navigation
        from netcenter.people.permissions import May, may

        navigation.register(_("Desk"), "desk:home", "inbox", order=10, allowed=lambda person: may(person, May.ANSWER))
        navigation.register(
            _("Asked of me"), "desk:asked", "user-check", order=11,
            allowed=lambda person: may(person, May.ANSWER_ASKED) and not may(person, May.ANSWER),
        )  # fmt: skip
