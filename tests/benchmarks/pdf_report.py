"""CPU seconds of one report to PDF, warm: Pressroom, the floor, headless Chromium, in turns in one run."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import floor
import sample
from browser import Browser
from measure import cpu

from pressroom import Context, Edition, PluginConfig, Setup
from pressroom_builtin.renderers.pdf import PdfOptions, PdfRenderer

WARM, ROUNDS = 3, 12
Draw = Callable[[Edition, Path], object]


def pressroom(edition: Edition, folder: Path) -> None:
    """Render with the pdf renderer."""
    renderer = PdfRenderer(PluginConfig(), Setup(instance="pdf", workspace=folder, scratch=folder))
    documents = list(renderer.render(edition, PdfOptions(), Context(folder)))
    assert not documents[0].warnings, documents[0].warnings


def median_cpu(draw: Draw, folder: Path, clock: Callable[[], float], rounds: int) -> float:
    """The median of the CPU seconds of `rounds` reports with other data each; making the data is not counted."""
    used = []
    for seed in range(WARM + rounds):
        edition = sample.edition(folder, seed)
        before = clock()
        draw(edition, folder)
        used.append(clock() - before)
    return statistics.median(used[WARM:])


def main(rounds: int = ROUNDS) -> list[tuple[str, str]]:
    """Rows of the printed table."""
    floor.prepare()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = median_cpu(pressroom, folder, cpu, rounds)
        least = median_cpu(floor.draw, folder, cpu, rounds)
        rows = [
            ("PDF report, CPU s", f"{ours:.3f}"),
            ("  reportlab canvas (floor), CPU s", f"{least:.3f}"),
            ("  times the floor (at most 4.5, aim 3)", f"{ours / least:.2f}"),
        ]
        try:
            with Browser() as browser:
                theirs = median_cpu(browser.draw, folder, lambda: cpu() + browser.cpu(), rounds)
        except LookupError as error:
            return [*rows, ("  headless Chromium", str(error))]
    rows.append(("  headless Chromium, warm tab, CPU s", f"{theirs:.3f}"))
    return [*rows, ("  times ahead of it (at least 1.3, aim 2)", f"{theirs / ours:.2f}")]


if __name__ == "__main__":
    for what, figure in main():
        print(f"{what:46} {figure}")
