"""The renderers as plugins: names, options, and an import that costs nothing."""

from __future__ import annotations

import subprocess
import sys

from pressroom_builtin.renderers import register_renderers


def test_they_are_registered_with_their_formats():
    found = {kind.name: (kind.suffix, kind.media_type) for kind in register_renderers()}
    assert found == {
        "pdf": (".pdf", "application/pdf"),
        "csv": (".csv", "text/csv"),
        "image": (".png", "image/png"),
        "xlsx": (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        "html": (".html", "text/html"),
        "markdown": (".md", "text/markdown"),
    }
    assert all(kind.missing() is None for kind in register_renderers())


def test_options_explain_themselves():
    for kind in register_renderers():
        assert all(field.description for field in kind.Options.model_fields.values()), kind.name
        kind.Options()


def test_importing_them_loads_no_engine():
    script = (
        "import sys; from pressroom_builtin.renderers import register_renderers; register_renderers();"
        "heavy = {'typst', 'vl_convert', 'polars', 'pypdf', 'PIL', 'markdown_it', 'duckdb', 'xlsxwriter', 'jinja2'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
