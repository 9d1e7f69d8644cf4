"""Watches runs as they are worked on in this process: what passes between the places that name themselves."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa

from pressroom import failpoints

P = ParamSpec("P")
T = TypeVar("T")
Figures = dict[str, list[tuple[float, float]]]
"""By step: wall and CPU seconds of every run."""


class Stopwatch:
    """Marks of the run that is being worked on, and figures of all runs so far; use as a context manager.

    Only the process's main work is watched; two runs at once would be mixed up.
    """

    def __init__(self) -> None:
        self.figures: Figures = defaultdict(list)
        self.counts: dict[str, list[float]] = defaultdict(list)
        self._marks: list[tuple[str, float, float]] = []
        self._begun_at = (0.0, 0.0)
        self._used: dict[str, float] = defaultdict(float)
        self._half = ""
        self._inner: dict[str, tuple[float, float]] = {}

    def __enter__(self) -> Stopwatch:
        failpoints.visitor = self._visit
        sa.event.listen(sa.Engine, "begin", self._begun)
        sa.event.listen(sa.Engine, "before_cursor_execute", self._asked)
        return self

    def __exit__(self, *_: object) -> None:
        failpoints.visitor = None
        sa.event.remove(sa.Engine, "begin", self._begun)
        sa.event.remove(sa.Engine, "before_cursor_execute", self._asked)

    def _begun(self, _connection: object) -> None:
        self._begun_at = (time.perf_counter(), time.process_time())

    def _asked(self, *_: object) -> None:
        self._used["statements"] += 1

    def _visit(self, name: str) -> None:
        if name == "store.committed":
            self._used["commits"] += 1
            self._used[f"{self._half}_write_wall"] += time.perf_counter() - self._begun_at[0]
            self._used[f"{self._half}_write_cpu"] += time.process_time() - self._begun_at[1]
        elif not name.startswith("store."):
            self._mark(name)

    def _mark(self, name: str) -> None:
        self._marks.append((name, time.perf_counter(), time.process_time()))

    @contextmanager
    def run(self) -> Iterator[None]:
        """One run, from its first claim to its end; what is kept of it are the steps of `STEPS`."""
        self._marks, self._inner, self._half = [], {}, "making"
        self._used.clear()
        self._mark("start")
        yield
        self._mark("end")
        for step, pairs in STEPS.items():
            spans = [self._span(*pair) for pair in pairs]
            self.figures[step].append((sum(wall for wall, _ in spans), sum(cpu for _, cpu in spans)))
        for step, used in self._inner.items():
            self.figures[step].append(used)
        for name, amount in self._used.items():
            self.counts[name].append(amount)

    def between(self) -> None:
        """The first half of a run is done; the second begins."""
        self._mark("between")
        self._half = "sending"

    def _span(self, start: str, end: str) -> tuple[float, float]:
        first = next(index for index, mark in enumerate(self._marks) if mark[0] == start)
        last = next(mark for mark in self._marks[first:] if mark[0] == end)
        return last[1] - self._marks[first][1], last[2] - self._marks[first][2]

    def inside(self, step: str, function: Callable[P, T]) -> Callable[P, T]:
        """The function, with what it takes added to a step of its own."""

        def timed(*arguments: P.args, **named: P.kwargs) -> T:
            wall, cpu = time.perf_counter(), time.process_time()
            answer: Any = function(*arguments, **named)
            if isinstance(answer, Iterator):
                answer = list(answer)
            used = self._inner.get(step, (0.0, 0.0))
            self._inner[step] = (used[0] + time.perf_counter() - wall, used[1] + time.process_time() - cpu)
            return answer  # type: ignore[no-any-return]  # the function's own

        return timed


STEPS = {
    "claim": [("start", "press.claimed"), ("between", "deliver.claimed")],
    "query and compose": [("press.claimed", "press.composed")],
    "render": [("press.composed", "press.rendered")],
    "keep and hand back": [("press.rendered", "between")],
    "mail": [("deliver.claimed", "deliver.handing_over"), ("deliver.handed_over", "deliver.answered")],
    "record": [("deliver.handing_over", "deliver.handed_over"), ("deliver.answered", "end")],
    "whole run": [("start", "end")],
    "making": [("start", "between")],
    "sending": [("between", "end")],
}
"""What lies between which places; `start`, `between` and `end` are the benchmark's own."""
