"""A refusal that the person can act on."""

from typing import Any


class Refused(Exception):
    """The house says no, and why. `code` is stable for machines, `message` is for people, already translated."""

    def __init__(self, code: str, message: str = "", **data: Any) -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message or code
        self.data = data
