"""Editions by hand: what the tests of the renderers put on pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pressroom import (
    Axis,
    Branding,
    Choice,
    Column,
    Context,
    Document,
    Edition,
    Grid,
    Kind,
    Layout,
    Mark,
    Panel,
    Plot,
    PlotColumn,
    PluginConfig,
    Renderer,
    Role,
    Rows,
    Section,
    Setup,
    Spool,
    Table,
)
from pressroom_builtin.renderers import register_renderers

START = datetime(2013, 1, 1, tzinfo=UTC)
END = datetime(2013, 2, 1, tzinfo=UTC)
RENDERERS: dict[str, type[Renderer[Any, Any]]] = {kind.name: kind for kind in register_renderers()}


class Desk:
    """Makes editions and renders them in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._spools = 0

    def render(self, format: str, edition: Edition, **options: Any) -> list[Document]:
        kind = RENDERERS[format]
        setup = Setup(instance=format, workspace=self.folder, scratch=self.folder)
        renderer = kind(PluginConfig(), setup)
        return list(renderer.render(edition, kind.Options(**options), Context(self.folder)))

    def bytes(self, document: Document) -> bytes:
        return (self.folder / document.path).read_bytes()

    def edition(self, *sections: Section, **fields: Any) -> Edition:
        return Edition(
            **{
                "report": "weekly",
                "title": "Weekly flights",
                "filename": "weekly-flights",
                "author": "Demo",
                "locale": "en",
                "zone": "UTC",
                "planned_at": END,
                "composed_at": END,
                "sections": sections,
                "branding": Branding(),
                "layout": Layout(),
                **fields,
            }
        )

    def section(self, *panels: Panel, title: str = "Flights", uid: str = "YoX28w7R", **fields: Any) -> Section:
        choice = Choice(name="carrier", label="Carrier", values=("AA", "UA"))
        defaults = {"description": "", "start": START, "end": END, "zone": "UTC", "choices": (choice,)}
        return Section(**{**defaults, **fields}, uid=uid, title=title, panels=panels)

    def panel(
        self, figure: Any = None, title: str = "Departures", grid: Sequence[int] = (0, 0, 12, 8), **fields: Any
    ) -> Panel:
        x, y, w, h = grid
        return Panel(
            **{"uid": "rQ4zVd81", "type": "line", **fields},
            title=title,
            grid=Grid(x=x, y=y, w=w, h=h),
            figure=figure,
        )

    def table(
        self, frame: pl.DataFrame, title: str = "Orders", grid: Sequence[int] = (0, 0, 24, 8), **fields: Any
    ) -> Panel:
        """A table panel over a frame, spooled in two parts."""
        columns = fields.pop("columns", None) or tuple(column_of(series) for series in frame)
        truncated = fields.pop("truncated", False)
        parts = []
        for part in (frame.head(frame.height // 2), frame.slice(frame.height // 2)):
            self._spools += 1
            parts.append(f"spool-{self._spools}.arrow")
            part.write_ipc(self.folder / parts[-1])
        rows = Rows(columns=columns, spool=Spool(parts=tuple(parts), rows=frame.height), truncated=truncated)
        return self.panel(Table(), title, grid, rows=rows, type="table", **fields)


def column_of(series: pl.Series) -> Column:
    if series.dtype == pl.String:
        return Column(name=series.name, role=Role.dimension, kind=Kind.text)
    if series.dtype.is_temporal():
        return Column(name=series.name, role=Role.time, kind=Kind.time)
    return Column(name=series.name, role=Role.metric, kind=Kind.number)


def bar_plot(
    names: Sequence[str] = ("AA", "UA", "DL"), values: Sequence[float | None] = (3, 5, 2), **fields: Any
) -> Plot:
    return Plot(
        columns=(
            PlotColumn(name="name", kind=Kind.text, values=list(names)),
            PlotColumn(name="count", kind=Kind.number, values=list(values)),
        ),
        marks=(Mark(kind="bar", x="name", y="count"),),
        x=Axis(kind="category"),
        y=Axis(),
        **fields,
    )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def bars() -> Callable[..., Plot]:
    return bar_plot


@pytest.fixture(scope="session")
def desk_type() -> type[Desk]:
    return Desk
