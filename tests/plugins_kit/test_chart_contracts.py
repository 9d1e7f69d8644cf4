"""Every built-in chart type keeps what the host relies on."""

from __future__ import annotations

import pytest

from pressroom import PluginOptions
from pressroom.testing import ChartContract
from pressroom_builtin.charts.area import AreaChart
from pressroom_builtin.charts.bubble import BubbleChart
from pressroom_builtin.charts.funnel import FunnelChart
from pressroom_builtin.charts.gauge import GaugeChart, GaugeOptions
from pressroom_builtin.charts.heatmap import HeatmapChart
from pressroom_builtin.charts.horizontal_bar import HorizontalBarChart
from pressroom_builtin.charts.line import LineChart
from pressroom_builtin.charts.number import NumberChart
from pressroom_builtin.charts.pie import PieChart
from pressroom_builtin.charts.stacked_bar import StackedBarChart
from pressroom_builtin.charts.table import TableChart
from pressroom_builtin.charts.text import TextChart, TextOptions
from pressroom_builtin.charts.two_way_bar import TwoWayBarChart
from pressroom_builtin.charts.vertical_bar import VerticalBarChart


class TestLine(ChartContract):
    plugin = LineChart


class TestVerticalBar(ChartContract):
    plugin = VerticalBarChart


class TestHorizontalBar(ChartContract):
    plugin = HorizontalBarChart


class TestTwoWayBar(ChartContract):
    plugin = TwoWayBarChart
    misfits = ((0, 1), (2, 1), (1, 2))


class TestTable(ChartContract):
    plugin = TableChart
    dimensions = 2
    metrics = 3


class TestNumber(ChartContract):
    plugin = NumberChart
    dimensions = 0
    rows = 1


class TestBubble(ChartContract):
    plugin = BubbleChart
    metrics = 3


class TestArea(ChartContract):
    plugin = AreaChart


class TestStackedBar(ChartContract):
    plugin = StackedBarChart


class TestPie(ChartContract):
    plugin = PieChart
    misfits = ((0, 0), (0, 1), (1, 2), (2, 1))
    refuses = ("ends", "negative")


class TestFunnel(ChartContract):
    plugin = FunnelChart
    misfits = ((0, 0), (0, 1), (1, 2), (2, 1))
    refuses = ("ends", "negative")


class TestHeatmap(ChartContract):
    plugin = HeatmapChart


class TestGauge(ChartContract):
    plugin = GaugeChart
    dimensions = 0
    rows = 1

    @pytest.fixture
    def options(self) -> PluginOptions:
        return GaugeOptions.model_validate({"high": 10, "stretches": [{"start": 0, "color": "good"}]})


class TestText(ChartContract):
    plugin = TextChart
    misfits = ()

    @pytest.fixture
    def options(self) -> PluginOptions:
        return TextOptions(markdown="# {{ title }}\n\n{{ row.city1 }}, {{ range.text }}: **{{ row.visits1 }}**")
