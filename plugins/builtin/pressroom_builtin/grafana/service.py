"""The reporting API without its HTTP: every method takes the principal first and authorises there."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressroom import (
    BrandingSettings,
    Cancellation,
    Context,
    DefinitionError,
    Image,
    PluginUse,
    Principal,
    Problem,
    Report,
    Run,
    RunKind,
    Stored,
    UsageError,
)
from pressroom_builtin.grafana import branding, wire
from pressroom_builtin.grafana.base import RawBody, ReportingBase
from pressroom_builtin.grafana.body import addresses
from pressroom_builtin.grafana.translate import to_wire

if TYPE_CHECKING:
    from pressroom import Preview

Progress = Callable[[str, float], None]


class Reporting(ReportingBase):
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
            to_wire(item, conventions, self.now()) for item in found if principal.may("reports:read", scope(item.id))
        ]

    def report(self, principal: Principal, project: str, number: int) -> wire.Report:
        """One report.

        Raises:
            NotFound: the project has none of that id.
        """
        principal.require("reports:read", scope(number))
        stored = self._store(principal, project).reports.by_id(number)
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

    def send(
        self,
        principal: Principal,
        project: str,
        number: int,
        *,
        emails: str = "",
        use_emails_from_report: bool = False,
        key: str = "",
        progress: Progress | None = None,
        cancellation: Cancellation | None = None,
    ) -> Run:
        """Send a report now and wait until it is handed over.

        Args:
            emails: addresses instead of the report's deliveries.
            use_emails_from_report: deliver as the report says.
            key: idempotency key; the same key sends once.
            cancellation: stops the work in order; the run can be taken up again.

        Raises:
            UsageError: neither `emails` nor `use_emails_from_report`.
            DefinitionError: a wrong address.
            NotFound: no such report.
        """
        principal.require("reports:send", scope(number))
        stored = self._store(principal, project).reports.by_id(number)
        if not addresses(emails) and not use_emails_from_report:
            raise UsageError("name addresses in emails, or set useEmailsFromReport")
        report = self._addressed(project, stored.value, emails) if addresses(emails) else stored.value
        if not report.deliveries:
            raise UsageError(f"the report {report.uid} has no deliveries; name addresses to send it to")
        run = self._plan(principal, project, report, stored.id, key)
        return self.host.press.work(run.id, progress=progress, cancellation=cancellation)

    def test(
        self,
        principal: Principal,
        project: str,
        body: RawBody,
        *,
        progress: Progress | None = None,
        cancellation: Cancellation | None = None,
    ) -> Run:
        """Send a report that is not stored. Raises as `create`."""
        principal.require("reports:send")
        self._store(principal, project)
        report = self._read(principal, project, body, None)
        run = self._plan(principal, project, report, None, "")
        return self.host.press.work(run.id, progress=progress, cancellation=cancellation)

    def _addressed(self, project: str, report: Report, emails: str) -> Report:
        refusals = [refusal for address in addresses(emails) if (refusal := self._refusal(project, address))]
        if refusals:
            raise DefinitionError([Problem(refusal, "emails") for refusal in refusals])
        delivery = {"channel": self.mail_channel(project), "to": addresses(emails)}
        return Report.model_validate(report.model_dump(by_alias=True) | {"deliveries": [delivery]})

    def _plan(self, principal: Principal, project: str, report: Report, number: int | None, key: str) -> Run:
        kind: RunKind = "test" if number is None else "manual"
        key = key or f"{kind}-{secrets.token_hex(8)}"
        run = self.host.press.plan(project, report, report_id=number, kind=kind, key=key)
        target = f"report {report.uid}" if number is not None else f"test of {report.name}"
        self.host.audit.record(principal.name, "reports:send", project=project, target=target, detail={"run": run.id})
        return run

    def preview(
        self,
        principal: Principal,
        project: str,
        number: int,
        folder: Path,
        *,
        formats: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> Preview:
        """A report's documents in a folder; nothing is recorded or sent.

        Args:
            formats: names of report formats instead of the report's own.

        Raises:
            NotFound: no such report.
            PressroomError: it cannot be composed or rendered at all.
        """
        principal.require("reports:read", scope(number))
        report = self._store(principal, project).reports.by_id(number).value
        own = {use.name: use for use in report.formats}
        uses = [own.get(name) or PluginUse(name=name) for name in formats] or None
        return self._preview(project, report, folder, uses, progress)

    def render(
        self,
        principal: Principal,
        project: str,
        dashboards: Sequence[Mapping[str, Any]],
        folder: Path,
        use: PluginUse,
        *,
        title: str = "",
        orientation: str = "",
        layout: str = "",
        scale_factor: int = 0,
        progress: Progress | None = None,
    ) -> Preview:
        """Dashboards as one PDF, or the CSV files of their tables, in a folder.

        Args:
            dashboards: as in a report's `dashboards`.
            use: `pdf` or `csv` with options.

        Raises:
            DefinitionError: names every wrong field.
        """
        principal.require("dashboards:read")
        self._store(principal, project)
        body = {
            "state": "draft",
            "name": title or "Dashboards",
            "dashboards": list(dashboards),
            "options": {"orientation": orientation, "layout": layout, "pdfCombineOneFile": True},
            "scaleFactor": scale_factor,
        }
        report = self._read(principal, project, body, None)
        if not report.dashboards:
            raise DefinitionError([Problem("needs at least one dashboard with its uid", "dashboards")])
        return self._preview(project, report, folder, [use], progress)

    def _preview(
        self,
        project: str,
        report: Report,
        folder: Path,
        formats: list[PluginUse] | None,
        progress: Progress | None,
    ) -> Preview:
        limit = self.host.settings.limits.run_seconds
        context = Context(folder, timeout=limit, progress=progress)
        return self.host.press.preview(project, report, folder, formats=formats, context=context)

    def settings(self, principal: Principal, project: str) -> wire.Settings:
        """The project's report settings."""
        principal.require("reports.settings:read")
        store = self._store(principal, project)
        return branding.to_wire(store.branding.get(), store.id, self.host.settings.server.public_url)

    def save_settings(
        self, principal: Principal, project: str, body: RawBody, logos: Mapping[str, bytes] | None = None
    ) -> wire.Done:
        """Merge settings into those that are there.

        Args:
            logos: uploaded pictures by field, `reportLogo` or `emailLogo`.

        Raises:
            DefinitionError: wrong fields, or a file that is no picture.
        """
        principal.require("reports.settings:write")
        proved = {field: branding.prove_image(data, field) for field, data in (logos or {}).items()}
        with self._changing(principal, project, "reports.settings:write") as (store, note):
            merged: BrandingSettings = branding.merge(
                store.branding.get(), body, self.host.settings.server.public_url, principal.user_id
            )
            for field, (name, media_type) in proved.items():
                store.images.save(name, media_type, (logos or {})[field], principal.name)
                attribute = "report_logo" if field == "reportLogo" else "email_logo"
                merged = merged.model_copy(update={attribute: f"image:{name}"})
            store.branding.save(merged, principal.name)
            note("report settings")
        return wire.SAVED

    def image(self, principal: Principal, project: str, name: str) -> Image:
        """An uploaded logo.

        Raises:
            NotFound: there is none of that name.
        """
        principal.require("reports.settings:read")
        return self._store(principal, project).images.get(name)


def scope(number: int) -> str:
    """The scope of one report in permissions."""
    return f"reports:id:{number}"
