"""A workspace to test in: real data, a dashboard and a report over it, everything in one folder."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pressroom.host import Host
from pressroom.settings import load_workspace

if TYPE_CHECKING:
    from pressroom.models.runs import Run
    from pressroom.plugins import Plugins
    from pressroom.press.preview import Preview

EDITION = "edition.json"
SETTINGS = """\
[sources.flights]
type = "files"
tables = { departures = "departures.csv" }
projects = ["*"]

[channels.archive]
type = "folder"
path = "archive"
projects = ["*"]
"""
DEFINITIONS = """\
dashboards:
  - uid: flights
    name: Flights out of New York
    time_range: {from: "2013-01-01", to: "2013-01-15"}
    variables:
      - {name: origin, label: Airport, values: [EWR, JFK, LGA], default: [EWR, JFK, LGA], multi: true}
    charts:
      - uid: daily
        name: Departures a day
        type: line
        source: flights
        query: |
          SELECT $__timeGroup(day) AS time, sum(departures) AS departures, sum(delay_minutes) AS delay
          FROM departures WHERE $__timeFilter(day) AND origin IN ($origin) GROUP BY 1
        metrics: [{name: departures}, {name: mean, label: Mean delay, unit: min, expr: delay / departures}]
        grid: {x: 0, y: 0, w: 16, h: 8}
      - uid: total
        name: Departures
        type: number
        source: flights
        query: SELECT sum(departures) AS departures FROM departures WHERE $__timeFilter(day) AND origin IN ($origin)
        grid: {x: 16, y: 0, w: 8, h: 8}
      - uid: airlines
        name: By airline
        type: horizontal-bar
        source: flights
        query: |
          SELECT airline, sum(departures) AS departures FROM departures
          WHERE $__timeFilter(day) AND origin IN ($origin) GROUP BY 1
        grid: {x: 0, y: 8, w: 12, h: 8}
      - uid: table
        name: Days and airports
        type: table
        source: flights
        query: |
          SELECT day AS time, origin, sum(departures) AS departures, sum(delay_minutes) AS delay, sum(miles) AS miles
          FROM departures WHERE $__timeFilter(day) AND origin IN ($origin) GROUP BY 1, 2 ORDER BY 1, 2
        grid: {x: 12, y: 8, w: 12, h: 8}
reports:
  - uid: weekly
    name: Weekly flights
    message: What left New York.
    dashboards: [{uid: flights}]
    formats: [csv]
    deliveries: [{channel: archive}]
"""


class Workspace:
    """A folder with a `pressroom.toml`, data, and definitions that are applied; use it as a context manager.

    There are a source `flights` (14 days of departures), a channel `archive` (a folder of that name), the
    dashboard `flights` with four charts, and the report `weekly`.

    Args:
        folder: is made.
        plugins: instead of the installed ones.

    Attributes:
        folder: the workspace.
        file: its `pressroom.toml`.
        host: opened at first use, and closed with the workspace.
    """

    def __init__(self, folder: Path, plugins: Plugins | None = None) -> None:
        self.folder = folder
        self.file = folder / "pressroom.toml"
        self._plugins = plugins
        self._host: Host | None = None
        folder.mkdir(parents=True)
        self.file.write_text(SETTINGS, encoding="utf-8")
        source = files("pressroom.testing") / "data/departures.csv"
        (folder / "departures.csv").write_bytes(source.read_bytes())

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the host; `host` opens another one."""
        if self._host is not None:
            self._host.close()
            self._host = None

    @property
    def host(self) -> Host:
        """The host of this workspace, with an up-to-date store that has the definitions."""
        if self._host is None:
            self._host = Host(load_workspace(self.file), self._plugins)
            if not (self.folder / "pressroom.db").exists():
                self._host.store.upgrade()
                self.apply(DEFINITIONS)
        return self._host

    def configure(self, toml: str) -> None:
        """Append to `pressroom.toml`, such as a `[channels.NAME]` table for your channel."""
        self.close()
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"\n{toml}\n")

    def apply(self, yaml: str) -> None:
        """Apply definitions, as `pressroom apply` does.

        Raises:
            DefinitionError: every mistake in them.
        """
        from pressroom.definitions import HostCatalogue, apply, check, load_text

        catalogue = HostCatalogue(self.host)
        apply(check(load_text(yaml), catalogue), self.host.store, by="test")

    def preview(self, *formats: str | Mapping[str, Any], report: str = "weekly") -> Preview:
        """Compose and render a stored report into the folder `preview`; nothing is sent.

        Args:
            formats: such as `"csv"` or `{"csv": {"delimiter": ";"}}`; the report's own where none is given.
        """
        from pressroom.models.values import PluginUse

        found = self.host.store.project("default").reports.get(report).value
        uses = [PluginUse.model_validate(use) for use in formats] or None
        return self.host.press.preview("default", found, self.folder / "preview", formats=uses)

    def plan(self, report: str = "weekly", key: str = "test") -> Run:
        """Enter a run of a stored report into the ledger; a worker makes and sends it.

        Args:
            key: another one makes another run.
        """
        stored = self.host.store.project("default").reports.get(report)
        return self.host.press.plan("default", stored.value, report_id=stored.id, kind="manual", key=key)

    def send(self, report: str = "weekly", key: str = "test") -> Run:
        """Make and deliver a stored report here and now; the run as the ledger has it afterwards."""
        return self.host.press.work(self.plan(report, key).id)

    def wait(self, runs: Iterable[Run], seconds: float = 60) -> list[Run]:
        """Wait until a worker has ended these runs; each as the ledger has it then.

        Raises:
            TimeoutError: one is not final by then; says where it stands.
        """
        until = time.monotonic() + seconds
        while True:
            found = [self.host.ledger.get(run.id) for run in runs]
            if all(run.state.final for run in found):
                return found
            if time.monotonic() > until:
                raise TimeoutError(", ".join(f"run {run.id} is {run.state}" for run in found))
            time.sleep(0.02)


def composed(folder: Path) -> Path:
    """Compose the report `weekly` once; gives the folder with its spools and `edition.json`."""
    import msgspec

    with Workspace(folder / "workspace") as workspace:
        preview = workspace.preview(report="weekly")
        run = workspace.folder / "preview"
        for document in preview.documents:
            (run / document.path).unlink()
        (run / EDITION).write_bytes(msgspec.json.encode(preview.edition))
        shutil.move(run, folder / "run")
    return folder / "run"
