"""Listening's place in the house."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListeningConfig(AppConfig):
    name = "netcenter.listening"
    label = "listening"

    def ready(self) -> None:
        from netcenter.look.navigation import register
        from netcenter.people.permissions import May, may

        register(_("Heard elsewhere"), "listening:heard", "at-sign", order=25,
                 allowed=lambda person: may(person, May.ANSWER))  # fmt: skip
        register(_("Listening"), "listening:searches", "rss", order=45, section="settings",
                 allowed=lambda person: may(person, May.SET_STANDARDS))  # fmt: skip
