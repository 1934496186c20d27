from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    """What other systems may ask of the house, and what it tells them."""

    name = "netcenter.api"
    label = "api"

    def ready(self) -> None:
        from netcenter.look import navigation
        from netcenter.people.permissions import May, may

        navigation.register(
            _("API and webhooks"), "api:settings", "webhook", order=80, section="settings",
            allowed=lambda person: may(person, May.ANSWER),
        )  # fmt: skip
