"""A report's documents without sending it; the principal comes first and is authorised here."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from pressroom import Cancellation, Context, Document, PluginUse, Preview, Principal, Report, safe_names
from pressroom_builtin.api.desk import Desk, report_scope, require_dashboards, require_queries
from pressroom_builtin.api.report_wire import PreviewAsked

READ, CREATE = "reports:read", "reports:create"
ZIP = "application/zip"


class Made(NamedTuple):
    """What a preview gave.

    Attributes:
        file: open, of one document or of a zip of several; its name on the disk is gone already. None where there
            was nothing to put into any document.
        warnings: sentences for people.
    """

    file: IO[bytes] | None
    name: str
    media_type: str
    size: int
    warnings: tuple[str, ...]


class Previews(Desk):
    """Makes documents for one reader; nothing is recorded or kept."""

    def preview(
        self, principal: Principal, project: str, asked: PreviewAsked, cancellation: Cancellation | None = None
    ) -> Made:
        """The documents of a report that need not be stored, as one file.

        Args:
            cancellation: stops the work.

        Raises:
            NotFound: no such report.
            DefinitionError: mistakes in what was sent, with their fields.
            StepError: it cannot be composed or rendered at all.
            Cancelled: somebody asked for it.
        """
        with self._context(self.host.settings.limits.run_seconds, cancellation) as context:
            return _opened(self.make(principal, project, asked, context), context.folder)

    def make(self, principal: Principal, project: str, asked: PreviewAsked, context: Context) -> Preview:
        """The same as files in the context's folder; raises as `preview`."""
        if isinstance(asked.report, str):
            report = self._stored(principal, project, asked.report)
        else:
            principal.require(CREATE)
            self._enter(principal, project)
            report = self.host.check_report(project, asked.report).report
            require_queries(principal, report)
        require_dashboards(principal, [shown.uid for shown in report.dashboards])
        formats = self._formats(project, asked.formats) if asked.formats else report.formats
        return self.host.press.preview(project, report, context.folder, formats=formats, context=context)

    def _stored(self, principal: Principal, project: str, uid: str) -> Report:
        principal.require(READ)
        stored = self._enter(principal, project).reports.get(uid)
        principal.require(READ, report_scope(stored.id))
        return stored.value

    def _formats(self, project: str, formats: list[str | dict[str, Any]]) -> list[PluginUse]:
        draft = {"name": "preview", "state": "draft", "formats": formats}
        return self.host.check_report(project, draft).report.formats


def _opened(made: Preview, folder: Path) -> Made:
    """The documents as one open file."""
    told = (*made.errors, *made.warnings)
    if not made.documents:
        return Made(None, "", "", 0, told)
    if len(made.documents) == 1:
        (name,), media_type = safe_names(made.documents), made.documents[0].media_type
        path = folder / made.documents[0].path
    else:
        name, media_type, path = "documents.zip", ZIP, folder / "documents.zip"
        _zip(made.documents, folder, path)
    return Made(path.open("rb"), name, media_type, path.stat().st_size, told)


def _zip(documents: tuple[Document, ...], folder: Path, path: Path) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for name, document in zip(safe_names(documents), documents, strict=True):
            archive.write(folder / document.path, name)
