"""The files that people hand over, read but not yet checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pressroom.definitions.document import MAX_BYTES, Document, Reading, read_documents
from pressroom.errors import Problem

SUFFIXES = (".yaml", ".yml", ".json")
"""What is read of a folder."""


@dataclass(frozen=True)
class Bundle:
    """What one `apply` is about.

    Attributes:
        documents: in the order of the files.
        problems: files that are missing or broken, keys that are there twice.
        whole: False where a file could not be read to its end, so that what it defines is unknown.
    """

    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()
    whole: bool = True


def load_files(paths: Iterable[str | Path]) -> Bundle:
    """Read definition files; of a folder, every YAML and JSON file directly in it; each file once.

    Never raises for what a file holds: its mistakes are in `problems`, and `check` raises them with the rest.
    """
    readings: list[Reading] = []
    seen: set[Path] = set()
    for path in paths:
        for file in _files(Path(path)):
            if isinstance(file, Problem):
                readings.append(Reading((), (file,), whole=False))
            elif file.resolve() not in seen:
                seen.add(file.resolve())
                readings.append(_load(file))
    return _bundle(readings)


def load_text(text: str | bytes, file: str | None = None) -> Bundle:
    """Read definitions from YAML or JSON text; `file` is its name in messages."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return _bundle([read_documents(data, file)])


def _bundle(readings: list[Reading]) -> Bundle:
    documents = tuple(document for reading in readings for document in reading.documents)
    problems = tuple(problem for reading in readings for problem in reading.problems)
    return Bundle(documents, problems, all(reading.whole for reading in readings))


def _files(path: Path) -> Iterator[Path | Problem]:
    if not path.is_dir():
        yield path
        return
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
    if not found:
        yield Problem(f"the folder holds no {', '.join(SUFFIXES)} file", file=str(path))
    yield from found


def _load(file: Path) -> Reading:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return Reading((), (Problem(f"cannot be read: {reason}", file=str(file)),), whole=False)
    return read_documents(data, str(file))
