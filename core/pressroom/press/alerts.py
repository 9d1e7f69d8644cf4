"""Final failures are told to people, by a mail of its own for every scheduled run that failed.

The mail is a run like any other: planned in the ledger, retried, and looked at with `pressroom runs`. Its key
names the run that failed, so however many clocks look, and however often, there is one; and because what
failed is found in the ledger, a crash between the failure and the mail loses nothing. Alerts never alert.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col, select

from pressroom.errors import DefinitionError, PressroomError, StoreError
from pressroom.locales import Locale
from pressroom.models.ledger_tables import RunRow
from pressroom.models.projects import Project
from pressroom.models.reports import Delivery, Report
from pressroom.models.runs import Delivery as Outcome, DeliveryState, Run, RunState
from pressroom.store.definitions import load
from pressroom.templating import one_line

if TYPE_CHECKING:
    from pressroom.host import Host

log = logging.getLogger("pressroom.alerts")
LOOK_BACK = timedelta(days=1)
"""Runs that failed longer ago, while no clock ticked, are not told of any more."""
MOST = 100
"""Failures that one look turns into mails."""
LINES = 20
"""Errors and recipients that a mail names."""
MAIL = "email"
"""Type of the channels that alerts go out by."""


class Alerts:
    """Finds failed runs that nobody was told of, and plans a mail for each.

    Args:
        host: the workspace.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._hopeless: set[int] = set()

    def sweep(self, now: datetime) -> int:
        """Plan the mails that are missing.

        Returns:
            How many were planned.
        """
        planned = 0
        for run_id in self._untold(now):
            run = self._host.ledger.get(run_id)
            try:
                planned += self._tell(run)
            except StoreError:
                raise
            except PressroomError as error:
                self._give_up(run, str(error))
            except Exception as error:
                # the others are to be told of all the same
                log.error("run %s: the mail about its failure cannot be made", run.id, exc_info=error)
                self._hopeless.add(run.id)
        return planned

    def _untold(self, now: datetime) -> list[int]:
        alert = sa.orm.aliased(RunRow)
        told = select(alert.id).where(
            alert.kind == "alert",
            alert.project_id == RunRow.project_id,
            alert.key == sa.literal("alert:").concat(sa.cast(col(RunRow.id), sa.String)),
            alert.scope == sa.literal("project:").concat(sa.cast(col(RunRow.project_id), sa.String)),
        )
        found = (
            select(RunRow.id)
            .where(
                col(RunRow.finished_at) > now - LOOK_BACK,
                col(RunRow.kind) == "scheduled",
                col(RunRow.state).in_((RunState.failed, RunState.partly_failed)),
                ~told.exists(),
            )
            .order_by(col(RunRow.finished_at))
            .limit(MOST + len(self._hopeless))
        )
        with self._host.store.sessions.read() as session:
            ids = [int(run or 0) for run in session.exec(found)]
        self._hopeless &= set(ids)
        return [run for run in ids if run not in self._hopeless][:MOST]

    def _tell(self, run: Run) -> int:
        report = reported(run)
        project = self._host.press.project(run.project)
        to = addressees(report, project, self._host.settings.alerts.to)
        if not to:
            self._give_up(run, "neither notify of the report, contact of the project nor [alerts] to names anybody")
            return 0
        channel = self._channel(report, run.project)
        if not channel:
            self._give_up(run, "there is no one mail channel to use; name it as channel of [alerts]")
            return 0
        self._host.press.plan(
            run.project, letter(run, report, project, channel, to), report_id=None, kind="alert", key=f"alert:{run.id}"
        )
        return 1

    def _channel(self, report: Report, project: str) -> str:
        """The report's own mail channel, else the only one of the project, else that of `[alerts]`."""
        settings = self._host.settings
        mail = [name for name, it in settings.channels.items() if it.type == MAIL and it.admits(project)]
        own = next((delivery.channel for delivery in report.deliveries if delivery.channel in mail), "")
        return own or (mail[0] if len(mail) == 1 else settings.alerts.channel)

    def _give_up(self, run: Run, why: str) -> None:
        self._hopeless.add(run.id)
        log.warning("run %s is %s, and nobody can be told: %s", run.id, run.state, why, extra={"run": run.id})


def reported(run: Run) -> Report:
    """What failed; where that was a definition that cannot be read, a report of the same name."""
    try:
        return load(Report, run.snapshot, f"report {run.report}")
    except DefinitionError:
        return Report(name=one_line(run.title) or run.report or "?", state="draft")


def addressees(report: Report, project: Project, fallback: list[str]) -> list[str]:
    """Who is told: the report's `notify`, else the project's contact, else the workspace's."""
    for candidates in (report.notify, [project.contact], fallback):
        chosen = [address.strip() for address in candidates if address.strip()]
        if chosen:
            return list(dict.fromkeys(chosen))
    return []


def letter(run: Run, report: Report, project: Project, channel: str, to: list[str]) -> Report:
    """The mail, as a report without dashboards and documents."""
    locale = report.locale or project.locale
    words = Locale.of(locale)
    title = words.word("alert_partly_title" if run.state is RunState.partly_failed else "alert_title", report=run.title)
    return Report(
        name=title[:500],
        state="draft",
        message="\n\n".join(paragraphs(run, report, words)),
        formats=[],
        deliveries=[Delivery(channel=channel, to=to)],
        locale=report.locale,
    )


def paragraphs(run: Run, report: Report, words: Locale) -> list[str]:
    """What failed, for whom, why, and what to do."""
    by_state = {state: [item for item in run.deliveries if item.state is state] for state in DeliveryState}
    missed = by_state[DeliveryState.refused] + by_state[DeliveryState.skipped]
    unclear = by_state[DeliveryState.ambiguous]
    zone = report.schedule.timezone
    moment = f"{words.moment(run.planned_at, zone)} ({zone})"
    blocks = [
        words.word("alert_what", report=run.title, project=run.project, run=str(run.id), moment=moment),
        _listed(words, "alert_errors", list(run.errors)),
        _listed(words, "alert_missed", [_recipient(item) for item in missed]),
        _listed(words, "alert_ambiguous", [_recipient(item) for item in unclear]),
    ]
    reached = len(by_state[DeliveryState.sent])
    if reached:
        blocks.append(words.word("alert_reached", count=reached))
    todo = [words.word("alert_look", command=f"pressroom runs show {run.id}")]
    if missed or not run.deliveries:
        todo.append(words.word("alert_retry", command=f"pressroom runs retry {run.id}"))
    if unclear:
        todo.append(words.word("alert_again", command=f"pressroom runs retry {run.id} --include-ambiguous"))
    return [block for block in [*blocks, "\n".join(todo)] if block]


def _listed(words: Locale, title: str, lines: list[str]) -> str:
    if not lines:
        return ""
    shown = [f"- {' '.join(line.split())[:500]}" for line in lines[:LINES]]
    if len(lines) > LINES:
        shown.append(words.word("alert_more", count=len(lines) - LINES))
    return "\n".join([words.word(title), *shown])


def _recipient(item: Outcome) -> str:
    answer = " ".join(part for part in (str(item.code or ""), item.answer) if part)
    return f"{item.recipient} ({item.channel})" + (f": {answer}" if answer else "")
