"""The font that everything is set in: Noto Sans SC, which holds Latin, Greek, Cyrillic and Chinese.

It comes as one variable file with the package `justmytype-intl-cjk`, so documents look the same on a bare
machine; fonts of the system are never used.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pressroom import MissingDependency

FAMILY = "Noto Sans SC"
"""Name of the family, in SVG and on pages."""


@cache
def font_folders() -> tuple[str, ...]:
    """Folders that hold the shipped fonts: `typst.Fonts(font_paths=...)` and the drawer take these.

    Raises:
        MissingDependency: the package is not installed; the message says how to.
    """
    spec = find_spec("justmytype_intl_cjk")
    folders = [
        Path(place) / "fonts" / "ofl" / "notosanssc" for place in (spec and spec.submodule_search_locations) or []
    ]
    found = [str(folder) for folder in folders if folder.is_dir()]
    if not found:
        raise MissingDependency("the fonts are not installed; run: pip install justmytype-intl-cjk")
    return tuple(found)
