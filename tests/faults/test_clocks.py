"""Clocks that disagree, jump and are set back: every moment of a report becomes one run."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from pressroom.press.clock import Clock
from pressroom.store import Store
from workspaces.mailing import Workspace

START = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = 12


@pytest.mark.parametrize("seed", range(3))
def test_two_clocks_at_once_of_which_each_is_set_back(seed: int, make_workspace: Callable[..., Workspace]) -> None:
    workspace, drawn = make_workspace(), random.Random(seed)
    hourly = {"frequency": "hourly", "start": START.isoformat(), "catch_up": "all"}
    saved = Store("sqlite:///pressroom.db", workspace.folder, lambda: START - timedelta(hours=1))
    saved.project("default").reports.save(workspace.report("hourly", ["ann@example.org"], schedule=hourly), "test")
    saved.close()
    with workspace.host() as one, workspace.host() as other:
        now = {one: START, other: START}
        clocks = [Clock(host, None, lambda host=host: now[host]) for host in (one, other)]
        for minute in range(0, HOURS * 60, 20):
            for host in now:
                now[host] = START + timedelta(minutes=max(0, minute + drawn.randint(-150, 30)))
            at_once(clocks)
        now[one] = now[other] = START + timedelta(hours=HOURS)
        at_once(clocks)
        runs = one.ledger.list()
    assert sorted(run.planned_at for run in runs) == [START + timedelta(hours=hour) for hour in range(HOURS + 1)]


def at_once(clocks: list[Clock]) -> None:
    """Let both tick at the same moment."""
    together = threading.Barrier(len(clocks))
    errors: list[BaseException] = []

    def tick(clock: Clock) -> None:
        together.wait()
        try:
            clock.tick()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=tick, args=(clock,)) for clock in clocks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
