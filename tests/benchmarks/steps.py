"""What each step of a run costs: a real workspace, the real press, SQLite and PostgreSQL, a relay in another process.

    python tests/benchmarks/steps.py [--runs 60] [--rounds 3] [--postgres URL] [--json FILE]

The figures of one run are taken apart at the places that the press names (`pressroom.failpoints`). Rounds on
the two stores take turns, so that a busy minute of the machine does not fall on one of them alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import offers
import relay
import shop
from probes import folder_bytes, fresh, machine, quantile, server_cpu, stored_bytes
from stopwatch import STEPS, Stopwatch

sys.path.insert(0, str(Path(__file__).parents[1]))

from pressroom import Host, Job
from pressroom.moments import utc_now
from pressroom.press.clock import Clock
from servers.postgres_server import find_programs, running_cluster

RESULT = Path(__file__).with_name("steps.json")
WARM, PLANNED = 5, 400
"""Runs before those that count; runs that one tick of the clock plans."""
ORDER = (*list(STEPS)[:3], "draw", "pages", "CSV", *list(STEPS)[3:6], "whole run")
Round = dict[str, Any]


def one_round(folder: Path, store: str, port: int, runs: int) -> Round:
    """Plan and work on this many runs, one after the other, in this process."""
    file = shop.make(folder, store, port, workers=1)
    shop.due(file, max(PLANNED, runs + WARM), datetime.now(UTC).replace(microsecond=0))
    with Host.open(file) as host, Stopwatch() as watch:
        before = stored_bytes(host)
        wall, cpu = time.perf_counter(), time.process_time()
        planned = Clock(host, None, utc_now).tick().planned
        plan = ((time.perf_counter() - wall) / planned, (time.process_time() - cpu) / planned)
        between = stored_bytes(host)
        look_inside(host, watch)
        server = server_cpu(host)
        for number, offer in enumerate(host.ledger.due(runs + WARM)):
            with watch.run():
                host.press.do(Job(run=offer.id, step="make"), "bench")
                watch.between()
                host.press.do(Job(run=offer.id, step="deliver"), "bench")
            if number + 1 == WARM:
                watch.figures.clear()
                watch.counts.clear()
                server = server_cpu(host)
        done = Counter(run.state.value for run in host.ledger.list())
        assert done["succeeded"] == runs + WARM, done
        return {
            "figures": {**watch.figures, "plan": [plan]},
            "counts": watch.counts,
            "server_cpu": (server_cpu(host) - server) / runs,
            "store_bytes": (between - before) / planned + (stored_bytes(host) - between) / (runs + WARM),
            "file_bytes": folder_bytes(host.workspace.files) / (runs + WARM),
        }


def look_inside(host: Host, watch: Stopwatch) -> None:
    """Take rendering apart: charts, the pages around them, the CSV files."""
    from pressroom_builtin import drawing

    drawing.svg = watch.inside("draw", getattr(drawing.svg, "__wrapped__", drawing.svg))
    for name, step in (("pdf", "PDF"), ("csv", "CSV")):
        renderer = host.renderer(name)
        renderer.render = watch.inside(step, renderer.render)  # type: ignore[method-assign]  # a measured stand-in


def summary(rounds: list[Round]) -> dict[str, Any]:
    """Medians and 95th percentiles of all rounds, in seconds, by step."""
    steps = {}
    for each in rounds:
        pdf, draw = each["figures"].pop("PDF"), each["figures"]["draw"]
        each["figures"]["pages"] = [(a[0] - b[0], a[1] - b[1]) for a, b in zip(pdf, draw, strict=True)]
    for name in rounds[0]["figures"]:
        walls, cpus = zip(*(pair for each in rounds for pair in each["figures"][name]), strict=True)
        steps[name] = {
            "wall": {"least": quantile(walls, 0), "p50": quantile(walls, 0.5), "p95": quantile(walls, 0.95)},
            "cpu": {"least": quantile(cpus, 0), "p50": quantile(cpus, 0.5), "p95": quantile(cpus, 0.95)},
        }
    # the least: on a shared machine the others waited for somebody else's work
    counts = {name: quantile([x for each in rounds for x in each["counts"][name]], 0) for name in rounds[0]["counts"]}
    rest = {name: round(min(each[name] for each in rounds), 6) for name in ("server_cpu", "store_bytes", "file_bytes")}
    return {"steps": steps, "per_run": {**counts, **rest}}


def measure(runs: int, rounds: int, postgres: str) -> dict[str, Any]:
    """Figures of both stores; PostgreSQL's only where a server is given or its programs are installed."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pressroom-steps-")))
        port = stack.enter_context(relay.running(folder / "mails"))
        programs = find_programs()
        if not postgres and programs:
            postgres = stack.enter_context(running_cluster(programs, durable=True))
        found: dict[str, list[Round]] = {"sqlite": [], "postgresql": []}
        for number in range(rounds):
            found["sqlite"].append(one_round(folder / f"lite-{number}", "sqlite:///pressroom.db", port, runs))
            if postgres:
                url = fresh(postgres, number)
                found["postgresql"].append(one_round(folder / f"pg-{number}", url, port, runs))
        mails = [path.stat().st_size for path in (folder / "mails").glob("*.eml")]
        assert len(mails) == (runs + WARM) * rounds * (2 if postgres else 1), f"{len(mails)} mails came"
        waiting = {"sqlite": "sqlite:///pressroom.db"} | ({"postgresql": fresh(postgres, rounds)} if postgres else {})
        looks = offers.each_waiting(offers.measure(folder / "offers", waiting))
        load = {name: summary(each) for name, each in found.items() if each}
        return {
            **machine(),
            "runs": runs * rounds,
            "mail_bytes": sum(mails) // len(mails),
            "looks": looks,
            "stores": load,
        }


def rows(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Rows of the printed table: milliseconds."""
    table = []
    for store, figures in result["stores"].items():
        for name in ("plan", *ORDER):
            wall, cpu = (figures["steps"][name][part] for part in ("wall", "cpu"))
            text = "".join(f"{seconds * 1e3:9.1f}" for seconds in (cpu["p50"], *wall.values()))
            table.append((f"{store}: {name}: ms of CPU; wall, p50, p95", text))
        for name, figure in figures["per_run"].items():
            table.append((f"{store}: {name} a run", f"{figure:,.4g}"))
    for store, seconds in result["looks"].items():
        table.append((f"{store}: a clock's look at what waits, us for each that waits", f"{seconds * 1e6:.2f}"))
    return [*table, ("mail, bytes", f"{result['mail_bytes']:,}")]


def main() -> list[tuple[str, str]]:
    """Rows of the printed table."""
    return rows(measure(40, 2, ""))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=60, help="runs a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", default="", help="a superuser's URL of a server to measure, else one of our own")
    parser.add_argument("--json", type=Path, default=RESULT, help="where the figures go")
    given = parser.parse_args()
    measured = measure(given.runs, given.rounds, given.postgres)
    given.json.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for what, figure in rows(measured):
        print(f"{what:60} {figure}")
