from django.apps import AppConfig


class LookConfig(AppConfig):
    """The design system that every page uses; knows nothing of the trade."""

    name = "netcenter.look"
    label = "look"
