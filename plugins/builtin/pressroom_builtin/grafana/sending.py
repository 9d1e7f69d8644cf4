"""Sending: reports and test mails go through the ledger like scheduled ones, and are waited for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pydantic

from pressroom import (
    Cancellation,
    DefinitionError,
    Delivery,
    DeliveryState,
    Once,
    PressroomError,
    Principal,
    Problem,
    Report,
    Run,
    RunKind,
    RunState,
    UsageError,
)
from pressroom_builtin.grafana import wire
from pressroom_builtin.grafana.admission import Admission
from pressroom_builtin.grafana.base import RawBody, scope, utc_now
from pressroom_builtin.grafana.body import addresses
from pressroom_builtin.grafana.reading import Body, NumberText, read

Progress = Callable[[str, float], None]
LOOK_SECONDS = 0.2
"""Between two looks at a run that another process works on."""
NEITHER = "name addresses in emails, or set useEmailsFromReport"


class NotSent(PressroomError):
    """Somebody did not get a message; says who, and why."""


class EmailBody(Body):
    """Which report to send, and to whom."""

    id: NumberText = ""
    emails: str = ""
    use_emails_from_report: bool = False

    @pydantic.field_validator("id")
    @classmethod
    def _number(cls, value: str) -> str:
        if not (value.isascii() and value.isdecimal()):
            raise ValueError("must be the id of a report" if value else "is needed: the id of a report")
        return value

    @pydantic.model_validator(mode="after")
    def _addressed(self) -> EmailBody:
        if not addresses(self.emails) and not self.use_emails_from_report:
            raise ValueError(NEITHER)
        return self


class Sending(Admission):
    """What mails reports."""

    def email(self, principal: Principal, project: str, body: RawBody, key: str | Once = "") -> wire.Done:
        """Do what the body of `/reports/email` asks for, and wait until everybody has got it.

        Raises:
            NotSent: somebody has not.
            PressroomError: as `plan_email`.
        """
        run = self.plan_email(principal, project, body, key)
        return outcome(self.finish(run.id, cancellation=self.host.closing), wire.SENT)

    def test_email(self, principal: Principal, project: str, body: RawBody, key: str | Once = "") -> wire.Done:
        """Mail a report that is not stored, and wait; raises as `email`."""
        run = self.plan_test(principal, project, body, key)
        return outcome(self.finish(run.id, cancellation=self.host.closing), wire.TESTED)

    def plan_email(self, principal: Principal, project: str, body: RawBody, key: str | Once = "") -> Run:
        """Enter into the ledger what the body of `/reports/email` asks for; `finish` works on it.

        Raises:
            DefinitionError: names every wrong field.
            NotFound: no such report.
            AccessDenied: to send it, or to read one of its dashboards.
            KeyReused: the key was used for another request.
        """
        principal.require("reports:send")
        said = read(EmailBody, body)
        return self.plan_send(
            principal,
            project,
            int(said.id),
            emails=said.emails,
            use_emails_from_report=said.use_emails_from_report,
            key=key,
        )

    def plan_send(
        self,
        principal: Principal,
        project: str,
        number: int,
        *,
        emails: str = "",
        use_emails_from_report: bool = False,
        of: str = "",
        key: str | Once = "",
    ) -> Run:
        """Enter a sending of a stored report into the ledger; raises as `plan_email`.

        Args:
            emails: addresses instead of the report's deliveries; they get it whatever its condition says.
            of: where its recipients come from a query, whose report these addresses get; the first one's where empty.
            use_emails_from_report: deliver as the report says.
            key: the same one sends once; a caller's own, see `Once`, or a name.
        """
        principal.require("reports:send", scope(number))
        stored = self._store(principal, project).reports.by_id(number)
        self._check_dashboards(principal, stored.value)
        if not addresses(emails) and not use_emails_from_report:
            raise UsageError(NEITHER)
        report = self._addressed(project, stored.value, emails, of) if addresses(emails) else stored.value
        if not report.deliveries:
            raise UsageError(f"the report {number} has no recipients; name addresses to send it to")
        if not report.dashboards:
            raise UsageError(f"the report {number} has no dashboard; it is a draft")
        return self._plan(principal, project, report, stored.id, key)

    def plan_test(self, principal: Principal, project: str, body: RawBody, key: str | Once = "") -> Run:
        """Enter a test mail of a report that is not stored into the ledger; raises as `plan_email`."""
        principal.require("reports:send")
        report = self._read(principal, project, body)
        if not report.deliveries:
            raise DefinitionError([Problem("needs at least one address", "recipients")])
        if not report.dashboards:
            raise DefinitionError([Problem("needs at least one dashboard with its uid", "dashboards")])
        return self._plan(principal, project, report, None, key)

    def finish(self, run_id: int, *, progress: Progress | None = None, cancellation: Cancellation | None = None) -> Run:
        """Work on a planned run here, or wait for whoever does, until it is over or waits for a later try.

        Args:
            cancellation: stops the work in order; the run can be taken up again.
        """
        stop = cancellation or Cancellation()
        while True:
            run = self.host.press.work(run_id, progress=progress, cancellation=stop)
            runs = self.host.repositories.project(run.project).runs
            if run.state.final or stop.is_set() or runs.waits(run_id, utc_now()):
                return run
            stop.wait(LOOK_SECONDS)

    def send(
        self,
        principal: Principal,
        project: str,
        number: int,
        *,
        emails: str = "",
        use_emails_from_report: bool = False,
        of: str = "",
        key: str | Once = "",
        progress: Progress | None = None,
        cancellation: Cancellation | None = None,
    ) -> Run:
        """Send a report now and wait until it is handed over; see `plan_send` and `finish`."""
        run = self.plan_send(
            principal, project, number, emails=emails, use_emails_from_report=use_emails_from_report, of=of, key=key
        )
        return self.finish(run.id, progress=progress, cancellation=cancellation)

    def test(
        self,
        principal: Principal,
        project: str,
        body: RawBody,
        *,
        progress: Progress | None = None,
        cancellation: Cancellation | None = None,
    ) -> Run:
        """Send a report that is not stored, and wait; see `plan_test` and `finish`."""
        run = self.plan_test(principal, project, body)
        return self.finish(run.id, progress=progress, cancellation=cancellation)

    def _addressed(self, project: str, report: Report, emails: str, of: str) -> Report:
        refusals = [refusal for address in addresses(emails) if (refusal := self._refusal(project, address))]
        if refusals:
            raise DefinitionError([Problem(refusal, "emails") for refusal in refusals])
        delivery: dict[str, Any] = {"channel": self.mail_channel(project)}
        asked = next((each.recipients for each in report.deliveries if each.recipients), None)
        if asked is None:
            delivery["to"] = addresses(emails)
        else:
            delivery["recipients"] = asked.model_dump() | {"sample": {"to": addresses(emails), "of": of}}
        return Report.model_validate(report.model_dump(by_alias=True) | {"deliveries": [delivery], "condition": ""})

    def _plan(self, principal: Principal, project: str, report: Report, number: int | None, key: str | Once) -> Run:
        kind: RunKind = "test" if number is None else "manual"
        name = key or f"{kind}-{secrets.token_hex(8)}"
        asked_at = self.host.store.clock()
        run = self.host.press.plan(project, report, report_id=number, kind=kind, key=name)
        if run.created_at >= asked_at:
            target, detail = f"report {report.uid}" if number is not None else f"test of {report.name}", {"run": run.id}
            self.host.audit.record(principal.name, "reports:send", project=project, target=target, detail=detail)
        return run


def outcome(run: Run, done: wire.Done) -> wire.Done:
    """The answer where everybody has got the message, or was left out on purpose.

    Raises:
        NotSent: says who has not, and why.
    """
    if run.state is RunState.skipped:
        why = run.warnings or ["nobody was to get it", *map(_told, run.deliveries)]
        return wire.Done(message="; ".join(why))
    # who is skipped in a run that was cancelled was not left out on purpose
    fine = {DeliveryState.sent} if run.state is RunState.cancelled else {DeliveryState.sent, DeliveryState.skipped}
    missed = [item for item in run.deliveries if item.state not in fine]
    if all(item.state is not DeliveryState.sent for item in run.deliveries):
        raise NotSent("; ".join(["the report was not sent", *run.errors, *map(_told, run.deliveries)]))
    if missed:
        raise NotSent("; ".join(["the report was not sent to everybody", *run.errors, *map(_told, missed)]))
    return done


def _told(item: Delivery) -> str:
    return f"{item.recipient}: {_why(item)}"


def _why(item: Delivery) -> str:
    words = [str(item.code or ""), " ".join(item.answer.split())]
    if item.state is DeliveryState.planned:
        words.append(f"(tried again after {item.retry_at:%Y-%m-%dT%H:%M:%SZ})" if item.retry_at else "(tried again)")
    elif item.state is not DeliveryState.skipped:
        words.insert(0, str(item.state))
    return " ".join(word for word in words if word)
