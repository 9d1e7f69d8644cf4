"""Documents of a report that go to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pressroom.context import Context
from pressroom.models.projects import Project
from pressroom.models.reports import Report
from pressroom.models.values import PluginUse
from pressroom.press.bursts import bursts, seen_by
from pressroom.press.compose import Occasion, compose
from pressroom.press.recipients import Asking
from pressroom.press.render import render
from pressroom.renderers import Document, Edition

if TYPE_CHECKING:
    from pressroom.host import Host


@dataclass(frozen=True)
class Preview:
    """Documents of a report that goes to nobody; paths are relative to the folder that was given."""

    edition: Edition
    documents: tuple[Document, ...]
    warnings: tuple[str, ...]
    errors: tuple[str, ...]


def preview(
    host: Host,
    project: Project,
    report: Report,
    occasion: Occasion,
    context: Context,
    *,
    formats: Sequence[PluginUse],
    of: str,
) -> Preview:
    """Compose and render a report into the context's folder; see `Press.preview`."""
    report, notes = _as_seen(host, project, report, occasion, context, of=of)
    edition = compose(host, project, report, occasion, context)
    rendered = render(host, edition, formats, context)
    warnings = notes + edition.warnings + rendered.warnings
    return Preview(edition, rendered.documents, warnings, edition.errors + rendered.errors)


def _as_seen(
    host: Host, project: Project, report: Report, occasion: Occasion, context: Context, *, of: str
) -> tuple[Report, tuple[str, ...]]:
    """A report as a recipient of a query gets it, and who that is."""
    if not bursts(report):
        return report, ()
    asking = Asking.begin(host, project, report, occasion, context, find=lambda name: host.channel(name, project.uid))
    one = asking.sample(of)
    seen = seen_by(host, project.uid, report, one.part, context)
    return seen, (f"shows what {one.described} gets",)
