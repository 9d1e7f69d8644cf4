"""`footerItems` of the report settings: what stands at the foot of a PDF's pages, from left to right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

import pydantic

from pressroom_builtin.grafana.reading import Body, NumberText

_KINDS = {
    "page": "page",
    "pagenumber": "page",
    "date": "date",
    "text": "text",
    "fixedtext": "text",
    "logo": "logo",
    "spacer": "space",
    "flexspacer": "space",
}
_LOGO_SIZES = {"small": 24.0, "medium": 36.0, "large": 48.0, "extralarge": 64.0}
_COLOR = re.compile("#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")

Text = Annotated[NumberText, pydantic.Field(max_length=500)]


class FooterBody(Body):
    """An item; what it is called and how it is written is the client's: unknown words are kept and mean nothing."""

    type: Text = ""
    value: Text = ""
    color: Text = ""
    font_size: Text = ""
    font_style: Text = ""
    font_weight: Text = ""


def to_footer(items: Sequence[FooterBody]) -> list[dict[str, Any]]:
    """The items that are known, as in a project's branding."""
    return [_item(item, kind) for item in items if (kind := _KINDS.get(_word(item.type)))]


def _item(item: FooterBody, kind: str) -> dict[str, Any]:
    size = (
        _LOGO_SIZES.get(_word(item.value)) or _pixels(item.value) or 36.0 if kind == "logo" else _pixels(item.font_size)
    )
    return {
        "kind": kind,
        "text": item.value if kind in ("text", "date") else "",
        "size": size,
        "bold": item.font_weight.lower() in ("bold", "bolder", "600", "700", "800", "900"),
        "italic": item.font_style.lower() in ("italic", "oblique"),
        "color": item.color if _COLOR.fullmatch(item.color) else "",
    }


def _word(text: str) -> str:
    """`Page number`, `page-number` and `pageNumber` are one word."""
    return "".join(letter for letter in text.lower() if letter.isalpha())


def _pixels(text: str) -> float:
    """`12` or `12px`; 0 where it says no size that fits a footer."""
    found = re.fullmatch(r"([0-9]{1,3})(?:\.[0-9]+)?\s*(?:px)?", text.strip())
    return float(found.group(1)) if found and 4 <= int(found.group(1)) <= 64 else 0.0
