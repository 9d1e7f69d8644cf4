"""Every built-in chart type keeps what the host relies on."""

from __future__ import annotations

from pressroom.testing import ChartContract
from pressroom_builtin.charts.bubble import BubbleChart
from pressroom_builtin.charts.horizontal_bar import HorizontalBarChart
from pressroom_builtin.charts.line import LineChart
from pressroom_builtin.charts.number import NumberChart
from pressroom_builtin.charts.table import TableChart
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
