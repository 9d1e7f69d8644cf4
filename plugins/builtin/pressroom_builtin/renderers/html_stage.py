"""The charts of a page with scripts: their specifications, for wide and narrow screens, in both themes.

What is the same in several of them, the rows above all, is in the page once.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pressroom import Panel, Plot, VegaLite
from pressroom_builtin import drawing
from pressroom_builtin.renderers.web_panels import THEMES

NARROW = (340.0, 260.0)
"""CSS pixels of a chart on a phone."""
PHONE = 520.0
"""Charts that are narrower than this are shown on a phone as they are."""


class Charts:
    """Takes charts as they are drawn, and gives what the page's script reads."""

    def __init__(self) -> None:
        self._pool: dict[bytes, int] = {}
        self._charts: dict[str, dict[str, Any]] = {}

    def add(self, panel: Panel, figure: Plot | VegaLite, number: int, size: tuple[float, float], locale: str) -> None:
        """See `web_panels.Stage`."""
        sizes = {"wide": size}
        if isinstance(figure, Plot) and size[0] > PHONE:
            sizes["narrow"] = (NARROW[0], max(NARROW[1], min(size[1], 2 * NARROW[1])))
        self._charts[str(number)] = {
            theme.name: {
                name: self._stored(drawing.live(figure, width=width, height=height, theme=theme.name, locale=locale))
                for name, (width, height) in sizes.items()
            }
            for theme in THEMES
        }

    def _stored(self, spec: dict[str, Any]) -> dict[str, Any]:
        """The specification with numbers of the pool in place of its datasets."""
        data = spec.get("data")
        if not isinstance(data, dict) or not isinstance(data.get("values"), list) or len(data["values"]) < 2:
            return spec
        number = self._pool.setdefault(msgspec.json.encode(data["values"]), len(self._pool))
        kept = {name: value for name, value in data.items() if name != "values"}
        return {**spec, "data": {**kept, "name": f"rows{number}"}, "usermeta": {"rows": number}}

    def json(self, words: dict[str, Any]) -> str:
        """Everything as JSON that can stand in a script element; `words` are added."""
        rows = [msgspec.Raw(each) for each in self._pool]
        # what JSON lacks, such as NaN, is null; nothing ends a script element, or a line in old readers of JavaScript
        text = msgspec.json.encode({"rows": rows, "charts": self._charts, **words}).decode()
        for character in "<>&\u2028\u2029":
            text = text.replace(character, f"\\u{ord(character):04x}")
        return text
