"""The settings pages, and where they stand in the navigation."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SetupConfig(AppConfig):
    name = "netcenter.setup"
    label = "setup"

    def ready(self) -> None:
        from netcenter.look.navigation import register
        from netcenter.people.permissions import May, may

        def administers(person: object) -> bool:
            return may(person, May.SET_UP)  # type: ignore[arg-type]

        def sets_standards(person: object) -> bool:
            return may(person, May.SET_STANDARDS)  # type: ignore[arg-type]

        register(_("Settings"), "setup:home", "settings", order=90, allowed=sets_standards)
        register(_("My profile"), "setup:profile", "user", order=10, section="person")
        side = {"section": "settings"}
        register(_("My profile"), "setup:profile", "user", order=10, **side)
        register(_("Organisation"), "setup:organisation", "building-2", order=20, allowed=administers, **side)
        register(_("Brands"), "setup:brands", "tag", order=25, allowed=administers, **side)
        register(_("Accounts"), "setup:accounts", "plug", order=30, allowed=administers, **side)
        register(_("People"), "setup:people", "users", order=35, allowed=administers, **side)
        register(_("Teams"), "setup:teams", "layout-dashboard", order=40, allowed=sets_standards, **side)
        register(_("Skills"), "setup:skills", "languages", order=45, allowed=sets_standards, **side)
        register(_("Areas"), "setup:areas", "user-check", order=47, allowed=sets_standards, **side)
        register(_("Breaks"), "setup:breaks", "coffee", order=48, allowed=sets_standards, **side)
        register(_("Queues"), "setup:queues", "bell-ring", order=49, allowed=sets_standards, **side)
        register(_("Standards"), "setup:standards", "hourglass", order=50, allowed=sets_standards, **side)
        register(_("Reading"), "setup:reading", "book-open", order=52, allowed=sets_standards, **side)
        register(_("Menus"), "setup:menus", "list", order=53, allowed=sets_standards, **side)
        register(_("Protocols"), "setup:protocols", "scroll-text", order=54, allowed=sets_standards, **side)
        register(_("Canned answers"), "setup:answers", "message-circle", order=55, allowed=sets_standards, **side)
        register(_("Assistant"), "setup:assistant", "diamond", order=56, allowed=administers, **side)
