"""Asks a report's queries: side by side with a limit, equal ones once, each chart's failure its own."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressroom.charts import ChartFormatter, Request
from pressroom.context import Context
from pressroom.errors import Cancelled, PressroomError, QueryError, StepError, TimedOut
from pressroom.extension import PluginOptions
from pressroom.locales import Locale
from pressroom.models.dashboards import Chart
from pressroom.panics import contained
from pressroom.plugins import read_options
from pressroom.press.datasets import read_dataset, read_frames
from pressroom.press.scenes import Scene, explain
from pressroom.press.spools import keep, spool, unspool
from pressroom.renderers import Panel, Rows
from pressroom.sources import ArrowStream, Dataset, Query, Source
from pressroom.timerange import Window

if TYPE_CHECKING:
    import polars as pl

    from pressroom.host import Host

DATA = "data"
"""Folder of a run's folder that holds its spools."""


@dataclass(frozen=True)
class Job:
    """A chart that is to be asked and drawn.

    Attributes:
        name: of its files in the run's folder, unique in the run.
        source: None for a chart without a query.
        previous: the query over the period before, for chart types that compare.
    """

    name: str
    chart: Chart
    formatter: ChartFormatter[Any, Any]
    options: PluginOptions
    source: Source[Any] | None
    query: Query
    previous: Query | None
    request: Request

    @property
    def question(self) -> tuple[str, str]:
        """Equal for two jobs whose answers would be equal."""
        if self.source is None:
            return "", self.name
        return self.source.setup.instance, self.source.fingerprint(self.query)


def prepare(host: Host, project: str, scene: Scene, chart: Chart, *, name: str, locale: str) -> Job:
    """What has to be known to ask a chart's query.

    Raises:
        PressroomError: the chart's type, source, options or interval are wrong.
    """
    if scene.problem:
        raise StepError(scene.problem)
    formatter = host.chart(chart.type)
    options = read_options(type(formatter), chart.options, f"chart {chart.uid}: options")
    silent = formatter.asks == "maybe" and not chart.source and not chart.query
    source = None if silent else host.source(chart.source, project)
    window = chart_window(scene, chart, formatter)
    query = Query(
        text=chart.query,
        window=window,
        variables=scene.values,
        max_rows=host.settings.limits.rows,
        dashboard=scene.dashboard.uid,
        chart=chart.uid,
    )
    previous = replace(query, window=previous_window(window)) if formatter.compares(options) else None
    missing = Locale.of(locale).word("missing")
    request = Request(
        uid=chart.uid, title=chart.name, window=window, missing=missing, variables=scene.values, locale=locale
    )
    return Job(name, chart, formatter, options, source, query, previous, request)


def chart_window(scene: Scene, chart: Chart, formatter: ChartFormatter[Any, Any], interval: str = "") -> Window:
    """The buckets of a chart over its dashboard's range.

    Args:
        interval: asked for; else the chart's own; else the smallest that fits the chart's width.

    Raises:
        QueryError: too many buckets.
    """
    if not formatter.time_axis:
        return Window.single(scene.start, scene.end, scene.zone)
    try:
        if interval or chart.interval:
            return Window.cut(scene.start, scene.end, scene.zone, interval or chart.interval)
        return Window.fit(scene.start, scene.end, scene.zone, chart.grid.w)
    except ValueError as error:
        raise QueryError(f"chart {chart.uid}: interval: {error}") from error


def previous_window(window: Window) -> Window:
    """The period before, on the same weekdays: moved back by whole weeks.

    The computed-results API's rule: n = days div 7, m = days mod 7; n < 1 is one week, m = 0 is n weeks,
    else n + 1 weeks.
    """
    from datetime import timedelta

    from pressroom.timerange import localize, zone_info

    # local days: a change of clocks makes one of them an hour shorter
    zone = zone_info(window.zone)
    start, end = (edge.astimezone(zone).replace(tzinfo=None) for edge in (window.start, window.end))
    days = (end - start).days
    back = timedelta(weeks=max(1, days // 7 + (1 if days % 7 and days >= 7 else 0)))
    return Window.single(localize(start - back, window.zone), localize(end - back, window.zone), window.zone)


class Questions:
    """Asks jobs and turns them into panels.

    Args:
        host: for limits.
        context: of the run; its folder takes the spools.
        done: called after each job with how many are finished and how many there are.
    """

    def __init__(self, host: Host, context: Context, done: Callable[[int, int], None]) -> None:
        self.limits = host.settings.limits
        self.context = context
        self._done = done
        self._lock = threading.Lock()
        self._finished = 0
        (context.folder / DATA).mkdir(parents=True, exist_ok=True)

    def ask(self, jobs: Sequence[Job]) -> dict[str, Panel]:
        """The panels of all jobs by name; one that failed says why.

        Raises:
            Cancelled: somebody asked for it.
            TimedOut: the run's own deadline passed.
        """
        groups: dict[tuple[str, str], list[Job]] = defaultdict(list)
        panels: dict[str, Panel] = {}
        for job in jobs:
            try:
                groups[job.question].append(job)
            except PressroomError as error:
                panels[job.name] = failed(job.chart, error)
        with ThreadPoolExecutor(self.limits.queries, thread_name_prefix="pressroom-query") as pool:
            for part in pool.map(lambda group: self._group(group, len(jobs)), groups.values()):
                panels.update(part)
        self.context.check()
        return panels

    def _group(self, jobs: list[Job], total: int) -> dict[str, Panel]:
        if len(jobs) == 1:
            return {jobs[0].name: self._finish(jobs[0], total, lambda: self.batches(jobs[0], jobs[0].query))}
        try:
            first = jobs[0]
            with contained("reading the answer"):
                answer = spool(
                    self._frames(self.batches(first, first.query)), self.context.folder, f"{DATA}/{first.name}-shared"
                )
        except Cancelled:
            raise
        except Exception as error:
            return {job.name: self._finish(job, total, _raiser(error)) for job in jobs}
        return {job.name: self._finish(job, total, lambda: unspool(answer, self.context.folder)) for job in jobs}

    def _frames(self, batches: Iterable[ArrowStream]) -> Iterator[pl.DataFrame]:
        for frame in read_frames(batches):
            self.context.check()
            yield frame

    def _finish(self, job: Job, total: int, batches: Callable[[], Iterable[ArrowStream]]) -> Panel:
        try:
            self.context.check()
            with contained("reading or drawing the answer"):
                panel = self._panel(job, batches())
        except Cancelled:
            raise
        except Exception as error:
            if not isinstance(error, PressroomError):
                self.context.log.exception("chart %s failed", job.chart.uid)
            panel = failed(job.chart, error)
        with self._lock:
            self._finished += 1
            self._done(self._finished, total)
        return panel

    def _panel(self, job: Job, batches: Iterable[ArrowStream]) -> Panel:
        dataset = self.dataset(job, job.query, batches, job.name)
        request = job.request
        if job.previous is not None:
            before = self.dataset(job, job.previous, self.batches(job, job.previous), f"{job.name}-previous")
            request = replace(request, previous=before)
        rows = job.formatter.rows(dataset, job.options, request)
        figure = job.formatter.figure(rows, job.options, request, self._context())
        kept = keep(rows, self.context.folder, f"{DATA}/{job.name}-rows")
        assert kept.spool is not None
        return Panel(
            uid=job.chart.uid,
            title=job.chart.name,
            type=job.chart.type,
            grid=job.chart.grid.place(),
            figure=figure,
            rows=Rows(columns=kept.columns, spool=kept.spool, truncated=kept.truncated),
        )

    def dataset(self, job: Job, query: Query, batches: Iterable[ArrowStream], name: str) -> Dataset:
        """An answer read to its end, with the chart's roles and metrics."""
        if job.source is None:
            return nothing()
        return read_dataset(
            batches,
            chart=job.chart,
            folder=self.context.folder,
            name=f"{DATA}/{name}",
            max_rows=query.max_rows,
            context=self._context(),
            source_timezone=job.source.timezone,
            time_format=job.source.time_format,
        )

    def batches(self, job: Job, query: Query) -> Iterable[ArrowStream]:
        """Ask the source; it is asked when the answer is first read."""
        if job.source is None:
            return ()
        # one row more than the limit shows that something was cut
        return job.source.query(replace(query, max_rows=query.max_rows + 1), self._context())

    def _context(self) -> Context:
        return self.context.within(timeout=self.limits.query_seconds)


def failed(chart: Chart, error: Exception) -> Panel:
    """The panel of a chart that failed."""
    reason = explain(error)
    if isinstance(error, TimedOut):
        reason = f"the query took too long: {reason}"
    prefix = f"chart {chart.uid}"
    return Panel(
        uid=chart.uid,
        title=chart.name,
        type=chart.type,
        grid=chart.grid.place(),
        error=reason if reason.startswith(prefix) else f"{prefix} ({chart.type}): {reason}",
    )


def nothing() -> Dataset:
    """What a chart without a query is given."""
    import polars as pl

    return Dataset.of(pl.DataFrame(), ())


def _raiser(error: Exception) -> Callable[[], Iterable[ArrowStream]]:
    def fail() -> Iterable[ArrowStream]:
        raise error

    return fail


def run_folder(files: Path, run: int) -> Path:
    """Where a run keeps its data and documents."""
    return files / "runs" / f"{run:09d}"
