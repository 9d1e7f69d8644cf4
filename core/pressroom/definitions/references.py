"""What definitions refer to: sources, chart types, formats, channels, segments, dashboards and each other.

Works on the data as written rather than on models, so that a mistake in one key hides none in the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pydantic

from pressroom.channels import Recipient
from pressroom.definitions.catalogue import Catalogue, Inventory
from pressroom.definitions.explain import explain
from pressroom.definitions.places import Place, nearest
from pressroom.errors import Problem, TemplateError
from pressroom.extension import PluginOptions
from pressroom.templating import check_template


@dataclass
class Scope:
    """What a project has, in the files and in the store.

    Attributes:
        stored: what it had before.
        partly: True where a file is broken, so that what is missing here may be in it.
        dashboards: names of the variables by uid, of the files.
    """

    project: str
    stored: Inventory
    partly: bool = False
    dashboards: dict[str, set[str]] = field(default_factory=dict)
    segments: set[str] = field(default_factory=set)

    def take(self, place: Place) -> None:
        """Note what a document defines."""
        for board in place.items("dashboards"):
            self.dashboards[board.text("uid")] = {variable.text("name") for variable in board.items("variables")}
        self.segments |= {segment.text("uid") for segment in place.items("segments")}


@dataclass
class _References:
    scope: Scope
    catalogue: Catalogue
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def wrong(self, place: Place, message: str) -> None:
        self.problems.append(place.problem(message))

    def source(self, owner: Place) -> None:
        place = owner.at("source")
        if isinstance(place.value, str) and place.value:
            self._instance(place, "source", self.catalogue.sources)

    def _instance(self, place: Place, what: str, known: Any) -> bool:
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
        data = {} if place.value is None else place.value
        if not isinstance(data, dict):
            return
        try:
            model.model_validate(data)
        except pydantic.ValidationError as error:
            for path, message in explain(error, model, data):
                self.wrong(place.at(*path), message)

    def chart(self, place: Place) -> None:
        self.source(place)
        type_ = place.at("type")
        if isinstance(type_.value, str):
            model = self.catalogue.charts.get(type_.value)
            if model is None:
                self.wrong(
                    type_, f"there is no chart type {type_.value!r}; {nearest(type_.value, self.catalogue.charts)}"
                )
            else:
                self.options(place.at("options"), model)

    def report(self, place: Place) -> None:
        for board in place.items("dashboards"):
            self._shown(board)
        formats = place.at("formats")
        for index, value in enumerate(formats.value if isinstance(formats.value, list) else ()):
            self._format(formats.at(index), value)
        for delivery in place.items("deliveries"):
            self._delivery(delivery)
        for key in ("subject", "filename"):
            try:
                check_template(place.text(key))
            except TemplateError as error:
                self.wrong(place.at(key), error.message)

    def _shown(self, place: Place) -> None:
        uid = place.text("uid")
        known = {**self.scope.stored.dashboards, **self.scope.dashboards}
        if uid and uid not in known and not self.scope.partly:
            hint = nearest(uid, known)
            self.wrong(place.at("uid"), f"there is no dashboard {uid!r}, neither in these files nor stored; {hint}")
        variables = place.at("variables")
        for name in variables.value if uid in known and isinstance(variables.value, dict) else ():
            if name not in known[uid]:
                hint = nearest(name, list(known[uid]))
                message = f"the dashboard {uid!r} has no variable {name!r}; {hint}"
                self.warnings.append(variables.at(name).problem(message))

    def _format(self, place: Place, value: Any) -> None:
        name, options = value, None
        if isinstance(value, dict) and len(value) == 1 and "name" not in value:
            name = next(iter(value))
            options = place.at(name)
        elif isinstance(value, dict):
            name, options = value.get("name"), place.at("options")
        if not isinstance(name, str):
            return
        model = self.catalogue.renderers.get(name)
        if model is None:
            self.wrong(place, f"there is no report format {name!r}; {nearest(name, self.catalogue.renderers)}")
        elif options is not None:
            self.options(options, model)

    def _delivery(self, place: Place) -> None:
        channel = place.at("channel")
        if not isinstance(channel.value, str) or not self._instance(channel, "channel", self.catalogue.channels):
            return
        self.options(place.at("options"), self.catalogue.delivery_options(channel.value))
        for role in ("to", "cc", "bcc"):
            below = place.at(role)
            for index, address in enumerate(below.value if isinstance(below.value, list) else ()):
                if isinstance(address, str):
                    recipient = Recipient(address=address, role=role)
                    refusal = self.catalogue.admit(channel.value, self.scope.project, recipient)
                    if refusal:
                        self.wrong(below.at(index), refusal)


def check_references(place: Place, scope: Scope, catalogue: Catalogue) -> tuple[list[Problem], list[Problem]]:
    """The problems and the warnings of one document."""
    found = _References(scope, catalogue)
    for board in place.items("dashboards"):
        for chart in board.items("charts"):
            found.chart(chart)
        for variable in board.items("variables"):
            found.source(variable.at("values"))
    for segment in place.items("segments"):
        found.source(segment)
    for report in place.items("reports"):
        found.report(report)
    return found.problems, found.warnings
