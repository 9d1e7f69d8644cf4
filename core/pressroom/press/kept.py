"""Answers from the workspace's cache: what one is kept under, and how long it counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom.context import Context
from pressroom.moments import utc_now
from pressroom.panics import contained
from pressroom.press.cache import Answer, Make, key_of
from pressroom.press.datasets import PART_ROWS, read_frames
from pressroom.press.spools import spool
from pressroom.sources import Dataset, Query

if TYPE_CHECKING:
    import polars as pl

    from pressroom.host import Host


@contextmanager
def kept_answer(
    host: Host, project: str, source: str, query: Query, *, roles: str, make: Make | None, context: Context
) -> Iterator[Answer]:
    """The answer to a query, kept for the next one who asks the same.

    Args:
        source: its name in the workspace.
        roles: what else decides on the rows.
        make: asks the source; None where it must not be asked.

    Raises:
        NotFound: no such source for the project.
        NotReady: nothing is kept, and `make` is None.
        TimedOut: somebody else is asking still.
    """
    found = host.source(source, project)
    settings = host.settings.sources[source]
    own = [f"{name}={value!r}" for name, value in sorted(settings.own.items())]
    key = key_of(project, source, settings.type, own, found.revision(), found.fingerprint(query), roles)
    with host.results.answer(key, lifetime(host, query), make, context) as answer:
        yield answer


@contextmanager
def kept_frames(
    host: Host, project: str, source: str, query: Query, context: Context, *, ask: bool = True
) -> Iterator[tuple[Answer, Iterator[pl.DataFrame]]]:
    """A query's answer with its types as the source gave them, in bounded pieces; good while the block runs.

    Args:
        ask: whether the source may be asked where nothing is kept.

    Raises:
        StepError: the query failed; see `kept_answer` as well.
    """
    asking = host.source(source, project)

    def make(folder: Path) -> Dataset:
        within = context.within(folder=folder)
        with contained("reading the answer"), closing(read_frames(asking.query(query, within))) as frames:
            kept = spool(_gathered(frames, query.max_rows, within), folder, "rows")
        return Dataset((), kept.rows, spool=kept, folder=folder)

    with kept_answer(
        host, project, source, query, roles="as they are", make=make if ask else None, context=context
    ) as answer:
        yield answer, _stored(answer)


def lifetime(host: Host, query: Query) -> float:
    """Seconds that an answer counts: longer where the range that the query names is over."""
    settings = host.settings.cache
    bounded = "$__timeFilter" in query.text or "$__to" in query.text
    over = bounded and query.window is not None and query.window.end <= utc_now()
    return settings.closed_seconds if over else settings.open_seconds


def _gathered(frames: Iterator[pl.DataFrame], most: int, context: Context) -> Iterator[pl.DataFrame]:
    """Small batches together, so that a large answer is some files and not thousands; `most` rows in all."""
    import polars as pl

    waiting: list[pl.DataFrame] = []
    for frame in frames:
        context.check()
        waiting.append(frame.head(most))
        most -= waiting[-1].height
        if not most:
            break
        if sum(part.height for part in waiting) >= PART_ROWS:
            yield pl.concat(waiting, how="vertical_relaxed", rechunk=True)
            waiting = []
    if waiting:
        yield pl.concat(waiting, how="vertical_relaxed", rechunk=True)


def _stored(answer: Answer) -> Iterator[pl.DataFrame]:
    import polars as pl

    dataset = answer.dataset
    if dataset.spool is None or dataset.folder is None:
        return
    for part in dataset.spool.parts:
        yield pl.read_ipc(dataset.folder / part)
