"""One dashboard that came over HTTP, checked as a file's would be."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pressroom.definitions.bundle import load_text
from pressroom.definitions.catalogue import HostCatalogue
from pressroom.definitions.check import check
from pressroom.errors import DefinitionError, Problem
from pressroom.models.dashboards import Dashboard
from pressroom.models.values import new_uid

if TYPE_CHECKING:
    from pressroom.host import Host

PREFIX = "dashboards[0]."


def check_dashboard(host: Host, project: str, definition: dict[str, Any]) -> Dashboard:
    """A dashboard from plain data, with every mistake at once; uids that it lacks are made.

    Raises:
        DefinitionError: fields are named relative to the dashboard.
    """
    given = {"uid": new_uid(), **definition}
    if isinstance(given.get("charts"), list):
        given["charts"] = [
            {"uid": new_uid(), **chart} if isinstance(chart, dict) else chart for chart in given["charts"]
        ]
    try:
        text = json.dumps({"project": {"uid": project}, "dashboards": [given]}, allow_nan=False)
    except (ValueError, RecursionError) as error:
        raise DefinitionError([Problem(f"cannot be kept as JSON: {error}")]) from error
    try:
        checked = check(load_text(text), HostCatalogue(host))
    except DefinitionError as error:
        raise DefinitionError(
            [replace(each, field=each.field.removeprefix(PREFIX), line=None) for each in error.problems]
        ) from None
    found: Dashboard = checked.items[0].value
    return found
