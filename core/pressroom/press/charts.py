"""One chart's rows, for those who want data rather than a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pressroom.charts import ChartFormatter, Request
from pressroom.context import Context
from pressroom.errors import StepError
from pressroom.models.dashboards import Chart, Dashboard
from pressroom.press.compose import utc_now
from pressroom.press.queries import DATA, Questions, prepare
from pressroom.press.scenes import Scene, resolve_scene
from pressroom.sources import Dataset
from pressroom.timerange import Window

if TYPE_CHECKING:
    from pressroom.host import Host

FindWindow = Callable[[Scene, Chart, ChartFormatter[Any, Any]], Window]
"""Chooses the buckets, knowing the dashboard's zone and range, the chart, and its type."""


@dataclass(frozen=True)
class ChartRows:
    """A chart's rows as its type orders them.

    Attributes:
        request: what was asked; `request.window` are the buckets.
        rows: in the run's folder where they are many.
    """

    dashboard: Dashboard
    chart: Chart
    scene: Scene
    formatter: ChartFormatter[Any, Any]
    request: Request
    rows: Dataset


def chart_rows(
    host: Host,
    project: str,
    uid: str,
    *,
    context: Context,
    window: Window | FindWindow | None = None,
    variables: dict[str, list[str]] | None = None,
) -> ChartRows:
    """Ask one stored chart's query.

    Args:
        context: its folder takes the rows.
        window: the buckets; the dashboard's range and the chart's interval where None.
        variables: chosen values; the dashboard's own where None.

    Raises:
        NotFound: no such chart in the project.
        StepError: the query failed, or its answer does not fit the chart's type.
    """
    found, chart = host.store.project(project).dashboards.chart(uid)
    settings = host.store.projects.get(project).value
    scene = resolve_scene(
        host, settings, found.value, time_range=None, variables=variables or {}, now=utc_now(), context=context
    )
    if scene.problem:
        raise StepError(scene.problem)
    job = prepare(host, project, scene, chart, name=chart.uid, locale=settings.locale)
    if window is not None:
        chosen = window if isinstance(window, Window) else window(scene, chart, job.formatter)
        job = replace(
            job,
            query=replace(job.query, window=chosen),
            request=replace(job.request, window=chosen),
        )
    (context.folder / DATA).mkdir(parents=True, exist_ok=True)
    questions = Questions(host, context, lambda _done, _all: None)
    dataset = questions.dataset(job, job.query, questions.batches(job, job.query), job.name)
    rows = job.formatter.rows(dataset, job.options, job.request)
    return ChartRows(found.value, chart, scene, job.formatter, job.request, rows)
