"""What pydantic cannot see of recipients from a query and of conditions: dashboards' variables, charts, metrics."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pressroom.conditions import Value, parse
from pressroom.definitions.places import Place, nearest
from pressroom.definitions.references import Findings
from pressroom.errors import QueryError


def check_recipients(delivery: Place, report: Place, found: Findings) -> None:
    """Check a delivery's query for recipients."""
    place = delivery.at("recipients")
    if not isinstance(place.value, dict):
        return
    found.source(place)
    shown = [found.scope.variables_of(board.text("uid")) for board in report.items("dashboards")]
    if not shown and report.value.get("state") != "draft":
        return
    if None in shown:
        # of a dashboard that a source offers nothing is known here; work on the run looks again
        return
    variables = place.at("variables")
    for name in variables.value if isinstance(variables.value, dict) else ():
        lacking = [names for names in shown if names is not None and name not in names]
        known = sorted({each for names in shown for each in names or ()})
        if shown and len(lacking) == len(shown):
            found.wrong(
                variables.at(name),
                f"no dashboard of the report has the variable {name!r}, so everybody would get to see the same; "
                f"{nearest(name, known)}",
            )
        elif lacking:
            found.warn(variables.at(name), "a dashboard of the report has no such variable: everybody sees all of it")


def check_condition(report: Place, found: Findings) -> None:
    """Check a report's condition: that it can be read, and that there is what it names."""
    place = report.at("condition")
    if not isinstance(place.value, str) or not place.value:
        return
    try:
        condition = parse(place.value)
    except QueryError as error:
        found.wrong(place, error.message)
        return
    known: dict[str, Collection[str]] = {}
    for board in report.items("dashboards"):
        charts = found.scope.charts_of(board.text("uid"))
        if charts is None:
            return
        known = {**charts, **known}
    for value in condition.values:
        _value(place, value, known, found)


def _value(place: Place, value: Value, known: Mapping[str, Collection[str]], found: Findings) -> None:
    if not value.chart:
        return
    if value.chart not in known:
        hint = nearest(value.chart, list(known))
        found.wrong(place, f"{value}: no dashboard of the report has a chart {value.chart!r}; {hint}")
    elif value.column and known[value.chart] and value.column not in known[value.chart]:
        hint = nearest(value.column, list(known[value.chart]))
        found.wrong(place, f"{value}: the chart {value.chart!r} shows no metric {value.column!r}; {hint}")
