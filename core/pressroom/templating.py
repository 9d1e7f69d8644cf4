"""One-line templates that people write: a mail's subject, a document's file name.

They come from anybody who may edit a report, so they can do next to nothing: read what they are given, pass it
through a filter, choose. Loops, arithmetic, calls and attributes do not exist in them (the syntax tree is
checked against a list of what is allowed), which also bounds what a template can cost.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pressroom.errors import TemplateError
from pressroom.models.values import clean
from pressroom.timerange import zone_info

NAMES: Mapping[str, Collection[str]] = {
    "report": ("uid", "name"),
    "run": ("id", "kind", "planned_at"),
    "range": ("start", "end"),
    "variables": (),
    "project": ("uid", "name"),
}
"""What templates may name, and the fields of each; a name without fields here has whichever it is given."""

MAX_TEMPLATE = 1000
"""Characters of a template."""
STAMP = "%Y-%m-%d-%H%M"
"""How the filter `stamp` writes a moment, in a way that sorts and suits file names."""
MAX_LINE = 500
"""Characters of a rendered line; more is cut off."""
_MARKS = re.compile(r"\{\{|\{%|\{#")
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
_TESTS = frozenset({"defined", "undefined", "none"})


def check_template(text: str, names: Mapping[str, Collection[str]] = NAMES) -> None:
    """See that a template is well-formed, allowed, and names only what there is.

    Args:
        text: the template.
        names: what it may name, as in `NAMES`.

    Raises:
        TemplateError: what is wrong, and which names and filters there are.
    """
    if is_template(text):
        tree = _parse(_environment("en", "UTC"), text)
        _check_names(tree, names)


def is_template(text: str) -> bool:
    """True where the text holds template marks; other text means itself."""
    return _MARKS.search(text) is not None


def render_line(text: str, values: Mapping[str, Any], *, locale: str = "en", zone: str = "UTC") -> str:
    """A template as one line, without control characters, at most `MAX_LINE` characters long.

    Args:
        text: the template; text without template marks is taken as it is.
        values: plain data by the names of `NAMES`: dicts, lists, text, numbers, aware datetimes.
        locale, zone: for numbers, dates and times.

    Raises:
        TemplateError: the template is wrong, or names what is not in `values`.
    """
    if not is_template(text):
        return one_line(text)
    environment = _environment(locale, zone)
    tree = _parse(environment, text)
    _check_names(tree, dict.fromkeys(values, ()))
    try:
        return one_line(environment.from_string(tree).render(values))
    except jinja2.UndefinedError as error:
        raise TemplateError(f"template {_short(text)}: {error.message}") from error
    except TemplateError as error:
        raise TemplateError(f"template {_short(text)}: {error}") from error
    except Exception as error:
        raise TemplateError(f"template {_short(text)} cannot be filled in: {one_line(str(error))}") from error


def one_line(text: str, limit: int = MAX_LINE) -> str:
    """Text as one line: white space as single blanks, no control characters, cut to `limit` characters."""
    line = " ".join(clean(text).split())
    line = "".join(character for character in line if unicodedata.category(character) != "Cc")
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _parse(environment: _Environment, text: str) -> nodes.Template:
    if len(text) > MAX_TEMPLATE:
        raise TemplateError(f"a template of {len(text)} characters; at most {MAX_TEMPLATE} are allowed")
    try:
        tree = environment.parse(text)
        for node in tree.find_all(nodes.Node):
            _check_node(node)
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
    if not isinstance(node, (*_ALLOWED_NODES, nodes.Keyword)):
        raise TemplateError(
            f"a template may only read values, filter them and choose with if; it has {_plain_name(node)}"
        )


def _plain_name(node: nodes.Node) -> str:
    words = {"Call": "a call", "For": "a loop (lists are written with the filter join)", "Slice": "a slice"}
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
def _environment(locale: str, zone: str) -> _Environment:
    environment = _Environment(undefined=jinja2.StrictUndefined, finalize=lambda value: _written(value, locale, zone))
    environment.globals.clear()
    environment.tests = {name: environment.tests[name] for name in _TESTS}
    environment.filters = {name: make(locale, zone) for name, make in _FILTERS.items()}
    return environment


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
        return _locale(locale).moment(value, zone)
    if isinstance(value, date | int | float):
        return str(value)
    raise TemplateError(f"a {type(value).__name__} cannot be written into a line; name one of its fields")


def _locale(tag: str) -> Any:
    from pressroom.locales import Locale

    return Locale.of(tag)


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
    return str(_locale(locale).number(number))


def slug(text: str, limit: int = 80) -> str:
    """Text as lower-case words with dashes between; letters of every script stay."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", clean(str(text))).lower().replace("_", " "))
    return "-".join(words)[:limit].rstrip("-")


_Filter = Callable[..., Any]
_FILTERS: dict[str, Callable[[str, str], _Filter]] = {
    "date": lambda locale, zone: lambda value: _locale(locale).date(_moment(value), zone),
    "time": lambda locale, zone: lambda value: _locale(locale).pattern(_moment(value), zone, "time"),
    "moment": lambda locale, zone: lambda value: _locale(locale).moment(_moment(value), zone),
    "stamp": lambda locale, zone: lambda value: _moment(value).astimezone(zone_info(zone)).strftime(STAMP),
    "number": lambda locale, zone: lambda value: _number(value, locale),
    "slug": lambda locale, zone: slug,
    "join": lambda locale, zone: _join,
}


MAX_NAME_BYTES = 120
"""UTF-8 bytes of a file name without its suffix; file systems allow 255, and names get suffixes and numbers."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
_RESERVED = re.compile(r"(?i)^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$")


def safe_filename(text: str, fallback: str = "report") -> str:
    """A name that every file system takes: no separators, nothing that Windows reserves, NFC, not too long.

    Letters of every script stay; at most `MAX_NAME_BYTES` bytes. `fallback` is the name where nothing is left.
    """
    name = unicodedata.normalize("NFC", _UNSAFE.sub("-", clean(text)))
    # format characters too: a right-to-left override makes `gpj.exe` look like a picture
    name = "".join(" " if character.isspace() else character for character in name if _is_visible(character))
    name = " ".join(name.split()).strip(" .")
    if _RESERVED.match(name):
        name = f"_{name}"
    name = name.encode()[:MAX_NAME_BYTES].decode(errors="ignore").strip(" .")
    return name if name.strip("-_. ") else fallback


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")
