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
    ("Segment", "segments", segments.Segment),
    ("Rule", "rules", segments.Rule),
]
FILLED_BY_STORE = frozenset({"creator"})


def definitions_page() -> str:
    """Every key of a definition file."""
    parts = []
    for title, path, model in DEFINITIONS:
        leave_out = FILLED_BY_STORE & set(model.model_fields)
        parts.append(f"## {title}\n\nAt `{path}`. {summary(model)}\n\n{table(model, leave_out)}")
    return "\n".join(parts)


def configuration_page() -> str:
    """Every table of pressroom.toml."""
    parts = []
    for name, field in settings.Settings.model_fields.items():
        model = _model(field.annotation)
        if model is None:
            parts.append(f"## `[{name}.NAME]`\n\n{field.description or ''}\n")
        elif field.annotation is model:
            text = summary(model).partition(": ")[2] or summary(model)
            parts.append(f"## `[{name}]`\n\n{text[:1].upper()}{text[1:]}\n\n{table(model)}")
        else:
            parts.append(f"## `[{name}.NAME]`\n\n{field.description or ''}\n\n{table(model)}")
    return "\n".join(parts)


def _model(annotation: Any) -> type[pydantic.BaseModel] | None:
    candidates = [annotation, *get_args(annotation)]
    found = [each for each in candidates if inspect.isclass(each) and issubclass(each, pydantic.BaseModel)]
    return found[0] if found else None
