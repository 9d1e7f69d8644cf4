"""A body as a report's definition; what the API cannot say is taken from the report that is replaced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pressroom import Report
from pressroom.templating import is_template
from pressroom_builtin.grafana.body import DashboardBody, ReportBody, addresses
from pressroom_builtin.grafana.translate import EXTRA, STARTED_BY_US, TABLES, Conventions

TABLE_WORDS = max(TABLES, key=len)


def literal(text: str) -> str:
    """A template that means the text itself."""
    if not is_template(text):
        return text
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'{{{{ "{quoted}" }}}}'


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
    wanted = ["pdf" if name in TABLE_WORDS else name for name in body.formats or ["pdf"]]
    if body.enable_csv:
        wanted.append("csv")
    if "pdf" in options and options["pdf"].get("tables") in TABLES.values():
        del options["pdf"]["tables"]
    if place := TABLES.get(TABLE_WORDS & set(body.formats)):
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
