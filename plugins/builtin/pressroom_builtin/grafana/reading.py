"""Reading what clients send: leniently where the contract is, with every wrong field in one error.

An absent field, a null and the type's zero value mean the same: the field's default.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
import pydantic
from pydantic.alias_generators import to_camel

from pressroom import DefinitionError, Problem

M = TypeVar("M", bound=pydantic.BaseModel)


@dataclass(frozen=True)
class Checks:
    """What a body is checked against.

    Attributes:
        admit: why an address may not be mailed to; empty where it may.
        dashboard: uid of a dashboard by uid and id; raises ValueError.
        formats: names of the report formats.
        cron: whether the report that is replaced has a cron expression, which this API can only keep.
        single: names of a dashboard's variables that take one value, by the dashboard's uid.
        templates: whether the subject is a template.
    """

    admit: Callable[[str], str]
    dashboard: Callable[[str, int], str]
    formats: frozenset[str]
    cron: bool = False
    single: Callable[[str], Collection[str]] = lambda _uid: ()
    templates: bool = False


class Body(pydantic.BaseModel):
    """Base: unknown fields are ignored, nulls are absent."""

    model_config = pydantic.ConfigDict(
        extra="ignore", alias_generator=to_camel, validate_default=True, allow_inf_nan=False
    )

    @pydantic.model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: item for key, item in value.items() if item is not None}
        return value


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _moment(value: Any) -> Any:
    if value in ("", None) or isinstance(value, datetime):
        return value or None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("must be an RFC 3339 date-time with its offset, such as 2026-11-23T09:00:00+01:00")
    return moment


def one_line(value: str) -> str:
    """The value, where it has no line end and no other control character, which a mail's header could not hold."""
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in value):
        raise ValueError("must be one line without control characters")
    return value


NumberText = Annotated[str, pydantic.BeforeValidator(_text)]
Moment = Annotated[datetime | None, pydantic.BeforeValidator(_moment)]


def one_of(value: str, allowed: tuple[str, ...]) -> str:
    """The value, where it is allowed or empty; ValueError otherwise."""
    if value and value not in allowed:
        raise ValueError(f"{value!r} must be one of {', '.join(allowed)}")
    return value


def read(model: type[M], body: bytes | Mapping[str, Any], checks: Checks | None = None) -> M:
    """A request's body as its model.

    Args:
        body: JSON, or what it means.

    Raises:
        DefinitionError: no JSON object, or wrong fields; names every one.
    """
    if isinstance(body, bytes):
        try:
            body = msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise DefinitionError([Problem(f"the body is not valid JSON: {error}")]) from error
    if not isinstance(body, Mapping):
        raise DefinitionError([Problem("the body must be a JSON object")])
    try:
        return model.model_validate(dict(body), context=checks)
    except pydantic.ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise DefinitionError([Problem(_message(item), _path(item["loc"])) for item in found]) from None


def _message(item: Mapping[str, Any]) -> str:
    if item["type"] == "model_type":
        return "must be a JSON object"
    text: str = item["msg"]
    return text.removeprefix("Value error, ").replace("Input should be", "must be")


def _path(parts: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".")
