"""Unsubscriptions of one project: who gets nothing of which report."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from pressroom.models.addresses import address_key
from pressroom.models.unsubscription_tables import UnsubscriptionRow
from pressroom.models.unsubscriptions import Unsubscription
from pressroom.models.values import clean
from pressroom.store.definitions import possible
from pressroom.store.repository import Clock
from pressroom.store.sessions import Sessions


class UnsubscriptionRepository:
    """Who gets nothing of which report. Addresses are compared as `address_key` says.

    Args:
        sessions: where to work.
        project_id: whose reports.
        clock: gives the moment of a change.
    """

    def __init__(self, sessions: Sessions, project_id: int, clock: Clock) -> None:
        self._sessions = sessions
        self._project_id = project_id
        self._clock = clock

    def list(self, report: str) -> list[Unsubscription]:
        """Those of a report, oldest first."""
        if not possible(report):
            return []
        with self._sessions.read() as session:
            return [_value(row) for row in session.exec(self._of(report).order_by(col(UnsubscriptionRow.id)))]

    def find(self, report: str, address: str) -> Unsubscription | None:
        """The one of a report and an address, or None where that gets it."""
        if not possible(report):
            return None
        with self._sessions.read() as session:
            row = session.exec(self._one(report, address)).first()
            return None if row is None else _value(row)

    def add(self, report: str, address: str) -> bool:
        """Write down that an address wants nothing of a report any more.

        Returns:
            Whether that is new.
        """
        with self._sessions.write() as session:
            if session.exec(self._one(report, address)).first() is not None:
                return False
            try:
                with session.begin_nested():
                    session.add(
                        UnsubscriptionRow(
                            project_id=self._project_id,
                            report=report,
                            key=address_key(address),
                            address=clean(address),
                            since=self._clock(),
                        )
                    )
            except IntegrityError:
                # PostgreSQL lets two come at once: the first one counts
                return False
        return True

    def remove(self, report: str, address: str) -> bool:
        """Let an address have a report again.

        Returns:
            Whether it had unsubscribed.
        """
        if not possible(report):
            return False
        with self._sessions.write() as session:
            row = session.exec(self._one(report, address)).first()
            if row is None:
                return False
            session.delete(row)
        return True

    def _of(self, report: str) -> Any:
        return select(UnsubscriptionRow).where(
            col(UnsubscriptionRow.project_id) == self._project_id, col(UnsubscriptionRow.report) == report
        )

    def _one(self, report: str, address: str) -> Any:
        return self._of(report).where(col(UnsubscriptionRow.key) == address_key(address))


def _value(row: UnsubscriptionRow) -> Unsubscription:
    return Unsubscription(report=row.report, address=row.address, since=row.since)
