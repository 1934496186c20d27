"""Rows of models, made without the ceremony of their constructors, which takes most of the time of a batch.

No model of the house overrides `__init__` or `from_db`, and nobody listens to Django's signals, so a row made here is
like any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.db import models
from django.db.models.base import ModelState

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class _Blank:
    """A row of which nothing is known yet: what stands in its fields, what makes it, and which fields are relations."""

    standing: Mapping[str, Any]
    made: Sequence[tuple[str, Any]]
    relations: Mapping[str, tuple[str, str]]  # name: where its key stands, and which attribute of the other it is


@cache
def _blank(model: type[models.Model]) -> _Blank:
    standing, made, relations = {}, [], {}
    for field in model._meta.concrete_fields:
        if callable(field.default) or field.has_db_default():
            made.append((field.attname, field.get_default))
        else:
            standing[field.attname] = field.get_default()
        if isinstance(field, models.ForeignKey):
            relations[field.name] = (field.attname, field.target_field.attname)
    return _Blank(standing, made, relations)


def fresh(model: type[M], **values: Any) -> M:
    """`model(**values)`: a row that is not in the database yet."""
    blank, one = _blank(model), model.__new__(model)
    holds: dict[str, Any] = one.__dict__
    state = holds["_state"] = ModelState()
    holds.update(blank.standing)
    for name, value in values.items():
        if (relation := blank.relations.get(name)) is not None:
            holds[relation[0]] = None if value is None else getattr(value, relation[1])
            state.fields_cache[name] = value
        else:
            holds[name] = value
    for name, make in blank.made:
        if name not in holds:
            holds[name] = make()
    if len(holds) != len(blank.standing) + len(blank.made) + 1:
        raise TypeError(f"{model.__name__} has no such fields: {', '.join(values)}")
    return one


def loaded(model: type[M], names: Sequence[str], values: Sequence[Any], alias: str) -> M:
    """`model.from_db(alias, names, values)`: a row as the database has it."""
    one = model.__new__(model)
    state = one.__dict__["_state"] = ModelState()
    state.adding, state.db = False, alias
    one.__dict__.update(zip(names, values, strict=True))
    return one
