"""Queries of the hot path, compiled once: compiling one through the ORM takes several times longer than running it.

    @prepared
    def live_offer(case_id: int) -> QuerySet[Offer]:
        return Offer.objects.select_related("operator").filter(case_id=case_id, state__in=Offer.LIVE)

    live_offer(7)  # a list of offers, as the query set would give them; tuples for `values_list`

The arguments are plain values (numbers, text, moments) that the query compares with; its shape must not depend on
them, except on None, which is no value but a shape of its own. They are marked by values that nobody else has, and the
places where these turn up among the parameters are filled in at each call. A list of values, for `…__in`, is one
parameter where the engine knows arrays; elsewhere it is filled up with its last one to one of a few lengths, each
compiled once. An empty one finds nothing.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.query import ModelIterable, get_related_populators
from django.db.transaction import TransactionManagementError

from netcenter.lib.engines import engine
from netcenter.lib.rows import loaded

P = ParamSpec("P")
M = TypeVar("M")
Update = tuple[models.QuerySet[Any], Mapping[str, Any]]
Lengths = tuple[int | None, ...]
Key = tuple[str, Lengths]

LENGTHS = (1, 4, 16, 64, 256, 1024)
ARRAY = -1  # in place of a length: the list is one parameter
NOTHING = -2  # None

_READERS = "readers_of_plans"  # an attribute of a connection
_FAR = datetime(1917, 3, 4, 5, 6, 7, 123456, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class _Plan:
    """What compiling told, for one engine. `slots` says which parameter is which value of the arguments."""

    query: models.sql.Query
    sql: str
    parameters: tuple[Any, ...]
    slots: tuple[tuple[int, int], ...]
    select: Sequence[Any]
    col_count: int | None
    model: type[models.Model] | None = None  # None: values
    columns: slice | None = None
    names: Sequence[str] = ()
    related: Sequence[Any] = ()
    annotations: Sequence[tuple[str, int]] = ()


def prepared(build: Callable[P, models.QuerySet[Any, M]]) -> Callable[P, list[M]]:
    """The rows of the query set that `build` makes, which is made and compiled at the first call only."""
    plans: dict[Key, _Plan] = {}

    @wraps(build)
    def rows(*args: P.args, **kwargs: P.kwargs) -> list[M]:
        if kwargs:
            raise TypeError("a prepared query takes its arguments by place")
        lengths = _lengths(args)
        if 0 in lengths:
            return []
        here = connections[DEFAULT_DB_ALIAS]
        plan = plans.get((here.vendor, lengths))
        if plan is None:
            plan = _compile(build, args, lengths)
            if _is_kept(lengths):
                plans[here.vendor, lengths] = plan
        return _run(plan, _values(args, lengths), here)

    return rows


def _lengths(args: tuple[Any, ...]) -> Lengths:
    return tuple([
        _length(value) if isinstance(value, list | tuple) else NOTHING if value is None else None for value in args
    ])  # fmt: skip


def _length(value: Sequence[Any]) -> int:
    """To which length a list is filled up."""
    if not value or engine().knows_arrays:
        return ARRAY if value else 0
    return next((length for length in LENGTHS if len(value) <= length), len(value))


def _is_kept(lengths: Lengths) -> bool:
    return all(length is None or length < 0 or length in LENGTHS for length in lengths)


def _values(args: tuple[Any, ...], lengths: Lengths) -> list[Any]:
    """The arguments one after another, lists filled up or as one."""
    values: list[Any] = []
    for value, length in zip(args, lengths, strict=True):
        if length is None:
            values.append(value)
        elif length == ARRAY:
            values.append(engine().array(value))
        elif length != NOTHING:
            values += [*value, *[value[-1]] * (length - len(value))]
    return values


@dataclass(frozen=True, slots=True)
class _Marked:
    """The marks that stand for the arguments: as the query set takes them, in a row, and which stand for arrays."""

    arguments: Sequence[Any]
    marks: Sequence[Any]
    arrays: Collection[int]  # numbers of these marks


def _marked(args: tuple[Any, ...], lengths: Lengths) -> _Marked:
    arguments: list[Any] = []
    marks: list[Any] = []
    arrays: set[int] = set()
    for value, length in zip(args, lengths, strict=True):
        if length is None:
            marks.append(_mark(len(marks), value))
            arguments.append(marks[-1])
            continue
        if length == NOTHING:
            arguments.append(None)
            continue
        if length == ARRAY:
            arrays.add(len(marks))
        own = [_mark(len(marks) + n, value[0]) for n in range(1 if length == ARRAY else length)]
        marks += own
        arguments.append(own)
    return _Marked(arguments, marks, arrays)


def prepared_update(build: Callable[P, Update]) -> Callable[P, int]:
    """How many rows were changed: `build` gives which rows, and what becomes of them."""
    plans: dict[Key, _Plan] = {}

    @wraps(build)
    def change(*args: P.args, **kwargs: P.kwargs) -> int:
        if kwargs:
            raise TypeError("a prepared query takes its arguments by place")
        lengths = _lengths(args)
        if 0 in lengths:
            return 0
        plan = plans.get((connection.vendor, lengths))
        if plan is None:
            marked = _marked(args, lengths)
            rows, values = build(*marked.arguments)  # type: ignore[call-arg]
            query = rows.query.chain(models.sql.UpdateQuery)
            query.add_update_values(values)  # type: ignore[attr-defined]
            plan = _planned(_compiler(query), marked, build.__name__)
            if _is_kept(lengths):
                plans[connection.vendor, lengths] = plan
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, _filled(plan, _values(args, lengths)))
            return cursor.rowcount

    return change


def _compile(build: Callable[..., models.QuerySet[Any]], args: tuple[Any, ...], lengths: Lengths) -> _Plan:
    marked = _marked(args, lengths)
    rows = build(*marked.arguments)
    compiler = _compiler(rows.query)
    plan = _planned(compiler, marked, build.__name__)
    if rows._iterable_class is not ModelIterable:
        return plan
    fields = compiler.klass_info["select_fields"]
    columns = slice(fields[0], fields[-1] + 1)
    return replace(
        plan, model=compiler.klass_info["model"], columns=columns,
        names=[s[0].target.attname for s in compiler.select[columns]],
        related=get_related_populators(compiler.klass_info, compiler.select, connection.alias),  # type: ignore[call-arg]
        annotations=list((compiler.annotation_col_map or {}).items()),
    )  # fmt: skip


def _compiler(query: models.sql.Query) -> Any:
    """It belongs to this thread's connection, so no plan keeps it."""
    return query.get_compiler(using=connection.alias)


def _planned(compiler: Any, marked: _Marked, name: str) -> _Plan:
    sql, parameters = compiler.as_sql()
    places = {_adapted(mark): n for n, mark in enumerate(marked.marks)}
    slots = [(place, places[p]) for place, p in enumerate(parameters) if isinstance(p, Hashable) and p in places]
    if {argument for _place, argument in slots} != set(range(len(marked.marks))):
        raise TypeError(f"not every argument of {name} is a parameter of its query")
    sql = _with_arrays(sql, {place: type(marked.marks[n]) for place, n in slots if n in marked.arrays}, name)
    select, count = getattr(compiler, "select", None) or (), getattr(compiler, "col_count", None)
    return _Plan(compiler.query, sql, tuple(parameters), tuple(slots), select, count)


def _with_arrays(sql: str, arrays: Mapping[int, type], name: str) -> str:
    """With lists of one mark each, at these places among the parameters, made to arrays."""
    pieces = sql.split("%s")
    for place, kind in arrays.items():
        before, after = pieces[place], pieces[place + 1]
        if not before.endswith("IN (") or not after.startswith(")"):
            raise TypeError(f"a list of {name} is not compared with `__in`")
        opening, closing = engine().among_array(kind)
        pieces[place], pieces[place + 1] = before.removesuffix("IN (") + opening, closing + after[1:]
    return "%s".join(pieces)


def _mark(number: int, value: Any) -> Any:
    """A value of the same type that turns up nowhere else."""
    if isinstance(value, bool) or not isinstance(value, int | str | datetime):
        raise TypeError(f"{value!r} cannot be an argument of a prepared query")
    if isinstance(value, datetime):
        return _FAR + timedelta(microseconds=number)
    return 9_007_199_254_000_000 + number if isinstance(value, int) else f"\x01{number}\x02"


def _adapted(value: Any) -> Any:
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else value


def _filled(plan: _Plan, args: Sequence[Any]) -> list[Any]:
    parameters = list(plan.parameters)
    for place, argument in plan.slots:
        parameters[place] = _adapted(args[argument])
    return parameters


def _run(plan: _Plan, args: Sequence[Any], here: BaseDatabaseWrapper) -> list[Any]:
    if plan.query.select_for_update and not here.in_atomic_block:
        raise TransactionManagementError("a lock needs a transaction")
    with here.cursor() as cursor:
        cursor.execute(plan.sql, _filled(plan, args))
        found = cursor.fetchall()
    if not found:
        return []
    compiler, converters = _read_by(plan, here)
    rows: Iterable[Any] = compiler.apply_converters(found, converters) if converters else found
    if plan.model is None:
        return [tuple(row) for row in rows]
    made, alias = [], here.alias
    for row in rows:
        one = loaded(plan.model, plan.names, row[plan.columns], alias)
        for populator in plan.related:
            _populate(populator, row, one)
        for name, column in plan.annotations:
            setattr(one, name, row[column])
        made.append(one)
    return made


def _read_by(plan: _Plan, here: BaseDatabaseWrapper) -> tuple[Any, Any]:
    """What makes values of ours from the engine's: it belongs to this thread's connection, and is found once for it."""
    known: WeakKeyDictionary[_Plan, tuple[Any, Any]] | None = vars(here).get(_READERS)
    if known is None:
        known = vars(here)[_READERS] = WeakKeyDictionary()
    if (found := known.get(plan)) is None:
        compiler = _compiler(plan.query)
        columns = [column[0] for column in plan.select[: plan.col_count]]
        found = known[plan] = compiler, compiler.get_converters(columns)
    return found


def _populate(populator: Any, row: Sequence[Any], of: models.Model) -> None:
    """`RelatedPopulator.populate`, with rows made as ours are."""
    reorder = populator.reorder_for_init
    values = reorder(row) if reorder else row[populator.cols_start : populator.cols_end]
    one = None
    if values[populator.pk_idx] is not None:
        one = loaded(populator.model_cls, populator.init_list, values, populator.db)
        for further in populator.related_populators:
            _populate(further, row, one)
        populator.remote_setter(one, of)
    populator.local_setter(of, one)
