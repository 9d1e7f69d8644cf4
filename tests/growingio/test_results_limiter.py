"""Turns to download: never more than the rate in any second, however many processes give them."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from pressroom_builtin.growingio.limiter import PATIENCE, SPAN, Limiter
from servers.results_children import take


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_is_spread_and_its_end_refused(tmp_path: Path) -> None:
    limiter = Limiter(tmp_path / "cache" / "limits.db", 2, Clock())
    turns = [limiter.take("ann") for _ in range(8)]
    assert [turn.wait for turn in turns[:6]] == [0, 0, 1, 1, 2, 2]
    assert [turn.granted for turn in turns] == [True] * 6 + [False] * 2
    assert turns[6].headers()["Retry-After"] == "1"
    assert turns[6].headers()["RateLimit"] == '"downloads";r=0;t=1'
    assert turns[0].headers()["RateLimit-Policy"] == '"downloads";q=2;w=1'
    assert limiter.take("bob").wait == 0
    limiter.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(gaps=st.lists(st.floats(0, 1.5), min_size=5, max_size=40), rate=st.integers(1, 4))
def test_no_second_has_more_than_the_rate(tmp_path: Path, gaps: list[float], rate: int) -> None:
    clock = Clock()
    file = tmp_path / "limits.db"
    file.unlink(missing_ok=True)
    limiter, begun = Limiter(file, rate, clock), []
    for gap in gaps:
        clock.now += gap
        turn = limiter.take("ann")
        assert turn.wait <= PATIENCE or not turn.granted
        if turn.granted:
            begun.append(clock.now + turn.wait)
    limiter.close()
    assert begun == sorted(begun)
    for first, later in zip(begun, begun[rate:], strict=False):
        assert later - first >= SPAN - 1e-6


def test_a_clock_that_was_set_back_locks_nobody_out(tmp_path: Path) -> None:
    clock = Clock()
    limiter = Limiter(tmp_path / "limits.db", 2, clock)
    for _ in range(6):
        limiter.take("ann")
    clock.now -= 86_400
    assert limiter.take("ann").wait == 0
    limiter.close()


@pytest.mark.parametrize("harm", [lambda file: file.unlink(), lambda file: file.write_bytes(b"no database" * 500)])
def test_a_file_that_is_gone_or_broken_is_made_anew(tmp_path: Path, harm: object) -> None:
    file = tmp_path / "limits.db"
    first = Limiter(file, 2)
    first.take("ann")
    first.close()
    harm(file)  # type: ignore[operator]
    for limiter in (first, Limiter(file, 2)):
        assert limiter.take("ann").granted
        limiter.close()


def test_processes_share_the_turns(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(take, [tmp_path / "limits.db"] * 2, [20] * 2, timeout=60))
    assert sum(map(sum, found)) == 6
