"""What the clock's side gives to a broker: once, in order, and without waiting for one that is gone."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pressroom import Host, Job, SettingsError, Setup, StepError
from pressroom.settings import load_workspace
from pressroom_celery.broker import make_app
from pressroom_celery.config import CeleryConfig
from pressroom_celery.scheduler import CeleryScheduler

_NUMBERS = count(1)


def scheduler_of(folder: Path, broker: str, **more: Any) -> CeleryScheduler:
    config = CeleryConfig.model_validate({"broker": broker, "queues": f"s{next(_NUMBERS)}", **more})
    return CeleryScheduler(config, Setup(instance="celery", workspace=folder, scratch=folder))


@pytest.fixture
def scheduler(tmp_path: Path, broker: str) -> Iterator[CeleryScheduler]:
    """One that its broker knows the queues of."""
    made = scheduler_of(tmp_path, broker)
    yield made
    made.close()


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of something that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def taken(scheduler: CeleryScheduler, step: str = "make") -> list[int]:
    """The runs of all messages of a queue, in the order in which workers get them."""
    app = make_app(scheduler.config, publishing=True)
    found = []
    with app.connection_for_read() as connection:
        queue = app.amqp.queues[scheduler.config.queue(step)](connection.default_channel)
        while (message := queue.get(no_ack=True)) is not None:
            found.append(message.payload[1]["run"])
    return found


def test_a_job_is_given_once_for_each_try(scheduler: CeleryScheduler) -> None:
    offers = [scheduler.offer(Job(run=7, step="make", attempt=attempt)) for attempt in (0, 0, 1, 0, 1)]
    assert offers == [True, False, True, False, False]
    assert scheduler.offer(Job(run=7, step="deliver", attempt=1))
    assert taken(scheduler) == [7, 7]
    assert taken(scheduler, "deliver") == [7]


def test_a_job_that_nobody_takes_is_given_again(tmp_path: Path, broker: str) -> None:
    scheduler = scheduler_of(tmp_path, broker, offer_again_seconds=1)
    assert scheduler.offer(Job(run=1, step="make"))
    until = time.monotonic() + 30
    while not scheduler.offer(Job(run=1, step="make")):
        assert time.monotonic() < until
        time.sleep(0.05)
    scheduler.close()


def test_the_highest_priority_is_taken_first(scheduler: CeleryScheduler) -> None:
    for run, priority in enumerate((5, 0, 9, 1, 5)):
        scheduler.offer(Job(run=run, step="make", priority=priority))
    assert taken(scheduler) == [2, 0, 4, 3, 1]


def test_check_says_who_answers(scheduler: CeleryScheduler) -> None:
    assert scheduler.check() == "the broker answers, and so do 0 workers"


@pytest.mark.parametrize("scheme", ["amqp", pytest.param("redis", marks=pytest.mark.faults)])
def test_a_broker_that_is_silent_holds_nobody_up(scheme: str, silent: int, tmp_path: Path) -> None:
    scheduler = scheduler_of(tmp_path, f"{scheme}://user:hidden@127.0.0.1:{silent}/")
    began = time.monotonic()
    assert [scheduler.offer(Job(run=run, step="make")) for run in range(100)] == [False] * 100
    assert time.monotonic() - began < 60
    with pytest.raises(StepError, match="the broker does not answer") as caught:
        scheduler.check()
    assert "hidden" not in str(caught.value)
    scheduler.close()


@pytest.mark.parametrize("broker", ["", "memory://", "sqs://x", "127.0.0.1"])
def test_other_brokers_are_refused(broker: str, tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text(f'[scheduler]\ntype = "celery"\nbroker = "{broker}"\n')
    with Host(load_workspace(tmp_path)) as host, pytest.raises(SettingsError, match=r"scheduler\.broker: must begin"):
        _ = host.scheduler


def test_a_worker_of_a_workspace_with_another_scheduler_says_so(tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text("")
    command = [sys.executable, "-m", "celery", "-A", "pressroom_celery.app", "worker"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert 'scheduler.type: must be "celery"' in done.stdout + done.stderr


def test_the_plugin_is_found_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text("")
    with Host(load_workspace(tmp_path)) as host:
        origin = host.plugins.schedulers.origin("celery")
    assert origin.distribution == "pressroom-celery"
