"""A burst of 1,000 recipients over 20 distinct sets of values, against 20 reports made plus 1,000 mails sent."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import relay
import shop
from measure import cpu

from pressroom import Dashboard, Host, Job, Report, Run
from pressroom.settings import load_workspace

PEOPLE, SETS, ROUNDS = 1000, 20, 3
MINE = "AND CAST(CAST(substr(number, 3) AS INTEGER) % 20 AS VARCHAR) IN ($desk)"
PEOPLE_QUERY = f"SELECT 'reader-' || i || '@example.org' AS address, i % {SETS} AS desk FROM range({PEOPLE}) r(i)"
Figures = tuple[float, float]
"""CPU and wall seconds."""


def dashboard() -> Dashboard:
    """The shop's, of one desk."""
    charts = [
        {
            **chart,
            "source": "shop",
            "query": str(chart["query"]).replace("$__timeFilter(day)", f"$__timeFilter(day) {MINE}"),
        }
        for chart in shop.CHARTS
    ]
    return Dashboard.model_validate(
        {
            "uid": "shop",
            "name": "Shop",
            "time_range": {"from": "2026-03-01", "to": "2026-06-01"},
            "variables": [{"name": "desk", "values": [str(desk) for desk in range(SETS)]}],
            "charts": charts,
        }
    )


def report(deliveries: list[Mapping[str, Any]], desk: int = 0) -> Report:
    """A report of one desk."""
    shown = [{"uid": "shop", "variables": {"desk": [str(desk)]}}]
    value = {"uid": "desk", "name": "Desk", "dashboards": shown, "formats": ["pdf"], "deliveries": deliveries}
    return Report.model_validate(value)


@contextmanager
def workspace() -> Iterator[Host]:
    """The shop, with a relay that takes its mails."""
    with tempfile.TemporaryDirectory() as name, relay.running(Path(name) / "mails") as port:
        file = shop.make(Path(name) / "shop", "sqlite:///pressroom.db", port, workers=1)
        with Host(load_workspace(file)) as host:
            host.store.upgrade()
            host.store.project("default").dashboards.save(dashboard(), "bench")
            yield host


class Bench:
    """Runs in one workspace."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._planned = 0

    def plan(self, what: Report) -> Run:
        """A run to work on."""
        self._planned += 1
        return self._host.press.plan("default", what, report_id=None, kind="adhoc", key=str(self._planned))

    def make(self, run: Run) -> None:
        """The first step."""
        self._host.press.do(Job(run=run.id, step="make"), "bench")

    def send(self, run: Run) -> None:
        """The second."""
        self._host.press.do(Job(run=run.id, step="deliver"), "bench")
        done = self._host.ledger.get(run.id)
        sent = sum(each.state == "sent" for each in done.deliveries)
        assert (done.state, sent) == ("succeeded", PEOPLE), done.errors

    def apart(self) -> Figures:
        """20 reports made, and one of them sent to everybody."""
        plain = [self.plan(report([], desk)) for desk in range(SETS)]
        everybody = self.plan(report([{"channel": "email", "to": [f"reader-{i}@example.org" for i in range(PEOPLE)]}]))
        self.make(everybody)
        return timed(lambda: [self.make(run) for run in plain] + [self.send(everybody)])

    def burst(self) -> Figures:
        """The same as one run."""
        recipients = {"source": "shop", "query": PEOPLE_QUERY, "variables": {"desk": "desk"}}
        run = self.plan(report([{"channel": "email", "recipients": recipients}]))
        return timed(lambda: (self.make(run), self.send(run)))


def timed(work: Callable[[], object]) -> Figures:
    """What it takes."""
    before, began = cpu(), time.perf_counter()
    work()
    return cpu() - before, time.perf_counter() - began


def main(rounds: int = ROUNDS) -> list[tuple[str, str]]:
    """Rows of the printed table."""
    with workspace() as host:
        bench = Bench(host)
        bench.make(bench.plan(report([])))
        pairs = [(bench.apart(), bench.burst()) for _ in range(rounds)]
    (apart_cpu, apart_wall), (burst_cpu, burst_wall) = (
        tuple(min(figures) for figures in zip(*side, strict=True)) for side in zip(*pairs, strict=True)
    )
    return [
        (f"{SETS} reports and {PEOPLE} mails, CPU s", f"{apart_cpu:.2f} ({apart_wall:.1f} s)"),
        (f"  as a burst over {SETS} sets, CPU s", f"{burst_cpu:.2f} ({burst_wall:.1f} s)"),
        ("  times the cost (at most 1.2)", f"{burst_cpu / apart_cpu:.2f}"),
    ]


if __name__ == "__main__":
    for what, figure in main():
        print(f"{what:46} {figure}")
