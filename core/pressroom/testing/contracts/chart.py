"""What the host relies on in a chart type."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest

from pressroom.charts import ChartFormatter, Figure, Plot, Table
from pressroom.context import Context
from pressroom.errors import ChartError
from pressroom.extension import PluginOptions, Setup
from pressroom.plugins import Plugins
from pressroom.renderers import Panel, Rows
from pressroom.sources import Dataset
from pressroom.testing import shapes
from pressroom.testing.contracts.extension import THREADS, ExtensionContract, at_once
from pressroom.testing.desk import Desk
from pressroom.testing.shapes import CONTENTS, Content

LARGEST_FIGURE = 3_000_000
"""Bytes of a figure as JSON: it is stored with the run and drawn as a whole."""


class ChartContract(ExtensionContract):
    """Subclass it as `class TestMine(ChartContract)` and set `plugin` and the dataset that it needs.

    Attributes:
        dimensions, metrics: how many columns of each a dataset for this chart has.
        rows: how many rows a usual dataset has; 1 for a chart of one row.
        misfits: pairs of dimensions and metrics that the chart refuses.
        refuses: contents that may give a ChartError rather than a figure.
    """

    plugin: ClassVar[type[ChartFormatter[Any, Any]]]
    dimensions: ClassVar[int] = 1
    metrics: ClassVar[int] = 1
    rows: ClassVar[int] = 30
    misfits: ClassVar[tuple[tuple[int, int], ...]] = ((0, 0),)
    refuses: ClassVar[tuple[Content, ...]] = ("empty", "nulls", "ends")

    def dataset(self, content: Content = "usual") -> Dataset:
        """A dataset that the chart takes."""
        time = self.plugin.time_axis
        return shapes.dataset(content, time=time, dimensions=self.dimensions, metrics=self.metrics, rows=self.rows)

    def ask(
        self, chart: Any, dataset: Dataset, options: PluginOptions, folder: Path, locale: str = "en"
    ) -> tuple[Dataset, Figure]:
        """The rows and the figure, as the host asks for them, and what it relies on in both."""
        previous = dataset if chart.compares(options) else None
        request = shapes.request(previous=previous, locale=locale)
        kept = dataset.frame().clone()
        rows = chart.rows(dataset, options, request)
        figure = chart.figure(rows, options, request, Context(folder, timeout=60))
        assert isinstance(rows, Dataset)
        assert dataset.frame().equals(kept), "the dataset belongs to everybody: leave it as it is"
        if not rows.large:
            assert rows.frame().columns == [column.name for column in rows.columns]
            assert rows.frame().height == rows.rows
        check_figure(figure)
        return rows, figure

    def same(self, one: tuple[Dataset, Figure], other: tuple[Dataset, Figure]) -> bool:
        """Whether two answers are equal."""
        return (
            one[0].columns == other[0].columns
            and one[0].frame().equals(other[0].frame())
            and msgspec.json.encode(one[1]) == msgspec.json.encode(other[1])
        )

    def test_it_says_what_it_needs(self) -> None:
        """`needs` is what people read where a query does not fit."""
        assert self.plugin.needs

    @pytest.mark.parametrize("content", CONTENTS)
    def test_data_of_every_kind(self, instance: Any, options: PluginOptions, tmp_path: Path, content: Content) -> None:
        """Usual, empty, null, negative, hostile, at the ends of what numbers can be: a figure, or a ChartError."""
        refusable = (ChartError,) if content in self.refuses else ()
        with suppress(*refusable):
            self.ask(instance, self.dataset(content), options, tmp_path)

    def test_the_same_twice(self, make: Callable[[], Any], options: PluginOptions, tmp_path: Path) -> None:
        """The same rows give the same figure, and nothing is kept from one call to the next."""
        used = make()
        first = self.ask(used, self.dataset(), options, tmp_path)
        self.ask(used, self.dataset("hostile"), options, tmp_path)
        assert self.same(first, self.ask(used, self.dataset(), options, tmp_path))
        assert self.same(first, self.ask(make(), self.dataset(), options, tmp_path))

    def test_threads_do_not_disturb_each_other(self, instance: Any, options: PluginOptions, tmp_path: Path) -> None:
        """A report's charts are made side by side by one instance."""
        alone = [self.ask(instance, self.dataset(content), options, tmp_path) for content in ("usual", "hostile")]
        together = at_once(
            *(
                lambda content=content: self.ask(instance, self.dataset(content), options, tmp_path)
                for content in ("usual", "hostile") * (THREADS // 2)
            )
        )
        for number, answer in enumerate(together):
            assert self.same(answer, alone[number % 2])

    def test_data_that_does_not_fit(self, instance: Any, options: PluginOptions, tmp_path: Path) -> None:
        """A ChartError that names the chart; see `ChartFormatter.misfit`."""
        for dimensions, metrics in self.misfits:
            wrong = shapes.dataset("usual", time=False, dimensions=dimensions, metrics=metrics)
            with pytest.raises(ChartError, match="rQ4zVd81"):
                self.ask(instance, wrong, options, tmp_path)

    def test_many_rows_give_a_small_figure(self, instance: Any, options: PluginOptions, tmp_path: Path) -> None:
        """More rows than are held in memory: the figure has what can be seen, or the chart refuses them."""
        many = shapes.large(tmp_path, time=self.plugin.time_axis, dimensions=self.dimensions, metrics=self.metrics)
        request = shapes.request(previous=many if instance.compares(options) else None)
        try:
            rows = instance.rows(many, options, request)
            figure = instance.figure(rows, options, request, Context(tmp_path, timeout=60))
        except ChartError:
            return
        assert len(msgspec.json.encode(figure)) <= LARGEST_FIGURE

    def test_it_is_drawn(self, instance: Any, options: PluginOptions, tmp_path: Path, pressroom_desk: Desk) -> None:
        """The format that draws pictures takes the figure, without a warning."""
        folder = pressroom_desk.real().folder
        panels = [self._panel(instance, options, pressroom_desk, folder, locale) for locale in ("en", "zh")]
        sheet = pressroom_desk.sheet(pressroom_desk.section(panels), folder=folder)
        image = Plugins().renderers.need("image")
        renderer = image(image.Config(), Setup(instance="image", workspace=tmp_path, scratch=tmp_path))
        documents = list(renderer.render(sheet.edition, image.Options(), sheet.context()))
        assert [warning for document in documents for warning in document.warnings] == []

    def _panel(self, chart: Any, options: PluginOptions, desk: Desk, folder: Path, locale: str) -> Panel:
        rows, figure = self.ask(chart, self.dataset(), options, folder, locale)
        panel = desk.table(rows.frame(), folder)
        assert panel.rows is not None
        kept = Rows(columns=rows.columns, spool=panel.rows.spool)
        return msgspec.structs.replace(panel, figure=figure, type=self.plugin.name, rows=kept)


def check_figure(figure: Figure) -> None:
    """It is plain data that crosses processes; a plot's columns are equally long and its marks name them."""
    assert msgspec.json.decode(msgspec.json.encode(figure), type=Figure) == figure
    if isinstance(figure, Plot):
        lengths = {column.name: len(column.values) for column in figure.columns}
        assert len(set(lengths.values())) <= 1, f"columns of different lengths: {lengths}"
        named = {
            getattr(mark, place)
            for mark in figure.marks
            for place in ("x", "y", "series", "size", "shade", "label", "angle")
        }
        assert named - {""} <= set(lengths), "marks name columns that the plot does not have"
    elif isinstance(figure, Table):
        assert all(isinstance(name, str) for name in figure.columns)
