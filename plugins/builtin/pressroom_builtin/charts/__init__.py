"""The built-in chart types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pressroom import ChartFormatter, hookimpl
from pressroom_builtin.charts.area import AreaChart
from pressroom_builtin.charts.bubble import BubbleChart
from pressroom_builtin.charts.funnel import FunnelChart
from pressroom_builtin.charts.gauge import GaugeChart
from pressroom_builtin.charts.heatmap import HeatmapChart
from pressroom_builtin.charts.horizontal_bar import HorizontalBarChart
from pressroom_builtin.charts.line import LineChart
from pressroom_builtin.charts.number import NumberChart
from pressroom_builtin.charts.pie import PieChart
from pressroom_builtin.charts.stacked_bar import StackedBarChart
from pressroom_builtin.charts.table import TableChart
from pressroom_builtin.charts.text import TextChart
from pressroom_builtin.charts.two_way_bar import TwoWayBarChart
from pressroom_builtin.charts.vertical_bar import VerticalBarChart


@hookimpl
def register_charts() -> Sequence[type[ChartFormatter[Any, Any]]]:
    """The chart types of this package."""
    return (
        LineChart,
        VerticalBarChart,
        HorizontalBarChart,
        TwoWayBarChart,
        TableChart,
        NumberChart,
        BubbleChart,
        AreaChart,
        StackedBarChart,
        PieChart,
        HeatmapChart,
        GaugeChart,
        FunnelChart,
        TextChart,
    )
