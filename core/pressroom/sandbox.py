"""The sandbox of one-line templates: which syntax is allowed, what values and filters do.

Kept apart from `pressroom.templating` because importing Jinja2 costs more than all of that.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pressroom.errors import TemplateError
from pressroom.locales import Locale
from pressroom.templating import MAX_TEMPLATE, STAMP, one_line, slug
from pressroom.timerange import zone_info

_ALLOWED_NODES = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Filter,
    nodes.Test,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
)
_WITH_FIELDS = (nodes.Name, nodes.Getattr, nodes.Getitem)
_TESTS = frozenset({"defined", "undefined", "none"})


def render(text: str, values: Mapping[str, Any], locale: str, zone: str, *, limit: int = MAX_TEMPLATE) -> str:
    """The template filled in; see `pressroom.templating.render_line`."""
    tree = parse(text, dict.fromkeys(values, ()), limit)
    try:
        return environment(locale, zone).from_string(tree).render(values)
    except jinja2.UndefinedError as error:
        raise TemplateError(f"template {_short(text)}: {error.message}") from error
    except TemplateError as error:
        raise TemplateError(f"template {_short(text)}: {error}") from error
    except Exception as error:
        raise TemplateError(f"template {_short(text)} cannot be filled in: {one_line(str(error))}") from error


def parse(text: str, names: Mapping[str, Collection[str]], limit: int = MAX_TEMPLATE) -> nodes.Template:
    """The syntax tree of a template that is allowed and names only what there is; TemplateError otherwise."""
    if len(text) > limit:
        raise TemplateError(f"a template of {len(text)} characters; at most {limit} are allowed")
    try:
        tree = environment("en", "UTC").parse(text)
        for node in tree.find_all(nodes.Node):
            _check_node(node)
        _check_names(tree, names)
        return tree
    except jinja2.TemplateError as error:
        raise TemplateError(f"template {_short(text)}: {error.message}") from error
    except RecursionError as error:
        raise TemplateError(f"template {_short(text)} is nested too deeply") from error


def _check_node(node: nodes.Node) -> None:
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        raise TemplateError(
            f"there is no filter {node.name!r} in a template; filters are {', '.join(sorted(_FILTERS))}"
        )
    if isinstance(node, nodes.Test) and node.name not in _TESTS:
        raise TemplateError(f"there is no test {node.name!r} in a template; tests are {', '.join(sorted(_TESTS))}")
    if isinstance(node, nodes.Getattr | nodes.Getitem) and not isinstance(node.node, _WITH_FIELDS):
        raise TemplateError(f"a template reads fields of names such as report.name, not of {_plain_name(node.node)}")
    if not isinstance(node, (*_ALLOWED_NODES, nodes.Keyword)):
        raise TemplateError(
            f"a template may only read values, filter them and choose with if; it has {_plain_name(node)}"
        )


def _plain_name(node: nodes.Node) -> str:
    words = {
        "Call": "a call",
        "Const": "a text or number",
        "For": "a loop (lists are written with the filter join)",
        "Slice": "a slice",
    }
    kind = type(node).__name__
    if isinstance(node, nodes.BinExpr | nodes.UnaryExpr | nodes.Concat):
        return "arithmetic"
    return words.get(kind, f"{kind.lower()!r}")


def _check_names(tree: nodes.Template, names: Mapping[str, Collection[str]]) -> None:
    for name in tree.find_all(nodes.Name):
        if name.name not in names:
            raise TemplateError(f"a template has no name {name.name!r}; it may use {', '.join(_described(names))}")
    for node in tree.find_all((nodes.Getattr, nodes.Getitem)):
        field = _field(node)
        if field is not None and names.get(field[0]) and field[1] not in names[field[0]]:
            raise TemplateError(f"a template has no {field[0]}.{field[1]}; {field[0]} has {', '.join(names[field[0]])}")


def _field(node: nodes.Node) -> tuple[str, str] | None:
    owner = getattr(node, "node", None)
    if not isinstance(owner, nodes.Name):
        return None
    if isinstance(node, nodes.Getattr):
        return owner.name, node.attr
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        return owner.name, str(node.arg.value)
    return None


def _described(names: Mapping[str, Collection[str]]) -> Iterator[str]:
    for name, fields in names.items():
        yield f"{name} ({', '.join(fields)})" if fields else name


def _short(text: str) -> str:
    return repr(one_line(text, 60))


class _Environment(ImmutableSandboxedEnvironment):
    """Reads items of dicts and lists; nothing in Python has attributes here, and nothing can be called."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Mapping):
            if argument in obj:
                return obj[argument]
            known = ", ".join(str(key) for key in obj) or "none"
            return self.undefined(f"there is no {str(argument)!r} here; there is {known}")
        if isinstance(obj, list | tuple) and type(argument) is int and 0 <= argument < len(obj):
            return obj[argument]
        return self.undefined(f"there is no {str(argument)!r} in a {type(obj).__name__}")

    def call(self, *args: Any, **kwargs: Any) -> Any:
        raise TemplateError("a template cannot call anything")


@lru_cache(maxsize=64)
def environment(locale: str, zone: str) -> _Environment:
    """The sandbox whose filters write in this locale and zone."""
    made = _Environment(undefined=jinja2.StrictUndefined, finalize=lambda value: _written(value, locale, zone))
    made.globals.clear()
    made.tests = {name: made.tests[name] for name in _TESTS}
    made.filters = {name: make(locale, zone) for name, make in _FILTERS.items()}
    return made


def _written(value: Any, locale: str, zone: str) -> Any:
    """How a value without a filter is written."""
    if isinstance(value, str | jinja2.Undefined):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return _join(value)
    if isinstance(value, datetime):
        return Locale.of(locale).moment(value, zone)
    if isinstance(value, date | int | float):
        return str(value)
    raise TemplateError(f"a {type(value).__name__} cannot be written into a line; name one of its fields")


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as error:
            raise TemplateError(f"{_short(value)} is no date or time") from error
    if isinstance(value, jinja2.Undefined):
        str(value)
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise TemplateError(
            f"a {type(value).__name__} is no moment in time; the filter takes one such as run.planned_at"
        )
    return value


def _join(value: Any, separator: Any = ", ") -> str:
    # only lists: joining the letters of a text over and over would let it grow without bound
    if isinstance(value, jinja2.Undefined):
        str(value)
    if not isinstance(value, list | tuple):
        return str(value)
    return one_line(str(separator)[:20].join(str(item) for item in value[:100]).replace("\n", " "))


def _number(value: Any, locale: str) -> str:
    if isinstance(value, jinja2.Undefined):
        str(value)
    try:
        number = value if isinstance(value, int) else float(value)
    except (TypeError, ValueError) as error:
        raise TemplateError(f"{_short(str(value))} is no number") from error
    return Locale.of(locale).number(number)


_Filter = Callable[..., Any]
_FILTERS: dict[str, Callable[[str, str], _Filter]] = {
    "date": lambda locale, zone: lambda value: Locale.of(locale).date(_moment(value), zone),
    "time": lambda locale, zone: lambda value: Locale.of(locale).pattern(_moment(value), zone, "time"),
    "moment": lambda locale, zone: lambda value: Locale.of(locale).moment(_moment(value), zone),
    "stamp": lambda locale, zone: lambda value: _moment(value).astimezone(zone_info(zone)).strftime(STAMP),
    "number": lambda locale, zone: lambda value: _number(value, locale),
    "slug": lambda locale, zone: slug,
    "join": lambda locale, zone: _join,
}
