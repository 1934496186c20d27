"""How allauth behaves here: people are invited, nobody signs up by themselves."""

import logging
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from netcenter.people import browsers
from netcenter.people.models import Person

log = logging.getLogger(__name__)


class Adapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def populate_username(self, request: HttpRequest, user: object) -> None:
        """There are no user names here."""

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Whose session ended here without a word is not rung here any more."""
        super().login(request, user)
        browsers.leave(request, besides=cast(Person, user))

    def logout(self, request: HttpRequest) -> None:
        browsers.leave(request)
        super().logout(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """An error page would tell a stranger that somebody here has this address."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # smtplib's errors are OSErrors too
            log.error("a mail could not be sent (NETCENTER_SMTP_HOST): %s", error)
