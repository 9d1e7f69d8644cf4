"""The letters that a page shows, cut out of the shipped fonts: it looks like the PDF on every machine, and offline."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO
from pathlib import Path

from pressroom_builtin.drawing.fonts import FAMILY, font_folders
from pressroom_builtin.drawing.measure import upright

RANGES = ("U+0-10FFFF", "U+100-24F, U+370-52F, U+1E00-1FFF")
"""What each family sets, as in `drawing.fonts.LETTERS`; of two that have a letter, browsers take the later one."""
ALWAYS = "".join(map(chr, range(0x20, 0x7F)))
MOST = 4_000
"""Different letters of a page, which take 2 seconds and 1.7 MB; the reader's own font sets pages with more."""
_LEFT_OUT = ["GSUB", "GPOS", "GDEF", "BASE", "STAT", "vhea", "vmtx", "VORG", "MVAR"]
"""Tables that browsers do without."""


def faces(text: str) -> str:
    """Style rules that hold the fonts of a text's letters; none for more letters than `MOST`.

    The same letters give the same rules.
    """
    letters = {ord(letter) for letter in {*text, *ALWAYS} if letter >= " "}
    if len(letters) > MOST:
        return ""
    rules = []
    for folder, wanted in zip(font_folders(), RANGES, strict=True):
        content = _cut(upright(folder), letters)
        rules.append(
            f'@font-face {{ font-family: "{FAMILY}"; font-weight: 100 900; unicode-range: {wanted}; '
            f"src: url(data:font/woff;base64,{b64encode(content).decode()}) }}"
        )
    return "\n".join(rules)


def _cut(file: Path, letters: set[int]) -> bytes:
    from fontTools import subset

    options = subset.Options(
        layout_features=[], hinting=False, notdef_outline=True, name_IDs=[1, 2], recalc_timestamp=False, flavor="woff"
    )
    options.drop_tables += _LEFT_OUT
    out = BytesIO()
    with subset.load_font(str(file), options, lazy=True) as font:
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=letters)
        cutter.subset(font)
        subset.save_font(font, out, options)
    return out.getvalue()
