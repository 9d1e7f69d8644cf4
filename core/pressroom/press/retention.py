"""Retention: what is over and old is removed, in small batches, never something that may still be needed.

A run is over when its state is final, nobody holds it, and each of its deliveries is final. Its folder goes
first, then its rows: whoever dies in between leaves a row without a folder, which is no harm.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import Session, col, select

from pressroom.models.access_tables import TokenRow
from pressroom.models.ledger_tables import DeliveryRow, RunRow
from pressroom.models.runs import DeliveryState
from pressroom.models.tables import AuditRow
from pressroom.press.ledger_states import OPEN_RUNS
from pressroom.press.queries import run_folder
from pressroom.settings import age
from pressroom.store.heartbeats import Heartbeats

if TYPE_CHECKING:
    from pressroom.host import Host

log = logging.getLogger("pressroom.retention")
BATCH = 100
"""Runs, folders or files of one sweep."""
ORPHANED = timedelta(days=1)
"""A folder without a run is left alone for so long after it was last written to."""
FORGOTTEN = timedelta(days=1)
"""Processes that were not heard of, and tokens that ran out, so long ago are not listed any more."""
_OPEN = [state for state in DeliveryState if not state.final]


@dataclass(frozen=True)
class Swept:
    """What a sweep removed.

    Attributes:
        more: whether there may be more to remove now.
    """

    runs: int = 0
    folders: int = 0
    audit: int = 0
    tokens: int = 0
    cache: int = 0
    more: bool = False


class Retention:
    """Removes what `[retention]` does not keep.

    Args:
        host: the workspace.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._settings = host.settings.retention
        self._folders: Iterator[Path] | None = None
        self._cached: Iterator[Path] | None = None

    def sweep(self, now: datetime) -> Swept:
        """Remove at most a batch of each kind."""
        Heartbeats(self._host.store.sessions).forget(now - FORGOTTEN)
        folders = self._sweep_folders(now)
        runs, audit = self._sweep_runs(now), self._sweep_audit(now)
        tokens, cache = self._sweep_tokens(now), self._sweep_cache(now)
        more = BATCH in (runs, audit, tokens) or self._folders is not None or self._cached is not None
        swept = Swept(runs, folders, audit, tokens, cache, more)
        if runs or folders or audit or tokens or cache:
            log.info("removed what is not kept any more: %s", swept)
        return swept

    def _sweep_runs(self, now: datetime) -> int:
        kept = age(self._settings.runs)
        if kept is None:
            return 0
        with self._host.store.sessions.read() as session:
            found = over().where(col(RunRow.finished_at) < now - kept).order_by(col(RunRow.finished_at))
            ids = [int(run or 0) for run in session.exec(found.limit(BATCH))]
        gone = [run for run in ids if remove(run_folder(self._host.workspace.files, run))]
        if gone:
            with self._host.store.sessions.write() as session:
                # looked at again: somebody may have retried one meanwhile
                still = session.exec(over().where(col(RunRow.id).in_(gone))).all()
                session.exec(sa.delete(RunRow).where(col(RunRow.id).in_(still)))
        return len(gone)

    def _sweep_audit(self, now: datetime) -> int:
        kept = age(self._settings.audit)
        if kept is None:
            return 0
        with self._host.store.sessions.write() as session:
            found = select(AuditRow.id).where(col(AuditRow.at) < now - kept).order_by(col(AuditRow.id)).limit(BATCH)
            return int(
                session.exec(sa.delete(AuditRow).where(col(AuditRow.id).in_(session.exec(found).all()))).rowcount
            )

    def _sweep_tokens(self, now: datetime) -> int:
        """Tokens that ran out; for a while they can still be listed as such."""
        with self._host.store.sessions.write() as session:
            found = select(TokenRow.id).where(col(TokenRow.expires_at) < now - FORGOTTEN).limit(BATCH)
            return int(
                session.exec(sa.delete(TokenRow).where(col(TokenRow.id).in_(session.exec(found).all()))).rowcount
            )

    def _sweep_folders(self, now: datetime) -> int:
        """The next batch of run folders; the whole list takes several sweeps."""
        self._folders = self._folders or folders(self._host.workspace.files)
        batch = {int(path.name): path for path in islice(self._folders, BATCH)}
        if len(batch) < BATCH:
            self._folders = None
        if not batch:
            return 0
        kept = age(self._settings.files)
        with self._host.store.sessions.read() as session:
            known = set(session.exec(select(RunRow.id).where(col(RunRow.id).in_(batch))))
            old: set[int | None] = set() if kept is None else _ended(session, list(batch), now - kept)
        orphans = {run for run in batch.keys() - known if idle(batch[run], now - ORPHANED)}
        return sum(remove(path) for run, path in batch.items() if run in old or run in orphans)

    def _sweep_cache(self, now: datetime) -> int:
        from pressroom.host import SCRATCH

        kept = age(self._settings.cache)
        if kept is None:
            return 0
        self._cached = self._cached or (self._host.workspace.folder / SCRATCH).rglob("*")
        batch = list(islice(self._cached, 10 * BATCH))
        if len(batch) < 10 * BATCH:
            self._cached = None
        old = [path for path in batch if path.is_file() and not path.is_symlink() and idle(path, now - kept)]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


def over() -> sa.sql.expression.SelectOfScalar[int | None]:  # type: ignore[name-defined]
    """Ids of runs that nothing will happen to any more by itself."""
    waiting = select(DeliveryRow.id).where(col(DeliveryRow.run_id) == col(RunRow.id), col(DeliveryRow.state).in_(_OPEN))
    return select(RunRow.id).where(
        col(RunRow.state).not_in(OPEN_RUNS), col(RunRow.lease_until).is_(None), ~waiting.exists()
    )


def _ended(session: Session, ids: list[int], before: datetime) -> set[int | None]:
    return set(session.exec(over().where(col(RunRow.id).in_(ids), col(RunRow.finished_at) < before)))


def folders(files: Path) -> Iterator[Path]:
    """The folders of runs, in no order."""
    place = run_folder(files, 0).parent
    if place.is_dir():
        yield from (path for path in place.iterdir() if re.fullmatch(r"[0-9]{9,18}", path.name))


def idle(path: Path, before: datetime) -> bool:
    """Whether something was last written to before a moment; not where it is gone."""
    try:
        return path.stat().st_mtime < before.timestamp()
    except OSError:
        return False


def remove(folder: Path) -> bool:
    """Remove a run's folder; one that cannot be removed is logged, and tried again at another time.

    Returns:
        Whether it is gone.
    """
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        return True
    except OSError as error:
        log.error("the folder %s cannot be removed: %s", folder, error.strerror or error)
        return False
    return True
