"""Draws figures: Plot to Vega-Lite to SVG, with the fonts and themes that pages and pictures share."""

from __future__ import annotations

from pressroom import Plot, VegaLite


def svg(figure: Plot | VegaLite, *, width: float, height: float, theme: str = "light", locale: str = "en") -> str:
    """A figure's picture, `width` by `height` CSS pixels, as SVG with selectable text in the shipped font.

    The background is transparent: the page draws the panel.

    Args:
        figure: what to draw; see `is_empty` for what to show where it has no data.
        theme: `light` or `dark`.
        locale: BCP 47 tag for numbers and dates.

    Raises:
        RenderError: it cannot be drawn; the message says why.
    """
    from pressroom_builtin.drawing.engine import draw
    from pressroom_builtin.drawing.themes import theme as named
    from pressroom_builtin.drawing.vegalite import vega_lite

    if isinstance(figure, Plot):
        spec = vega_lite(figure, width=width, height=height, theme=named(theme))
    else:
        spec = {**figure.spec, "width": width, "height": height}
    return draw(spec, None, None)
