"""Definitions as they are kept: what a person wrote, without the defaults, as JSON."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from typing import Any, TypeVar

import pydantic

from pressroom.errors import DefinitionError, Problem, UsageError
from pressroom.models.values import clean

D = TypeVar("D", bound=pydantic.BaseModel)
LARGEST = 2**63 - 1
"""Ids and counts beyond this fit no database."""


def dump(value: pydantic.BaseModel) -> dict[str, Any]:
    """A definition as JSON data that `load` makes the same value of.

    Keys that nobody set are left out, so that an export says what was written and a default that changes
    in a later version reaches what leaned on it. Generated uids must be marked as set before.

    Raises:
        DefinitionError: it holds something that JSON cannot (an infinite number, an object in options).
    """
    try:
        # a list that was changed in place does not count as set, so the short form may lack it
        for short in (True, False):
            data: dict[str, Any] = value.model_dump(mode="json", exclude_unset=short)
            json.dumps(data, allow_nan=False)
            if type(value).model_validate(data) == value:
                return data
    except (pydantic.ValidationError, ValueError, TypeError, RecursionError) as error:
        raise DefinitionError([Problem(f"cannot be kept as JSON: {str(error).splitlines()[0]}")]) from error
    raise DefinitionError([Problem("cannot be kept as JSON: it holds a number that is not finite, or an object")])


def load(model: type[D], data: dict[str, Any], what: str) -> D:
    """The definition of `dump`'s data.

    Raises:
        DefinitionError: it was stored by a version that allowed more; says which one it is.
    """
    try:
        return model.model_validate(data)
    except pydantic.ValidationError as error:
        raise DefinitionError(
            [
                Problem(f"stored {what} is not valid any more: {detail['msg']}", ".".join(map(str, detail["loc"])))
                for detail in error.errors()
            ]
        ) from error


def possible(uid: str) -> bool:
    """Whether a database can be asked for this text at all (no NUL, no lone surrogate)."""
    return clean(uid) == uid


def nearest(uid: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` for a message, or nothing."""
    close = difflib.get_close_matches(uid, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def page(limit: int | None, offset: int) -> tuple[int | None, int]:
    """A limit and an offset that a database takes.

    Raises:
        UsageError: one is negative.
    """
    if offset < 0 or (limit is not None and limit < 0):
        raise UsageError("limit and offset must be 0 or more")
    return None if limit is None else min(limit, LARGEST), min(offset, LARGEST)
