"""Store checked definitions: all of them, or none."""

from __future__ import annotations

from pressroom.definitions.check import Checked
from pressroom.definitions.plan import Change, Plan, plan
from pressroom.models.dashboards import Dashboard
from pressroom.models.projects import Project
from pressroom.models.reports import Report
from pressroom.models.segments import Rule, Segment
from pressroom.store import Store, Transaction

MAX_FIELDS = 50
"""Names of changed fields that the audit log keeps of one definition."""


def apply(checked: Checked, store: Store, by: str) -> Plan:
    """Create or update what the files define, in one transaction; what they do not name is left alone.

    The audit log gets an entry for each definition that is new or differs.

    Args:
        checked: from `pressroom.definitions.check`.
        store: where to.
        by: name of who does it.

    Returns:
        What was done, as `plan` would have said it.

    Raises:
        Conflict: somebody took a chart's uid between the check and now.
        StoreError: the database cannot be written. In both cases nothing was stored.
    """
    with store.transaction() as transaction:
        done = plan(checked, transaction)
        _write(done, transaction, by)
    return done


def _write(done: Plan, transaction: Transaction, by: str) -> None:
    changes = [change for change in done.changes if change.action != "unchanged"]
    for change in changes:
        if isinstance(change.after, Project):
            transaction.projects.save(change.after, by)
    for uid in dict.fromkeys(change.project for change in changes if change.kind != "project"):
        mine = [change.after for change in changes if change.project == uid]
        project = transaction.project(uid)
        # together, because charts may move from one dashboard to another
        boards = [value for value in mine if isinstance(value, Dashboard)]
        if boards:
            project.dashboards.save_all(boards, by)
        for value in mine:
            if isinstance(value, Segment):
                project.segments.save(value, by)
            elif isinstance(value, Rule):
                project.rules.save(value, by)
            elif isinstance(value, Report):
                project.reports.save(value, by)
    for change in changes:
        _record(change, transaction, by)


def _record(change: Change, transaction: Transaction, by: str) -> None:
    verb = "create" if change.kind == "report" and change.action == "created" else "write"
    detail = {"by": "apply", "change": change.action, "fields": list(change.fields[:MAX_FIELDS])}
    target = f"{change.kind} {change.uid}"
    transaction.audit.record(by, f"{change.kind}s:{verb}", project=change.project, target=target, detail=detail)
