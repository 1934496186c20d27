"""A form and the verb behind it: what the verb refuses is an error beside its field."""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms

from netcenter.lib.refused import Refused

T = TypeVar("T")


def saved(form: forms.Form, save: Callable[[dict[str, Any]], T]) -> T | None:
    """Run the verb with the form's values. None when they are wrong or it refused; the form then says why."""
    if not form.is_valid():
        return None
    try:
        return save(form.cleaned_data)
    except Refused as refused:
        form.add_error(refused.data.get("field"), refused.message)
        return None
