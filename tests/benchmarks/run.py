"""Runs every benchmark and prints one table; names of benchmarks as arguments run only these."""

from __future__ import annotations

import sys
from importlib import import_module

BENCHMARKS = (
    "pdf_report",
    "memory",
    "csv_rows",
    "results_api",
    "reporting_api",
    "startup",
    "many_plugins",
    "recurrence",
    "planning",
    "celery_soak",
    "steps",
    "scale",
    "burst",
    "soak",
)


def main(names: list[str]) -> int:
    """Exit status."""
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        for what, figure in import_module(name).main():
            print(f"{what:46} {figure}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
