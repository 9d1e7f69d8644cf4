"""The scripts of a page: Vega's, as vl-convert has them, and our own; with what allows just these two to run."""

from __future__ import annotations

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


_bundles: dict[str, str] = {}


def bundle(scratch: Path) -> str:
    """Vega, Vega-Lite and Vega-Embed as one script; made once a workspace, and kept in `scratch`.

    Raises:
        RenderError: it cannot be made.
    """
    name = f"vega-{version('vl-convert-python')}.js"
    if name not in _bundles:
        kept = scratch / name
        if not kept.is_file():
            _keep(_made(), kept)
        _bundles[name] = kept.read_text("utf-8")
    return _bundles[name]


def _made() -> bytes:
    # in a process of its own: the bundler talks on stderr, and settings of the library are the process's
    command = [sys.executable, "-c", _MAKE]
    try:
        made = subprocess.run(command, capture_output=True, timeout=SECONDS, check=True).stdout  # noqa: S603 - our own
    except (subprocess.SubprocessError, OSError) as error:
        raise RenderError(f"the page's scripts cannot be made: {error}") from error
    if b"</script" in made.lower() or b"<!--" in made:
        raise RenderError("the page's scripts cannot stand in a page; install another version of vl-convert-python")
    return made


def _keep(made: bytes, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, delete=False) as fresh:
        fresh.write(made)
    Path(fresh.name).replace(place)


@lru_cache(maxsize=1)
def own() -> str:
    """The script that brings the page to life."""
    return (files(__package__) / "templates" / "report.js").read_text("utf-8")


def policy(*scripts: str) -> str:
    """A content security policy: these scripts run, nothing is loaded, nothing is sent."""
    hashes = " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; font-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
