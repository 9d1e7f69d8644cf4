"""The reporting API without its HTTP: every method takes the principal first and authorises there."""

from __future__ import annotations

from collections.abc import Sequence

from pressroom import Principal, Report, Stored
from pressroom_builtin.grafana import wire
from pressroom_builtin.grafana.base import RawBody, scope
from pressroom_builtin.grafana.customizing import Customizing
from pressroom_builtin.grafana.rendering import Rendering
from pressroom_builtin.grafana.sending import Sending
from pressroom_builtin.grafana.translate import to_wire


class Reporting(Sending, Rendering, Customizing):
    """Reports, sending and report settings of a workspace."""

    def reports(self, principal: Principal, project: str) -> list[wire.Report]:
        """The project's reports, those that the principal may see."""
        return self._visible(principal, project, self._store(principal, project).reports.list())

    def of_dashboard(self, principal: Principal, project: str, uid: str) -> list[wire.Report]:
        """The reports that show a dashboard."""
        return self._visible(principal, project, self._store(principal, project).reports.using(uid))

    def _visible(self, principal: Principal, project: str, found: Sequence[Stored[Report]]) -> list[wire.Report]:
        principal.require("reports:read")
        conventions = self._conventions(project)
        return [
            to_wire(item, conventions, self.now())
            for item in found
            if principal.may("reports:read", scope(item.id)) and not self._hidden(principal, item.value)
        ]

    def report(self, principal: Principal, project: str, number: int) -> wire.Report:
        """One report.

        Raises:
            NotFound: the project has none of that id.
            AccessDenied: to read it, or one of its dashboards.
        """
        principal.require("reports:read", scope(number))
        stored = self._store(principal, project).reports.by_id(number)
        self._check_dashboards(principal, stored.value)
        return to_wire(stored, self._conventions(project), self.now())

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
        self._store(principal, project)
        report = self._read(principal, project, body, None)
        with self._changing(principal, project, "reports:create") as (store, note):
            stored = store.reports.save(report, principal.name)
            note(f"report {stored.uid}")
        return wire.Created(id=stored.id, message=wire.CREATED)

    def update(self, principal: Principal, project: str, number: int, body: RawBody) -> wire.Done:
        """Replace a report; what this API cannot say of it stays. Raises as `create` and `report`."""
        principal.require("reports:write", scope(number))
        with self._changing(principal, project, "reports:write") as (store, note):
            before = store.reports.by_id(number).value
            note(f"report {before.uid}")
            store.reports.save(self._read(principal, project, body, before), principal.name)
        return wire.UPDATED

    def delete(self, principal: Principal, project: str, number: int) -> wire.Done:
        """Remove a report; its runs stay in the ledger. Raises as `report`."""
        principal.require("reports:delete", scope(number))
        with self._changing(principal, project, "reports:delete") as (store, note):
            uid = store.reports.by_id(number).uid
            store.reports.delete(uid)
            note(f"report {uid}")
        return wire.DELETED
