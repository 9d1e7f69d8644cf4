"""From documents to checked models, with every mistake in all files at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pydantic

from pressroom.definitions.bundle import Bundle
from pressroom.definitions.catalogue import Catalogue
from pressroom.definitions.check_dashboards import check_dashboard
from pressroom.definitions.check_reports import check_report
from pressroom.definitions.explain import explain, shown, unknown_key
from pressroom.definitions.places import Place, read_place
from pressroom.definitions.references import Findings, Scope
from pressroom.errors import DefinitionError, Problem
from pressroom.locales import check_locale
from pressroom.models.dashboards import Dashboard
from pressroom.models.projects import DEFAULT_PROJECT, Project
from pressroom.models.reports import Report
from pressroom.models.segments import Rule, Segment
from pressroom.models.values import Definition

MODELS: dict[str, type[Definition]] = {
    "dashboards": Dashboard,
    "segments": Segment,
    "rules": Rule,
    "reports": Report,
}
"""What a file may hold beside `project`, in the order in which it is applied."""
KINDS = {"dashboards": "dashboard", "segments": "segment", "rules": "rule", "reports": "report"}
"""One of each."""


_TOLD = ("chart uid ", "variable ", "a report needs ")
"""Beginnings of what the models say of a whole definition; it is told here, with its place and beside the rest."""


def key_of(section: str) -> str:
    """The field that names a definition."""
    return "id" if section == "rules" else "uid"


@dataclass(frozen=True)
class Item:
    """One checked definition.

    Attributes:
        project: uid of its project.
        section: `dashboards`, `segments`, `rules` or `reports`.
        uid: its name; a rule's id.
        value: the model.
        file, line: where it stands.
    """

    project: str
    section: str
    uid: str
    value: Any
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Checked:
    """Definitions without a mistake.

    Attributes:
        projects: what the files say of each project that they name or use, keys that they leave out unset.
        items: in the order of the files.
        warnings: what is allowed and probably not meant.
    """

    projects: tuple[Project, ...] = ()
    items: tuple[Item, ...] = ()
    warnings: tuple[Problem, ...] = ()


def check(bundle: Bundle, catalogue: Catalogue) -> Checked:
    """Check definitions against the models, each other, the workspace and what is stored.

    Raises:
        DefinitionError: every mistake in all files, in the order of the files.
    """
    return _Checker(bundle, catalogue).run()


@dataclass
class _Checker:
    bundle: Bundle
    catalogue: Catalogue
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    projects: dict[str, tuple[Project, Place]] = field(default_factory=dict)
    places: list[tuple[str, Place]] = field(default_factory=list)
    first: dict[tuple[str, ...], Place] = field(default_factory=dict)

    def run(self) -> Checked:
        self.problems += self.bundle.problems
        last: tuple[str | None, str] = (None, DEFAULT_PROJECT)
        for document in self.bundle.documents:
            place, wrong = read_place(document)
            self.problems += wrong
            project = self._project(place, last[1] if last[0] == document.file else DEFAULT_PROJECT)
            last = (document.file, project)
            self.places.append((project, place))
            self._document(place, project)
        self._check_references()
        files = [document.file for document in self.bundle.documents]
        if self.problems:
            raise DefinitionError(_ordered(self.problems, files))
        projects = tuple(project for project, _ in self.projects.values())
        return Checked(projects, tuple(self.items), tuple(_ordered(self.warnings, files)))

    def _document(self, place: Place, project: str) -> None:
        known = ["project", *MODELS]
        for key, value in place.value.items():
            below = place.at(key)
            if key not in known:
                self.problems.append(below.problem(unknown_key(key, known)))
            elif key in MODELS and isinstance(value, list):
                for index in range(len(value)):
                    self._item(below.at(index), key, project)
            elif key in MODELS and value is not None:
                self.problems.append(below.problem(f"must be a list, not {shown(value)}"))

    def _project(self, place: Place, default: str) -> str:
        """The uid of a document's project; what it says of the project is kept."""
        below = place.at("project")
        if "project" not in place.value:
            self.projects.setdefault(default, (Project.model_validate({"uid": default}), place))
            return default
        found = self._validate(below, Project)
        if not isinstance(found, Project):
            return below.text("uid") or default
        known, earlier = self.projects.get(found.uid, (found, below))
        for key in known.model_fields_set & found.model_fields_set:
            if getattr(known, key) != getattr(found, key):
                there = _where(earlier.at(key), below)
                said = f"{shown(getattr(known, key))} {there}"
                self.problems.append(below.at(key).problem(f"project {found.uid} has {key} {said}; say it once"))
        merged = known.model_dump(exclude_unset=True) | found.model_dump(exclude_unset=True)
        place_of = earlier if known.model_fields_set - {"uid"} else below
        self.projects[found.uid] = (Project.model_validate(merged), place_of)
        return found.uid

    def _item(self, place: Place, section: str, project: str) -> None:
        key = key_of(section)
        uid = place.text(key)
        if isinstance(place.value, dict) and key not in place.value:
            hint = "it names the thing when the file is applied again"
            self.problems.append(place.at(key).problem(f"is missing; {hint}"))
        for chart in place.items("charts") if section == "dashboards" else ():
            if "uid" not in chart.value:
                hint = "it names the chart when the file is applied again"
                self.problems.append(chart.at("uid").problem(f"is missing; {hint}"))
            self._once(chart, "uid", project, "chart")
        self._once(place, key, project, KINDS[section])
        value = self._validate(place, MODELS[section])
        if value is not None:
            self.items.append(Item(project, section, uid, value, place.document.file, place.line))

    def _once(self, place: Place, key: str, project: str, what: str) -> None:
        uid = place.text(key)
        if not uid:
            return
        earlier = self.first.setdefault((project, what, uid), place)
        if earlier is not place:
            there = _where(earlier.at(key), place)
            self.problems.append(place.at(key).problem(f"another {what} has the {key} {uid!r} {there}"))

    def _validate(self, place: Place, model: type[Definition]) -> Definition | None:
        try:
            return model.model_validate(place.value)
        except pydantic.ValidationError as error:
            for path, message in explain(error, model, place.value):
                if path or not message.startswith(_TOLD):
                    self.problems.append(place.at(*path).problem(message))
            return None

    def _check_references(self) -> None:
        stored = {project: self.catalogue.stored(project) for project in {project for project, _ in self.places}}
        scopes: dict[str, Scope] = {}
        for project, place in self.places:
            scope = scopes.setdefault(project, Scope(project, stored[project], not self.bundle.whole))
            scope.take(place)
        for project, place in self.places:
            found = Findings(scopes[project], self.catalogue)
            found.calls(place.at("project", "locale"), check_locale)
            for board in place.items("dashboards"):
                check_dashboard(board, found)
            for segment in place.items("segments"):
                found.source(segment)
            for report in place.items("reports"):
                check_report(report, found)
            self.problems += found.problems
            self.warnings += found.warnings


def _where(earlier: Place, later: Place) -> str:
    if earlier.document.file == later.document.file:
        return f"on line {earlier.line}"
    return f"in {earlier.document.file}:{earlier.line}"


def _ordered(problems: list[Problem], files: list[str | None]) -> list[Problem]:
    """In the order of the files and their lines; each once."""
    order = {file: index for index, file in reversed(list(enumerate(files)))}
    unique = list(dict.fromkeys(problems))
    return sorted(unique, key=lambda problem: (order.get(problem.file, -1), problem.line or 0))
