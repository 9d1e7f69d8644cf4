"""Output of the commands: tables and JSON to standard output; notes, progress and errors to standard error.

Colours and rich's layout appear on a terminal only; a pipe gets plain text. Part of the command line's
public face: plugins' commands use it as well.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TextIO

import typer

if TYPE_CHECKING:
    from pressroom.context import Cancellation
    from pressroom.host import Host

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
Report = Callable[[str, float], None]
"""Takes a note and the share that is done, 0 to 1."""


def open_host(context: typer.Context) -> Host:
    """The workspace's host, for a command that needs one.

    Raises:
        SettingsError: there is no workspace, or its settings are wrong.
    """
    host: Host = context.find_root().obj.host()
    return host


def examples(*lines: str) -> str:
    """The end of a command's help: examples, one a line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def plain(value: object) -> str:
    """A value as text that does nothing to a terminal; None is empty."""
    return "" if value is None else _CONTROL.sub("", str(value))


def say(text: str = "") -> None:
    """A line to standard output."""
    typer.echo(_safe(text, sys.stdout))


def write(text: str) -> None:
    """Text to standard output as it is, without a line end of its own."""
    typer.echo(_safe(text, sys.stdout), nl=False)


@contextmanager
def binary(file: Path | None) -> Iterator[IO[bytes]]:
    """A file to write bytes to, which appears whole or not at all; standard output where None."""
    if file is None:
        stream = typer.get_binary_stream("stdout")
        yield stream
        stream.flush()
        return
    part = file.with_name(f".{file.name}.part")
    try:
        with part.open("wb") as target:
            yield target
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def note(text: str) -> None:
    """A line for people to standard error, which does not disturb what is piped on."""
    typer.echo(_safe(text, sys.stderr), err=True)


def error(text: str) -> None:
    """What went wrong, to standard error."""
    first, *rest = text.splitlines() or [""]
    word = typer.style("Error:", fg="red", bold=True) if colourful(sys.stderr) else "Error:"
    note(f"{word} {first}")
    for line in rest:
        note(f"       {line}")


def colourful(stream: TextIO) -> bool:
    """Whether a stream is a terminal that takes colours; NO_COLOR says no."""
    import os

    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def emit(value: Any) -> None:
    """Plain data or wire structs as JSON to standard output."""
    import msgspec

    encoded = msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2)
    typer.echo(encoded.decode())


def rows(headers: Sequence[str], lines: Sequence[Sequence[object]], empty: str) -> None:
    """A table to standard output, or the sentence `empty` to standard error where it has no lines."""
    if not lines:
        note(empty)
        return
    cells = [[" ".join(plain(cell).split()) for cell in line] for line in lines]
    if sys.stdout.isatty():
        _rich_rows(headers, cells)
        return
    widths = [max(_width(cell) for cell in column) for column in zip(headers, *cells, strict=True)]
    for line in (list(headers), *cells):
        padded = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)]
        say("  ".join(padded).rstrip())


def _rich_rows(headers: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for header in headers:
        table.add_column(header, overflow="fold")
    for line in cells:
        table.add_row(*(Text(cell) for cell in line))
    Console(highlight=False).print(table)


def _width(text: str) -> int:
    import unicodedata

    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


@contextmanager
def progress(title: str, quiet: bool = False) -> Iterator[Report]:
    """A progress bar on a terminal's standard error; nothing elsewhere or where it is to be quiet.

    Yields:
        what to call with a note and the share that is done.
    """
    if quiet or not sys.stderr.isatty():
        yield lambda _note, _share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(plain(title).replace("[", r"\["), total=1.0, note="")

        def report(text: str, share: float) -> None:
            bar.update(task, completed=share, note=plain(text).replace("[", r"\["))

        yield report


@contextmanager
def stoppable() -> Iterator[Cancellation]:
    """Lets the first Ctrl-C stop long work in order, so that nothing is left unsaid, and the second leave at once.

    Yields:
        what to hand to the work.
    """
    # Polars puts a handler of its own in place when it is imported, which would take ours away in the work
    import polars  # noqa: F401

    from pressroom.context import Cancellation

    cancellation = Cancellation()

    def asked(_number: int, _frame: object) -> None:
        if cancellation.is_set():
            os._exit(130)
        note("stopping: what is under way is written down first; Ctrl-C again leaves at once")
        # not here: the main thread may hold the very lock that setting takes
        threading.Thread(target=cancellation.set, daemon=True).start()

    before = signal.signal(signal.SIGINT, asked)
    try:
        yield cancellation
    finally:
        signal.signal(signal.SIGINT, before)


def _safe(text: str, stream: TextIO) -> str:
    """Text that the stream's encoding takes."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
