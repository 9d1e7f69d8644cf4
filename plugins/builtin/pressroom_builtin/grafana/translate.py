"""A report's definition as the reporting API has it; `definition.py` is the way back, and nothing is lost.

What the API cannot say (a subject's template, other channels, CSV options ...) stays as it was when a report
is replaced. What the definition cannot say (blanks between addresses, a text where a list is meant ...) is
kept in `Report.extra` beside what the definition would answer, so that it is forgotten as soon as somebody
changes that part of the report elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from pressroom import Report, Stored
from pressroom_builtin.grafana import wire
from pressroom_builtin.grafana.body import LegacyDashboard, ReportBody

EXTRA = "reporting_api"
"""Our key in `Report.extra`."""
STARTED_BY_US = "started"
"""In our part of `extra`: whether the schedule's start is the moment at which a client left it out."""
EXPIRED = "expired"
TABLES = {
    frozenset({"pdf-tables"}): "separate",
    frozenset({"pdf-tables-appendix"}): "append",
    frozenset({"pdf-tables", "pdf-tables-appendix"}): "both",
}
"""Names of formats that are an option of the PDF in a definition."""


@dataclass(frozen=True)
class Conventions:
    """What a translation depends on beside the report.

    Attributes:
        channel: name of the channel that mails go through; empty where there is none.
        templates: whether a subject given here is a template.
        org_id: number of the project.
        names: id and name of each stored dashboard by uid; others have the uid for a name.
        knows_encoding: whether the CSV format knows an encoding of that name.
    """

    channel: str
    templates: bool
    org_id: int
    names: Mapping[str, tuple[int, str]]
    knows_encoding: Callable[[str], bool]


def to_wire(stored: Stored[Report], conventions: Conventions, now: datetime) -> wire.Report:
    """A stored report as the API answers it."""
    answer = _answer(stored, conventions)
    for path, (was, said) in stored.value.extra.get(EXTRA, {}).get("echo", {}).items():
        if _get(answer, path) == was:
            _set(answer, path, said)
    end = stored.value.schedule.end
    if answer["state"] == "scheduled" and end is not None and end < now:
        answer["state"] = EXPIRED
    return msgspec.convert(answer, wire.Report)


def _answer(stored: Stored[Report], conventions: Conventions) -> dict[str, Any]:
    report = stored.value
    mail = [delivery for delivery in report.deliveries if delivery.channel == conventions.channel]
    formats = [part for use in report.formats for part in _format_names(use.name, use.options)]
    csv = next((use.options for use in report.formats if use.name == "csv"), {})
    return {
        "id": stored.id,
        "uid": stored.uid,
        "userId": report.extra.get(EXTRA, {}).get("user_id", 0),
        "orgId": conventions.org_id,
        "name": report.name,
        "subject": report.subject,
        "recipients": ",".join(address for delivery in mail for address in delivery.to),
        "replyTo": ",".join(report.reply_to),
        "message": report.message,
        "schedule": _schedule(report),
        "options": {
            "orientation": report.orientation,
            "layout": report.layout,
            "pdfShowTemplateVariables": report.show_variables,
            "pdfCombineOneFile": report.combine,
            "csvEncoding": str(csv.get("encoding", "")),
            "timeRange": {"from": "", "to": ""},
        },
        "enableDashboardUrl": report.dashboard_links,
        "enableCsv": False,
        "state": report.state,
        "dashboards": [_dashboard(item, conventions) for item in report.dashboards],
        "formats": formats,
        "scaleFactor": round(report.scale * 100),
        "created": rfc3339(stored.created_at),
        "updated": rfc3339(stored.updated_at),
    }


def _schedule(report: Report) -> dict[str, Any]:
    schedule = report.schedule
    return {
        "startDate": rfc3339(schedule.start) if schedule.start else None,
        "endDate": rfc3339(schedule.end) if schedule.end else None,
        "frequency": schedule.frequency,
        "intervalFrequency": schedule.interval_frequency,
        "intervalAmount": schedule.interval_amount,
        "workdaysOnly": schedule.workdays_only,
        "dayOfMonth": schedule.day_of_month,
        "timeZone": schedule.timezone,
    }


def _dashboard(item: Any, conventions: Conventions) -> dict[str, Any]:
    number, name = conventions.names.get(item.uid, (0, item.uid))
    chosen = item.time_range
    return {
        "dashboard": {"id": number, "uid": item.uid, "name": name},
        "timeRange": {"from": chosen.start, "to": chosen.end} if chosen else {"from": "", "to": ""},
        "reportVariables": {key: list(values) for key, values in item.variables.items()},
    }


def _format_names(name: str, options: Mapping[str, Any]) -> list[str]:
    tables = options.get("tables") if name == "pdf" else None
    return [name, *(word for words, place in TABLES.items() if place == tables for word in sorted(words))]


def rfc3339(moment: datetime) -> str:
    """With the offset that the moment has; UTC as Z."""
    text = moment.isoformat()
    return text.removesuffix("+00:00") + "Z" if moment.tzinfo is UTC or text.endswith("+00:00") else text


def remember(report: Report, body: ReportBody, conventions: Conventions, now: datetime) -> Report:
    """The report with those of the client's words that its definition would answer otherwise."""
    empty = Stored(0, report.uid, report, now, now, "", "")
    answer = _answer(empty, conventions)
    words: dict[str, Any] = {
        "name": body.name,
        "subject": body.subject,
        "recipients": body.recipients,
        "replyTo": body.reply_to,
        "message": body.message,
        "state": "scheduled" if body.state == "expired" else body.state,
        "formats": body.formats or ["pdf"],
        "enableCsv": body.enable_csv,
        "schedule.frequency": body.schedule.meant,
        "options.csvEncoding": body.options.csv_encoding,
        "options.timeRange": body.options.time_range.wire,
    }
    if body.enable_csv and "csv" not in words["formats"]:
        words["formats"] = [*words["formats"], "csv"]
    for index, item in enumerate(item for item in body.dashboards if item.uid):
        words[f"dashboards.{index}.reportVariables"] = item.report_variables
        if not isinstance(item, LegacyDashboard):
            words[f"dashboards.{index}.timeRange"] = item.time_range.wire
    echo = {path: [_get(answer, path), said] for path, said in words.items() if _get(answer, path) != said}
    if not echo:
        return report
    ours = report.extra.get(EXTRA, {}) | {"echo": echo}
    return report.model_copy(update={"extra": report.extra | {EXTRA: ours}})


def _get(data: Any, path: str) -> Any:
    for part in path.split("."):
        try:
            data = data[int(part)] if isinstance(data, list) else data[part]
        except (LookupError, TypeError, ValueError):
            return None
    return data


def _set(data: Any, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    target = _get(data, ".".join(parents)) if parents else data
    target[last] = value
