"""Who has unsubscribed from a report; the principal comes first and is authorised here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pressroom import NotFound, Principal, ProjectStore, Unsubscription, UsageError
from pressroom_builtin.api.desk import Desk, report_scope

LONGEST = 500
"""Characters of an address."""


class Subscribing(Desk):
    """Unsubscriptions of a workspace's reports."""

    def unsubscribed(self, principal: Principal, project: str, uid: str) -> list[Unsubscription]:
        """Those of a report, oldest first.

        Raises:
            NotFound: no such report.
        """
        principal.require("reports:read")
        store = self._enter(principal, project)
        principal.require("reports:read", report_scope(store.reports.get(uid).id))
        return store.unsubscriptions.list(uid)

    def unsubscribe(self, principal: Principal, project: str, uid: str, address: str) -> None:
        """Send nothing of a report to an address any more.

        Raises:
            NotFound: no such report.
            UsageError: it is no address at all.
        """
        with self._changing(principal, project, uid, "reports:unsubscribe", address) as store:
            store.unsubscriptions.add(uid, address)

    def resubscribe(self, principal: Principal, project: str, uid: str, address: str) -> None:
        """Send a report to an address again.

        Raises:
            NotFound: no such report, or the address has not unsubscribed.
            UsageError: it is no address at all.
        """
        with self._changing(principal, project, uid, "reports:resubscribe", address) as store:
            if not store.unsubscriptions.remove(uid, address):
                raise NotFound(f"{address} has not unsubscribed from {uid}; see: pressroom reports unsubscribed {uid}")

    @contextmanager
    def _changing(
        self, principal: Principal, project: str, uid: str, action: str, address: str
    ) -> Iterator[ProjectStore]:
        """The project's store for a change, with its entry in the audit log."""
        principal.require("reports:write")
        if not 0 < len(address.strip()) <= LONGEST:
            raise UsageError(f"an address has 1 to {LONGEST} characters")
        self._enter(principal, project)
        with self.host.store.transaction() as transaction:
            store = transaction.project(project)
            principal.require("reports:write", report_scope(store.reports.get(uid).id))
            yield store
            transaction.audit.record(principal.name, action, project=project, target=f"report {uid}: {address}")
