"""A discrete-event simulation of a day: reports fall due, workers make them, the store and the mail relay have limits.

    day = Day(reports=1_000_000)
    outcome = simulate(day.draw(seed=1), costs, Plant(workers=400, store_cores=8, relay_rate=300))
    outcome.late(0.95)

The life of a report is the press's: the clock plans it (one after the other), a worker claims and makes it (which
the store takes part in), it is mailed over one of the workers' connections to the relay, the answer is recorded.
A worker is one core. What a worker spends on sending counts as if it came with making. Standard library only.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush, heapreplace
from itertools import count

MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
MADE, MAILED, LOOK = 0, 1, 2


@dataclass(frozen=True)
class Costs:
    """What one report takes, in seconds.

    Attributes:
        work: of a worker's core; a larger report takes a multiple of it.
        plan: of the clock, which plans one report after the other.
        make_store, send_store: of the store's own time, before and after the mail.
        make_wait: that a worker waits for the store's answers besides.
        look: of the store's time, by each look of a clock at what waits, for every report that waits.
        commits: transactions that write.
    """

    work: float
    plan: float = 0.0
    make_store: float = 0.0
    send_store: float = 0.0
    make_wait: float = 0.0
    look: float = 0.0
    commits: float = 1.0


@dataclass(frozen=True)
class Plant:
    """What there is to do the work.

    Attributes:
        workers: cores that make reports.
        store_cores: transactions that the store works on at a time: 1 for SQLite, which lets one write; 0 for no limit.
        relay_rate: mails a second that the relay takes; 0 for no limit.
        relay_seconds: from a mail's first word to its answer.
        connections: of all workers to the relay; 0 for no limit.
        looks: of all clocks at what waits, a second.
        turns: among reports of one priority, projects take turns; else the first due is the first made.
    """

    workers: int
    store_cores: int = 0
    relay_rate: float = 0.0
    relay_seconds: float = 0.0
    connections: int = 0
    looks: float = 1.0
    turns: bool = True


@dataclass(frozen=True)
class Due:
    """A report; `size` says how many times the measured work it takes."""

    moment: float
    project: int = 0
    priority: int = 5
    size: float = 1.0


@dataclass(frozen=True)
class Day:
    """How a day's reports are spread; times are seconds since midnight UTC.

    Attributes:
        zones: offsets from UTC in hours; each has the same share of the reports.
        peak: share that is due at nine, local time: half of it at 09:00, the rest at the next four full minutes.
        hours: share that is due on a full hour, from 06:00 to 18:00; what is left falls on any minute of the day.
        projects: tenants; the largest has as many reports as the next two together, and so on.
        urgent, idle: shares of priority 8 and of priority 2; the others have 5.
        large, factor: share of reports that take `factor` times the measured work.
    """

    reports: int = 1_000_000
    zones: Sequence[float] = (8, 5.5, 1, -5, -8)
    peak: float = 0.4
    hours: float = 0.2
    projects: int = 1000
    urgent: float = 0.1
    idle: float = 0.1
    large: float = 0.1
    factor: float = 5.0

    @property
    def size(self) -> float:
        """The mean."""
        return 1 + self.large * (self.factor - 1)

    def draw(self, seed: int) -> list[Due]:
        """The day's reports, by the moment at which they are due."""
        dice = random.Random(seed)
        weights = [1 / (1 + number) for number in range(self.projects)]
        owners = dice.choices(range(self.projects), weights, k=self.reports)
        drawn = [Due(self._moment(dice), owner, self._priority(dice), self._size(dice)) for owner in owners]
        return sorted(drawn, key=lambda due: due.moment)

    def _moment(self, dice: random.Random) -> float:
        chance = dice.random()
        if chance < self.peak:
            local = 9 * HOUR + (0 if dice.random() < 0.5 else dice.randint(1, 4)) * MINUTE
        elif chance < self.peak + self.hours:
            local = dice.randint(6, 18) * HOUR
        else:
            local = dice.randrange(1440) * MINUTE
        return (local - dice.choice(self.zones) * HOUR) % DAY

    def _priority(self, dice: random.Random) -> int:
        chance = dice.random()
        return 8 if chance < self.urgent else 2 if chance < self.urgent + self.idle else 5

    def _size(self, dice: random.Random) -> float:
        return self.factor if dice.random() < self.large else 1.0


@dataclass
class Outcome:
    """What became of the day.

    Attributes:
        ends: by report, in the order in which they were due: when its mail was recorded.
        busy: by resource and minute: seconds of work.
        depth: at each full minute: reports that wait to be made, and to be mailed.
    """

    reports: Sequence[Due]
    ends: list[float]
    busy: dict[str, dict[int, float]] = field(default_factory=dict)
    depth: list[tuple[float, int, int]] = field(default_factory=list)

    def late(self, share: float = 0.95, only: Sequence[int] | None = None) -> float:
        """Seconds that this share of the reports is late at most; of those with these numbers, where given."""
        numbers = range(len(self.ends)) if only is None else only
        found = sorted(self.ends[number] - self.reports[number].moment for number in numbers)
        return found[max(0, math.ceil(share * len(found)) - 1)] if found else 0.0

    def peak(self, resource: str, minutes: int = 5) -> float:
        """The most seconds of work a second, over so many minutes."""
        used = self.busy.get(resource, {})
        windows = (sum(used.get(start + step, 0.0) for step in range(minutes)) for start in used)
        return max(windows, default=0.0) / (minutes * MINUTE)


class Line:
    """Reports that wait: the highest priority first; among equals the projects take turns, where they are to."""

    def __init__(self, turns: bool) -> None:
        self._turns = turns
        self._projects: list[dict[int, deque[int]]] = [defaultdict(deque) for _ in range(10)]
        self._order: list[deque[int]] = [deque() for _ in range(10)]
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def push(self, due: Due, number: int) -> None:
        project = due.project if self._turns else 0
        waiting = self._projects[due.priority][project]
        if not waiting:
            self._order[due.priority].append(project)
        waiting.append(number)
        self._length += 1

    def pop(self) -> int:
        priority = next(level for level in range(9, -1, -1) if self._order[level])
        project = self._order[priority].popleft()
        waiting = self._projects[priority][project]
        number = waiting.popleft()
        if waiting:
            self._order[priority].append(project)
        self._length -= 1
        return number


class Servers:
    """A resource that works on so many things at a time, in the order in which they come; 0 for any number."""

    def __init__(self, servers: int, busy: dict[int, float]) -> None:
        self._free = [0.0] * servers
        heapify(self._free)
        self._busy = busy

    def serve(self, now: float, seconds: float) -> float:
        """When something that comes now is done."""
        start = max(now, self._free[0]) if self._free else now
        if self._free:
            heapreplace(self._free, start + seconds)
        self._busy[int(start // MINUTE)] += seconds
        return start + seconds

    def burden(self, now: float, seconds: float) -> float:
        """Work that all servers share: how much of it there was.

        It is left out where they are a second behind: whoever looks waits for the answer to the last look.
        """
        if not self._free or self._free[0] > now + 1:
            return 0.0
        self._free = [max(now, free) + seconds / len(self._free) for free in self._free]
        return seconds


class _Press:
    """The state of a simulation; see `simulate`."""

    def __init__(self, reports: Sequence[Due], costs: Costs, plant: Plant) -> None:
        self.reports, self.costs, self.plant = reports, costs, plant
        self.busy: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        self.outcome = Outcome(reports, [math.nan] * len(reports), self.busy)
        self.events: list[tuple[float, int, int, int]] = []
        self.order = count()
        self.making, self.mailing = Line(plant.turns), Line(plant.turns)
        self.hands, self.lines = plant.workers, plant.connections or len(reports)
        self.store = Servers(plant.store_cores, self.busy["store"])
        self.clock = Servers(1, self.busy["clock"])
        self.relay = Servers(1, self.busy["relay"])
        self.sampled = 0.0
        self.looked = False

    def run(self) -> Outcome:
        planned = self.planned()
        arrived = 0
        while arrived < len(planned) or self.events:
            if arrived < len(planned) and (not self.events or planned[arrived] <= self.events[0][0]):
                now = planned[arrived]
                self.making.push(self.reports[arrived], arrived)
                arrived += 1
            else:
                now, _, kind, number = heappop(self.events)
                self.happened(now, kind, number)
            self.sample(now)
            self.go_on(now)
        return self.outcome

    def planned(self) -> list[float]:
        """When each report is offered: a clock looks once a second, and plans all that is due before it offers any."""
        ready: list[float] = []
        now = 0.0
        while (first := len(ready)) < len(self.reports):
            now = max(now, math.ceil(self.reports[first].moment))
            last = first
            while last < len(self.reports) and self.reports[last].moment <= now:
                now = self.clock.serve(now, self.costs.plan)
                last += 1
            ready += [now] * (last - first)
        return ready

    def happened(self, now: float, kind: int, number: int) -> None:
        if kind == MADE:
            self.hands += 1
            self.mailing.push(self.reports[number], number)
        elif kind == LOOK:
            self.looked = False
            waiting = len(self.making) + len(self.mailing)
            looked = self.store.burden(now, self.plant.looks * waiting * self.costs.look)
            self.busy["looks"][int(now // MINUTE)] += looked
        else:
            self.lines += 1
            assert math.isnan(self.outcome.ends[number]), f"report {number} went out twice"
            self.outcome.ends[number] = self.store.serve(now, self.costs.send_store)

    def go_on(self, now: float) -> None:
        """Whoever has nothing to do takes what waits."""
        while self.hands and self.making:
            number = self.making.pop()
            self.hands -= 1
            ready = self.store.serve(now, self.costs.make_store) + self.costs.make_wait
            end = ready + self.costs.work * self.reports[number].size
            self.busy["workers"][int(now // MINUTE)] += end - now
            heappush(self.events, (end, next(self.order), MADE, number))
        interval = 1 / self.plant.relay_rate if self.plant.relay_rate else 0.0
        while self.lines and self.mailing:
            number = self.mailing.pop()
            self.lines -= 1
            start = self.relay.serve(now, interval) - interval
            heappush(self.events, (start + self.plant.relay_seconds, next(self.order), MAILED, number))
        if self.costs.look and not self.looked and (self.making or self.mailing):
            self.looked = True
            heappush(self.events, (now + 1.0, next(self.order), LOOK, -1))

    def sample(self, now: float) -> None:
        while now >= self.sampled:
            self.outcome.depth.append((self.sampled, len(self.making), len(self.mailing)))
            self.sampled += MINUTE


def simulate(reports: Sequence[Due], costs: Costs, plant: Plant) -> Outcome:
    """Let a day pass; the same arguments give the same outcome."""
    return _Press(reports, costs, plant).run()


def rates(costs: Costs, plant: Plant, size: float = 1.0) -> dict[str, float]:
    """Reports a second that each resource could do if it were the only one; the least of them saturates first."""
    store = costs.make_store + costs.send_store
    found = {"workers": plant.workers / (costs.work * size + costs.make_wait + costs.make_store)}
    if costs.plan:
        found["clock"] = 1 / costs.plan
    if plant.store_cores and store:
        found["store"] = plant.store_cores / store
    if plant.relay_rate:
        found["relay"] = plant.relay_rate
    if plant.connections and plant.relay_seconds:
        found["connections"] = plant.connections / plant.relay_seconds
    return found
