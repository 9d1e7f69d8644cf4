"""What pydantic cannot see of dashboards: sources, chart types, expressions, variables, places on the grid."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

import pydantic

from pressroom.definitions.places import Place, nearest
from pressroom.definitions.references import Findings
from pressroom.errors import QueryError
from pressroom.expressions import parse
from pressroom.locales import check_format
from pressroom.macros import MACROS
from pressroom.macros.text import scan
from pressroom.models.dashboards import GridDefinition


def check_dashboard(board: Place, found: Findings) -> None:
    """Check a dashboard with its variables and charts."""
    found.time_range(board.at("time_range"))
    variables = list(board.items("variables"))
    found.once([(variable.at("name"), variable.text("name")) for variable in variables], "the variable")
    for variable in variables:
        _variable(variable, found)
    names = {variable.text("name") for variable in variables}
    for chart in board.items("charts"):
        _chart(chart, board.text("uid"), names, found)
    _overlaps(board, found)


def _variable(place: Place, found: Findings) -> None:
    found.source(place.at("values"))
    values, default = place.at("values").value, place.at("default").value
    chosen = [default] if isinstance(default, str) else default
    if not isinstance(chosen, list):
        return
    if isinstance(values, list) and values:
        for value in chosen:
            if isinstance(value, str) and value not in values:
                hint = nearest(value, [known for known in values if isinstance(known, str)])
                found.warn(place.at("default"), f"{value!r} is none of the values; {hint}")
    if len(chosen) > 1 and place.at("multi").value is not True:
        found.wrong(place.at("default"), f"has {len(chosen)} values, but the variable takes one; add multi: true")


def _chart(chart: Place, board: str, variables: set[str], found: Findings) -> None:
    found.source(chart)
    _type(chart, found)
    query, source = chart.text("query"), chart.at("source").value
    if query and not source:
        usable = [name for name, item in found.catalogue.sources.items() if item.admits(found.scope.project)]
        found.wrong(chart.at("source"), f"is missing, but there is a query; there are: {', '.join(usable) or 'none'}")
    if source and not chart.at("query").value:
        found.wrong(chart.at("query"), "is missing, but there is a source")
    owner = found.scope.stored.charts.get(chart.text("uid"))
    if owner is not None and owner != board and owner not in found.scope.dashboards:
        message = f"the stored dashboard {owner!r} has a chart of this uid; a chart's uid is unique in its project"
        found.wrong(chart.at("uid"), message)
    _segment(chart.at("segment"), found)
    _names(chart.at("query"), query, variables, found)
    _columns(chart, found)
    found.numbers(chart.at("grid"), "x", "y", "w", "h")


def _type(chart: Place, found: Findings) -> None:
    type_ = chart.at("type")
    if not isinstance(type_.value, str):
        return
    model = found.catalogue.charts.get(type_.value)
    if model is None:
        found.wrong(type_, f"there is no chart type {type_.value!r}; {nearest(type_.value, found.catalogue.charts)}")
    else:
        found.options(chart.at("options"), model)


def _segment(place: Place, found: Findings) -> None:
    known = {*found.scope.segments, *found.scope.stored.segments}
    if isinstance(place.value, str) and place.value and place.value not in known and not found.scope.partly:
        hint = nearest(place.value, list(known))
        found.wrong(place, f"there is no segment {place.value!r}, neither in these files nor stored; {hint}")


def _names(place: Place, query: str, variables: set[str], found: Findings) -> None:
    """Names in a query that nothing stands for; a warning, for a source may have a language of its own."""
    try:
        used = {piece.name for piece in scan(query, "duckdb") if piece.kind == "name"}
    except QueryError:
        return
    for name in sorted(used - variables):
        if not name.startswith("__"):
            found.warn(place, f"uses ${name}, but the dashboard has no such variable; {nearest(name, list(variables))}")
        elif name[2:] not in MACROS:
            found.warn(place, f"uses ${name}, which is no macro; {nearest(name, [f'__{macro}' for macro in MACROS])}")


def _columns(chart: Place, found: Findings) -> None:
    metrics = list(chart.items("metrics"))
    found.once([(metric.at("name"), metric.text("name")) for metric in metrics], "the metric")
    dimensions = chart.at("dimensions")
    names: list[tuple[Place, Any]] = []
    for index, value in enumerate(dimensions.value if isinstance(dimensions.value, list) else ()):
        names.append((dimensions.at(index), value.get("name") if isinstance(value, dict) else value))
    found.once(names, "the dimension")
    needs: dict[str, set[str]] = {}
    for metric in metrics:
        found.calls(metric.at("format"), check_format)
        if metric.text("expr"):
            try:
                needs[metric.text("name")] = set(parse(metric.text("expr")).names) - {metric.text("name")}
            except QueryError as error:
                found.wrong(metric.at("expr"), error.message)
    try:
        TopologicalSorter({name: used & needs.keys() for name, used in needs.items()}).prepare()
    except CycleError as error:
        found.wrong(chart.at("metrics"), f"refer to each other in a circle: {' -> '.join(reversed(error.args[1]))}")


def _overlaps(board: Place, found: Findings) -> None:
    """Warn of charts that lie over each other: once a chart, so that a missing `grid` does not say it n x n times."""
    above: list[tuple[GridDefinition, Place]] = []
    for grid, chart in sorted(_grids(board), key=lambda pair: pair[0].y):
        above = [(other, place) for other, place in above if other.y + other.h > grid.y]
        for other, place in above:
            if other.x < grid.x + grid.w and grid.x < other.x + other.w:
                found.warn(chart.at("grid"), f"lies over the chart {place.text('uid')!r} (line {place.line})")
                break
        else:
            above.append((grid, chart))


def _grids(board: Place) -> Iterator[tuple[GridDefinition, Place]]:
    for chart in board.items("charts"):
        try:
            yield GridDefinition.model_validate(chart.at("grid").value or {}), chart
        except pydantic.ValidationError:
            continue
