"""What a password must not be."""

from django.contrib.auth.password_validation import UserAttributeSimilarityValidator
from django.utils.translation import gettext as _


class UnlikeItsPerson(UserAttributeSimilarityValidator):
    """Not a name or an address again. Django's own sentence would name an attribute of a program."""

    def __init__(self) -> None:
        super().__init__(("name", "email"))

    def get_error_message(self) -> str:
        return _("The password is too close to the name or the e-mail address.")
