"""Bursts: reports whose recipients a query gives, each of whom gets it as made for their own values of variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pressroom.channels import Recipient
from pressroom.context import Context
from pressroom.errors import StepError
from pressroom.models.reports import Report
from pressroom.models.runs import Delivery
from pressroom.press.ledger_plan import HOPELESS
from pressroom.press.mailing import Letter
from pressroom.press.parts import OWN, Part, part_of, variables_of
from pressroom.press.scenes import find_dashboard

if TYPE_CHECKING:
    from pressroom.host import Host


def bursts(report: Report) -> bool:
    """Whether any recipients of a report come from a query."""
    return any(delivery.recipients for delivery in report.deliveries)


def burst_letters(report: Report, deliveries: Sequence[Delivery]) -> list[Letter]:
    """The messages of a run's recipients that queries gave.

    Args:
        deliveries: of the run.
    """
    return [
        Letter(
            each.message,
            each.channel,
            (Recipient(address=each.recipient, role=each.role),),
            report.deliveries[each.entry],
            part_of(each.variables),
        )
        for each in deliveries
        if each.entry is not None and each.entry != HOPELESS
    ]


def seen_by(host: Host, project: str, report: Report, part: Part, context: Context) -> Report:
    """The report with a part's values chosen in every dashboard that has such a variable.

    Raises:
        StepError: no dashboard has one of the variables, so everybody would get to see the same.
    """
    if part == OWN:
        return report
    known = check_variables(host, project, report, part, context)
    chosen = variables_of(part)
    dashboards = [
        item.model_copy(
            update={"variables": item.variables | {name: chosen[name] for name in chosen if name in known[item.uid]}}
        )
        for item in report.dashboards
    ]
    return report.model_copy(update={"dashboards": dashboards})


def check_variables(host: Host, project: str, report: Report, part: Part, context: Context) -> Mapping[str, set[str]]:
    """See that each variable of a part is one of a dashboard.

    Returns:
        Names of the variables by the dashboard's uid.

    Raises:
        StepError: one is of none; NotFound: a dashboard is gone.
    """
    known: dict[str, set[str]] = {}
    for item in report.dashboards:
        dashboard = find_dashboard(host, project, item.uid, context)
        known[item.uid] = {variable.name for variable in dashboard.variables}
    for name, _ in part:
        if not any(name in names for names in known.values()):
            there = ", ".join(sorted(set().union(*known.values()))) or "none"
            raise StepError(
                f"no dashboard of the report has the variable {name!r}, so everybody would get to see the same; "
                f"there are: {there}"
            )
    return known
