"""Draws figures: Plot to Vega-Lite to SVG, with the fonts and themes that pages and pictures share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pressroom import Number, Plot, RenderError, Text, VegaLite
from pressroom.locales import Locale

if TYPE_CHECKING:
    from pressroom import Figure
    from pressroom_builtin.drawing.themes import Theme

SMALLEST = 16.0
"""A picture has at least this many CSS pixels either way."""


def svg(figure: Plot | VegaLite, *, width: float, height: float, theme: str = "light", locale: str = "en") -> str:
    """A figure's picture as SVG, with selectable text in the shipped font.

    The background is transparent: the page draws the panel. A plot's `note` is not in the picture.

    Args:
        figure: what to draw; an empty one (see `is_empty`) gives a blank picture.
        width, height: CSS pixels. A VegaLite figure of several views keeps its own size.
        theme: `light` or `dark`.
        locale: BCP 47 tag for numbers and dates.

    Raises:
        RenderError: it cannot be drawn; the message says why.
        ValueError: there is no such theme.
    """
    from pressroom_builtin.drawing.engine import draw, draw_guest
    from pressroom_builtin.drawing.themes import theme as named

    width, height = max(width, SMALLEST), max(height, SMALLEST)
    colours, words = named(theme), Locale.of(locale)
    if isinstance(figure, VegaLite):
        return draw_guest(_guest(figure.spec, width, height, colours), words)
    if is_empty(figure):
        return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}"></svg>'
    return draw(_specified(figure, width, height, colours, words), words)


def _specified(
    plot: Plot, width: float, height: float, theme: Theme, locale: Locale, *, live: bool = False
) -> dict[str, Any]:
    from pressroom_builtin.drawing.vegalite import vega_lite

    try:
        return vega_lite(plot, width=width, height=height, theme=theme, locale=locale, live=live)
    except KeyError as error:
        raise RenderError(f"the chart cannot be drawn: the plot has no column {error}") from error
    except (ValueError, ArithmeticError) as error:
        raise RenderError(f"the chart cannot be drawn: {error}") from error


def live(
    figure: Plot | VegaLite, *, width: float, height: float, theme: str = "light", locale: str = "en"
) -> dict[str, Any]:
    """The Vega-Lite specification of a figure for a page whose readers may point at it; see `svg`.

    Raises:
        RenderError: it cannot be drawn, or names an address.
    """
    from pressroom_builtin.drawing.engine import checked
    from pressroom_builtin.drawing.themes import theme as named

    colours, words = named(theme), Locale.of(locale)
    if isinstance(figure, VegaLite):
        return checked(_guest(figure.spec, width, height, colours))
    return _specified(figure, width, height, colours, words, live=True)


def is_empty(figure: Figure) -> bool:
    """True where a figure has nothing to show: no row, or nothing but nulls in what its marks measure.

    A table's rows lie in its panel, and a VegaLite figure is opaque: for both the answer is False.
    """
    if isinstance(figure, Plot):
        return not any(_measures(figure, (mark.x, mark.y, mark.angle)) for mark in figure.marks)
    if isinstance(figure, Number):
        return not figure.items
    return isinstance(figure, Text) and not figure.markdown.strip()


def _measures(plot: Plot, names: tuple[str, ...]) -> bool:
    columns = [column.values for column in plot.columns if column.name in names]
    return any(all(value is not None for value in row) for row in zip(*columns, strict=False))


def _guest(spec: dict[str, Any], width: float, height: float, theme: Theme) -> dict[str, Any]:
    """A plugin's specification in our size and colours, where it does not say its own."""
    from pressroom_builtin.drawing.vegalite import config

    own = spec.get("config")
    dressed = {**spec, "config": {**config(theme), **(own if isinstance(own, dict) else {})}}
    if "mark" in spec or "layer" in spec:
        dressed.update(width=width, height=height, autosize={"type": "fit", "contains": "padding"})
    return dressed
