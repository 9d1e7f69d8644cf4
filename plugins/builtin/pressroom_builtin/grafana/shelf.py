"""Reports as they are answered, kept until they change: a list of a thousand costs no more than asking for ids."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from pressroom import ProjectStore, Report, Stored
from pressroom_builtin.grafana import wire
from pressroom_builtin.grafana.translate import EXPIRED, Conventions, to_wire

BEGINNING = datetime.min.replace(tzinfo=UTC)
PROJECTS = 32
"""Whose reports are kept."""
MOST = 20_000
"""Reports of a project beyond which none of it are kept."""
MANY = 500
"""Missing ones beyond which all are read: a query takes only so many ids."""


@dataclass(frozen=True)
class Kept:
    """A report as it is answered before its end.

    Attributes:
        changed: when the report was changed last; another moment, and this is of no use.
        end: after it the answer's state is `expired`; None where it does not matter.
    """

    changed: datetime
    answer: wire.Report
    expired: wire.Report | None
    end: datetime | None

    def at(self, now: datetime) -> wire.Report:
        """The answer at a moment."""
        return self.expired if self.expired is not None and self.end is not None and self.end < now else self.answer


Names = Mapping[str, tuple[int, str]]


class Shelf:
    """Keeps the answers of one process, by project."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._projects: OrderedDict[str, tuple[Names, dict[int, Kept]]] = OrderedDict()

    def reports(self, store: ProjectStore, conventions: Conventions, now: datetime) -> list[wire.Report]:
        """All reports of a project, oldest first."""
        changes = store.reports.changes()
        with self._lock:
            names, kept = self._projects.get(store.uid, (None, {}))
        # a dashboard's name is part of the answers
        known = kept if names == conventions.names else {}
        found = {number: entry for number, entry in known.items() if changes.get(number) == entry.changed}
        missing = changes.keys() - found.keys()
        if missing:
            read = store.reports.list() if len(missing) > MANY else store.reports.some(missing)
            found |= {item.id: _kept(item, conventions) for item in read}
        self._keep(store.uid, conventions.names, found)
        return [found[number].at(now) for number in sorted(found)]

    def _keep(self, project: str, names: Names, found: dict[int, Kept]) -> None:
        with self._lock:
            self._projects.pop(project, None)
            if len(found) <= MOST:
                self._projects[project] = (names, found)
            if len(self._projects) > PROJECTS:
                self._projects.popitem(last=False)


def _kept(stored: Stored[Report], conventions: Conventions) -> Kept:
    answer = to_wire(stored, conventions, BEGINNING)
    end = stored.value.schedule.end
    expired = msgspec.structs.replace(answer, state=EXPIRED) if end and answer.state == "scheduled" else None
    return Kept(stored.updated_at, answer, expired, end)
