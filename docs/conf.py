"""Sphinx: Markdown by MyST, reference pages generated from the code by `_ext/generated.py`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

from pressroom import __version__

project = "Pressroom"
author = "The Pressroom authors"
copyright = author
release = __version__
extensions = ["myst_parser", "generated"]
exclude_patterns = ["_build", "reference/generated"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Pressroom"
html_static_path: list[str] = []
highlight_language = "text"
nitpicky = True
