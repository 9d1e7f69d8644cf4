"""Figures for Prometheus: how the press is doing, read from the ledger when somebody asks.

They tell of the workspace, not of one process: runs are made in children and on other machines, and the
ledger is where all of them write. Every process that serves them therefore says the same; scrape one, or take
the largest. Counters and histograms begin where the process began. What they cost follows what is open and
what has ended since the last look, not what is stored. The only figure of one process is which channels rest.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlmodel import Session, col, select

from pressroom.errors import PressroomError, SettingsError
from pressroom.models.ledger_tables import DeliveryRow, HeartbeatRow, RunRow
from pressroom.models.runs import DeliveryState, RunState
from pressroom.models.tables import AuditRow, ReportRow
from pressroom.press.ledger_rows import WORKING, claimable
from pressroom.press.ledger_states import OPEN_RUNS

if TYPE_CHECKING:
    from pressroom.host import Host

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LATENESS = (1, 5, 15, 60, 300, 900, 3600, 6 * 3600, 86400)
SECONDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1200)
ATTEMPTS = (1, 2, 3, 5, 8, 13)
OVERLAP = timedelta(minutes=1)
"""A run is committed some time after the moment that it says it ended at."""
PAGE = 1000
KEPT_EVERY = 60.0
"""Seconds between two counts of everything that is kept, which read whole tables."""


def registry(host: Host) -> CollectorRegistry:
    """A registry of a workspace's figures, for whoever serves them."""
    made = CollectorRegistry(auto_describe=False)
    made.register(LedgerCollector(host))
    ProcessCollector(registry=made)
    return made


def text(figures: CollectorRegistry) -> bytes:
    """The figures as Prometheus reads them, of the media type `CONTENT_TYPE`."""
    return generate_latest(figures)


def serve(host: Host, address: str, port: int) -> int:
    """Serve them at `http://address:port/metrics` from a thread of its own.

    Returns:
        The port, which the system has chosen where 0 was asked for.

    Raises:
        SettingsError: it cannot listen there.
    """
    from prometheus_client import start_http_server

    try:
        server, _ = start_http_server(port, address, registry(host))
    except OSError as error:
        raise SettingsError(f"cannot serve metrics on {address}:{port}: {error.strerror or error}") from error
    return int(server.server_port)


class Ended:
    """Counters and histograms of runs that have ended, each counted once."""

    def __init__(self, since: datetime) -> None:
        self._begin = self._since = since
        self._seen: dict[tuple[int, datetime], None] = {}
        none: Any = None
        self.runs = Counter("pressroom_runs_finished", "Runs that ended", ["kind", "state"], registry=none)
        self.deliveries = Counter(
            "pressroom_deliveries_finished", "Recipients of runs that ended", ["channel", "state"], registry=none
        )
        self.failures = Counter(
            "pressroom_failures",
            "Runs that ended with a fault in the report, a refused or an ambiguous recipient",
            ["kind"],
            registry=none,
        )
        self.lateness = Histogram(
            "pressroom_run_lateness_seconds",
            "From the planned moment of a scheduled run to its first start",
            buckets=LATENESS,
            registry=none,
        )
        self.steps = Histogram(
            "pressroom_step_seconds", "Time that a run spent in a step", ["step"], buckets=SECONDS, registry=none
        )
        self.attempts = Histogram("pressroom_run_attempts", "Claims of a run", buckets=ATTEMPTS, registry=none)

    def all(self) -> Iterator[Metric]:
        """As Prometheus takes them."""
        for figure in (self.runs, self.deliveries, self.failures, self.lateness, self.steps, self.attempts):
            yield from figure.collect()

    def read(self, session: Session) -> None:
        """Count what has ended since the last time."""
        columns: Any = (
            RunRow.id, RunRow.kind, RunRow.state, RunRow.planned_at, RunRow.started_at, RunRow.finished_at,
            RunRow.attempt, RunRow.timings, sa.cast(col(RunRow.errors), sa.String),
        )  # fmt: skip
        found = select(*columns).where(col(RunRow.finished_at) > max(self._begin, self._since - OVERLAP))
        new: list[Any] = []
        for row in session.exec(found.order_by(col(RunRow.finished_at))):
            if (row[0], row[5]) not in self._seen:
                self._seen[row[0], row[5]] = None
                new.append(row)
        for start in range(0, len(new), PAGE):
            self._count(session, new[start : start + PAGE])
        self._since = max([self._since, *(row[5] for row in new)])
        self._seen = {key: None for key in self._seen if key[1] > self._since - OVERLAP}

    def _count(self, session: Session, rows: list[Any]) -> None:
        for _, kind, state, planned, started, _, attempt, timings, errors in rows:
            self.runs.labels(kind, state).inc()
            self.attempts.observe(attempt)
            if errors != "[]":
                self.failures.labels("report").inc()
            if kind == "scheduled" and started is not None:
                self.lateness.observe(max(0.0, (started - planned).total_seconds()))
            for step, seconds in (timings or {}).items():
                self.steps.labels(step).observe(seconds)
        states: Any = select(DeliveryRow.run_id, DeliveryRow.channel, DeliveryRow.state, sa.func.count())
        here = states.where(col(DeliveryRow.run_id).in_([row[0] for row in rows]))
        failed: set[tuple[int, str]] = set()
        for run, channel, state, count in session.exec(
            here.group_by(DeliveryRow.run_id, DeliveryRow.channel, DeliveryRow.state)
        ):
            self.deliveries.labels(channel, state).inc(count)
            if state in (DeliveryState.refused, DeliveryState.ambiguous):
                failed.add((run, state))
        for _, state in failed:
            self.failures.labels(state).inc()


class LedgerCollector:
    """Reads the figures at every scrape; a store that is down is a figure too."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._ended = Ended(host.store.clock())
        self._lock = threading.Lock()
        self._kept: tuple[float, list[tuple[str, int]]] | None = None

    def collect(self) -> Iterable[Metric]:
        """See `prometheus_client.registry.Collector`."""
        up = GaugeMetricFamily("pressroom_store_up", "Whether the store answers")
        figures: list[Metric] = []
        with self._lock:
            try:
                with self._host.store.sessions.read() as session:
                    figures = [*self._queue(session), *self._clock(session), *self._stored(session)]
                    self._ended.read(session)
                up.add_metric([], 1)
            except PressroomError:
                up.add_metric([], 0)
            yield up
            yield from figures
            yield from self._ended.all()
        yield _gauge(
            "pressroom_channel_resting",
            "Whether a channel rests in this process because its other side fails",
            ((name, int(resting)) for name, resting in self._host.press.breakers.states().items()),
            "channel",
        )

    def _queue(self, session: Session) -> Iterator[Metric]:
        now = self._host.store.clock()
        states: Any = select(RunRow.state, sa.func.count()).where(col(RunRow.state).in_(OPEN_RUNS))
        open_runs = dict(session.exec(states.group_by(RunRow.state)).all())
        yield _gauge(
            "pressroom_runs_open",
            "Runs that are not over, by state",
            ((str(state), open_runs.get(state, 0)) for state in (RunState.planned, *WORKING)),
            "state",
        )
        due: Any = select(sa.func.count(), sa.func.min(RunRow.due_at)).where(*claimable(now))
        depth, oldest = session.exec(due).one()
        yield _gauge("pressroom_runs_due", "Runs that wait for somebody to work on them now", [("", depth)])
        waited = max(0.0, (_utc(oldest, now) - now).total_seconds() * -1) if oldest else 0.0
        yield _gauge("pressroom_runs_due_oldest_seconds", "How long the first of them has waited", [("", waited)])
        missed: Any = select(sa.func.count()).where(col(ReportRow.next_run_at) <= now)
        yield _gauge(
            "pressroom_reports_due", "Reports whose moment has come unplanned", [("", session.exec(missed).one())]
        )
        open_deliveries: Any = select(DeliveryRow.state, sa.func.count()).join(RunRow)
        counts = open_deliveries.where(col(RunRow.state).in_(OPEN_RUNS)).group_by(DeliveryRow.state)
        found = dict(session.exec(counts).all())
        yield _gauge(
            "pressroom_deliveries_open",
            "Recipients of runs that are not over, by state",
            ((str(state), found.get(state, 0)) for state in DeliveryState),
            "state",
        )

    def _clock(self, session: Session) -> Iterator[Metric]:
        beats = session.exec(select(HeartbeatRow)).all()
        latest = max((beat.at.timestamp() for beat in beats), default=0.0)
        yield _gauge("pressroom_clock_last_tick_timestamp_seconds", "When a clock ticked last", [("", latest)])
        ticking = sum(beat.at > self._host.store.clock() - OVERLAP for beat in beats)
        yield _gauge("pressroom_clocks", "Processes whose clock has ticked in the last minute", [("", ticking)])

    def _stored(self, session: Session) -> Iterator[Metric]:
        if self._kept is None or time.monotonic() - self._kept[0] > KEPT_EVERY:
            tables = (("runs", RunRow), ("audit", AuditRow), ("reports", ReportRow))
            counts: list[tuple[str, int]] = [
                (name, session.exec(select(sa.func.count()).select_from(table)).one()) for name, table in tables
            ]
            self._kept = (time.monotonic(), counts)
        yield _gauge("pressroom_kept", "Rows that the store keeps", self._kept[1], "what")


def _utc(value: Any, now: datetime) -> datetime:
    return value if isinstance(value, datetime) else now


def _gauge(name: str, help_text: str, values: Iterable[tuple[str, float]], label: str = "") -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=[label] if label else [])
    for of, value in values:
        family.add_metric([of] if label else [], value)
    return family
