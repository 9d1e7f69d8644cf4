"""The press: compose, render and deliver as three steps, with the ledger in between.

What is finished is kept in the run's folder (`edition.json`, the documents) and in the ledger, so that a
process that dies costs at most the step that it was in.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressroom.channels import Channel
from pressroom.context import Cancellation, Context, Progress
from pressroom.failpoints import failpoint
from pressroom.messages import Attachment
from pressroom.models.dashboards import Chart, Dashboard
from pressroom.models.projects import Project
from pressroom.models.reports import Report
from pressroom.models.runs import Run, RunKind, RunState
from pressroom.models.values import PluginUse
from pressroom.moments import utc_now
from pressroom.press.breakers import Breakers
from pressroom.press.bursts import burst_letters
from pressroom.press.cache import Answer
from pressroom.press.charts import ChartRows, FindWindow, chart_rows, draft_rows, kept_chart_rows
from pressroom.press.compose import Occasion
from pressroom.press.deliver import deliver
from pressroom.press.documents import kept_document
from pressroom.press.folders import owned
from pressroom.press.kept import kept_frames
from pressroom.press.ledger import PlannedDelivery
from pressroom.press.mailing import letters
from pressroom.press.making import make, wanted_parts
from pressroom.press.once import Once
from pressroom.press.parcels import Parcels
from pressroom.press.parts import part_folder
from pressroom.press.preview import Preview, preview
from pressroom.press.progress import DELIVERING
from pressroom.press.render import load_made
from pressroom.press.scenes import find_dashboard, offering
from pressroom.press.sittings import Sitting, Sittings, owner_name
from pressroom.schedulers import Job
from pressroom.sources import Query, Source
from pressroom.timerange import Window

if TYPE_CHECKING:
    import polars as pl

    from pressroom.host import Host


class Press:
    """Turns reports into editions, documents and deliveries.

    Args:
        host: the workspace.
    """

    def __init__(self, host: Host) -> None:
        self.host = host
        self.owner = owner_name()
        settings = host.settings.retries
        self.breakers = Breakers(settings.channel_failures, settings.channel_rest_seconds)
        self._sittings = Sittings(host)

    def project(self, uid: str) -> Project:
        """A project's settings.

        Raises:
            NotFound: there is none.
        """
        return self.host.store.projects.get(uid).value

    def preview(
        self,
        project: str,
        report: Report,
        folder: Path,
        *,
        formats: list[PluginUse] | None = None,
        planned_at: datetime | None = None,
        of: str = "",
        context: Context | None = None,
    ) -> Preview:
        """Compose and render a report into a folder; nothing is recorded or sent.

        A report whose recipients come from a query is shown as one of them gets it.

        Args:
            formats: instead of the report's own.
            planned_at: the moment that relative ranges are resolved at; now where None.
            of: that recipient's address; the first where empty.
        """
        folder.mkdir(parents=True, exist_ok=True)
        context = context.within(folder=folder) if context else self._context(folder)
        occasion = Occasion(planned_at or utc_now())
        uses = report.formats if formats is None else formats
        return preview(self.host, self.project(project), report, occasion, context, formats=uses, of=of)

    def plan(
        self,
        project: str,
        report: Report,
        *,
        report_id: int | None,
        kind: RunKind,
        key: str | Once,
        planned_at: datetime | None = None,
    ) -> Run:
        """Enter a run into the ledger with a snapshot of the report and a delivery per recipient.

        The same project, report, kind and key give the run that is there already.

        Args:
            report: as it is now; for a test mail a copy with other recipients.
            report_id: the stored report; None for one that is not stored.
            key: the planned moment or any other name; or a caller's own, see `Once`.

        Raises:
            KeyReused: the caller's own key was used for another request.
            PressroomError: a channel is missing or broken.
        """
        found = self._channels(project, report)
        stored = None if report_id is None else self.host.store.project(project).reports.by_id(report_id)
        return self.host.ledger.plan(
            project,
            stored,
            report.model_dump(mode="json"),
            kind=kind,
            key=key,
            planned_at=planned_at or utc_now(),
            title=report.name,
            deliveries=[
                PlannedDelivery(
                    channel=letter.channel, recipient=recipient.address, role=recipient.role, message=letter.number
                )
                for letter in letters(report, found.__getitem__)
                for recipient in letter.recipients
            ],
        )

    def work(self, run_id: int, *, progress: Progress | None = None, cancellation: Cancellation | None = None) -> Run:
        """Work on a run here until it is final or waits for a later try, and give it back with its deliveries.

        Returns at once where another process owns it, or where it is final. What fails is not tried again.
        """

        def whole(sitting: Sitting) -> Run:
            return self._make(sitting) or self._deliver(sitting)

        return self._sittings.sit(
            run_id, self.owner, whole, patient=False, progress=progress, cancellation=cancellation
        )

    def do(self, job: Job, owner: str, cancellation: Cancellation | None = None) -> None:
        """One step of a run, as a scheduler asks for it; see `pressroom.schedulers.Work`."""
        step = self._make_and_release if job.step == "make" else self._deliver_made
        self._sittings.sit(job.run, owner, step, patient=True, cancellation=cancellation)

    def died(self, job: Job, owner: str, reason: str) -> None:
        """Take a job from a process that is dead, and plan its next try; without a reason it is handed back."""
        self._sittings.take_over(job.run, owner, self.owner, reason)

    def _make_and_release(self, sitting: Sitting) -> Run:
        ended = self._make(sitting)
        if ended is not None:
            return ended
        sitting.claim.postpone(utc_now())
        failpoint("press.released")
        return self.host.ledger.get(sitting.run.id)

    def _make(self, sitting: Sitting) -> Run | None:
        """Bring a run to where it is delivered; gives it where that was its end."""
        report = Report.model_validate(sitting.run.snapshot)
        # a channel that is gone fails the run before anything is asked or drawn
        channels = self._channels(sitting.run.project, report)
        ended = make(self.host, sitting, channels.__getitem__)
        if ended is None:
            sitting.claim.advance(RunState.delivering)
        return ended

    def _deliver_made(self, sitting: Sitting) -> Run:
        if not self._all_made(sitting):
            # the documents are gone, or lie on another machine: they are made again, where it may be killed
            sitting.claim.advance(RunState.composing)
            sitting.claim.postpone(utc_now(), "its documents are gone and are made again")
            return self.host.ledger.get(sitting.run.id)
        return self._deliver(sitting)

    def _all_made(self, sitting: Sitting) -> bool:
        run, folder = sitting.run, sitting.context.folder
        parts = wanted_parts(run, Report.model_validate(run.snapshot))
        return owned(folder, run) and all(load_made(part_folder(folder, part)) for part in parts)

    def _deliver(self, sitting: Sitting) -> Run:
        run = self.host.ledger.get(sitting.run.id)
        report = Report.model_validate(run.snapshot)
        channels = self._channels(run.project, report)
        todo = letters(report, channels.__getitem__) + burst_letters(report, run.deliveries)
        context = sitting.context.within(progress=sitting.teller.part(DELIVERING))
        parcels = Parcels(self.host, run, report, context)
        retries, breakers = self._sittings.retries, self.breakers
        rest = deliver(sitting.claim, parcels, todo, channels, context, retries=retries, breakers=breakers)
        failpoint("press.delivered")
        if rest:
            # a little later than the end of the rest, and not all at once
            later = utc_now() + timedelta(seconds=rest * random.uniform(1.0, 1.2))  # noqa: S311 - no secret
            sitting.claim.postpone(later, "waits for a channel that rests, because its other side fails")
            return self.host.ledger.get(run.id)
        run = sitting.claim.finish()
        failpoint("press.finished")
        return run

    def document(self, run: Run, index: int) -> Attachment:
        """A run's document, ready to be read; see `pressroom.press.documents.kept_document`."""
        return kept_document(self.host, run, index)

    def chart_rows(
        self,
        project: str,
        uid: str,
        *,
        context: Context,
        window: Window | FindWindow | None = None,
        variables: dict[str, list[str]] | None = None,
    ) -> ChartRows:
        """One stored chart's rows; see `pressroom.press.charts.chart_rows`."""
        return chart_rows(self.host, project, uid, context=context, window=window, variables=variables)

    def kept_chart_rows(
        self,
        project: str,
        uid: str,
        *,
        context: Context,
        window: Window | FindWindow | None = None,
        previous: Callable[[Chart], bool] | None = None,
        ask: bool = True,
    ) -> AbstractContextManager[ChartRows]:
        """One stored chart's rows, from kept answers; see `pressroom.press.charts.kept_chart_rows`."""
        return kept_chart_rows(self.host, project, uid, context=context, window=window, previous=previous, ask=ask)

    def find_dashboard(self, project: str, uid: str, context: Context) -> Dashboard:
        """A stored dashboard, else one that a source offers; see `pressroom.press.scenes.find_dashboard`."""
        return find_dashboard(self.host, project, uid, context)

    def offering(self, project: str) -> list[Source[Any]]:
        """The sources of the project that offer whole dashboards, in the configuration's order."""
        return offering(self.host, project)

    def draft_rows(
        self,
        project: str,
        dashboard: Dashboard,
        chart: Chart,
        *,
        context: Context,
        window: Window | FindWindow | None = None,
    ) -> ChartRows:
        """The rows of a chart that need not be stored; see `pressroom.press.charts.draft_rows`."""
        return draft_rows(self.host, project, dashboard, chart, context=context, window=window)

    def kept_frames(
        self, project: str, source: str, query: Query, context: Context, *, ask: bool = True
    ) -> AbstractContextManager[tuple[Answer, Iterator[pl.DataFrame]]]:
        """A query's rows as the source gives them, from kept answers; see `pressroom.press.kept.kept_frames`."""
        return kept_frames(self.host, project, source, query, context, ask=ask)

    def _channels(self, project: str, report: Report) -> dict[str, Channel[Any, Any]]:
        names = {delivery.channel for delivery in report.deliveries}
        return {name: self.host.channel(name, project) for name in sorted(names)}

    def _context(self, folder: Path) -> Context:
        return Context(folder, timeout=self.host.settings.limits.run_seconds)
