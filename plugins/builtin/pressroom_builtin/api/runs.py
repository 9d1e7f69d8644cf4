"""Runs and deliveries: what was sent to whom; the principal comes first and is authorised here.

Whoever may read a report may read its runs. Those of no stored report are for who has `runs:read`.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any, get_args

import msgspec

from pressroom import (
    AccessDenied,
    Attachment,
    DeliveryEntry,
    DeliveryState,
    Once,
    Principal,
    ProjectStore,
    Report,
    Run,
    RunKind,
    RunState,
    Sent,
    Stored,
    UsageError,
    Wanted,
)
from pressroom.timerange import resolve_moment
from pressroom_builtin.api import run_wire as wire
from pressroom_builtin.api.desk import Desk, report_scope, require_dashboards, require_queries
from pressroom_builtin.api.paging import check_limit, page_of, read_moment_cursor
from pressroom_builtin.api.report_wire import SendAsked
from pressroom_builtin.api.reports import written
from pressroom_builtin.api.run_shapes import delivery_item, details, item

RUNS_READ, RUNS_WRITE, READ, SEND = "runs:read", "runs:write", "reports:read", "reports:send"
ALL_REPORTS = "reports:id:*"


class RunsAsked(msgspec.Struct, kw_only=True, frozen=True):
    """Which runs or deliveries, as clients say it; empty for all.

    Attributes:
        state: of runs, or of deliveries.
        since, until: planned at or after, and before: RFC 3339, or relative such as `now-7d`.
        run, channel, recipient: of deliveries.
    """

    report: str = ""
    state: str = ""
    kind: str = ""
    since: str = ""
    until: str = ""
    run: int | None = None
    channel: str = ""
    recipient: str = ""


class Runs(Desk):
    """The ledger of a workspace."""

    def runs(
        self, principal: Principal, project: str, asked: RunsAsked, *, limit: int, cursor: str = ""
    ) -> wire.RunPage:
        """A page of runs.

        Raises:
            UsageError: a filter that is none, a wrong limit or cursor.
        """
        store, wanted = self._wanted(principal, project, asked)
        wanted = msgspec.structs.replace(wanted, state=_one_of(RunState, "state", asked.state))
        found = store.history.runs(wanted, check_limit(limit) + 1, read_moment_cursor(cursor))
        page, following = page_of(found, limit, lambda entry: (entry.run.planned_at.isoformat(), entry.run.id))
        total = store.history.count_runs(wanted)
        return wire.RunPage(items=[item(entry) for entry in page], next=following, total=total)

    def deliveries(
        self, principal: Principal, project: str, asked: RunsAsked, *, limit: int, cursor: str = ""
    ) -> wire.DeliveryPage:
        """A page of deliveries; raises as `runs`."""
        store, wanted = self._wanted(principal, project, asked)
        state = _one_of(DeliveryState, "state", asked.state)
        sent = Sent(state=state, channel=asked.channel, recipient=asked.recipient)
        found = store.history.deliveries(wanted, sent, check_limit(limit) + 1, read_moment_cursor(cursor, 2))
        page, following = page_of(found, limit, _place)
        total = store.history.count_deliveries(wanted, sent)
        items = [delivery_item(entry.delivery, entry.report, entry.planned_at) for entry in page]
        return wire.DeliveryPage(items=items, next=following, total=total)

    def run(self, principal: Principal, project: str, number: int) -> wire.RunDetails:
        """One run with its deliveries.

        Raises:
            NotFound: the project has none of that number.
        """
        return details(self._readable(principal, project, number))

    def document(self, principal: Principal, project: str, run: int, number: int) -> Attachment:
        """A document of a run, numbered from 1, ready to be read.

        Raises:
            NotFound: no such run or document.
            Gone: it is not kept any more.
        """
        return self.host.press.document(self._readable(principal, project, run), number - 1)

    def send(
        self, principal: Principal, project: str, uid: str, asked: SendAsked, once: Once | None = None
    ) -> wire.RunDetails:
        """Enter a sending of a stored report into the ledger; it is worked on as scheduled ones are.

        Raises:
            NotFound: no such report.
            DefinitionError: mistakes in `deliveries`, with their fields.
            UsageError: it goes to nobody.
            KeyReused: the key was used for another request.
        """
        principal.require(SEND)
        stored = self._enter(principal, project).reports.get(uid)
        principal.require(SEND, report_scope(stored.id))
        require_dashboards(principal, [shown.uid for shown in stored.value.dashboards])
        report = self._addressed(project, stored, asked.deliveries)
        require_queries(principal, report, stored.value)
        name = once or f"manual-{secrets.token_hex(8)}"
        asked_at = self.host.store.clock()
        run = self.host.press.plan(project, report, report_id=stored.id, kind="manual", key=name)
        if run.created_at >= asked_at:
            self._note(principal, run, SEND, f"report {uid}", {"run": run.id})
        return details(run)

    def retry(
        self, principal: Principal, project: str, number: int, asked: wire.RetryAsked, once: Once | None = None
    ) -> wire.RunDetails:
        """Make a run due again for those who did not get it.

        Raises:
            NotFound: no such run.
            Conflict: it succeeded, was cancelled or is worked on, or nobody is left to send it to.
            KeyReused: the key was used for another retry.
        """
        self._changeable(principal, project, number)
        repeated = once is not None and self.host.ledger.repeats(number, once)
        again = self.host.ledger.retry(number, include_ambiguous=asked.include_ambiguous, once=once)
        if not repeated:
            self._note(principal, again, RUNS_WRITE, f"run {number}", {"change": "retry"})
        return details(again)

    def cancel(self, principal: Principal, project: str, number: int) -> wire.RunDetails:
        """End a run; what was sent stays sent.

        Raises:
            NotFound: no such run.
            Conflict: it has ended already.
        """
        self._changeable(principal, project, number)
        ended = self.host.ledger.cancel(number)
        self._note(principal, ended, RUNS_WRITE, f"run {number}", {"change": "cancel"})
        return details(ended)

    def _addressed(self, project: str, stored: Stored[Report], deliveries: list[dict[str, Any]]) -> Report:
        report = stored.value
        if deliveries:
            report = self.host.check_report(project, written(report) | {"deliveries": deliveries}).report
        if not report.dashboards:
            raise UsageError(f"the report {stored.uid} shows no dashboard yet")
        if not report.deliveries:
            raise UsageError(f"the report {stored.uid} has no deliveries; name some to send it to")
        return report

    def _wanted(self, principal: Principal, project: str, asked: RunsAsked) -> tuple[ProjectStore, Wanted]:
        """The project, and which of its runs are meant that the principal may see; it must see some."""
        if not principal.may(RUNS_READ):
            principal.require(READ)
        store = self._enter(principal, project)
        visible, stored = _visible(principal, store)
        return store, Wanted(
            report=asked.report,
            kind=_one_of(get_args(RunKind), "kind", asked.kind),
            since=_moment("since", asked.since),
            until=_moment("until", asked.until),
            run=asked.run,
            stored=stored,
            visible=visible,
        )

    def _readable(self, principal: Principal, project: str, number: int) -> Run:
        if not principal.may(RUNS_READ):
            principal.require(READ)
        run = self._enter(principal, project).runs.get(number)
        scope = report_scope(run.report_id)
        if not principal.may(RUNS_READ, scope) and (run.report_id is None or not principal.may(READ, scope)):
            raise AccessDenied(f"{principal.name} may not do this. Permissions needed: {RUNS_READ}")
        require_dashboards(principal, [str(shown.get("uid")) for shown in run.snapshot.get("dashboards", ())])
        return run

    def _changeable(self, principal: Principal, project: str, number: int) -> None:
        principal.require(RUNS_WRITE)
        run = self._enter(principal, project).runs.get(number)
        principal.require(RUNS_WRITE, report_scope(run.report_id))

    def _note(self, principal: Principal, run: Run, action: str, target: str, detail: dict[str, Any]) -> None:
        self.host.audit.record(principal.name, action, project=run.project, target=target, detail=detail)


def _place(entry: DeliveryEntry) -> tuple[int | str, ...]:
    return entry.planned_at.isoformat(), entry.delivery.run, entry.delivery.id


def _visible(principal: Principal, store: ProjectStore) -> tuple[list[int] | None, bool]:
    """Numbers of the reports whose runs may be seen, None for all; and whether those of no stored report may not."""
    if principal.may(RUNS_READ, report_scope(None)):
        return None, False
    if principal.may(RUNS_READ, ALL_REPORTS) or principal.may(READ, ALL_REPORTS):
        return None, True
    scopes = ((number, report_scope(number)) for number in store.reports.numbers())
    return [number for number, scope in scopes if principal.may(RUNS_READ, scope) or principal.may(READ, scope)], True


def _one_of(known: Any, name: str, text: str) -> Any:
    if not text:
        return None
    if text not in list(known):
        raise UsageError(f"{name}: one of {', '.join(known)}")
    return text if isinstance(known, tuple) else known(text)


def _moment(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        return resolve_moment(text, now=datetime.now(UTC), zone="UTC")
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{name}: {error}") from error
