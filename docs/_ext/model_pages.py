"""The pages on definitions (YAML) and on configuration (TOML)."""

from __future__ import annotations

import inspect
from typing import Any, get_args

import pydantic
from fields import summary, table

from pressroom import settings
from pressroom.models import dashboards, projects, reports, segments
from pressroom.timerange import TimeRange

DEFINITIONS: list[tuple[str, str, type[pydantic.BaseModel]]] = [
    ("Project", "project", projects.Project),
    ("Dashboard", "dashboards", dashboards.Dashboard),
    ("Variable", "dashboards[].variables", dashboards.Variable),
    ("Chart", "dashboards[].charts", dashboards.Chart),
    ("Metric", "dashboards[].charts[].metrics", dashboards.Metric),
    ("Place on the grid", "dashboards[].charts[].grid", dashboards.GridDefinition),
    ("Time range", "time_range", TimeRange),
    ("Report", "reports", reports.Report),
    ("Dashboard of a report", "reports[].dashboards", reports.ReportDashboard),
    ("Schedule", "reports[].schedule", reports.Schedule),
    ("Delivery", "reports[].deliveries", reports.Delivery),
    ("Recipients from a query", "reports[].deliveries[].recipients", reports.RecipientQuery),
    ("Test of such recipients", "reports[].deliveries[].recipients.sample", reports.RecipientSample),
    ("Segment", "segments", segments.Segment),
    ("Rule", "rules", segments.Rule),
]
FILLED_BY_STORE = frozenset({"creator"})
UID = "Its name in commands and files; generated where it is left out."
MORE: dict[type[pydantic.BaseModel], dict[str, str]] = {
    dashboards.Dashboard: {
        "uid": UID,
        "name": "Its title.",
        "description": "Shown under the title.",
        "variables": "What readers may choose.",
        "charts": "What it shows; may be empty.",
    },
    dashboards.Variable: {
        "label": "Its name for people.",
        "include_all": "Every value at once may be chosen, by writing `$__all`.",
    },
    dashboards.Chart: {
        "uid": UID,
        "name": "Its title.",
        "description": "Shown with the title.",
        "type": "One of the [chart types](../charts.md), or a plugin's.",
        "source": "Name of a source in `pressroom.toml`.",
        "query": "See [](../queries.md).",
        "grid": "Where it stands.",
    },
    dashboards.GridDefinition: {
        "x": "Columns from the left, of 24.",
        "y": "Rows from the top.",
        "w": "Width in columns.",
        "h": "Height in rows.",
    },
    TimeRange: {
        "start": "A date, an ISO date-time, epoch milliseconds, or relative such as `now-7d/d`; inclusive.",
        "end": "The same; exclusive.",
    },
    reports.Report: {
        "uid": UID,
        "message": "The text of the mail.",
        "dashboards": "What it shows, in this order.",
        "schedule": "When it goes out.",
        "formats": "See [](../formats.md).",
        "deliveries": "See [](../channels.md).",
        "reply_to": "Addresses that answers go to.",
        "dashboard_links": "Put links to the dashboards into the mail.",
        "orientation": "Of the pages.",
        "layout": "`grid` as on the dashboard, `simple` one chart below the other.",
        "show_variables": "Print the chosen variables under the title.",
        "password": "Readers must enter it to open the PDF.",
    },
    reports.RecipientQuery: {"query": "See [](../bursting.md)."},
    reports.RecipientSample: {"to": "Addresses that get the test."},
    reports.ReportDashboard: {"uid": "The dashboard's.", "time_range": "Instead of the dashboard's own."},
    reports.Schedule: {
        "workdays_only": "Monday to Friday only.",
        "cron": "Five fields, for `frequency: cron`.",
    },
    segments.Segment: {"uid": UID, "name": "Its title."},
    segments.Rule: {"id": "Unique.", "name": "For people; names may repeat."},
    projects.Project: {"uid": "Its name in commands and addresses."},
}
"""What the docstrings, which are for programmers, leave to common sense."""


def definitions_page() -> str:
    """Every key of a definition file."""
    parts = []
    for title, path, model in DEFINITIONS:
        leave_out = FILLED_BY_STORE & set(model.model_fields)
        parts.append(f"## {title}\n\nAt `{path}`. {summary(model)}\n\n{table(model, leave_out, MORE.get(model, {}))}")
    return "\n".join(parts)


def configuration_page() -> str:
    """Every table of pressroom.toml."""
    parts = []
    for name, field in settings.Settings.model_fields.items():
        model = _model(field.annotation)
        if model is None:
            parts.append(f"## `[{name}.NAME]`\n\n{field.description or ''}\n")
            continue
        if inspect.isclass(field.annotation):
            text = summary(model).partition(": ")[2] or summary(model)
            parts.append(f"## `[{name}]`\n\n{text[:1].upper()}{text[1:]}\n\n{table(model)}")
        else:
            parts.append(f"## `[{name}.NAME]`\n\n{field.description or ''}\n\n{table(model)}")
    return "\n".join(parts)


def _model(annotation: Any) -> type[pydantic.BaseModel] | None:
    candidates = [annotation, *get_args(annotation)]
    found = [each for each in candidates if inspect.isclass(each) and issubclass(each, pydantic.BaseModel)]
    return found[0] if found else None
