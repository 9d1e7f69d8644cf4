"""A report's definition as the reporting API has it, and back, without loss.

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
from pressroom.templating import is_template
from pressroom_builtin.grafana import wire
from pressroom_builtin.grafana.body import DashboardBody, LegacyDashboard, ReportBody, addresses

EXTRA = "reporting_api"
"""Our key in `Report.extra`."""
STARTED_BY_US = "started"
"""In our part of `extra`: whether the schedule's start is the moment at which a client left it out."""
EXPIRED = "expired"
_TABLES = {
    frozenset({"pdf-tables"}): "separate",
    frozenset({"pdf-tables-appendix"}): "append",
    frozenset({"pdf-tables", "pdf-tables-appendix"}): "both",
}
"""Names of formats that are an option of the PDF in a definition."""
_TABLE_WORDS = max(_TABLES, key=len)


@dataclass(frozen=True)
class Conventions:
    """What a translation depends on beside the report.

    Attributes:
        channel: name of the channel that mails go through; empty where there is none.
        templates: whether a subject given here is a template.
        org_id: number of the project.
        names: id and name of each dashboard by uid.
        knows_encoding: whether the CSV format knows an encoding of that name.
    """

    channel: str
    templates: bool
    org_id: int
    names: Mapping[str, tuple[int, str]]
    knows_encoding: Callable[[str], bool]


def literal(text: str) -> str:
    """A template that means the text itself."""
    if not is_template(text):
        return text
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{{{ "{quoted}" }}}}'


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
    number, name = conventions.names.get(item.uid, (0, ""))
    chosen = item.time_range
    return {
        "dashboard": {"id": number, "uid": item.uid, "name": name},
        "timeRange": {"from": chosen.start, "to": chosen.end} if chosen else {"from": "", "to": ""},
        "reportVariables": {key: list(values) for key, values in item.variables.items()},
    }


def _format_names(name: str, options: Mapping[str, Any]) -> list[str]:
    tables = options.get("tables") if name == "pdf" else None
    return [name, *(word for words, place in _TABLES.items() if place == tables for word in sorted(words))]


def rfc3339(moment: datetime) -> str:
    """With the offset that the moment has; UTC as Z."""
    text = moment.isoformat()
    return text.removesuffix("+00:00") + "Z" if moment.tzinfo is UTC or text.endswith("+00:00") else text


def to_definition(
    body: ReportBody, before: Report | None, conventions: Conventions, *, user_id: int, now: datetime
) -> dict[str, Any]:
    """A body as a report's definition.

    Args:
        body: checked.
        before: the report that is replaced; what the API cannot say is taken from it.
        user_id: of who creates it.
        now: the start of a schedule that names none.
    """
    data: dict[str, Any] = before.model_dump(mode="json", by_alias=True) if before else {}
    kept = before.extra.get(EXTRA, {}) if before else {}
    schedule = data.get("schedule", {})
    data |= {
        "name": body.name.strip() or "Draft",
        "subject": _to_subject(body.subject, before, conventions),
        "message": body.message,
        "reply_to": addresses(body.reply_to),
        "dashboards": [_chosen(item, body) for item in body.dashboards if item.uid],
        "schedule": schedule | _to_schedule(body, schedule, now, keep=kept.get(STARTED_BY_US, False)),
        "formats": _to_formats(body, data.get("formats", []), conventions),
        "deliveries": _to_deliveries(body, before, conventions),
        "dashboard_links": body.enable_dashboard_url,
        "orientation": body.options.orientation,
        "layout": body.options.layout,
        "show_variables": body.options.pdf_show_template_variables,
        "combine": body.options.pdf_combine_one_file,
        "scale": body.scale_factor / 100,
        "state": {"expired": "scheduled", "not scheduled": "paused"}.get(body.state, body.state),
        "extra": {key: value for key, value in data.get("extra", {}).items() if key != EXTRA},
    }
    ours = {"user_id": kept.get("user_id", user_id), STARTED_BY_US: body.schedule.start_date is None}
    if any(ours.values()):
        data["extra"][EXTRA] = {key: value for key, value in ours.items() if value}
    return data


def _to_subject(said: str, before: Report | None, conventions: Conventions) -> str:
    if conventions.templates:
        return said
    if before is not None:
        was, shown = before.extra.get(EXTRA, {}).get("echo", {}).get("subject", ("", ""))
        # a template that was written elsewhere, sent back as it was answered
        if said == (shown if was == before.subject and shown else before.subject):
            return before.subject
    return literal(said)


def _chosen(item: DashboardBody, body: ReportBody) -> dict[str, Any]:
    return {
        "uid": item.uid,
        "time_range": item.time_range.definition or body.options.time_range.definition,
        "variables": {
            name: [value] if isinstance(value, str) else value for name, value in item.report_variables.items()
        },
    }


def _to_schedule(body: ReportBody, before: Mapping[str, Any], now: datetime, *, keep: bool) -> dict[str, Any]:
    schedule = body.schedule
    frequency = schedule.meant if schedule.complete else "never"
    # who leaves it out again must not move a report that goes on from the moment of its creation
    kept = before.get("start") if keep else None
    start = schedule.start_date.isoformat() if schedule.start_date else kept
    return {
        "frequency": frequency,
        "start": start or now.isoformat(timespec="seconds"),
        "end": schedule.end_date.isoformat() if schedule.end_date else None,
        "timezone": schedule.time_zone or "UTC",
        "interval_amount": schedule.interval_amount,
        "interval_frequency": schedule.interval_frequency,
        "day_of_month": schedule.day_of_month,
        "workdays_only": schedule.workdays_only,
        "cron": before.get("cron", "") if frequency == "cron" else "",
    }


def _to_formats(body: ReportBody, before: list[Any], conventions: Conventions) -> list[Any]:
    options: dict[str, dict[str, Any]] = {use: {} for use in before if isinstance(use, str)}
    options |= {name: dict(own) for use in before if isinstance(use, dict) for name, own in use.items()}
    wanted = ["pdf" if name in _TABLE_WORDS else name for name in body.formats or ["pdf"]]
    if body.enable_csv:
        wanted.append("csv")
    if "pdf" in options and options["pdf"].get("tables") in _TABLES.values():
        del options["pdf"]["tables"]
    if place := _TABLES.get(_TABLE_WORDS & set(body.formats)):
        options["pdf"] = options.get("pdf", {}) | {"tables": place}
    encoding = body.options.csv_encoding
    if "csv" in options:
        options["csv"] = {key: value for key, value in options["csv"].items() if key not in ("encoding", "fallback")}
    if encoding:
        fallback = {} if conventions.knows_encoding(encoding) else {"fallback": "utf-8"}
        options["csv"] = options.get("csv", {}) | {"encoding": encoding} | fallback
    return [{name: options[name]} if options.get(name) else name for name in dict.fromkeys(wanted)]


def _to_deliveries(body: ReportBody, before: Report | None, conventions: Conventions) -> list[dict[str, Any]]:
    deliveries = before.deliveries if before else []
    mail = [it for it in deliveries if it.channel == conventions.channel and it.recipients is None]
    to = addresses(body.recipients)
    if to == [address for delivery in mail for address in delivery.to]:
        return [delivery.model_dump(mode="json") for delivery in deliveries]
    others = [delivery.model_dump(mode="json") for delivery in deliveries if delivery not in mail]
    like = {"together": mail[0].together, "options": mail[0].options} if mail else {}
    return ([{"channel": conventions.channel, "to": to, **like}] if to else []) + others


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
