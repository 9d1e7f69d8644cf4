"""The report that is measured: ten charts (four of them 5 lines of 500 points), a number and a table of 200 rows."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from pressroom import (
    Axis,
    Column,
    Edition,
    Figure,
    Grid,
    Kind,
    Mark,
    Number,
    Panel,
    Plot,
    PlotColumn,
    Role,
    Rows,
    Section,
    Spool,
    Table,
)

START = datetime(2013, 1, 1, tzinfo=UTC)
CITIES = ("上海", "北京", "广州", "深圳", "New York", "Chicago", "Warszawa", "São Paulo", "成都", "杭州")


def edition(folder: Path, seed: int = 1) -> Edition:
    """The report with other numbers for every seed; its table's rows are spooled into `folder`."""
    random.seed(seed)
    figures: list[tuple[str, Figure]] = [(f"Visits by city {index}", lines()) for index in range(4)]
    figures += [("Orders by day", bars("vertical")), ("Revenue by day", bars("vertical"))]
    figures += [("Top cities 城市", bars("horizontal")), ("Top sites 网站", bars("horizontal"))]
    figures += [("Price and volume", bubbles()), ("Up and down", bars("two-way"))]
    panels = [
        Panel(
            uid=f"p{index}",
            title=title,
            type="chart",
            grid=Grid(x=index % 2 * 12, y=index // 2 * 8, w=12, h=8),
            figure=figure,
        )
        for index, (title, figure) in enumerate(figures)
    ]
    item = Number.Item(value=random.randint(10**5, 10**7), label="Visitors", previous=900_000)
    panels.append(
        Panel(uid="n", title="Visitors", type="number", grid=Grid(x=0, y=40, w=6, h=8), figure=Number(items=(item,)))
    )
    grid = Grid(x=6, y=40, w=18, h=8)
    panels.append(Panel(uid="t", title="Orders", type="table", grid=grid, figure=Table(), rows=table_rows(folder, 200)))
    section = Section(
        uid="bench",
        title="Shop overview 概览",
        description="",
        start=START,
        end=START + timedelta(days=31),
        zone="UTC",
        choices=(),
        panels=tuple(panels),
    )
    return Edition(
        report="bench",
        title="Shop overview",
        filename="shop-overview",
        author="Demo",
        locale="en",
        zone="UTC",
        planned_at=START,
        composed_at=START,
        sections=(section,),
    )


def lines(series: int = 5, points: int = 500) -> Plot:
    """Random walks over hours."""
    times: list[int] = []
    names: list[str] = []
    values: list[float] = []
    for number in range(series):
        level = 100.0 + 40 * number
        for point in range(points):
            level += random.gauss(0, 4)
            times.append(int(START.timestamp() * 1000) + point * 3_600_000)
            names.append(CITIES[number])
            values.append(round(level, 2))
    return Plot(
        columns=(
            PlotColumn(name="time", kind=Kind.time, values=list(times)),
            PlotColumn(name="city", kind=Kind.text, values=list(names)),
            PlotColumn(name="visits", kind=Kind.number, values=list(values)),
        ),
        marks=(Mark(kind="line", x="time", y="visits", series="city"),),
        x=Axis(kind="time"),
        y=Axis(zero=False),
        bucket="1h",
        legend="bottom",
    )


def bars(kind: str) -> Plot:
    """30 bars over days, or 10 over cities."""
    if kind == "vertical":
        names = [(START + timedelta(days=day)).strftime("%d %b") for day in range(30)]
    else:
        names = list(CITIES)
    low = -500 if kind == "two-way" else 0
    values = [random.randint(low, 1000) for _ in names]
    category = PlotColumn(name="name", kind=Kind.text, values=list(names))
    amount = PlotColumn(name="amount", kind=Kind.number, values=list(values))
    axis, number = Axis(kind="category"), Axis()
    if kind == "vertical":
        return Plot(columns=(category, amount), marks=(Mark(kind="bar", x="name", y="amount"),), x=axis, y=number)
    return Plot(columns=(category, amount), marks=(Mark(kind="bar", x="amount", y="name"),), x=number, y=axis)


def bubbles() -> Plot:
    """40 bubbles."""
    columns = {name: [round(random.uniform(1, 100), 1) for _ in range(40)] for name in ("price", "volume", "margin")}
    return Plot(
        columns=tuple(PlotColumn(name=name, kind=Kind.number, values=list(values)) for name, values in columns.items()),
        marks=(Mark(kind="point", x="price", y="volume", size="margin"),),
        x=Axis(title="Price"),
        y=Axis(title="Volume"),
    )


def table_rows(folder: Path, rows: int) -> Rows:
    """Orders with a time, two texts and three numbers, in a spool."""
    frame = pl.DataFrame(
        {
            "time": [START + timedelta(minutes=17 * row) for row in range(rows)],
            "order": [f"A-{10_000 + row}" for row in range(rows)],
            "city": [CITIES[row % len(CITIES)] for row in range(rows)],
            "items": [random.randint(1, 40) for _ in range(rows)],
            "price": [round(math.exp(random.gauss(4, 1)), 2) for _ in range(rows)],
            "margin": [random.random() if row % 9 else None for row in range(rows)],
        },
        schema_overrides={"time": pl.Datetime("ms", "UTC")},
    )
    columns = (
        Column(name="time", role=Role.time, kind=Kind.time, label="Time"),
        Column(name="order", role=Role.dimension, kind=Kind.text, label="Order"),
        Column(name="city", role=Role.dimension, kind=Kind.text, label="City 城市"),
        Column(name="items", role=Role.metric, kind=Kind.number, label="Items"),
        Column(name="price", role=Role.metric, kind=Kind.number, label="Price", unit="€", format="0.00"),
        Column(name="margin", role=Role.metric, kind=Kind.number, label="Margin", format="0.0%"),
    )
    frame.write_ipc(folder / "orders.arrow", compression="uncompressed")
    return Rows(columns=columns, spool=Spool(parts=("orders.arrow",), rows=rows))
