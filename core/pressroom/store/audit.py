"""The audit log: written beside what it tells of, in the same transaction where there is one."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from pressroom.models.audit import AuditEntry
from pressroom.models.tables import AuditRow, ProjectRow
from pressroom.models.values import clean
from pressroom.store.definitions import page
from pressroom.store.repository import Clock
from pressroom.store.sessions import Sessions


class AuditLog:
    """Entries of the whole workspace; they are only ever added."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def record(
        self, actor: str, action: str, *, project: str = "", target: str = "", detail: dict[str, Any] | None = None
    ) -> None:
        """Write down one deed; see `AuditEntry` for the words."""
        with self._sessions.write() as session:
            owner = session.exec(select(ProjectRow.id).where(col(ProjectRow.uid) == clean(project))).first()
            session.add(
                AuditRow(
                    project_id=owner,
                    at=self._clock(),
                    actor=clean(actor),
                    action=clean(action),
                    target=clean(target),
                    detail=detail or {},
                )
            )

    def list(self, project: str = "", limit: int | None = None, offset: int = 0) -> list[AuditEntry]:
        """Entries, newest first; of one project where it is named."""
        rows, first = page(limit, offset)
        found = select(AuditRow, ProjectRow.uid).join(ProjectRow, isouter=True)
        if project:
            found = found.where(col(ProjectRow.uid) == clean(project))
        with self._sessions.read() as session:
            ordered = found.order_by(col(AuditRow.id).desc()).limit(rows).offset(first)
            return [
                AuditEntry(
                    at=row.at,
                    actor=row.actor,
                    action=row.action,
                    project=uid or "",
                    target=row.target,
                    detail=row.detail,
                )
                for row, uid in session.exec(ordered)
            ]
