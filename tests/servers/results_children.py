"""What tests of kept answers and of turns do in other processes."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pressroom.context import Context
from pressroom.press.cache import Make, ResultCache, key_of
from pressroom.press.spools import spool
from pressroom.sources import Column, Dataset, Kind, Role
from pressroom_builtin.growingio.limiter import Limiter

COLUMNS = (Column(name="n", role=Role.metric, kind=Kind.number),)


def making(rows: int, calls: list[int] | None = None) -> Make:
    """Gives so many rows, and counts."""

    def make(folder: Path) -> Dataset:
        if calls is not None:
            calls.append(rows)
        kept = spool([pl.DataFrame({"n": range(rows)})], folder, "rows")
        return Dataset(COLUMNS, rows, spool=kept, folder=folder)

    return make


def ask(folder: Path, log: Path) -> int:
    """Ask for one answer, and write into the log if the source was asked."""

    def make(into: Path) -> Dataset:
        with log.open("a") as file:
            file.write("asked\n")
        return making(7)(into)

    with ResultCache(folder, 10**9).answer(key_of("a"), 60, make, Context(folder, timeout=60)) as answer:
        return answer.dataset.rows


def take(file: Path, times: int) -> list[bool]:
    """Take turns at one moment."""
    limiter = Limiter(file, 2, lambda: 1_000_000.0)
    found = [limiter.take("ann").granted for _ in range(times)]
    limiter.close()
    return found
