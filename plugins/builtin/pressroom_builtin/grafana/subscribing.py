"""Who has unsubscribed from a report; the principal comes first and is authorised here."""

from __future__ import annotations

from pressroom import NotFound, Principal, Unsubscription, UsageError
from pressroom_builtin.grafana.base import ReportingBase, scope

LONGEST = 500
"""Characters of an address."""


class Subscribing(ReportingBase):
    """Unsubscriptions of a workspace's reports."""

    def unsubscribed(self, principal: Principal, project: str, number: int) -> list[Unsubscription]:
        """Those of a report, oldest first.

        Raises:
            NotFound: no such report.
        """
        principal.require("reports:read", scope(number))
        store = self._store(principal, project)
        return store.unsubscriptions.list(store.reports.by_id(number).uid)

    def unsubscribe(self, principal: Principal, project: str, number: int, address: str) -> None:
        """Send nothing of a report to an address any more.

        Raises:
            NotFound: no such report.
            UsageError: it is no address at all.
        """
        principal.require("reports:write", scope(number))
        if not 0 < len(address.strip()) <= LONGEST:
            raise UsageError(f"an address has 1 to {LONGEST} characters")
        with self._changing(principal, project, "reports:unsubscribe") as (store, note):
            uid = store.reports.by_id(number).uid
            if store.unsubscriptions.add(uid, address):
                note(f"report {uid}: {address}")

    def resubscribe(self, principal: Principal, project: str, number: int, address: str) -> None:
        """Send a report to an address again.

        Raises:
            NotFound: no such report, or the address has not unsubscribed.
        """
        principal.require("reports:write", scope(number))
        with self._changing(principal, project, "reports:resubscribe") as (store, note):
            uid = store.reports.by_id(number).uid
            if not store.unsubscriptions.remove(uid, address):
                raise NotFound(f"{address} has not unsubscribed from {uid}; see: pressroom reports unsubscribed {uid}")
            note(f"report {uid}: {address}")
