"""How long `pressroom --help` takes, against importing Typer alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROUNDS = 7


def _cpu(command: list[str]) -> float:
    """The least CPU seconds of some calls."""
    least = float("inf")
    for _ in range(ROUNDS):
        before = os.times()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
        after = os.times()
        least = min(least, after.children_user + after.children_system - before.children_user - before.children_system)
    return least


def main() -> list[tuple[str, str]]:
    """Rows of the printed table."""
    program = Path(sys.executable).with_name("pressroom")
    typer = _cpu([sys.executable, "-c", "import typer"])
    try:
        help_ = _cpu([str(program), "--help"])
    except (OSError, subprocess.CalledProcessError) as error:
        return [("pressroom --help", f"failed: {error}")]
    return [
        ("pressroom --help, CPU s", f"{help_:.2f}"),
        ("  import typer, CPU s", f"{typer:.2f}"),
        ("  times that (under 2.5)", f"{help_ / typer:.2f}"),
    ]


if __name__ == "__main__":
    for what, figure in main():
        print(f"{what:46} {figure}")
