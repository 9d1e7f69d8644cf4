"""The files that people hand over, read but not yet checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pressroom.definitions.document import MAX_BYTES, Document, read_documents
from pressroom.errors import Problem

SUFFIXES = (".yaml", ".yml", ".json")
"""What is read of a folder."""


@dataclass(frozen=True)
class Bundle:
    """What one `apply` is about.

    Attributes:
        documents: in the order of the files.
        problems: files that are missing or broken, keys that are there twice.
    """

    documents: tuple[Document, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def broken(self) -> bool:
        """True where a file could not be read to its end, so that what it defines is unknown."""
        return any(not problem.field for problem in self.problems)


def load_files(paths: Iterable[str | Path]) -> Bundle:
    """Read definition files; of a folder, every YAML and JSON file directly in it.

    Never raises for what a file holds: its mistakes are in `problems`, and `check` raises them with the rest.
    """
    documents: list[Document] = []
    problems: list[Problem] = []
    seen: set[Path] = set()
    for path in paths:
        for file, problem in _files(Path(path)):
            if problem:
                problems.append(problem)
            elif file.resolve() not in seen:
                seen.add(file.resolve())
                found, wrong = _load(file)
                documents += found
                problems += wrong
    return Bundle(tuple(documents), tuple(problems))


def load_text(text: str | bytes, file: str | None = None) -> Bundle:
    """Read definitions from YAML or JSON text; `file` is its name in messages."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    documents, problems = read_documents(data, file)
    return Bundle(tuple(documents), tuple(problems))


def _files(path: Path) -> Iterator[tuple[Path, Problem | None]]:
    if not path.is_dir():
        yield path, None
        return
    found = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES and file.is_file())
    if not found:
        yield path, Problem(f"the folder holds no {', '.join(SUFFIXES)} file", file=str(path))
    for file in found:
        yield file, None


def _load(file: Path) -> tuple[list[Document], list[Problem]]:
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        return [], [Problem(f"cannot be read: {error.strerror or error}", file=str(file))]
    return read_documents(data, str(file))
