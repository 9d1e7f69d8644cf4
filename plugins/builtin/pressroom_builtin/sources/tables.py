"""From a table's path or pattern to the files that DuckDB may read."""

from __future__ import annotations

import glob
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pressroom import SettingsError, Setup, SourceError

READERS = {
    ".csv": "read_csv",
    ".tsv": "read_csv",
    ".parquet": "read_parquet",
    ".ndjson": "read_json_auto",
    ".jsonl": "read_json_auto",
}
SHEETS = frozenset({".xlsx", ".xls", ".xlsb", ".ods"})


@dataclass(frozen=True)
class Table:
    """A table of the source.

    Attributes:
        name: in queries.
        files: absolute paths, sorted; at least one.
        reader: DuckDB's function for them.
        key: of the configuration, for messages.
    """

    name: str
    files: tuple[Path, ...]
    reader: str
    key: str


def revision(path: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of change of every file of a path or pattern; files that are not there are left out."""
    # Path.glob takes no absolute patterns
    names = sorted(glob.glob(str(path), recursive=True)) if glob.has_magic(str(path)) else [str(path)]  # noqa: PTH207
    found = []
    for name in names:
        with suppress(OSError):
            stat = Path(name).stat()
            found.append((name, stat.st_size, stat.st_mtime_ns))
    return found


def find_table(name: str, path: str, setup: Setup, key: str) -> Table:
    """The files of a table, as they are now.

    Raises:
        SettingsError: an ending that is not read, or several kinds in one pattern.
        SourceError: no such file.
    """
    base = setup.path(path)
    # Path.glob takes no absolute patterns
    found = glob.glob(str(base), recursive=True) if glob.has_magic(path) else [base]  # noqa: PTH207
    files = sorted(Path(file) for file in found)
    files = [file.resolve() for file in files if file.is_file()]
    if not files:
        raise SourceError(f"{key}: no file {path} in {setup.workspace}; mend the path or put the file there")
    endings = {_ending(file) for file in files}
    if len(endings) > 1:
        raise SettingsError(f"{key}: {path} finds files of several kinds: {', '.join(sorted(endings))}")
    ending = endings.pop()
    if ending in SHEETS:
        return Table(name, tuple(_as_parquet(file, setup, key) for file in files), "read_parquet", key)
    if ending not in READERS:
        known = ", ".join(sorted({*READERS, *SHEETS}))
        raise SettingsError(f"{key}: {path}: files ending in {ending or 'nothing'} are not read; there are {known}")
    return Table(name, tuple(files), READERS[ending], key)


def _ending(file: Path) -> str:
    return Path(file.stem).suffix.lower() if file.suffix.lower() == ".gz" else file.suffix.lower()


def _as_parquet(file: Path, setup: Setup, key: str) -> Path:
    """The first sheet as Parquet in the scratch folder, made anew where the file has changed."""
    import polars as pl

    about = file.stat()
    mark = sha256(f"{file}:{about.st_mtime_ns}:{about.st_size}".encode()).hexdigest()[:32]
    cached = setup.scratch / f"sheet-{mark}.parquet"
    if cached.exists():
        return cached.resolve()
    setup.scratch.mkdir(parents=True, exist_ok=True)
    try:
        frame = pl.read_excel(file, engine="calamine")
    except Exception as error:
        raise SourceError(f"{key}: {file.name} cannot be read as a spreadsheet: {error}") from error
    fresh = cached.with_suffix(f".{sha256(str(id(frame)).encode()).hexdigest()[:8]}.new")
    frame.write_parquet(fresh)
    fresh.replace(cached)
    return cached.resolve()
