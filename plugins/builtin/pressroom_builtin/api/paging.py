"""Pages of lists: where a page ended, as text that means nothing to clients."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from pressroom import UsageError

T = TypeVar("T")
DEFAULT_LIMIT = 50
MOST = 500
WRONG = "cursor: take it from `next` of the page before, as it is"


def check_limit(limit: int) -> int:
    """A page's size.

    Raises:
        UsageError: it is below 1 or above 500.
    """
    if not 1 <= limit <= MOST:
        raise UsageError(f"limit is 1 to {MOST}; follow `next` for more")
    return limit


def write_cursor(*position: int | str) -> str:
    """The text of a position in a list."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def read_cursor(cursor: str, *kinds: type) -> list[Any] | None:
    """The position of a text that `write_cursor` gave; None for the beginning.

    Raises:
        UsageError: it is no such text, or of another list.
    """
    if not cursor:
        return None
    try:
        data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        position = json.loads(data)
    except (ValueError, RecursionError):
        position = None
    if (
        not isinstance(position, list)
        or [type(part) for part in position] != list(kinds)
        or any(isinstance(part, int) and not 0 <= part < 2**63 for part in position)
    ):
        raise UsageError(WRONG)
    return position


def read_moment_cursor(cursor: str, numbers: int = 1) -> Any:
    """A position that is a moment and so many numbers, as a tuple; None and raises as `read_cursor`."""
    position = read_cursor(cursor, str, *[int] * numbers)
    if position is None:
        return None
    try:
        moment = datetime.fromisoformat(position[0])
        moment.utctimetuple()
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(WRONG)
    return (moment, *position[1:])


def page_of(found: list[T], limit: int, position: Callable[[T], tuple[int | str, ...]]) -> tuple[list[T], str | None]:
    """A page and the cursor of the next one, None where there is none.

    Args:
        found: the page and, where there is more, one entry beyond it.
        position: of an entry.
    """
    page = found[:limit]
    return page, write_cursor(*position(page[-1])) if len(found) > limit else None
