"""The scripts of a page: Vega's, as vl-convert has them, and our own; with what allows just these two to run."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from pressroom import RenderError

SECONDS = 60
_MAKE = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle(vl_version='6.4').encode())"


@lru_cache(maxsize=2)
def bundle(scratch: Path) -> str:
    """Vega, Vega-Lite and Vega-Embed as one script; made once a workspace, and kept in `scratch`.

    Raises:
        RenderError: it cannot be made.
    """
    kept = scratch / f"vega-{version('vl-convert-python')}.js"
    if kept.is_file():
        return kept.read_text("utf-8")
    # in a process of its own: the bundler talks on stderr, and settings of the library are the process's
    try:
        command = [sys.executable, "-c", _MAKE]
        made = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True).stdout  # noqa: S603 - our own
    except (subprocess.SubprocessError, OSError) as error:
        raise RenderError(f"the page's scripts cannot be made: {error}") from error
    text = made.decode()
    if "</script" in text.lower() or "<!--" in text:
        raise RenderError("the page's scripts cannot stand in a page; install another version of vl-convert-python")
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=scratch, delete=False) as fresh:
        fresh.write(made)
    os.replace(fresh.name, kept)  # noqa: PTH105 - NamedTemporaryFile gives a name
    return text


@lru_cache(maxsize=1)
def own() -> str:
    """The script that brings the page to life."""
    return (files(__package__) / "templates" / "report.js").read_text("utf-8")


def policy(*scripts: str) -> str:
    """A content security policy: these scripts run, nothing is loaded, nothing is sent."""
    hashes = " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
