"""A backup into a store: all of it in one transaction, and nothing that may have gone out since goes out again.

Between a backup and its restoration reports have usually gone out that the backup knows nothing of. So what
was open in it is not taken up but shown as failed, with everybody who was waiting marked as ambiguous; and
schedules go on with their first moment after now. `as_is` is for a move to another store while nothing runs.
"""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from pressroom.errors import Conflict, StoreError
from pressroom.models.columns import UtcDateTime
from pressroom.models.ledger_tables import DeliveryRow, RunRow
from pressroom.models.reports import Report
from pressroom.models.runs import DeliveryState, RunState
from pressroom.models.tables import AuditRow, ProjectRow, ReportRow
from pressroom.recurrence import Recurrence
from pressroom.store import Store, schema
from pressroom.store.backup import ROWS, Archive, Manifest, kept_tables, opened
from pressroom.store.definitions import load
from pressroom.store.engine import make_engine, parse_url, store_errors

_OPEN_RUNS = [state for state in RunState if not state.final]
_OPEN_DELIVERIES = [state for state in DeliveryState if not state.final]


@dataclass(frozen=True)
class Restored:
    """What came back.

    Attributes:
        manifest: the backup's.
        ended: runs that were open in it, and are shown as failed now.
    """

    manifest: Manifest
    ended: tuple[int, ...]


def restore(store: Store, file: Path, *, newest_folder: int = 0, force: bool = False, as_is: bool = False) -> Restored:
    """Put a backup into a store, whichever database either is; the store gets this version's schema.

    Args:
        newest_folder: the highest number of a run's folder here; new runs get higher ones, so that none finds
            the documents of another.
        force: also into a store that holds something, which is lost.
        as_is: take up what was open, and catch up what was missed: nothing has run since the backup was made.

    Raises:
        Conflict: the store holds something, and `force` was not given.
        StoreError: the file is no backup or is damaged, it is of a newer version, or the store cannot be written.
    """
    with opened(file) as archive:
        if archive.manifest.schema > schema.head():
            raise StoreError(f"{file} has schema {archive.manifest.schema}, this version knows {schema.head()}")
        store.upgrade()
        with _at_head(archive) as rows_of, store.transaction() as transaction, transaction.sessions.write() as session:
            if not force and _occupied(session):
                raise Conflict(f"{store.location} is not empty; restore into an empty store, or say --force to lose it")
            for table in reversed(kept_tables()):
                session.execute(sa.delete(table))
            for table in kept_tables():
                _insert(session, table, rows_of(table))
            _count_on(session, newest_folder)
            ended = () if as_is else _settle(session, archive.manifest, store.clock())
    return Restored(archive.manifest, ended)


def _occupied(session: Session) -> bool:
    beside = {ProjectRow.__tablename__, AuditRow.__tablename__}
    tables = [table for table in kept_tables() if table.name not in beside]
    if any(session.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() for table in tables):
        return True
    return int(session.execute(sa.select(sa.func.count()).select_from(ProjectRow)).scalar_one()) > 1


@contextmanager
def _at_head(archive: Archive) -> Iterator[Any]:
    """A function that gives a table's rows as this version's schema has them."""
    if archive.manifest.schema == schema.head():
        yield lambda table: (_typed(table, row) for row in archive.rows(table.name))
        return
    with tempfile.TemporaryDirectory(prefix="pressroom-restore-") as folder:
        url = parse_url("sqlite:///old.db", Path(folder))
        schema.make_at(url, archive.manifest.schema)
        _fill(url, archive)
        schema.upgrade(url)
        engine = make_engine(url)
        try:
            with engine.connect() as connection:
                yield lambda table: (dict(row) for row in connection.execute(sa.select(table)).mappings())
        finally:
            engine.dispose()


def _fill(url: sa.URL, archive: Archive) -> None:
    """Rows into a store of their own schema, which may differ from the models'."""
    engine = make_engine(url, foreign_keys=False)
    try:
        with store_errors(url), Session(engine) as session, session.begin():
            metadata = sa.MetaData()
            metadata.reflect(session.connection(), only=list(archive.manifest.tables))
            for table in metadata.sorted_tables:
                session.execute(sa.delete(table))
                _insert(session, table, (_typed(table, row) for row in archive.rows(table.name)))
    finally:
        engine.dispose()


def _typed(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    """A row of JSON as the columns' types want it."""
    return {column.name: _value(column.type, row[column.name]) for column in table.columns if column.name in row}


def _value(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, sa.DateTime):
        # a reflected column of SQLite: UTC without saying so
        return datetime.fromisoformat(value).replace(tzinfo=None)
    return base64.b64decode(value) if isinstance(kind, sa.LargeBinary) else value


def _insert(session: Session, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
    left = iter(rows)
    while batch := list(islice(left, ROWS)):
        session.execute(sa.insert(table), batch)


def _count_on(session: Session, newest_folder: int) -> None:
    """Let numbers go on after the highest that was ever given here."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    for table in kept_tables():
        column = table.columns.get("id")
        if column is None:
            continue
        highest = int(session.execute(sa.select(sa.func.coalesce(sa.func.max(column), 0))).scalar_one())
        if table.name == RunRow.__tablename__:
            highest = max(highest, newest_folder)
        if not highest:
            continue
        if sqlite:
            session.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
            added = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)")
            session.execute(added, {"name": table.name, "seq": highest})
        else:
            session.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), highest)))


def _settle(session: Session, manifest: Manifest, now: datetime) -> tuple[int, ...]:
    """End what was open, and let schedules go on after now."""
    why = f"restored from a backup of {manifest.created_at:%Y-%m-%d %H:%M:%S} UTC; it may have been sent since"
    rows = session.exec(select(RunRow).where(col(RunRow.state).in_(_OPEN_RUNS))).all()
    for run in rows:
        run.state, run.errors, run.finished_at = RunState.failed, [*run.errors, why], now
        run.owner, run.lease_until = None, None
    waiting = sa.update(DeliveryRow).where(col(DeliveryRow.state).in_(_OPEN_DELIVERIES))
    session.execute(
        waiting.values(state=DeliveryState.ambiguous, answer=why, owner=None, retry_at=None, updated_at=now)
    )
    for report in session.exec(select(ReportRow).where(col(ReportRow.next_run_at) <= now)):
        schedule = load(Report, report.definition, f"report {report.uid}").schedule
        report.next_run_at = Recurrence(schedule, start=report.schedule_changed_at).next_after(now)
    session.flush()
    return tuple(int(run.id or 0) for run in rows)
