"""A dashboard at one moment: its zone, its resolved time range and the chosen values of its variables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pressroom.context import Context
from pressroom.errors import NotFound, NotReady, PressroomError, StepError
from pressroom.models.dashboards import Chart, Dashboard, Variable, VariableQuery
from pressroom.renderers import Choice
from pressroom.sources import Query, Source
from pressroom.timerange import TimeRange, Window

if TYPE_CHECKING:
    from pressroom.host import Host
    from pressroom.models.projects import Project

ALL = "$__all"
"""The choice that means every value of a variable with `include_all`."""
MAX_VALUES = 10_000
"""A variable's query may give this many values."""
ReadValues = Callable[[str, Query], list[str]]
"""Asks a source, by its name, for a variable's values."""


@dataclass(frozen=True)
class Scene:
    """A dashboard at one moment.

    Attributes:
        start, end: the resolved range, end exclusive, in UTC.
        values: what each variable's placeholder is bound to.
        choices: the same for people, without hidden variables.
        problem: why nothing of it can be asked; empty where it can.
        warnings: sentences for the run's record.
    """

    dashboard: Dashboard
    start: datetime
    end: datetime
    zone: str
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    problem: str = ""
    warnings: tuple[str, ...] = ()


def find_dashboard(host: Host, project: str, uid: str, context: Context) -> Dashboard:
    """A dashboard of the project: a stored one, else one that a source offers, in the configuration's order.

    Raises:
        NotFound: there is none.
    """
    dashboards = host.store.project(project).dashboards
    stored = dashboards.find(uid)
    if stored is not None:
        return stored.value
    for source in offering(host, project):
        offered = source.dashboard(uid, context)
        if offered is not None:
            return offered
    return dashboards.get(uid).value


def find_chart(host: Host, project: str, uid: str, context: Context, *, ask: bool = True) -> tuple[Dashboard, Chart]:
    """A chart of the project and its dashboard: a stored one, else one that a source offers.

    Args:
        ask: whether sources may be asked.

    Raises:
        NotFound: there is none.
        NotReady: none is stored, and the sources that might offer it may not be asked.
    """
    try:
        stored, chart = host.store.project(project).dashboards.chart(uid)
    except NotFound:
        for source in offering(host, project):
            if not ask:
                raise NotReady from None
            offered = source.chart(uid, context)
            if offered is not None:
                return offered
        raise
    return stored.value, chart


def offering(host: Host, project: str) -> list[Source[Any]]:
    """The sources of the project that offer whole dashboards, in the configuration's order."""
    found = [host.source(name, project) for name, own in host.settings.sources.items() if own.admits(project)]
    plain = (Source.dashboards, Source.dashboard)
    return [source for source in found if (type(source).dashboards, type(source).dashboard) != plain]


def resolve_scene(
    host: Host,
    project: Project,
    dashboard: Dashboard,
    *,
    time_range: TimeRange | None,
    variables: dict[str, list[str]],
    now: datetime,
    context: Context,
    read: ReadValues | None = None,
) -> Scene:
    """Resolve a dashboard at the moment `now`.

    Args:
        time_range: None for the dashboard's own.
        variables: chosen values by name; those not named keep the dashboard's own.
        read: reads what a variable's query gives; None asks the source each time.

    Raises:
        StepError: the range is empty.
    """
    zone = dashboard.timezone or project.timezone
    try:
        start, end = (time_range or dashboard.time_range).resolve(now=now, zone=zone)
    except ValueError as error:
        raise StepError(f"dashboard {dashboard.uid}: time_range: {error}") from error
    ask = read or (lambda source, query: _asked(host, project.uid, source, query, context))
    known = [variable.name for variable in dashboard.variables]
    warnings = [
        f"dashboard {dashboard.uid} has no variable {name!r}; it has: {', '.join(known) or 'none'}"
        for name in variables
        if name not in known
    ]
    values: dict[str, tuple[str, ...]] = {}
    choices: list[Choice] = []
    problem = ""
    for variable in dashboard.variables:
        try:
            choice = _choose(variable, variables.get(variable.name), span=(start, end, zone), read=ask)
        except (StepError, NotFound) as error:
            problem = problem or f"variable {variable.name}: {error.message}"
            continue
        values[variable.name] = choice.values
        if not variable.hidden:
            choices.append(choice)
    return Scene(dashboard, start, end, zone, values, tuple(choices), problem, tuple(warnings))


def _choose(
    variable: Variable, chosen: list[str] | None, *, span: tuple[datetime, datetime, str], read: ReadValues
) -> Choice:
    wanted = variable.default if chosen is None else chosen
    everything = variable.include_all and wanted == [ALL]
    if everything or not wanted:
        known = _known_values(variable, span, read)
        wanted = known if everything else known[:1]
    elif not variable.multi and len(wanted) > 1:
        raise StepError(f"takes one value, but {len(wanted)} are chosen; set multi: true or choose one")
    return Choice(
        name=variable.name, label=variable.label or variable.name, values=tuple(wanted), everything=everything
    )


def _known_values(variable: Variable, span: tuple[datetime, datetime, str], read: ReadValues) -> list[str]:
    if not isinstance(variable.values, VariableQuery):
        return variable.values
    return read(variable.values.source, Query(variable.values.query, Window.single(*span), max_rows=MAX_VALUES))


def _asked(host: Host, project: str, source: str, query: Query, context: Context) -> list[str]:
    within = context.within(timeout=host.settings.limits.query_seconds)
    return read_values(host.source(source, project).query(query, within))


def read_values(batches: object) -> list[str]:
    """The first column of an answer as text, nulls left out."""
    import polars as pl

    values: list[str] = []
    for batch in batches:  # type: ignore[attr-defined]  # any iterable of Arrow streams
        frame = pl.DataFrame(batch)
        if frame.width:
            values += [str(value) for value in frame.to_series(0).drop_nulls().to_list()]
        if len(values) >= MAX_VALUES:
            break
    return values[:MAX_VALUES]


def explain(error: Exception) -> str:
    """An error in one sentence for people; of an unexpected one, its type as well."""
    if isinstance(error, PressroomError):
        return error.message
    return f"{type(error).__name__}: {error}"
