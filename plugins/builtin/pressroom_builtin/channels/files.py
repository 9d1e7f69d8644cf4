"""The documents of a message as files: where they lie, what the reader's copy is called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pressroom import DeliveryError, Document, Message
from pressroom.templating import one_line, safe_filename


def inside(folder: Path, name: str) -> Path | None:
    """The file of a name relative to a folder; None where there is none, or where it lies elsewhere."""
    try:
        path = (folder / name).resolve()
        found = path.is_file()
    except (OSError, ValueError):
        return None
    return path if found and path.is_relative_to(folder.resolve()) else None


def document_path(message: Message, document: Document) -> Path:
    """Where a document lies.

    Raises:
        DeliveryError: it is gone, or lies outside of the run's folder.
    """
    path = inside(message.folder, document.path)
    if path is None:
        raise DeliveryError(
            f"document {one_line(document.name)!r} is not in the run's folder; "
            f"retention may have emptied it: run the report again"
        )
    return path


def file_name(document: Document) -> str:
    """The document's name with its suffix, safe for every file system."""
    name = PurePosixPath(one_line(document.name).replace("\\", "/")).name
    stem, dot, suffix = name.rpartition(".")
    if not dot or not suffix.isalnum() or not suffix.isascii() or len(suffix) > 10:
        return safe_filename(name)
    return f"{safe_filename(stem)}.{suffix}"


def named(message: Message) -> Iterator[tuple[str, Document]]:
    """Every document with a name that no other one has, even where case does not count."""
    taken: set[str] = set()
    for document in message.documents:
        name = file_name(document)
        stem, dot, suffix = name.rpartition(".")
        count = 1
        while name.casefold() in taken:
            count += 1
            name = f"{stem} ({count}).{suffix}" if dot else f"{suffix} ({count})"
        taken.add(name.casefold())
        yield name, document
