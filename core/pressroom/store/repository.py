"""The repository that most definitions share: by uid, inside one project."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, col, select

from pressroom.errors import NotFound
from pressroom.models.tables import OwnedRow, ProjectRow
from pressroom.models.values import Definition
from pressroom.store.definitions import dump, load, nearest, page, possible
from pressroom.store.sessions import Sessions
from pressroom.store.values import Stored

D = TypeVar("D", bound=Definition)
Clock = Callable[[], datetime]


class Repository(Generic[D]):
    """Definitions of one kind in one project; those of other projects do not exist here.

    Args:
        sessions: where to work.
        project_id: whose rows.
        clock: gives the moment of a change.
    """

    model: ClassVar[type[Definition]]
    table: ClassVar[type[OwnedRow]]
    what: ClassVar[str]
    """For messages, such as `report`."""
    key: ClassVar[str] = "uid"
    """Field of the definition that names it."""

    def __init__(self, sessions: Sessions, project_id: int, clock: Clock) -> None:
        self._sessions = sessions
        self._project_id = project_id
        self._clock = clock

    def list(self, limit: int | None = None, offset: int = 0) -> list[Stored[D]]:
        """All of them, oldest first."""
        rows, first = page(limit, offset)
        with self._sessions.read() as session:
            found = session.exec(self._mine().order_by(col(self.table.id)).limit(rows).offset(first)).all()
            return [self._stored(row) for row in found]

    def names(self) -> dict[str, tuple[int, str]]:
        """Id and name of each by uid, without reading the definitions."""
        found = self._columns_of(col(self.table.uid), col(self.table.id), col(self.table.name))
        return {uid: (int(number or 0), name) for uid, number, name in found}

    def changes(self) -> dict[int, datetime]:
        """When each was changed last by id, oldest first; for who keeps what it made of them."""
        return {
            int(number or 0): moment
            for number, moment in self._columns_of(col(self.table.id), col(self.table.updated_at))
        }

    def some(self, numbers: Collection[int]) -> Sequence[Stored[D]]:
        """Those of these ids that there are, oldest first."""
        with self._sessions.read() as session:
            found = self._mine().where(col(self.table.id).in_(numbers)).order_by(col(self.table.id))
            return [self._stored(row) for row in session.exec(found)]

    def find(self, uid: str) -> Stored[D] | None:
        """The one with that uid, or None."""
        if not possible(uid):
            return None
        with self._sessions.read() as session:
            row = self._row(session, uid)
            return self._stored(row) if row else None

    def get(self, uid: str) -> Stored[D]:
        """The one with that uid.

        Raises:
            NotFound: there is none; names the nearest.
        """
        found = self.find(uid)
        if found is None:
            raise self._unknown(uid)
        return found

    def save(self, value: D, by: str) -> Stored[D]:
        """Create it, or replace the one with its uid. Saving what is there already changes nothing.

        Args:
            value: the definition.
            by: name of who does it.
        """
        with self._sessions.write() as session:
            self._lock(session)
            row = self._put(session, value, by)
            session.flush()
            return self._stored(row)

    def delete(self, uid: str) -> None:
        """Remove it.

        Raises:
            NotFound: there is none.
        """
        with self._sessions.write() as session:
            self._lock(session)
            row = self._row(session, uid) if possible(uid) else None
            if row is not None:
                session.delete(row)
                session.flush()
        if row is None:
            raise self._unknown(uid)

    def _lock(self, session: Session) -> None:
        # PostgreSQL: one writer a project, as on SQLite; runs may still be planned meanwhile
        statement = select(ProjectRow.id).where(col(ProjectRow.id) == self._project_id)
        session.exec(statement.with_for_update(key_share=True)).one()

    def _columns_of(self, *columns: Any) -> Sequence[Any]:
        mine = col(self.table.project_id) == self._project_id
        with self._sessions.read() as session:
            # not as objects: a list of a thousand would take ten times as long
            return session.execute(sa.select(*columns).where(mine).order_by(col(self.table.id))).all()

    def _mine(self) -> Any:
        return select(self.table).where(col(self.table.project_id) == self._project_id)

    def _row(self, session: Session, uid: str) -> OwnedRow | None:
        row: OwnedRow | None = session.exec(self._mine().where(col(self.table.uid) == uid)).first()
        return row

    def _put(self, session: Session, value: D, by: str) -> OwnedRow:
        uid, definition = getattr(value, self.key), self._dump(value)
        row = self._row(session, uid)
        now = self._clock()
        if row is None:
            row = self.table(
                project_id=self._project_id,
                uid=uid,
                name=value_name(value),
                definition=definition,
                creator=by,
                updater=by,
                created_at=now,
                updated_at=now,
                **self._columns(value, now),
            )
        elif row.definition != definition:
            self._changed(row, value, now)
            row.name, row.definition, row.updater, row.updated_at = value_name(value), definition, by, now
        session.add(row)
        return row

    def _dump(self, value: D) -> dict[str, Any]:
        value.model_fields_set.add(self.key)
        return dump(value)

    def _columns(self, value: D, now: datetime) -> dict[str, Any]:
        return {}

    def _changed(self, row: OwnedRow, value: D, now: datetime) -> None:
        """Bring the kind's own columns up to date; the row still holds the old definition."""

    def _stored(self, row: OwnedRow) -> Stored[D]:
        value: Any = load(self.model, row.definition, f"{self.what} {row.uid}")
        return Stored(int(row.id or 0), row.uid, value, row.created_at, row.updated_at, row.creator, row.updater)

    def _unknown(self, uid: str) -> NotFound:
        with self._sessions.read() as session:
            known = session.exec(select(self.table.uid).where(col(self.table.project_id) == self._project_id)).all()
        return NotFound(f"no {self.what} {uid!r}{nearest(uid, known)}")


def value_name(value: Definition) -> str:
    """What a definition is called; empty where it has no name."""
    return str(getattr(value, "name", ""))
