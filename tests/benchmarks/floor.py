"""The floor: the same vector content drawn by ReportLab's canvas, without any layout or chart engine."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from pressroom import Edition, Number, Plot, PlotColumn, Table
from pressroom_builtin.drawing.fonts import font_folders
from pressroom_builtin.drawing.themes import LIGHT
from pressroom_builtin.renderers.arrange import Area, Placed, grid

WIDTH, HEIGHT, MARGIN, UNIT = 841.89, 595.28, 28.35, 0.8


def prepare() -> None:
    """Register the font, once a process."""
    file = next(Path(font_folders()[0]).glob("*.ttf"))
    pdfmetrics.registerFont(TTFont("Sans", str(file)))


def draw(edition: Edition, folder: Path) -> bytes:
    """The edition as PDF."""
    out = BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=1)
    section = edition.sections[0]
    area = Area(WIDTH - 2 * MARGIN, 490.0, 495.0, UNIT)
    for number, sheet in enumerate(grid(section.panels, area), 1):
        _text(canvas, MARGIN, HEIGHT - MARGIN - 14, section.title, 14)
        _text(canvas, WIDTH / 2, 20, f"Page {number}", 8)
        for placed in sheet:
            _panel(canvas, placed, folder)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _text(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    canvas.setFont("Sans", size)
    canvas.setFillColor("#222222")
    canvas.drawString(x, y, text)


def _panel(canvas: Canvas, placed: Placed, folder: Path) -> None:
    left, bottom = MARGIN + placed.x, HEIGHT - MARGIN - 40 - placed.y - placed.height
    canvas.setStrokeColor(LIGHT.border)
    canvas.roundRect(left, bottom, placed.width, placed.height, 2)
    _text(canvas, left + 5, bottom + placed.height - 14, placed.panel.title, 9.6)
    figure = placed.panel.figure
    inside = (left + 34, bottom + 24, placed.width - 44, placed.height - 46)
    if isinstance(figure, Plot):
        _plot(canvas, figure, inside)
    elif isinstance(figure, Number):
        _text(canvas, inside[0], inside[1] + inside[3] / 2, f"{figure.items[0].value:,}", 30)
    elif isinstance(figure, Table):
        _table(canvas, placed, folder, inside)


def _plot(canvas: Canvas, plot: Plot, inside: tuple[float, float, float, float]) -> None:
    mark = plot.marks[0]
    xs, ys = (_scale(plot.column(name)) for name in (mark.x, mark.y))
    left, bottom, width, height = inside
    canvas.setStrokeColor(LIGHT.grid)
    for step in range(6):
        y = bottom + height * step / 5
        canvas.line(left, y, left + width, y)
        _text(canvas, left - 26, y - 3, f"{step * 20}", 8.8)
        _text(canvas, left + width * step / 5, bottom - 12, f"Jan {step}", 8.8)
    points = [(left + x * width, bottom + y * height) for x, y in zip(xs, ys, strict=True)]
    if mark.kind == "line":
        _lines(canvas, points, plot.column(mark.series).values)
    elif mark.kind == "bar":
        canvas.setFillColor(LIGHT.palette[0])
        for (x, y), label in zip(points, plot.columns[0].values, strict=True):
            canvas.rect(x, bottom, 9, y - bottom, stroke=0, fill=1)
            _text(canvas, x, bottom - 22, str(label), 8.8)
            canvas.setFillColor(LIGHT.palette[0])
    else:
        canvas.setStrokeColor(LIGHT.palette[0])
        for x, y in points:
            canvas.circle(x, y, 6)


def _lines(canvas: Canvas, points: Sequence[tuple[float, float]], series: Sequence[Any]) -> None:
    path, color = canvas.beginPath(), 0
    path.moveTo(*points[0])
    for (before, after), point in zip(pairwise(series), points[1:], strict=True):
        if before == after:
            path.lineTo(*point)
            continue
        canvas.setStrokeColor(LIGHT.palette[color])
        canvas.drawPath(path)
        path, color = canvas.beginPath(), color + 1
        path.moveTo(*point)
    canvas.setStrokeColor(LIGHT.palette[color])
    canvas.drawPath(path)


def _scale(column: PlotColumn) -> list[float]:
    """Values between 0 and 1; texts by their place."""
    numbers = [float(value) if isinstance(value, int | float) else float(at) for at, value in enumerate(column.values)]
    low, high = min(numbers), max(numbers)
    return [(number - low) / (high - low or 1) for number in numbers]


def _table(canvas: Canvas, placed: Placed, folder: Path, inside: tuple[float, float, float, float]) -> None:
    rows = placed.panel.rows
    assert rows is not None
    left, bottom, width, height = inside
    y = bottom + height
    canvas.setStrokeColor(LIGHT.border)
    for row in rows.dataset(folder).frame().iter_rows():
        if y < MARGIN + 20:
            canvas.showPage()
            canvas.setStrokeColor(LIGHT.border)
            left, width, y = MARGIN, WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
        for index, value in enumerate(row):
            _text(canvas, left + width * index / len(row), y, str(value), 8.4)
        canvas.line(left, y - 3, left + width, y - 3)
        y -= 13
