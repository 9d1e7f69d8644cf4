"""Rendering for whoever asks, without a run: previews of reports, dashboards as PDF or CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
        self._store(principal, project)
        body = {
            "state": "draft",
            "name": title or "Dashboards",
            "dashboards": dashboards,
            "options": {"orientation": orientation, "layout": layout, "pdfCombineOneFile": True},
            "scaleFactor": scale_factor,
        }
        try:
            report = self._read(principal, project, body, None)
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
    ) -> bytes:
        """Dashboards as one PDF, asked for as in a query string; raises as `render`."""
        options = {"tables": "append"} if _switch(include_tables, "includeTables") else {}
        with TemporaryDirectory(prefix="pressroom-") as name:
            folder = Path(name)
            made = self.render(
                principal,
                project,
                read_dashboards(dashboards),
                folder,
                PluginUse(name="pdf", options=options),
                title=title,
                orientation=orientation,
                layout=layout,
                scale_factor=_percent(scale_factor),
            )
            if not made.documents:
                raise RenderError("; ".join(made.errors) or "there is nothing to render")
            return (folder / made.documents[0].path).read_bytes()

    def csv_archive(self, principal: Principal, project: str, dashboards: str, *, title: str = "") -> bytes:
        """The tables of dashboards as CSV files in a ZIP; nothing where there is no table. Raises as `render`."""
        with TemporaryDirectory(prefix="pressroom-") as name:
            folder, use = Path(name), PluginUse(name="csv")
            made = self.render(principal, project, read_dashboards(dashboards), folder, use, title=title)
            if not made.documents:
                if made.errors:
                    raise RenderError("; ".join(made.errors))
                return b""
            target = folder / "tables.zip"
            with ZipFile(target, "w", ZIP_DEFLATED) as archive:
                for document in made.documents:
                    archive.write(folder / document.path, document.name)
            return target.read_bytes()

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


def read_dashboards(text: str) -> list[Any]:
    """The dashboards of a query string.

    Raises:
        DefinitionError: it is no JSON array.
    """
    try:
        found = msgspec.json.decode(text) if text.strip() else []
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise DefinitionError([Problem(f"is not valid JSON: {error}", "dashboards")]) from error
    if not isinstance(found, list):
        raise DefinitionError([Problem("must be a JSON array", "dashboards")])
    return found


def _asked(field: str) -> str:
    """What a caller calls a field of the report that stands for its request."""
    return "title" if field == "name" else field.removeprefix("options.")


def _percent(text: str) -> int:
    if text and not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise DefinitionError([Problem(f"{text[:40]!r} must be a whole number of percent", "scaleFactor")])
    return int(text or 0)


def _switch(text: str, field: str) -> bool:
    if text.lower() not in ("", "true", "false", "1", "0"):
        raise DefinitionError([Problem(f"{text[:40]!r} must be true or false", field)])
    return text.lower() in ("true", "1")
