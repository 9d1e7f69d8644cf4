"""Resident memory of one worker over 200 reports with other data each."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import sample
from measure import child, peak, rss

REPORTS = 200


def worker(reports: int) -> dict[str, float]:
    """Render; megabytes after half of the reports and after all."""
    from pdf_report import pressroom

    half = 0.0
    with tempfile.TemporaryDirectory() as name:
        for number in range(1, reports + 1):
            pressroom(sample.edition(Path(name), number), Path(name))
            if number == reports // 2:
                half = rss()
            if os.environ.get("VERBOSE") and number % 20 == 0:
                print(number, round(rss()), file=sys.stderr)
    return {"half": half, "end": rss(), "peak": peak()}


def main() -> list[tuple[str, str]]:
    """Rows of the printed table."""
    found = child("memory.py", "worker", str(REPORTS), MALLOC_ARENA_MAX="1")
    return [
        (f"MB after {REPORTS // 2} reports in one worker", f"{found['half']:.0f}"),
        (f"MB after {REPORTS} (at most 700, aim 500; peak {found['peak']:.0f})", f"{found['end']:.0f}"),
        ("  growth (at most 5 %)", f"{100 * (found['end'] / found['half'] - 1):.1f} %"),
    ]


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        print(json.dumps(worker(int(sys.argv[2]))))
    else:
        for what, figure in main():
            print(f"{what:46} {figure}")
