"""pydantic's errors in plain words, each with the path that the person wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pydantic

from pressroom.models.values import UID_PATTERN

Part = str | int
_PATTERNS = {
    UID_PATTERN: "must be 1 to 40 letters, digits, - or _",
    r"^[A-Za-z0-9_-]{1,64}$": "must be 1 to 64 letters, digits, - or _",
    r"^[A-Za-z_][A-Za-z0-9_]{0,49}$": "must be a name: a letter or _, then letters, digits and _, at most 50",
    r"^[a-z0-9_]{1,20}$": "must be 1 to 20 lower-case letters, digits and _",
}
_KINDS = {
    "string": "text",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "dict": "a mapping (keys and values)",
    "model": "a mapping (keys and values)",
    "model_attributes": "a mapping (keys and values)",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "datetime": "a date-time such as 2026-11-23T09:00:00+01:00",
    "date": "a date such as 2026-11-23",
}
_MODELS = {
    "PluginUse": 'a name such as pdf, or one with options such as {csv: {delimiter: ";"}}',
    "DimensionDefinition": "a column's name, or {name: ..., label: ...}",
    "VariableQuery": "a query such as {source: ..., query: ...}",
    "TimeRange": "a range such as {from: now-7d/d, to: now}",
}
"""What is written for models that have a short form, or a form that says more than `a mapping`."""
_LIMITS = {
    "greater_than_equal": ("ge", "at least"),
    "greater_than": ("gt", "more than"),
    "less_than_equal": ("le", "at most"),
    "less_than": ("lt", "less than"),
}


def explain(error: pydantic.ValidationError, model: Any, data: Any) -> Iterator[tuple[tuple[Part, ...], str]]:
    """The path and the message of every mistake.

    Args:
        error: what validation said.
        model: the type that was asked for.
        data: what was validated.
    """
    branches: dict[tuple[Part, ...], dict[str, list[tuple[tuple[Part, ...], str, bool]]]] = {}
    for one in error.errors(include_url=False):
        path, union, branch = _split(one, data)
        message = _message(one, model, path)
        if union is None:
            yield path, message
        else:
            shallow = path == union and _is_kind(one["type"])
            branches.setdefault(union, {}).setdefault(branch, []).append((path, message, shallow))
    for union, found in branches.items():
        yield from _choose(union, found)


def _split(error: Any, data: Any) -> tuple[tuple[Part, ...], tuple[Part, ...] | None, str]:
    """The path without the names of a union's branches, the path of the first union on it, and the branch."""
    path: list[Part] = []
    union: tuple[Part, ...] | None = None
    branch = ""
    value = data
    location = error["loc"]
    for index, part in enumerate(location):
        last = index == len(location) - 1
        if (
            isinstance(value, dict)
            and isinstance(part, str)
            and (part in value or (last and error["type"] == "missing"))
        ):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        elif part == "[key]":
            continue
        else:
            if union is None:
                union, branch = tuple(path), str(part)
            continue
        path.append(part)
    return tuple(path), union, branch


def _choose(
    union: tuple[Part, ...], found: dict[str, list[tuple[tuple[Part, ...], str, bool]]]
) -> Iterator[tuple[tuple[Part, ...], str]]:
    """What to say of a value that fits no branch: the mistakes in the branch that it was meant to be."""
    meant = {name: errors for name, errors in found.items() if not all(shallow for _, _, shallow in errors)}
    if meant:
        for path, message, _ in min(meant.values(), key=len):
            yield path, message
        return
    messages = [message for errors in found.values() for _, message, _ in errors]
    wanted = list(dict.fromkeys(message.removeprefix("must be ").split(", not ")[0] for message in messages))
    got = messages[0].partition(", not ")[2]
    yield union, f"must be {' or '.join(wanted)}" + (f", not {got}" if got else "")


def _is_kind(type_: str) -> bool:
    return type_.endswith("_type") or type_ in ("literal_error", "bool_parsing", "int_parsing", "float_parsing")


def _message(error: Any, model: Any, path: Sequence[Part]) -> str:
    type_, context = error["type"], error.get("ctx", {})
    if type_ == "missing":
        return "is missing"
    if type_ == "extra_forbidden":
        return unknown_key(str(error["loc"][-1]), fields_of(model, path[:-1]))
    if type_ == "literal_error":
        return _literal(error["input"], context.get("expected", ""))
    if type_ == "string_pattern_mismatch":
        return f"{_PATTERNS.get(context['pattern'], 'must match ' + context['pattern'])}, not {shown(error['input'])}"
    if type_ in _LIMITS:
        key, words = _LIMITS[type_]
        return f"must be {words} {context[key]}, not {shown(error['input'])}"
    if type_ in ("string_too_long", "string_too_short") or (type_ == "too_long" and isinstance(error["input"], str)):
        return _length(context)
    if type_ == "finite_number":
        return "must be a finite number"
    if type_ in ("union_tag_invalid", "union_tag_not_found"):
        return _discriminator(type_, context)
    kind = _MODELS.get(str(context.get("class_name"))) or _KINDS.get(
        re.sub(r"_(type|parsing|from_float|from_date_parsing|parsing_size)$", "", type_)
    )
    if kind:
        return _wrong_kind(kind, error["input"])
    text = str(error["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    if text.startswith("Invalid isoformat"):
        return _wrong_kind(_KINDS["datetime"], error["input"])
    return text


def _wrong_kind(kind: str, value: Any) -> str:
    if value is None:
        return f"is empty; write {kind} or leave the key out"
    if kind == "text" and isinstance(value, int | float):
        return f"must be text, not {shown(value)}; write it in quotes"
    return f"must be {kind}, not {shown(value)}"


def _literal(value: Any, expected: str) -> str:
    words = re.findall(r"'([^']*)'", expected)
    message = f"must be one of {', '.join(word or chr(34) * 2 for word in words)}, not {shown(value)}"
    near = get_close_matches(value, [word for word in words if word], n=1) if isinstance(value, str) else []
    return f"{message}; did you mean {near[0]!r}?" if near else message


def _discriminator(type_: str, context: dict[str, Any]) -> str:
    key = context["discriminator"]
    if type_ == "union_tag_not_found":
        return f"lacks the key {key}, which says of what kind it is"
    return f"{key} must be one of {context['expected_tags']}, not {shown(context['tag'])}"


def _length(context: dict[str, Any]) -> str:
    if "max_length" in context:
        most = context["max_length"]
        return f"must be at most {most} character{'s' if most > 1 else ''} long"
    if context.get("min_length") == 1:
        return "must not be empty"
    return f"must be at least {context.get('min_length')} characters long"


def shown(value: Any) -> str:
    """A value in a message, short."""
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def unknown_key(key: str, known: Sequence[str]) -> str:
    """The message about a key that nobody knows."""
    near = get_close_matches(key, known, n=1)
    if near:
        return f"unknown key {key!r}; did you mean {near[0]!r}?"
    if key == "<<":
        return "unknown key '<<'; YAML 1.2 has no merge keys, name the anchor where its value belongs"
    return f"unknown key {key!r}; known keys: {', '.join(known) or 'none'}"


def fields_of(model: Any, path: Sequence[Part]) -> list[str]:
    """The keys that a mapping at a path may have."""
    here = _models(model)
    for part in path:
        below: list[Any] = []
        for one in here:
            if isinstance(part, int):
                below += [one]
            elif (info := _field(one, part)) is not None:
                below += _models(info.annotation)
        here = below
    return [info.alias or name for one in here for name, info in one.model_fields.items()]


def _field(model: type[pydantic.BaseModel], key: str) -> Any:
    return next((info for name, info in model.model_fields.items() if key in (name, info.alias)), None)


def _models(annotation: Any) -> list[type[pydantic.BaseModel]]:
    """The models in a type, looking through lists, unions and annotations."""
    if isinstance(annotation, type) and issubclass(annotation, pydantic.BaseModel):
        return [annotation]
    if get_origin(annotation) in (Union, UnionType) or get_args(annotation):
        return [model for argument in get_args(annotation) for model in _models(argument)]
    return []
