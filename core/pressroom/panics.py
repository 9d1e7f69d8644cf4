"""Panics of libraries that are written in Rust: Polars, Typst and others raise them past `except Exception`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pressroom.errors import StepError


@contextmanager
def contained(what: str) -> Iterator[None]:
    """In the block a panic is the failure of one thing, not the end of the process.

    Args:
        what: was being done, for the message.

    Raises:
        StepError: in place of the panic.
    """
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise StepError(f"{what} failed inside a library: {error}") from error
