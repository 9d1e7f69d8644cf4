"""Parts of a run: the report made once for each distinct set of values that its recipients get to see.

A report whose recipients are named in it has one part, which lies in the run's folder itself. The parts of a
burst lie in folders of their own below it, named by a digest of their values, so that one cannot be taken for
another whatever the values look like.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pressroom.templating import one_line

FOLDER = "parts"
LONGEST_LABEL = 200
"""Characters; a value may be as long as a cell of a table."""
Part = tuple[tuple[str, tuple[str, ...]], ...]
"""Values of variables by name, sorted; empty for the report's own."""
OWN: Part = ()


def part_of(variables: Mapping[str, Sequence[str]]) -> Part:
    """The part that these values make."""
    return tuple(sorted((name, tuple(values)) for name, values in variables.items()))


def variables_of(part: Part) -> dict[str, list[str]]:
    """The values of a part, as definitions and the ledger have them."""
    return {name: list(values) for name, values in part}


def label(part: Part) -> str:
    """A part's values for people, such as `region: EU, team: a, b`, cut short; empty for the report's own."""
    return one_line(", ".join(f"{name}: {', '.join(values)}" for name, values in part), LONGEST_LABEL)


def place(part: Part) -> str:
    """Where a part lies, relative to the run's folder; empty for the folder itself."""
    if part == OWN:
        return ""
    digest = hashlib.sha256(json.dumps(part).encode()).hexdigest()
    return f"{FOLDER}/{digest[:32]}"


def part_folder(folder: Path, part: Part) -> Path:
    """Where a part lies; `folder` is the run's."""
    return folder / place(part)
