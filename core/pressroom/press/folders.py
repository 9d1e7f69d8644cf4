"""A run's folder is the run's own: a mark in it says whose, so that nobody finds another run's documents.

Numbers of runs begin anew with a new store, and go on from an older one after a backup was restored, while the
folders of the runs that had those numbers may still be there.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from pressroom.models.runs import Run

MARK = "run.txt"


def _mark(run: Run) -> str:
    return f"{run.id} {run.created_at.isoformat()}\n"


def owned(folder: Path, run: Run) -> bool:
    """Whether what lies in a folder is the run's."""
    try:
        return (folder / MARK).read_text(encoding="utf-8") == _mark(run)
    except (OSError, UnicodeDecodeError):
        return False


def take(folder: Path, run: Run) -> None:
    """Make a folder the run's, empty where it was another's.

    Raises:
        OSError: it cannot be written.
    """
    if owned(folder, run):
        return
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).write_text(_mark(run), encoding="utf-8")
