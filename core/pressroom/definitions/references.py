"""What definitions refer to: sources, channels, plugins' options, and each other.

Works on the data as written rather than on models, so that a mistake in one key hides none in the next.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pydantic

from pressroom.definitions.catalogue import Admitting, Catalogue, Inventory
from pressroom.definitions.explain import explain
from pressroom.definitions.places import Place, nearest
from pressroom.errors import Problem
from pressroom.extension import PluginOptions
from pressroom.timerange import TimeRange

_SOME_DAY = datetime(2026, 7, 1, 12, tzinfo=UTC)
"""A relative range is as empty on this day as on every other."""


@dataclass
class Scope:
    """What a project has, in the files and in the store.

    Attributes:
        project: its uid.
        stored: what it had before.
        partly: True where a file is broken, so that what is missing here may be in it.
        dashboards: names of the variables by uid, of the files.
        charts: names of the metrics that a chart lists by its uid, by the dashboard's uid, of the files.
        segments: uids, of the files.
    """

    project: str
    stored: Inventory
    partly: bool = False
    dashboards: dict[str, set[str]] = field(default_factory=dict)
    charts: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    segments: set[str] = field(default_factory=set)

    def take(self, place: Place) -> None:
        """Note what a document defines."""
        for board in place.items("dashboards"):
            self.dashboards[board.text("uid")] = {variable.text("name") for variable in board.items("variables")}
            self.charts[board.text("uid")] = {
                chart.text("uid"): {metric.text("name") for metric in chart.items("metrics")}
                for chart in board.items("charts")
            }
        self.segments |= {segment.text("uid") for segment in place.items("segments")}

    def variables_of(self, dashboard: str) -> Collection[str] | None:
        """Names of a dashboard's variables; None where nothing is known of it here."""
        return self.dashboards.get(dashboard, self.stored.dashboards.get(dashboard))

    def charts_of(self, dashboard: str) -> Mapping[str, Collection[str]] | None:
        """Names of the metrics that a dashboard's charts list; None where nothing is known of it here."""
        if dashboard in self.dashboards:
            return self.charts[dashboard]
        if dashboard not in self.stored.dashboards:
            return None
        mine = (chart for chart, board in self.stored.charts.items() if board == dashboard)
        return {chart: self.stored.metrics.get(chart, ()) for chart in mine}


@dataclass
class Findings:
    """Problems and warnings so far, and the checks that several kinds of definition share."""

    scope: Scope
    catalogue: Catalogue
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def wrong(self, place: Place, message: str) -> None:
        """Note a mistake."""
        self.problems.append(place.problem(message))

    def warn(self, place: Place, message: str) -> None:
        """Note what is probably not meant."""
        self.warnings.append(place.problem(message))

    def source(self, owner: Place) -> None:
        """See that `source` is one that the project may use."""
        place = owner.at("source")
        if isinstance(place.value, str) and place.value:
            self.instance(place, "source", self.catalogue.sources)

    def instance(self, place: Place, what: str, known: Mapping[str, Admitting]) -> bool:
        """See that a name is that of a configured source or channel that admits the project."""
        settings = known.get(place.value)
        if settings is None:
            usable = [name for name, item in known.items() if item.admits(self.scope.project)]
            self.wrong(
                place, f"there is no {what} {place.value!r}; {nearest(place.value, usable)} (see pressroom.toml)"
            )
            return False
        if not settings.admits(self.scope.project):
            hint = f"add it to projects of [{what}s.{place.value}] in pressroom.toml"
            self.wrong(place, f"the {what} {place.value!r} does not admit the project {self.scope.project!r}; {hint}")
            return False
        return True

    def options(self, place: Place, model: type[PluginOptions]) -> None:
        """Check a plugin's options."""
        data = {} if place.value is None else place.value
        if not isinstance(data, dict):
            return
        try:
            model.model_validate(data)
        except pydantic.ValidationError as error:
            for path, message in explain(error, model, data):
                self.wrong(place.at(*path), message)

    def calls(self, place: Place, function: Callable[[str], object]) -> None:
        """See that a text passes a check that raises ValueError."""
        if isinstance(place.value, str) and place.value:
            try:
                function(place.value)
            except ValueError as error:
                self.wrong(place, str(error))

    def time_range(self, place: Place) -> None:
        """See that a range that can be read is not empty."""
        try:
            TimeRange.model_validate(place.value).resolve(now=_SOME_DAY, zone="UTC")
        except pydantic.ValidationError:
            return
        except ValueError:
            start, end = place.value.get("from"), place.value.get("to")
            self.wrong(place, f"is empty: from {start} is not before to {end}")

    def numbers(self, place: Place, *keys: str) -> None:
        """Refuse true and false where a number is meant; pydantic would take them for 1 and 0."""
        for key in keys:
            if isinstance(place.at(key).value, bool):
                self.wrong(place.at(key), f"must be a number, not {str(place.at(key).value).lower()}")

    def once(self, places: list[tuple[Place, Any]], what: str) -> None:
        """Refuse names that come twice in one list."""
        first: dict[Any, Place] = {}
        for place, name in places:
            if not isinstance(name, str) or not name:
                continue
            earlier = first.setdefault(name, place)
            if earlier is not place:
                self.wrong(place, f"{what} {name!r} is there twice; the first is on line {earlier.line}")
