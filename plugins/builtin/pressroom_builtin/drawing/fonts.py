"""The fonts that everything is set in: Noto Sans SC, and Noto Sans for the letters that it lacks.

Noto Sans SC holds Chinese and the Latin of western Europe; Noto Sans the rest of Latin, Greek and Cyrillic, such as
the letters of Polish, Turkish and Ukrainian. They come as variable files with Python packages, so documents look the
same on a bare machine; fonts of the system are never used.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from pressroom import MissingDependency

FAMILY = "Noto Sans SC"
"""Name of the family, in SVG."""
FAMILIES = (FAMILY, "Noto Sans")
"""Names of all families, the first that has a letter sets it."""
LETTERS = re.compile("[\u0100-\u024f\u0370-\u052f\u1e00-\u1fff]")
"""What the first family would put together from a letter and an accent, badly, or lacks; as in the page template."""
_PACKAGES = {
    "justmytype-intl-cjk": ("justmytype_intl_cjk", "fonts/ofl/notosanssc"),
    "fontpkg-noto-sans": ("fontpkg_noto_sans", "files"),
}
"""Module and folder of the families' packages, in the same order."""


@cache
def font_folders() -> tuple[str, ...]:
    """Folders that hold the shipped fonts: `typst.Fonts(font_paths=...)` and the drawer take these.

    Raises:
        MissingDependency: a package is not installed; the message says how to.
    """
    return tuple(_folder(package, *place) for package, place in _PACKAGES.items())


def _folder(package: str, module: str, inside: str) -> str:
    spec = find_spec(module)
    for place in (spec and spec.submodule_search_locations) or ():
        folder = Path(place) / inside
        if folder.is_dir():
            return str(folder)
    raise MissingDependency(f"a font is not installed; run: pip install {package}")
