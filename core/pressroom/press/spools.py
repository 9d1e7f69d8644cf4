"""Frames on disk, as Arrow IPC files in the run's folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pressroom.sources import Dataset, Spool

if TYPE_CHECKING:
    import polars as pl


def spool(frames: Iterable[pl.DataFrame], folder: Path, name: str) -> Spool:
    """Write frames as they come, one file each.

    Args:
        folder: the run's folder.
        name: beginning of the files' names, relative to the folder.
    """
    parts: list[str] = []
    rows = 0
    for frame in frames:
        part = f"{name}-{len(parts):04d}.arrow"
        frame.write_ipc(folder / part)
        parts.append(part)
        rows += frame.height
    return Spool(parts=tuple(parts), rows=rows)


def unspool(kept: Spool, folder: Path) -> Iterator[pl.DataFrame]:
    """The frames as they were written."""
    import polars as pl

    for part in kept.parts:
        yield pl.read_ipc(folder / part)


def keep(dataset: Dataset, folder: Path, name: str) -> Dataset:
    """The dataset with its rows on disk; one that is there already stays as it is."""
    if dataset.spool is not None:
        return dataset
    return replace(dataset, spool=spool([dataset.frame()], folder, name), folder=folder)
