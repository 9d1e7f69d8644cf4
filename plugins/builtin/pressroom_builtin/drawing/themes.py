"""The light and the dark theme that pages, pictures and plots share.

The palette follows Okabe and Ito's, which people with colour-blindness can tell apart, tuned so that every
colour has a contrast of at least 3 to the theme's background.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Theme:
    """Colours, all as `#rrggbb`.

    Attributes:
        page: of the paper.
        panel: behind a chart.
        border: around a panel, between table rows.
        text, muted: of titles and values; of axis labels, notes and headers.
        grid: lines behind a plot.
        stripe: every second row of a table.
        good, bad: a number that went up or down.
        warning: between them.
        error: of the box that stands for a chart that failed.
        palette: colours of series, in order.
        ramp: two ends of a continuous colour.
    """

    name: str
    page: str
    panel: str
    border: str
    text: str
    muted: str
    grid: str
    stripe: str
    good: str
    bad: str
    warning: str
    error: str
    palette: tuple[str, ...]
    ramp: tuple[str, str]


LIGHT = Theme(
    name="light",
    page="#ffffff",
    panel="#ffffff",
    border="#dfe3ea",
    text="#1c2430",
    muted="#5b6675",
    grid="#e6e9ef",
    stripe="#f6f7fa",
    good="#0b7a5a",
    bad="#b93815",
    warning="#b7791f",
    error="#b42318",
    palette=(
        "#2f6fde", "#d9730d", "#0a8f6f", "#b5478c", "#8a7400", "#2292c7", "#c43d2f", "#6b56c9", "#6b7280",
        "#7a4a1d", "#4d8a1f", "#9b3a6b",
    ),
    ramp=("#9cc3f5", "#0b2f73"),
)  # fmt: skip

DARK = Theme(
    name="dark",
    page="#111418",
    panel="#181c22",
    border="#2b313a",
    text="#e7eaee",
    muted="#a0a9b6",
    grid="#2a3038",
    stripe="#1d2229",
    good="#3ecf9f",
    bad="#ff8a65",
    warning="#e3b341",
    error="#ff7b72",
    palette=(
        "#6ea1ff", "#f0a04b", "#3ec79d", "#e38ac0", "#d6c34a", "#62c3ee", "#f27a6b", "#a796f5", "#9aa3af",
        "#c9975f", "#9bcf62", "#d98aae",
    ),
    ramp=("#3a66b0", "#d6e5ff"),
)  # fmt: skip

_HEX = re.compile(r"^#[0-9a-fA-F]{6}$")
_NAMED = ("good", "bad", "warning", "grid", "muted")
_THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


def theme(name: str) -> Theme:
    """The theme of that name, `light` or `dark`.

    Raises:
        ValueError: there is none.
    """
    try:
        return _THEMES[name]
    except KeyError:
        raise ValueError(f"{name!r} is no theme; write light or dark") from None


def series_colors(count: int, chosen: Sequence[str], theme: Theme) -> list[str]:
    """A colour for each series: as `Plot.colors` says, else the theme's next."""
    found = []
    for number in range(count):
        color = chosen[number] if number < len(chosen) else ""
        found.append(getattr(theme, color) if color in _NAMED else color or theme.palette[number % len(theme.palette)])
    return found


def on(background: str, theme: Theme) -> str:
    """White or nearly black, whichever can be read better on a colour; the theme's text where that is no `#rrggbb`."""
    channels = _channels(background)
    if channels is None:
        return theme.text
    light = sum(weight * _linear(value) for weight, value in zip((0.2126, 0.7152, 0.0722), channels, strict=True))
    return "#ffffff" if 1.05 / (light + 0.05) > (light + 0.05) / 0.06 else "#14181f"


def between(share: float, theme: Theme) -> str:
    """The colour that far along the theme's ramp."""
    low, high = (_channels(end) or (0, 0, 0) for end in theme.ramp)
    mixed = (round(a + (b - a) * min(1.0, max(0.0, share))) for a, b in zip(low, high, strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def _channels(color: str) -> tuple[int, ...] | None:
    if not _HEX.match(color):
        return None
    return tuple(int(color[place : place + 2], 16) for place in (1, 3, 5))


def _linear(value: int) -> float:
    share = value / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
