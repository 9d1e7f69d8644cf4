"""Rendering for whoever asks, without a run: previews of reports, dashboards as PDF or CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from pressroom import Context, DefinitionError, PluginUse, Principal, Problem, RenderError, Report
from pressroom_builtin.grafana.admission import Admission
from pressroom_builtin.grafana.base import scope
from pressroom_builtin.grafana.sending import Progress

if TYPE_CHECKING:
    from pressroom import Preview


SWITCH = {"": False, "false": False, "0": False, "true": True, "1": True}
UNTITLED = "Dashboards"


@dataclass(frozen=True)
class File:
    """What was rendered.

    Attributes:
        notes: what failed in it, and what people should know of it.
    """

    name: str
    data: bytes
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """What a query string says, read."""

    dashboards: list[Any]
    percent: int
    tables: bool


class Rendering(Admission):
    """What makes documents that go to nobody."""

    def preview(
        self,
        principal: Principal,
        project: str,
        number: int,
        folder: Path,
        *,
        formats: Sequence[str] = (),
        of: str = "",
        progress: Progress | None = None,
    ) -> Preview:
        """A report's documents in a folder; nothing is recorded or sent.

        Args:
            formats: names of report formats instead of the report's own.
            of: where its recipients come from a query, which of them gets it so; the first where empty.

        Raises:
            NotFound: no such report.
            AccessDenied: to read it, or one of its dashboards.
            PressroomError: it cannot be composed or rendered at all.
        """
        principal.require("reports:read", scope(number))
        report = self._store(principal, project).reports.by_id(number).value
        self._check_dashboards(principal, report)
        own = {use.name: use for use in report.formats}
        uses = [own.get(name) or PluginUse(name=name) for name in formats] or None
        return self._preview(project, report, folder, uses, progress, of=of)

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
            AccessDenied: to read one of them.
        """
        principal.require("dashboards:read")
        body = {
            "state": "draft",
            "name": title or UNTITLED,
            "dashboards": dashboards,
            "options": {"orientation": orientation, "layout": layout, "pdfCombineOneFile": True},
            "scaleFactor": scale_factor,
        }
        try:
            report = self._read(principal, project, body)
        except DefinitionError as error:
            raise DefinitionError([Problem(each.message, _asked(each.field)) for each in error.problems]) from None
        if not report.dashboards:
            raise DefinitionError([Problem("needs at least one dashboard with its uid", "dashboards")])
        return self._preview(project, report, folder, [use], progress)

    def pdf(
        self,
        principal: Principal,
        project: str,
        dashboards: str,
        *,
        title: str = "",
        orientation: str = "",
        layout: str = "",
        scale_factor: str = "",
        include_tables: str = "",
    ) -> File:
        """Dashboards as one PDF, asked for as in a query string; raises as `render`."""
        said = _words(dashboards, scale_factor, include_tables)
        use = PluginUse(name="pdf", options={"tables": "append"} if said.tables else {})
        with TemporaryDirectory(prefix="pressroom-") as name:
            folder = Path(name)
            made = self.render(
                principal,
                project,
                said.dashboards,
                folder,
                use,
                title=title,
                orientation=orientation,
                layout=layout,
                scale_factor=said.percent,
            )
            if not made.documents:
                raise RenderError("; ".join(made.errors) or "there is nothing to render")
            document = made.documents[0]
            return File(document.name, (folder / document.path).read_bytes(), (*made.errors, *made.warnings))

    def csv_archive(self, principal: Principal, project: str, dashboards: str, *, title: str = "") -> File | None:
        """The tables of dashboards as CSV files in a ZIP; None where there is no table. Raises as `render`."""
        with TemporaryDirectory(prefix="pressroom-") as name:
            folder, use = Path(name), PluginUse(name="csv")
            made = self.render(principal, project, _words(dashboards).dashboards, folder, use, title=title)
            if not made.documents:
                if made.errors:
                    raise RenderError("; ".join(made.errors))
                return None
            target = folder / "tables.zip"
            with ZipFile(target, "w", ZIP_DEFLATED) as archive:
                for document in made.documents:
                    archive.write(folder / document.path, document.name)
            return File(f"{title or UNTITLED}.zip", target.read_bytes(), (*made.errors, *made.warnings))

    def _preview(
        self,
        project: str,
        report: Report,
        folder: Path,
        formats: list[PluginUse] | None,
        progress: Progress | None,
        *,
        of: str = "",
    ) -> Preview:
        limit = self.host.settings.limits.run_seconds
        context = Context(folder, timeout=limit, progress=progress, cancellation=self.host.closing)
        return self.host.press.preview(project, report, folder, formats=formats, of=of, context=context)


def _words(dashboards: str, percent: str = "", tables: str = "") -> Words:
    problems: list[Problem] = []
    found: Any = []
    try:
        found = msgspec.json.decode(dashboards) if dashboards.strip() else []
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        problems.append(Problem(f"is not valid JSON: {error}", "dashboards"))
    if not isinstance(found, list):
        problems.append(Problem("must be a JSON array", "dashboards"))
    if percent and not (percent.isascii() and percent.isdecimal() and len(percent) < 10):
        problems.append(Problem(f"{percent[:40]!r} must be a whole number of percent", "scaleFactor"))
    if tables.lower() not in SWITCH:
        problems.append(Problem(f"{tables[:40]!r} must be true or false", "includeTables"))
    if problems:
        raise DefinitionError(problems)
    return Words(found, int(percent or 0), SWITCH[tables.lower()])


def _asked(field: str) -> str:
    """What a caller calls a field of the report that stands for its request."""
    return "title" if field == "name" else field.removeprefix("options.")
