"""A million reports a day: workers needed, lateness, load on the store and on the relay, from measured costs.

    python tests/benchmarks/scale.py [--reports N] [--relay-rate N] [--store-cores N] [--json FILE] [--svg FILE] ...

Reads what `steps.py` measured. Takes some minutes; `--sample 10` does with a tenth of the reports and of everything.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulation import HOUR, MINUTE, Costs, Day, Due, Outcome, Plant, rates, simulate

STEPS = Path(__file__).with_name("steps.json")
TARGETS, USUAL = (5, 15, 60), 15
ENOUGH = 20_000
Rows = Iterator[tuple[str, str]]


def costs(measured: dict[str, Any], store: str) -> Costs:
    """What `steps.py` measured on a store, as the simulation wants it.

    On SQLite the store's own time is how long a transaction keeps other writers out. On PostgreSQL it is the
    server's CPU; that a worker waits for its disk costs the worker time, and the server nothing.
    """
    figures = measured["stores"][store]
    used, steps = figures["per_run"], figures["steps"]
    work = steps["whole run"]["cpu"]["p50"] - used["making_write_cpu"]
    making, sending = used["making_write_wall"], used["sending_write_wall"]
    plan = steps["plan"]["cpu"]["least"]
    if store == "sqlite":
        return Costs(work, plan, making, sending, commits=used["commits"])
    share = making / (making + sending)
    server = used["server_cpu"]
    wait, look = max(0.0, making - server * share), measured["looks"][store]
    return Costs(work, plan, server * share, server * (1 - share), wait, look, used["commits"])


def sampled(cost: Costs, plant: Plant, sample: int) -> tuple[Costs, Plant]:
    """The same with a tenth of everything, for a tenth of the reports (or whatever share)."""
    return (
        replace(
            cost,
            plan=cost.plan * sample,
            make_store=cost.make_store * (sample if plant.store_cores else 1),
            send_store=cost.send_store * (sample if plant.store_cores else 1),
            look=cost.look * sample,
        ),
        replace(
            plant,
            workers=max(1, round(plant.workers / sample)),
            relay_rate=plant.relay_rate / sample,
            connections=-(-plant.connections // sample),
        ),
    )


def edge(good: Callable[[int], bool], guess: int, largest: int = 1 << 40) -> int:
    """The largest number, to some 3 %, that is good where all smaller ones are; 0 where not even 1 is.

    Args:
        guess: to begin with; the search is short where it is near.
        largest: not looked beyond.
    """
    low, high = 0, max(2, guess)
    while high <= largest and good(high):
        low, high = high, int(high * 1.5)
    if not low:
        low = high
        while low and not good(low):
            low, high = int(low / 1.5), low
    while high - low > max(1, high // 30):
        middle = (low + high) // 2
        low, high = (middle, high) if good(middle) else (low, middle)
    return low


def needed(reports: list[Due], cost: Costs, plant: Plant, late: float, sample: int) -> int:
    """The least workers with which 95 of 100 reports are late by `late` seconds at most; 0 where none suffice."""

    def fails(workers: int) -> bool:
        return simulate(reports, *sampled(cost, replace(plant, workers=workers * sample), sample)).late() > late

    most_that_fail = edge(fails, ENOUGH // sample // 64, ENOUGH // sample)
    return 0 if most_that_fail >= ENOUGH // sample else (most_that_fail + 1) * sample


def most(day: Day, cost: Costs, plant: Plant, late: float) -> int:
    """The most reports a day with which 95 of 100 are late by `late` seconds at most."""

    def succeeds(reports: int) -> bool:
        return simulate(replace(day, reports=reports).draw(1), cost, plant).late() <= late

    slowest = min(rates(cost, plant, day.size).values())
    return edge(succeeds, int(slowest * late * len(day.zones) / day.peak))


def minutes(seconds: float) -> str:
    return f"{seconds / HOUR:.1f} h" if seconds >= 2 * HOUR else f"{seconds / MINUTE:.1f} min"


def saturation(cost: Costs, plant: Plant, day: Day) -> str:
    """Resources by what they could do alone, the first to saturate first."""
    found = sorted(rates(cost, plant, day.size).items(), key=lambda item: item[1])
    return ", ".join(f"{name} {rate:,.0f}" for name, rate in found)


def load(outcome: Outcome, cost: Costs, plant: Plant, sample: int = 1) -> str:
    """What the busiest five minutes ask of store and relay; `sample` where the outcome is of one report in so many."""
    store = outcome.peak("store") * sample
    runs = store / (cost.make_store + cost.send_store)
    mails = outcome.peak("relay") * plant.relay_rate
    looks = outcome.peak("looks")
    return f"{runs * cost.commits:,.0f} commits/s ({store:.1f} cores), looks {looks:.1f} cores, {mails:,.0f} mails/s"


def table(measured: dict[str, Any], day: Day, given: argparse.Namespace) -> Rows:
    """Rows of the printed table; the queue depths of each size are kept in `given.depths`."""
    lite, postgres = costs(measured, "sqlite"), costs(measured, "postgresql")
    machine = given.cores
    plant = Plant(machine, given.store_cores, given.relay_rate, given.relay_seconds)
    sizes = {
        "one machine, SQLite": (lite, replace(plant, store_cores=1, connections=2), 2),
        "ten machines, PostgreSQL": (
            postgres,
            replace(plant, workers=10 * machine, connections=10 * given.connections, looks=10 * given.looks),
            given.sample,
        ),
        "a thousand workers, Celery": (postgres, replace(plant, workers=1000, connections=1000, looks=2), given.sample),
    }
    for name, (cost, plant, sample) in sizes.items():
        yield f"{name}: reports/s of each resource alone", saturation(cost, plant, day)
        found = most(day, *sampled(cost, plant, sample), USUAL * MINUTE) * sample
        yield f"{name}: most reports a day with p95 under {USUAL} min", f"{found:,}"
    reports = day.draw(given.seed)
    for name, (cost, plant, _) in sizes.items():
        outcome = simulate(reports, cost, plant)
        given.depths[name] = outcome.depth
        yield f"{name}: lateness p50, p95", f"{minutes(outcome.late(0.5))}, {minutes(outcome.late())}"
        yield f"{name}: busiest five minutes", load(outcome, cost, plant)
        if plant.workers == 10 * machine:
            yield from fairness(reports, cost, plant, outcome)
    yield from wanted(day, postgres, given)


def fairness(reports: list[Due], cost: Costs, plant: Plant, outcome: Outcome) -> Rows:
    """Who waits how long: by priority, and the largest project against the small ones."""
    groups = {f"priority {each}": [n for n, due in enumerate(reports) if due.priority == each] for each in (8, 5, 2)}
    groups["the largest project"] = [n for n, due in enumerate(reports) if due.project == 0]
    groups["projects beyond the 100 largest"] = [n for n, due in enumerate(reports) if due.project >= 100]
    without = simulate(reports, cost, replace(plant, turns=False))
    for name, only in groups.items():
        both = f"{minutes(outcome.late(0.95, only))}, without turns {minutes(without.late(0.95, only))}"
        yield f"  p95 lateness, {name}", both


def wanted(day: Day, cost: Costs, given: argparse.Namespace) -> Rows:
    """Workers needed where nothing but they and the clock are short, and what they then ask of the rest."""
    endless = Plant(1, relay_seconds=given.relay_seconds, relay_rate=0)
    reports = replace(day, reports=day.reports // given.sample).draw(given.seed)
    for late in TARGETS:
        workers = needed(reports, cost, endless, late * MINUTE, given.sample)
        if not workers:
            yield f"workers for p95 under {late} min", "no number of them: the clock plans too slowly"
            continue
        counted = replace(endless, workers=workers, relay_rate=1e6)
        outcome = simulate(reports, *sampled(cost, counted, given.sample))
        yield f"workers for p95 under {late} min", f"{workers}: {load(outcome, cost, counted, given.sample)}"


def picture(depths: dict[str, list[tuple[float, int, int]]]) -> str:
    """Queue depth over the day as SVG, drawn as a report's charts are."""
    from pressroom import Axis, Kind, Mark, Plot, PlotColumn
    from pressroom_builtin.drawing import svg

    points = [
        (int(at * 1000), name, making + mailing)
        for name, depth in depths.items()
        for at, making, mailing in depth[::5]
        if at <= 24 * HOUR
    ]
    times, names, waiting = (list(column) for column in zip(*points, strict=True))
    plot = Plot(
        columns=(
            PlotColumn(name="time", kind=Kind.time, values=times),
            PlotColumn(name="plant", kind=Kind.text, values=names),
            PlotColumn(name="waiting", kind=Kind.number, values=waiting),
        ),
        marks=(Mark(kind="line", x="time", y="waiting", series="plant"),),
        x=Axis(kind="time", title="UTC"),
        y=Axis(title="Reports that wait"),
        bucket="5m",
        legend="bottom",
    )
    # a page may be dark
    return svg(plot, width=760, height=300).replace(">", '><rect width="100%" height="100%" fill="white"/>', 1)


def options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, default=STEPS, help="what steps.py measured")
    parser.add_argument("--reports", type=int, default=1_000_000, help="a day")
    parser.add_argument("--peak", type=float, default=0.4, help="share of them that is due at nine, local time")
    parser.add_argument("--cores", type=int, default=8, help="of a machine; one worker each")
    parser.add_argument("--store-cores", type=int, default=8, help="of the PostgreSQL server")
    parser.add_argument("--relay-rate", type=float, default=200, help="mails a second that the relay takes")
    parser.add_argument("--relay-seconds", type=float, default=0.2, help="that it takes for one mail")
    parser.add_argument("--connections", type=int, default=10, help="of a machine to the relay, where there are many")
    parser.add_argument(
        "--looks", type=float, default=5, help="a second of a `local` scheduler's clock, where it is busy"
    )
    parser.add_argument("--sample", type=int, default=10, help="search with one report in so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--svg", type=Path, help="where to draw the queues")
    parser.set_defaults(depths={})
    return parser


def run(given: argparse.Namespace) -> Rows:
    measured = json.loads(given.json.read_text(encoding="utf-8"))
    yield from table(measured, Day(reports=given.reports, peak=given.peak), given)
    if given.svg:
        given.svg.write_text(picture(given.depths), encoding="utf-8")


def main() -> list[tuple[str, str]]:
    """Rows of the printed table, for a fifth of a million reports."""
    return list(run(options().parse_args(["--reports", "200000", "--sample", "20"])))


if __name__ == "__main__":
    for what, figure in run(options().parse_args()):
        print(f"{what:60} {figure}", flush=True)
