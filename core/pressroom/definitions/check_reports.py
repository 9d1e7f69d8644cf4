"""What pydantic cannot see of reports: dashboards, formats, channels and recipients, templates, schedules."""

from __future__ import annotations

from typing import Any, Literal

from pressroom.channels import Recipient
from pressroom.definitions.check_bursts import check_condition, check_recipients
from pressroom.definitions.places import Place, nearest
from pressroom.definitions.references import Findings
from pressroom.errors import TemplateError
from pressroom.locales import check_locale
from pressroom.templating import check_template

_ROLES: tuple[Literal["to", "cc", "bcc"], ...] = ("to", "cc", "bcc")
_ONLY = {
    "interval_amount": ("custom",),
    "interval_frequency": ("custom",),
    "day_of_month": ("monthly",),
    "workdays_only": ("hourly", "daily", "custom"),
}
"""Fields of a schedule that only some frequencies look at."""
MOST_DASHBOARDS = 100
"""That one report may show."""


def check_report(report: Place, found: Findings) -> None:
    """Check a report."""
    if report.value.get("state") != "draft" and not report.at("dashboards").value:
        found.wrong(report.at("dashboards"), "a report needs at least one dashboard (or state: draft)")
    boards = list(report.items("dashboards"))
    if len(boards) > MOST_DASHBOARDS:
        found.wrong(report.at("dashboards"), f"a report shows at most {MOST_DASHBOARDS} dashboards, not {len(boards)}")
    for board in boards[:MOST_DASHBOARDS]:
        _shown(board, found)
        found.time_range(board.at("time_range"))
    formats = report.at("formats")
    for index, value in enumerate(formats.value if isinstance(formats.value, list) else ()):
        _format(formats.at(index), value, found)
    for delivery in report.items("deliveries"):
        _delivery(delivery, report.value.get("state") == "draft", found)
        check_recipients(delivery, report, found)
    for key in ("subject", "filename"):
        try:
            check_template(report.text(key))
        except TemplateError as error:
            found.wrong(report.at(key), error.message)
    found.calls(report.at("locale"), check_locale)
    found.numbers(report, "scale", "priority")
    check_condition(report, found)
    if isinstance(report.at("schedule").value, dict):
        _schedule(report.at("schedule"), report.value.get("state") == "draft", found)


def _shown(place: Place, found: Findings) -> None:
    uid = place.text("uid")
    known = {**found.scope.stored.dashboards, **found.scope.dashboards}
    if uid and uid not in known and not found.scope.partly and not found.catalogue.offers(found.scope.project, uid):
        hint = nearest(uid, known)
        found.wrong(place.at("uid"), f"there is no dashboard {uid!r}, neither in these files nor stored; {hint}")
    variables = place.at("variables")
    for name in variables.value if uid in known and isinstance(variables.value, dict) else ():
        if name not in known[uid]:
            hint = nearest(name, list(known[uid]))
            found.warn(variables.at(name), f"the dashboard {uid!r} has no variable {name!r}; {hint}")


def _format(place: Place, value: Any, found: Findings) -> None:
    name, options = value, None
    if isinstance(value, dict) and len(value) == 1 and "name" not in value:
        name = next(iter(value))
        options = place.at(name)
    elif isinstance(value, dict):
        name, options = value.get("name"), place.at("options")
    if not isinstance(name, str):
        return
    model = found.catalogue.renderers.get(name)
    if model is None:
        found.wrong(place, f"there is no report format {name!r}; {nearest(name, found.catalogue.renderers)}")
    elif options is not None:
        found.options(options, model)


def _delivery(place: Place, draft: bool, found: Findings) -> None:
    channel = place.at("channel")
    if not isinstance(channel.value, str) or not found.instance(channel, "channel", found.catalogue.channels):
        return
    found.options(place.at("options"), found.catalogue.delivery_options(channel.value))
    named = any(place.value.get(key) for key in (*_ROLES, "recipients"))
    if found.catalogue.needs_recipients(channel.value) and not draft and not named:
        found.wrong(place.at("to"), f"is missing: the channel {channel.value!r} needs at least one recipient")
    for role in _ROLES:
        below = place.at(role)
        for index, address in enumerate(below.value if isinstance(below.value, list) else ()):
            if isinstance(address, str):
                recipient = Recipient(address=address, role=role)
                refusal = found.catalogue.admit(channel.value, found.scope.project, recipient)
                if refusal:
                    found.wrong(below.at(index), refusal)


def _schedule(place: Place, draft: bool, found: Findings) -> None:
    frequency = place.value.get("frequency", "never")
    if isinstance(place.value.get("calendar"), str) and place.value["calendar"]:
        found.instance(place.at("calendar"), "calendar", found.catalogue.calendars)
    found.numbers(place, "interval_amount")
    if frequency not in ("never", "cron") and not draft and "start" not in place.value:
        found.wrong(place.at("start"), "is missing: the moment from which the schedule repeats, with its offset")
    for key, frequencies in _ONLY.items():
        if place.value.get(key) and frequency not in frequencies:
            found.warn(place.at(key), f"is not looked at; only {', '.join(frequencies)} does, not {frequency}")
