"""The boards' place in the navigation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BoardsConfig(AppConfig):
    name = "netcenter.boards"
    label = "boards"

    def ready(self) -> None:
        from netcenter.look.navigation import register
        from netcenter.people.permissions import May, may

        def sees_ledger(person: object) -> bool:
            return may(person, May.SEE_LEDGER)  # type: ignore[arg-type]

        def sees_all(person: object) -> bool:
            return may(person, May.SEE_ALL)  # type: ignore[arg-type]

        register(_("Queues"), "boards:queues", "layout-dashboard", order=15, allowed=sees_all)
        register(_("Team"), "boards:team", "users", order=20, allowed=sees_all)
        register(_("Ledger"), "boards:ledger", "scale", order=30, allowed=sees_ledger)
        register(_("Wallboard"), "boards:wallboard", "monitor", order=40, allowed=sees_all)
