"""Editions for the tests of renderers, each with its folder: composed of real data, empty, failed, hostile."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from pressroom.charts import Axis, Figure, Mark, Number, Plot, PlotColumn, Table, Text, VegaLite
from pressroom.context import Cancellation, Context
from pressroom.models.dashboards import Grid
from pressroom.renderers import Choice, Edition, Panel, Rows, Section
from pressroom.sources import Column, Kind, Role, Spool
from pressroom.testing.hostile import TEXTS

if TYPE_CHECKING:
    import polars as pl

START = datetime(2013, 1, 1, tzinfo=UTC)
END = datetime(2013, 1, 15, tzinfo=UTC)
ERROR = "the chart failed because 3 < 4 & more"
"""What the failed panel of `Desk.failed` says."""


@dataclass
class Sheet:
    """An edition and the run's folder that its spools lie in.

    Attributes:
        before: the folder's files before anything was rendered.
    """

    edition: Edition
    folder: Path
    before: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.before = self.files()

    def context(self, *, timeout: float | None = 60, cancellation: Cancellation | None = None) -> Context:
        """What a renderer is called with."""
        return Context(self.folder, timeout=timeout, cancellation=cancellation)

    def files(self) -> frozenset[str]:
        """Every file of the folder."""
        return frozenset(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


class Desk:
    """Makes editions, each in a folder of its own.

    Args:
        folder: where.
        composed: the folder of `pressroom.testing.workspace.composed`.
    """

    def __init__(self, folder: Path, composed: Path) -> None:
        self._folder = folder
        self._composed = composed
        self._numbers = count(1)

    def real(self, **changes: Any) -> Sheet:
        """Two weeks of departures: a line, a number, bars, and a table of 42 rows.

        Args:
            changes: other values for the edition's fields, such as `locale="zh"`.
        """
        folder = self._take()
        shutil.copytree(self._composed, folder, dirs_exist_ok=True)
        edition = msgspec.json.decode((folder / "edition.json").read_bytes(), type=Edition)
        return Sheet(msgspec.structs.replace(edition, **changes), folder)

    def empty(self) -> Sheet:
        """Nothing at all: no section."""
        return self.sheet()

    def bare(self) -> Sheet:
        """One dashboard without charts, one whose charts have no rows."""
        folder = self._take()
        columns = (Column(name="city", role=Role.dimension, kind=Kind.text),)
        rows = Rows(columns=columns, spool=Spool(parts=(), rows=0))
        figures: tuple[Figure, ...] = (Table(), plot([], []), Number(items=()), Text(markdown=""))
        panels = [self.panel(figure, f"empty {number}", rows=rows) for number, figure in enumerate(figures)]
        return self.sheet(self.section([], uid="none"), self.section(panels, uid="blank"), folder=folder)

    def failed(self) -> Sheet:
        """A table, and beside it two charts that failed: each has no figure and says `ERROR`."""
        import polars as pl

        folder = self._take()
        good = self.table(pl.DataFrame({"city": ["Oslo"], "visits": [3]}), folder)
        broken = [
            msgspec.structs.replace(self.panel(None, "Broken"), uid=f"bad-{kind}", type=kind, error=ERROR)
            for kind in ("table", "line")
        ]
        return self.sheet(self.section([good, *broken]), folder=folder)

    def hostile(self) -> Sheet:
        """Hostile text in every place that has text: titles, labels, cells, notes, Markdown; numbers at their ends."""
        import polars as pl

        folder = self._take()
        numbers = [0.0, -0.0, 1e300, -1e300, 5e-324, 0.1 + 0.2, None, *range(len(TEXTS))][: len(TEXTS)]
        frame = pl.DataFrame({text or "name": list(TEXTS) for text in TEXTS[:4]} | {"n": numbers}, strict=False)
        figures: list[Figure] = [
            plot(list(TEXTS), numbers, note=TEXTS[4]),
            Number(items=tuple(Number.Item(value=text, label=text, unit=text) for text in TEXTS[:6])),
            Text(markdown="\n\n".join(TEXTS)),
            VegaLite(spec={"data": {"values": [{"a": text} for text in TEXTS]}, "mark": "bar", "encoding": {}}),
        ]
        panels = [self.panel(figure, text) for figure, text in zip(figures, TEXTS[4:], strict=False)]
        panels.append(self.table(frame, folder, TEXTS[7]))
        panels += [msgspec.structs.replace(self.panel(None, text), error=text or "?") for text in TEXTS[8:]]
        sections = [
            self.section(panels, title=TEXTS[7], description=TEXTS[5], uid="one"),
            self.section([], title=TEXTS[7], uid="two"),
        ]
        return self.sheet(*sections, folder=folder, title=TEXTS[4], author=TEXTS[9], filename="script")

    def sheet(self, *sections: Section, folder: Path | None = None, **fields: Any) -> Sheet:
        """An edition of your own sections; further fields win over what is usual."""
        values: dict[str, Any] = {
            "report": "weekly",
            "title": "Weekly",
            "filename": "weekly",
            "author": "Demo",
            "locale": "en",
            "zone": "UTC",
            "planned_at": END,
            "composed_at": END,
            "sections": sections,
        }
        return Sheet(Edition(**{**values, **fields}), folder or self._take())

    def section(
        self, panels: Iterable[Panel], *, uid: str = "flights", title: str = "Flights", description: str = ""
    ) -> Section:
        """A dashboard of these panels."""
        choice = Choice(name="origin", label="Airport", values=("EWR", "JFK"))
        return Section(
            uid=uid,
            title=title,
            description=description,
            start=START,
            end=END,
            zone="UTC",
            choices=(choice,),
            panels=tuple(panels),
        )

    def panel(self, figure: Figure | None, title: str = "Departures", rows: Rows | None = None) -> Panel:
        """A chart of that figure."""
        grid = Grid(x=0, y=0, w=12, h=8)
        return Panel(uid=f"panel-{next(self._numbers)}", title=title, type="line", grid=grid, figure=figure, rows=rows)

    def table(self, frame: pl.DataFrame, folder: Path, title: str = "Table") -> Panel:
        """A table of that frame, whose rows are written to the folder."""
        part = f"table-{next(self._numbers)}.arrow"
        frame.write_ipc(folder / part)
        columns = tuple(
            Column(name=name, role=Role.metric, kind=Kind.number)
            if dtype.is_numeric()
            else Column(name=name, role=Role.dimension, kind=Kind.text)
            for name, dtype in frame.schema.items()
        )
        panel = self.panel(Table(), title, Rows(columns=columns, spool=Spool(parts=(part,), rows=frame.height)))
        return msgspec.structs.replace(panel, type="table")

    def _take(self) -> Path:
        folder = self._folder / f"run-{next(self._numbers)}"
        folder.mkdir(parents=True)
        return folder


def plot(names: Sequence[str], values: Sequence[float | None], note: str = "") -> Plot:
    """Bars."""
    return Plot(
        columns=(
            PlotColumn(name="name", kind=Kind.text, values=list(names), label="Name"),
            PlotColumn(name="value", kind=Kind.number, values=list(values), label="Value"),
        ),
        marks=(Mark(kind="bar", x="name", y="value"),),
        x=Axis(kind="category"),
        y=Axis(title="Value"),
        note=note,
    )
