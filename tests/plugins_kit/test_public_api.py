"""The promise to plugins changes on purpose only, and is all that a plugin needs."""

from __future__ import annotations

import difflib
import subprocess
import sys
from pathlib import Path

import pressroom
from plugins_kit.public_api import FILE, public_api


def test_the_public_api_is_what_was_promised() -> None:
    written, present = FILE.read_text(encoding="utf-8").splitlines(), public_api().splitlines()
    difference = "\n".join(difflib.unified_diff(written, present, "promised", "present", lineterm="", n=0))
    assert not difference, f"the public API changed; where that is meant: make api, and CHANGELOG.md\n{difference}"


def test_every_name_can_be_had() -> None:
    assert [name for name in pressroom.__all__ if not hasattr(pressroom, name)] == []
    stubs = Path(pressroom.__file__).read_text(encoding="utf-8").partition("_HOME = {")[0]
    assert [name for name in pressroom.__all__ if f"{name} as {name}" not in stubs] == []


def test_everything_of_the_api_says_what_it_is() -> None:
    silent = [
        name
        for name in pressroom.__all__
        if isinstance(getattr(pressroom, name), type) and not getattr(pressroom, name).__doc__
    ]
    assert silent == []


def test_the_pytest_plugin_loads_nothing() -> None:
    """It comes with every run of pytest where Pressroom is installed."""
    code = (
        "import sys, pytest; before = set(sys.modules); import pressroom.testing.plugin;"
        "print(sorted(name for name in set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pressroom', 'pressroom.testing', 'pressroom.testing.plugin']"
