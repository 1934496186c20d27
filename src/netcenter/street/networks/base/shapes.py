"""Which fields a request may have. What is not declared is refused, as is what does not fit.

A shape is a type (`str`, `int`, `float`, `bool`), a dictionary of shapes (a name that ends in "?" may be left out), a
list of one shape, or a function that returns the value or raises `Misfit`: `text(1000)`, `one_of("like")`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

Shape = Any
Kind = str  # "unknown": not declared; "missing"; "bad": does not fit


class Misfit(Exception):
    """This field does not fit."""

    def __init__(self, kind: Kind, where: str, why: str = "") -> None:
        super().__init__(f"{where or 'the request'}: {why or kind}")
        self.kind, self.where, self.why = kind, where, why


def fit(value: Any, shape: Shape, where: str = "", *, loose: bool = False) -> Any:
    """The value as the shape has it. Raises Misfit. `loose`: all came as text, as in queries and forms."""
    if isinstance(shape, Mapping):
        return _fit_object(_parsed(value, where) if loose else value, shape, where, loose=loose and not where)
    if isinstance(shape, list):
        value = _parsed(value, where) if loose else value
        if not isinstance(value, list):
            raise Misfit("bad", where, "not a list")
        return [fit(each, shape[0], f"{where}[{n}]") for n, each in enumerate(value)]
    if isinstance(shape, type):
        return _fit_type(value, shape, where, loose)
    try:
        return shape(value)
    except Misfit as misfit:
        raise Misfit(misfit.kind, f"{where}.{misfit.where}".strip("."), misfit.why) from None


def _fit_object(value: Any, shape: Mapping[str, Shape], where: str, *, loose: bool) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Misfit("bad", where, "not an object")
    names = {name.rstrip("?"): one for name, one in shape.items()}
    for name in value:
        if name not in names:
            raise Misfit("unknown", f"{where}.{name}".strip("."))
    for name in shape:
        if not name.endswith("?") and name not in value:
            raise Misfit("missing", f"{where}.{name}".strip("."))
    return {name: fit(each, names[name], f"{where}.{name}".strip("."), loose=loose) for name, each in value.items()}


def _fit_type(value: Any, shape: type, where: str, loose: bool) -> Any:
    if loose and isinstance(value, str):
        if shape is bool and value in ("true", "false", "1", "0"):
            return value in ("true", "1")
        if shape in (int, float):
            try:
                return shape(value)
            except ValueError:
                raise Misfit("bad", where, f"not {shape.__name__}") from None
    if shape is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, shape) or (isinstance(value, bool) and shape is not bool):
        raise Misfit("bad", where, f"not {shape.__name__}")
    return value


def _parsed(value: Any, where: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise Misfit("bad", where, "not JSON") from None


def text(most: int | None = None, least: int = 1, size: Callable[[str], int] = len) -> Shape:
    """A text of so many characters, as `size` counts."""

    def judge(value: Any) -> str:
        if not isinstance(value, str):
            raise Misfit("bad", "", "not text")
        if size(value) < least or (most is not None and size(value) > most):
            raise Misfit("bad", "", f"its length is {size(value)}, not {least} to {most}")
        return value

    return judge


def number(least: int, most: int) -> Shape:
    def judge(value: Any) -> int:
        found = fit(value, int, loose=True)
        if not least <= found <= most:
            raise Misfit("bad", "", f"not {least} to {most}")
        return int(found)

    return judge


def one_of(*allowed: Any) -> Shape:
    def judge(value: Any) -> Any:
        if value not in allowed:
            raise Misfit("bad", "", f"not one of {', '.join(map(str, allowed))}")
        return value

    return judge


def pattern(expression: str) -> Shape:
    def judge(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(expression, value):
            raise Misfit("bad", "", f"not like {expression}")
        return value

    return judge


def any_of(*shapes: Shape) -> Shape:
    """The first shape that fits; else what the last one says."""

    def judge(value: Any) -> Any:
        for shape in shapes[:-1]:
            try:
                return fit(value, shape)
            except Misfit:
                continue
        return fit(value, shapes[-1])

    return judge


def anything(value: Any) -> Any:
    """Declared, and not looked into."""
    return value
