"""One chart's rows, for those who want data rather than a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressroom.charts import ChartFormatter, Request
from pressroom.context import Context
from pressroom.errors import StepError
from pressroom.models.dashboards import Chart, Dashboard
from pressroom.moments import utc_now
from pressroom.panics import contained
from pressroom.press.cache import Answer
from pressroom.press.kept import kept_answer, kept_frames
from pressroom.press.queries import DATA, Job, Questions, nothing, prepare, previous_window
from pressroom.press.scenes import ReadValues, Scene, find_chart, read_values, resolve_scene
from pressroom.sources import Dataset, Query
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
        answer: of kept rows, when the source was asked, and what identifies its answer; None otherwise.
    """

    dashboard: Dashboard
    chart: Chart
    scene: Scene
    formatter: ChartFormatter[Any, Any]
    request: Request
    rows: Dataset
    answer: Answer | None = None


@dataclass(frozen=True)
class Question:
    """A stored chart, ready to be asked."""

    dashboard: Dashboard
    chart: Chart
    scene: Scene
    job: Job

    def rows(self, dataset: Dataset, answer: Answer | None = None) -> ChartRows:
        """The dataset as the chart's type orders it."""
        job = self.job
        with contained("ordering the rows"):
            rows = job.formatter.rows(dataset, job.options, job.request)
        return ChartRows(self.dashboard, self.chart, self.scene, job.formatter, job.request, rows, answer)


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
    board, chart = find_chart(host, project, uid, context)
    return draft_rows(host, project, board, chart, context=context, window=window, variables=variables)


def draft_rows(
    host: Host,
    project: str,
    dashboard: Dashboard,
    chart: Chart,
    *,
    context: Context,
    window: Window | FindWindow | None = None,
    variables: dict[str, list[str]] | None = None,
) -> ChartRows:
    """Ask the query of a chart that need not be stored, to see what it gives; see `chart_rows`."""
    question = _question(host, project, dashboard, chart, window=window, variables=variables, context=context)
    return question.rows(_ask(host, question.job, context))


@contextmanager
def kept_chart_rows(
    host: Host,
    project: str,
    uid: str,
    *,
    context: Context,
    window: Window | FindWindow | None = None,
    variables: dict[str, list[str]] | None = None,
    previous: Callable[[Chart], bool] | None = None,
    ask: bool = True,
) -> Iterator[ChartRows]:
    """A stored chart's rows from the workspace's kept answers, asked for where there are none; see `chart_rows`.

    The rows can be read while the block runs.

    Args:
        previous: whether the period before is asked for too, by the chart; it is `request.previous` then.
        ask: whether sources may be asked; without, nothing is waited for.

    Raises:
        NotReady: something is not kept, and sources may not be asked.
    """

    def values(source: str, query: Query) -> list[str]:
        with kept_frames(host, project, source, query, context, ask=ask) as (_, frames):
            return read_values(frames)

    board, chart = find_chart(host, project, uid, context, ask=ask)
    question = _question(host, project, board, chart, window=window, variables=variables, context=context, read=values)
    with _kept(host, project, question.job, context, ask) as answer:
        if previous is None or not previous(chart):
            yield question.rows(answer.dataset, answer)
            return
        job = question.job
        before = replace(job, query=replace(job.query, window=previous_window(job.request.window)))
        with _kept(host, project, before, context, ask) as earlier:
            job = replace(job, request=replace(job.request, previous=earlier.dataset))
            yield replace(question, job=job).rows(answer.dataset, answer)


def _question(
    host: Host,
    project: str,
    dashboard: Dashboard,
    chart: Chart,
    *,
    window: Window | FindWindow | None,
    variables: dict[str, list[str]] | None,
    context: Context,
    read: ReadValues | None = None,
) -> Question:
    settings = host.store.projects.get(project).value
    chosen = variables or {}
    scene = resolve_scene(
        host, settings, dashboard, time_range=None, variables=chosen, now=utc_now(), context=context, read=read
    )
    if scene.problem:
        raise StepError(scene.problem)
    job = prepare(host, project, scene, chart, name=chart.uid, locale=settings.locale)
    if window is not None:
        cut = window if isinstance(window, Window) else window(scene, chart, job.formatter)
        job = replace(job, query=replace(job.query, window=cut), request=replace(job.request, window=cut))
    return Question(dashboard, chart, scene, job)


def _ask(host: Host, job: Job, context: Context) -> Dataset:
    (context.folder / DATA).mkdir(parents=True, exist_ok=True)
    questions = Questions(host, context, lambda _done, _all: None)
    with contained("reading the answer"):
        return questions.dataset(job, job.query, questions.batches(job, job.query), job.name)


@contextmanager
def _kept(host: Host, project: str, job: Job, context: Context, ask: bool) -> Iterator[Answer]:
    chart = job.chart
    if job.source is None:
        now = utc_now()
        yield Answer(nothing(), now, now, "")
        return
    roles = repr((chart.time, chart.dimensions, chart.metrics))

    def make(folder: Path) -> Dataset:
        return _ask(host, job, context.within(folder=folder))

    asking = make if ask else None
    with kept_answer(host, project, chart.source, job.query, roles=roles, make=asking, context=context) as answer:
        yield answer
