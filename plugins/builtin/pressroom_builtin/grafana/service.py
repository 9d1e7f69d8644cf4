"""The reporting API without its HTTP: every method takes the principal first and authorises there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pressroom import Host, Principal
from pressroom_builtin.grafana import wire
from pressroom_builtin.grafana.base import READ_DASHBOARD, RawBody, scope, utc_now
from pressroom_builtin.grafana.customizing import Customizing
from pressroom_builtin.grafana.rendering import Rendering
from pressroom_builtin.grafana.sending import Sending
from pressroom_builtin.grafana.shelf import Shelf
from pressroom_builtin.grafana.translate import to_wire

READ = "reports:read"


class Reporting(Sending, Rendering, Customizing):
    """Reports, sending and report settings of a workspace."""

    def __init__(self, host: Host, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(host, now)
        self._shelf = Shelf()

    def reports(self, principal: Principal, project: str) -> list[wire.Report]:
        """The project's reports, those that the principal may see with all their dashboards."""
        principal.require(READ)
        store = self._store(principal, project)
        found = self._shelf.reports(store, self._conventions(store), self.now())
        if principal.may(READ, "reports:id:*") and principal.may(READ_DASHBOARD, "dashboards:uid:*"):
            return found
        return [
            item
            for item in found
            if principal.may(READ, scope(item.id))
            and not self._hidden(principal, (shown.dashboard.uid for shown in item.dashboards))
        ]

    def of_dashboard(self, principal: Principal, project: str, uid: str) -> list[wire.Report]:
        """The reports that show a dashboard."""
        found = self.reports(principal, project)
        return [item for item in found if any(shown.dashboard.uid == uid for shown in item.dashboards)]

    def report(self, principal: Principal, project: str, number: int) -> wire.Report:
        """One report.

        Raises:
            NotFound: the project has none of that id.
            AccessDenied: to read it, or one of its dashboards.
        """
        principal.require(READ, scope(number))
        store = self._store(principal, project)
        stored = store.reports.by_id(number)
        self._check_dashboards(principal, stored.value)
        return to_wire(stored, self._conventions(store), self.now())

    def number(self, principal: Principal, project: str, name: str) -> int:
        """The id of a report that is named by uid or id, as on the command line.

        Raises:
            NotFound: there is none; names the nearest.
        """
        reports = self._store(principal, project).reports
        found = reports.find(name)
        if found is None and name.isascii() and name.isdecimal():
            found = reports.by_id(int(name))
        return found.id if found else reports.get(name).id

    def create(self, principal: Principal, project: str, body: RawBody) -> wire.Created:
        """A new report.

        Raises:
            DefinitionError: names every wrong field.
        """
        principal.require("reports:create")
        report = self._read(principal, project, body)
        with self._changing(principal, project, "reports:create") as (store, note):
            stored = store.reports.save(report, principal.name)
            note(f"report {stored.uid}")
        return wire.Created(id=stored.id, message=wire.CREATED)

    def update(self, principal: Principal, project: str, number: int, body: RawBody) -> wire.Done:
        """Replace a report; what this API cannot say of it stays. Raises as `create` and `report`."""
        principal.require("reports:write", scope(number))
        before = self._store(principal, project).reports.by_id(number).value
        self._check_dashboards(principal, before)
        checked = self._check(principal, project, body, cron=before.schedule.frequency == "cron")
        with self._changing(principal, project, "reports:write") as (store, note):
            stored = store.reports.by_id(number)
            note(f"report {stored.uid}")
            store.reports.save(self._report(principal, checked, stored.value), principal.name)
        return wire.UPDATED

    def delete(self, principal: Principal, project: str, number: int) -> wire.Done:
        """Remove a report; its runs stay in the ledger. Raises as `report`."""
        principal.require("reports:delete", scope(number))
        with self._changing(principal, project, "reports:delete") as (store, note):
            uid = store.reports.by_id(number).uid
            store.reports.delete(uid)
            note(f"report {uid}")
        return wire.DELETED
