"""One dashboard or report by itself, as it comes over HTTP, checked as a file's would be."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pressroom.definitions.bundle import load_text
from pressroom.definitions.catalogue import HostCatalogue
from pressroom.definitions.check import check
from pressroom.definitions.document import read_documents
from pressroom.definitions.places import read_place
from pressroom.errors import DefinitionError, Problem
from pressroom.models.dashboards import Dashboard
from pressroom.models.reports import Report
from pressroom.models.values import new_uid

if TYPE_CHECKING:
    from pressroom.host import Host


@dataclass(frozen=True)
class CheckedReport:
    """A report without a mistake.

    Attributes:
        warnings: what is allowed and probably not meant, with fields relative to the report.
    """

    report: Report
    warnings: tuple[Problem, ...]


def read_definition(data: bytes) -> dict[str, Any]:
    """One definition as plain data.

    Args:
        data: YAML or JSON in UTF-8.

    Raises:
        DefinitionError: it cannot be read, or is no mapping.
    """
    reading = read_documents(data, None)
    place, wrong = read_place(reading.documents[0]) if reading.documents else (None, [])
    problems = [*reading.problems, *wrong]
    if place is None or len(reading.documents) > 1 or problems:
        raise DefinitionError(problems or [Problem("must be one definition: a mapping of keys to values")])
    found: dict[str, Any] = place.value
    return found


def check_dashboard(host: Host, project: str, definition: dict[str, Any]) -> Dashboard:
    """A dashboard from plain data, with every mistake at once; uids that it lacks are made.

    Raises:
        DefinitionError: fields are named relative to the dashboard.
    """
    given = dict(definition)
    if isinstance(given.get("charts"), list):
        given["charts"] = [
            {"uid": new_uid(), **chart} if isinstance(chart, dict) else chart for chart in given["charts"]
        ]
    found: Dashboard = _check(host, project, "dashboards", given)[0]
    return found


def check_report(host: Host, project: str, definition: dict[str, Any]) -> CheckedReport:
    """A report from plain data, with every mistake at once; a uid that it lacks is made.

    Raises:
        DefinitionError: fields are named relative to the report.
    """
    report, warnings = _check(host, project, "reports", definition)
    return CheckedReport(report, warnings)


def _check(host: Host, project: str, section: str, definition: dict[str, Any]) -> tuple[Any, tuple[Problem, ...]]:
    given = {"uid": new_uid(), **definition}
    try:
        text = json.dumps({"project": {"uid": project}, section: [given]}, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise DefinitionError([Problem(f"cannot be kept as JSON: {error}")]) from error
    try:
        # its name makes it JSON, which pairs surrogates where YAML does not
        checked = check(load_text(text, f"{section}.json"), HostCatalogue(host))
    except DefinitionError as error:
        raise DefinitionError([_relative(each, section) for each in error.problems]) from None
    return checked.items[0].value, tuple(_relative(each, section) for each in checked.warnings)


def _relative(problem: Problem, section: str) -> Problem:
    return replace(problem, field=problem.field.removeprefix(f"{section}[0]").lstrip("."), file=None, line=None)
