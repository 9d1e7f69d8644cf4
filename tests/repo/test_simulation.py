"""The simulation of `docs/scale.md`: nothing is lost or doubled, and simple cases come out as arithmetic says."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings, strategies as st

from benchmarks.simulation import MINUTE, Costs, Day, Due, Line, Plant, rates, simulate

COSTS = Costs(work=2.0, plan=0.01, make_store=0.05, send_store=0.03, make_wait=0.1)
PLANTS = st.builds(
    Plant,
    workers=st.integers(1, 40),
    store_cores=st.integers(0, 3),
    relay_rate=st.sampled_from([0.0, 0.5, 5.0]),
    relay_seconds=st.floats(0, 3),
    connections=st.integers(0, 5),
    turns=st.booleans(),
)
SMALL = Day(reports=300, projects=7)


@settings(max_examples=30, deadline=None)
@given(PLANTS, st.integers(0, 5))
def test_every_report_is_done_once_and_never_early(plant: Plant, seed: int) -> None:
    reports = SMALL.draw(seed)
    # one that goes out twice stops the simulation, one that never does has no end
    outcome = simulate(reports, COSTS, plant)
    least = COSTS.work + COSTS.make_wait + plant.relay_seconds
    assert len(outcome.ends) == len(reports)
    assert all(end >= due.moment + least * 0.999 for due, end in zip(reports, outcome.ends, strict=True))


@settings(max_examples=20, deadline=None)
@given(PLANTS, st.integers(0, 5))
def test_the_same_day_ends_the_same(plant: Plant, seed: int) -> None:
    assert simulate(SMALL.draw(seed), COSTS, plant).ends == simulate(SMALL.draw(seed), COSTS, plant).ends


@pytest.mark.parametrize("seed", range(5))
def test_more_workers_are_never_later(seed: int) -> None:
    reports = Day(reports=800).draw(seed)
    late = [simulate(reports, COSTS, Plant(workers, 2, 5.0, 0.2, 4)).late(0.95) for workers in (1, 2, 4, 8, 16, 64)]
    assert late[0] > 2 * late[-1]
    assert all(fewer >= more - 1e-6 for fewer, more in pairwise(late)), late


@pytest.mark.parametrize("workers", [1, 4])
def test_workers_alone_take_the_time_that_arithmetic_says(workers: int) -> None:
    reports = [Due(0.0)] * 100
    outcome = simulate(reports, Costs(work=3.0), Plant(workers, relay_seconds=0.5))
    expected = [3.0 * math.ceil((number + 1) / workers) + 0.5 for number in range(100)]
    assert outcome.ends == pytest.approx(expected)
    assert outcome.late(0.95) == pytest.approx(expected[94])
    assert sum(outcome.busy["workers"].values()) == pytest.approx(300)


def test_each_resource_holds_the_others_up() -> None:
    reports = [Due(0.0)] * 1000
    free = Costs(work=0.001)
    relay = simulate(reports, free, Plant(50, relay_rate=4.0))
    assert max(relay.ends) == pytest.approx(250, abs=1)
    connections = simulate(reports, free, Plant(50, relay_seconds=1.0, connections=2))
    assert max(connections.ends) == pytest.approx(500, abs=1)
    store = simulate(reports, Costs(work=0.001, make_store=0.2, send_store=0.1), Plant(1000, store_cores=3))
    assert max(store.ends) == pytest.approx(100, abs=1)
    clock = simulate(reports, Costs(work=0.001, plan=0.3), Plant(50))
    assert max(clock.ends) == pytest.approx(300, abs=1)
    assert clock.peak("clock") == pytest.approx(1, abs=0.01)


def test_what_saturates_first_is_what_a_long_queue_moves_at() -> None:
    plant = Plant(4, store_cores=1, relay_rate=9.0, relay_seconds=0.3, connections=2)
    costs = Costs(work=0.4, plan=0.001, make_store=0.06, send_store=0.04)
    found = rates(costs, plant)
    assert min(found, key=found.__getitem__) == "connections"
    outcome = simulate([Due(0.0)] * 2000, costs, plant)
    assert 2000 / max(outcome.ends) == pytest.approx(min(found.values()), rel=0.02)


def test_urgent_ones_go_first_and_projects_take_turns() -> None:
    reports = [Due(0.0, project=0)] * 50 + [Due(0.0, project=1)] * 2 + [Due(0.0, project=0, priority=8)]
    fair = simulate(reports, Costs(work=1.0), Plant(1)).ends
    plain = simulate(reports, Costs(work=1.0), Plant(1, turns=False)).ends
    # the first report is taken before the others are known
    assert fair[52] == plain[52] == 2
    assert max(fair[50:52]) <= 6
    assert min(plain[50:52]) > 50
    assert sorted(fair) == sorted(plain) == [float(number + 1) for number in range(53)]


def test_a_line_gives_back_what_it_was_given() -> None:
    line = Line(turns=True)
    reports = Day(reports=200, projects=5).draw(3)
    for number, due in enumerate(reports):
        line.push(due, number)
    assert len(line) == 200
    taken = [line.pop() for _ in reports]
    assert sorted(taken) == list(range(200))
    assert [reports[number].priority for number in taken] == sorted((due.priority for due in reports), reverse=True)
    assert len(line) == 0


def test_a_day_has_its_peak_at_nine_in_every_zone() -> None:
    reports = Day(reports=20_000, zones=(8, -5)).draw(1)
    for nine in (1 * 60 * MINUTE, 14 * 60 * MINUTE):
        share = sum(nine <= due.moment < nine + 5 * MINUTE for due in reports) / len(reports)
        assert 0.2 < share < 0.23
    assert [due.moment for due in reports] == sorted(due.moment for due in reports)
    assert 1.35 < sum(due.size for due in reports) / len(reports) < 1.45


def test_a_clock_plans_all_that_is_due_before_it_offers_any() -> None:
    reports = [Due(0.0)] * 10 + [Due(3.0), Due(60.5)]
    ends = simulate(reports, Costs(work=0.0, plan=0.5), Plant(100)).ends
    assert ends == pytest.approx([5.5] * 11 + [61.5])


def test_looks_at_many_that_wait_take_the_store_s_time() -> None:
    reports = [Due(0.0)] * 400
    plant = Plant(5, store_cores=1, looks=2)
    blind = simulate(reports, Costs(work=0.5, make_store=0.08), plant)
    looking = simulate(reports, Costs(work=0.5, make_store=0.08, look=0.001), plant)
    assert max(looking.ends) > 1.2 * max(blind.ends)
    assert looking.peak("looks", 1) > 0.2 > blind.peak("looks", 1) == 0
