"""Compose: a report's definition and its data at one moment become an Edition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from pressroom.context import Context
from pressroom.errors import NotFound, PressroomError, StepError
from pressroom.links import view_of
from pressroom.locales import Locale
from pressroom.models.dashboards import Dashboard
from pressroom.models.projects import Project
from pressroom.models.reports import Report, ReportDashboard
from pressroom.moments import utc_now
from pressroom.press.branding import brand
from pressroom.press.queries import Job, Questions, failed, prepare
from pressroom.press.scenes import Scene, find_dashboard, resolve_scene
from pressroom.renderers import Edition, Layout, Panel, Section
from pressroom.templating import render_line, safe_filename

if TYPE_CHECKING:
    from pressroom.host import Host

Clock = Callable[[], datetime]
NO_ADDRESS = "dashboard_links: there are none; what links need is told by: pressroom doctor"


@dataclass(frozen=True)
class Occasion:
    """When and why a report is composed.

    Attributes:
        planned_at: the moment that it was due; relative ranges are resolved at it.
        run: number of the run; 0 for a preview.
        kind: why the run exists.
    """

    planned_at: datetime
    run: int = 0
    kind: str = "preview"


def compose(
    host: Host, project: Project, report: Report, occasion: Occasion, context: Context, *, now: Clock = utc_now
) -> Edition:
    """Ask every chart of the report and put the answers in their places.

    A chart that fails becomes a panel with its error. Spools and logos are written to `context.folder`.

    Raises:
        StepError: a dashboard cannot be found, or a range is empty.
        TemplateError: the file name's template is wrong.
        Cancelled, TimedOut: as `context` says.
    """
    locale = report.locale or project.locale
    scenes = [_scene(host, project, chosen, occasion, context) for chosen in report.dashboards]
    sections = _sections(host, project, scenes, context, locale)
    if report.dashboard_links and host.links.base:
        sections = [_linked(host, project, *pair) for pair in zip(sections, report.dashboards, strict=True)]
    branding, warnings = brand(host, project.uid, report, context)
    if report.dashboard_links and not host.links.base:
        warnings.append(NO_ADDRESS)
    values = template_values(project, report, occasion, sections, locale)
    zone = scenes[0].zone if scenes else project.timezone
    name = render_line(report.filename, values, locale=locale, zone=zone) if report.filename else report.name
    return Edition(
        report=report.uid,
        title=report.name,
        filename=safe_filename(name, report.uid),
        author=project.name or project.uid,
        locale=locale,
        zone=zone,
        planned_at=occasion.planned_at,
        composed_at=now().replace(microsecond=0),
        sections=tuple(sections),
        branding=branding,
        layout=Layout(
            orientation=report.orientation,
            layout=report.layout,
            scale=report.scale,
            combine=report.combine,
            show_variables=report.show_variables,
        ),
        password=report.password,
        warnings=tuple(warnings) + tuple(text for scene in scenes for text in scene.warnings),
    )


def _scene(host: Host, project: Project, chosen: ReportDashboard, occasion: Occasion, context: Context) -> Scene:
    try:
        dashboard = find_dashboard(host, project.uid, chosen.uid, context)
    except NotFound as error:
        raise StepError(f"the report's dashboard is gone: {error.message}") from error
    return resolve_scene(
        host,
        project,
        dashboard,
        time_range=chosen.time_range,
        variables=chosen.variables,
        now=occasion.planned_at,
        context=context,
    )


def _sections(host: Host, project: Project, scenes: list[Scene], context: Context, locale: str) -> list[Section]:
    jobs: list[Job] = []
    panels: dict[str, Panel] = {}
    for index, scene in enumerate(scenes):
        for chart in scene.dashboard.charts:
            name = f"{index:03d}-{chart.uid}"
            try:
                jobs.append(prepare(host, project.uid, scene, chart, name=name, locale=locale))
            except PressroomError as error:
                panels[name] = failed(chart, error)

    def told(finished: int, total: int) -> None:
        context.progress("asking the data sources", finished / total)

    panels.update(Questions(host, context, told).ask(jobs))
    return [_section(scene, index, panels) for index, scene in enumerate(scenes)]


def _section(scene: Scene, index: int, panels: dict[str, Panel]) -> Section:
    dashboard: Dashboard = scene.dashboard
    return Section(
        uid=dashboard.uid,
        title=dashboard.name,
        description=dashboard.description,
        start=scene.start,
        end=scene.end,
        zone=scene.zone,
        choices=scene.choices,
        panels=tuple(panels[f"{index:03d}-{chart.uid}"] for chart in dashboard.charts),
    )


def _linked(host: Host, project: Project, section: Section, chosen: ReportDashboard) -> Section:
    """The section with the address of its dashboard's page, for who may see it."""
    import msgspec

    view = view_of(project.uid, section, chosen.variables)
    return msgspec.structs.replace(section, url=f"{host.links.base}{view.path()}")


def template_values(
    project: Project, report: Report, occasion: Occasion, sections: Sequence[Section], locale: str
) -> dict[str, dict[str, object]]:
    """What subjects and file names may say; range and variables are the first dashboard's."""
    first = sections[0] if sections else None
    # what the report chooses may be hidden on pages, and is known here all the same
    chosen: dict[str, object] = dict(report.dashboards[0].variables) if report.dashboards else {}
    shown: dict[str, object] = {choice.name: list(choice.values) for choice in first.choices} if first else {}
    text = Locale.of(locale).time_range(first.start, first.end, first.zone) if first else ""
    return {
        "report": {"uid": report.uid, "name": report.name},
        "run": {"id": occasion.run, "kind": occasion.kind, "planned_at": occasion.planned_at},
        "range": {"start": first.start, "end": first.end, "text": text} if first else {},
        "variables": chosen | shown,
        "project": {"uid": project.uid, "name": project.name},
    }
