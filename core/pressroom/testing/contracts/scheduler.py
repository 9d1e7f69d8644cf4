"""What the host relies on in a scheduler: every job is done once, and a stop is a stop."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pressroom.context import Cancellation
from pressroom.hookspecs import hookimpl
from pressroom.press.worker import Worker
from pressroom.schedulers import Job, Scheduler, Step
from pressroom.testing.contracts.extension import ExtensionContract
from pressroom.testing.installed import with_plugins
from pressroom.testing.workspace import Workspace

PATIENCE = 60.0
"""Seconds after which a job that has not begun never will."""
_WORKSPACE = """\
[ledger]
tick_seconds = 0.2
[scheduler]
type = "{name}"
"""


class Recorder:
    """The work, as a scheduler calls it: notes what is done, and waits where the test says so."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.owners: list[str] = []
        self.deaths: list[Job] = []
        self.cancellations: list[Cancellation | None] = []
        self.ended: Counter[Job] = Counter()
        self.go = threading.Event()
        self.go.set()
        self.failing: set[int] = set()
        self._changed = threading.Condition()

    def do(self, job: Job, owner: str, cancellation: Cancellation | None = None) -> None:
        """See `Work.do`."""
        with self._changed:
            self.jobs.append(job)
            self.owners.append(owner)
            self.cancellations.append(cancellation)
            self._changed.notify_all()
        if job.run in self.failing:
            raise RuntimeError("a job that fails in a way that nobody foresaw")
        stop, until = cancellation or Cancellation(), time.monotonic() + PATIENCE
        # a scheduler that works inside of offer() must not hang the test
        while not self.go.is_set() and not stop.wait(0.01) and time.monotonic() < until:
            pass

    def died(self, job: Job, owner: str, reason: str) -> None:
        """See `Work.died`."""
        self.deaths.append(job)

    def done(self, job: Job) -> None:
        """See `Work.done`."""
        with self._changed:
            self.ended[job] += 1
            self._changed.notify_all()

    def wait(self, reached: Callable[[], bool]) -> bool:
        """Wait until it is so; False where it never is."""
        with self._changed:
            return self._changed.wait_for(reached, PATIENCE)

    def wait_for_end(self, job: Job) -> bool:
        """Wait until the end of a job was told, and that once."""
        return self.wait(lambda: self.ended[job] > 0) and self.ended[job] == 1


class _Registering:
    """A plugin that is not installed: one scheduler."""

    def __init__(self, scheduler: type[Scheduler[Any]]) -> None:
        self._scheduler = scheduler

    @hookimpl
    def register_schedulers(self) -> list[type[Scheduler[Any]]]:
        """The scheduler."""
        return [self._scheduler]


class SchedulerContract(ExtensionContract):
    """Subclass it as `class TestMine(SchedulerContract)` and set `plugin`.

    Attributes:
        here: steps whose `Work.do` is called in this process, so that the suite can watch; a scheduler whose
            work is done in other processes names none, or only those that stay here.
    """

    plugin: ClassVar[type[Scheduler[Any]]]
    here: ClassVar[tuple[Step, ...]] = ("make", "deliver")

    @pytest.fixture
    def work(self) -> Iterator[Recorder]:
        """Notes what the scheduler does."""
        recorder = Recorder()
        yield recorder
        recorder.go.set()

    @pytest.fixture
    def running(self, make: Callable[[], Any], work: Recorder) -> Iterator[Any]:
        """A scheduler that has begun; stopped at the end."""
        threads = threading.active_count()
        scheduler = make()
        scheduler.start(work)
        yield scheduler
        work.go.set()
        scheduler.stop(PATIENCE)
        assert threading.active_count() <= threads, "threads are left after stop()"

    def test_it_is_made_stopped_and_closed_without_work(self, make: Callable[[], Any]) -> None:
        """A host that never starts it, or stops it at once."""
        make().stop(0)
        scheduler = make()
        assert all(isinstance(scheduler.room(step), int) for step in ("make", "deliver"))

    def test_every_job_is_done_once(self, running: Any, work: Recorder) -> None:
        """Offered and taken: done here once, by an owner of its own, and its end is told."""
        jobs = [Job(run=run, step=step) for step in self.here for run in range(1, 4)]
        taken: list[Job] = []
        for job in jobs:
            assert work.wait(partial(self._has_room, running, job.step))
            assert running.offer(job) is True
            taken.append(job)
        assert work.wait(lambda: sum(work.ended.values()) >= len(taken))
        assert Counter(work.jobs) == Counter(taken)
        assert len(set(work.owners)) == len(taken), "each job has an owner of its own"
        assert work.deaths == []

    def test_a_job_that_is_here_is_not_taken_again(self, running: Any, work: Recorder) -> None:
        """The clock offers what is due at every tick; `offer` says False and forgets it."""
        for step in self.here:
            work.go.clear()
            job = Job(run=7, step=step)
            assert running.offer(job) is True
            assert running.offer(job) is False
            work.go.set()
            assert work.wait_for_end(job)
            assert [each for each in work.jobs if each == job] == [job]

    def test_a_job_that_fails_stops_nothing(self, running: Any, work: Recorder) -> None:
        """Its end is told, and the next one is done; the same run may come again."""
        for step in self.here:
            work.failing.add(1)
            first, second = Job(run=1, step=step), Job(run=1, step=step, attempt=1)
            assert running.offer(first) is True
            assert work.wait_for_end(first)
            work.failing.clear()
            assert work.wait(partial(running.offer, second))
            assert work.wait_for_end(second)

    def test_stop_hands_back_what_does_not_end(self, make: Callable[[], Any], work: Recorder) -> None:
        """What runs gets its grace and is cancelled then; nothing new is taken; stop() returns."""
        for step in self.here:
            scheduler = make()
            scheduler.start(work)
            work.go.clear()
            before = len(work.jobs)
            assert scheduler.offer(Job(run=1, step=step)) is True
            assert work.wait(partial(self._has_begun, work, before))
            stopping = threading.Thread(target=scheduler.stop, args=(0.1,))
            stopping.start()
            stopping.join(PATIENCE)
            assert not stopping.is_alive(), "stop() must return: set the Cancellation that Work.do was given"
            assert not scheduler.offer(Job(run=2, step=step))
            assert len(work.jobs) == before + 1

    def _has_room(self, scheduler: Any, step: Step) -> bool:
        return int(scheduler.room(step)) > 0

    def _has_begun(self, work: Recorder, before: int) -> bool:
        return len(work.jobs) == before + 1

    def test_reports_are_made_and_sent(self, tmp_path: Path, config: dict[str, Any]) -> None:
        """A real workspace, its clock and this scheduler: each report arrives once."""
        plugins = with_plugins()
        if plugins.schedulers.get(self.plugin.name) is not self.plugin:
            plugins = with_plugins(_Registering(self.plugin))
        with Workspace(tmp_path / "site", plugins) as site:
            # scalars and lists of JSON are TOML too
            keys = "\n".join(f"{key} = {json.dumps(value)}" for key, value in config.items())
            site.configure(_WORKSPACE.format(name=self.plugin.name) + keys)
            runs = [site.plan(key=str(number)) for number in range(2)]
            worker = Worker(site.host)
            worker.start()
            try:
                ended = site.wait(runs, PATIENCE)
            finally:
                worker.stop()
            assert [run.state for run in ended] == ["succeeded"] * len(runs)
            assert len(list((site.folder / "archive").iterdir())) == len(runs)
