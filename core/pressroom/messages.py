"""What channels make of a `Message`: its documents as files, a name of its own, and its facts as data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from pressroom.channels import Message
from pressroom.errors import DeliveryError, TemplateError
from pressroom.locales import Locale
from pressroom.renderers import Document
from pressroom.templating import NAMES, check_template, one_line, render_line, safe_filename

_WORDS = {"report": NAMES["report"], "run": ("planned_at",), "range": NAMES["range"]}
MESSAGE_NAME = "{{ run.planned_at | stamp }}-{{ report.uid }}"
"""The usual template of `message_name`."""


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A document of a message, ready to be read.

    Attributes:
        name: safe for every file system, with its suffix; no other one of the message has it, even where case
            does not count.
        path: the file in the run's folder.
    """

    name: str
    path: Path
    document: Document


def attachments(message: Message) -> Iterator[Attachment]:
    """Every document of a message, in order, pictures with `inline` among them.

    Raises:
        DeliveryError: a document is gone, or lies outside of the run's folder.
    """
    for name, document in zip(safe_names(message.documents), message.documents, strict=True):
        yield Attachment(name=name, path=document_path(message, document), document=document)


def safe_names(documents: Iterable[Document]) -> Iterator[str]:
    """Names of documents that lie or travel together: safe for every file system, and each another one, even where
    case does not count."""
    taken: set[str] = set()
    for document in documents:
        name = file_name(document)
        stem, dot, suffix = name.rpartition(".")
        count = 1
        while name.casefold() in taken:
            count += 1
            name = f"{stem} ({count}).{suffix}" if dot else f"{suffix} ({count})"
        taken.add(name.casefold())
        yield name


def document_path(message: Message, document: Document) -> Path:
    """Where a document lies.

    Raises:
        DeliveryError: it is gone, or lies outside of the run's folder.
    """
    path = run_file(message.folder, document.path)
    if path is None:
        raise DeliveryError(
            f"document {one_line(document.name)!r} is not in the run's folder; "
            f"retention may have emptied it: run the report again"
        )
    return path


def run_file(folder: Path, name: str) -> Path | None:
    """The file of a name relative to a run's folder; None where there is none, or where it lies elsewhere."""
    try:
        path = (folder / name).resolve()
        found = path.is_file()
    except (OSError, ValueError):
        return None
    return path if found and path.is_relative_to(folder.resolve()) else None


def file_name(document: Document) -> str:
    """The document's name with its suffix, safe for every file system."""
    name = PurePosixPath(one_line(document.name).replace("\\", "/")).name
    stem, dot, suffix = name.rpartition(".")
    if not dot or not suffix.isalnum() or not suffix.isascii() or len(suffix) > 10:
        return safe_filename(name)
    return f"{safe_filename(stem)}.{suffix}"


def message_facts(message: Message) -> dict[str, Any]:
    """What a message says, without its documents, as JSON has it: for channels that hand on data.

    Keys: `key report title subject text planned_at range summary links errors`; `range` is the first
    dashboard's start and end (exclusive), or empty; times as RFC 3339.
    """
    return {
        "key": message.key,
        "report": message.report,
        "title": message.title,
        "subject": message.subject,
        "text": message.text,
        "planned_at": message.planned_at.isoformat(),
        "range": [moment.isoformat() for moment in (message.start, message.end) if moment is not None],
        "summary": list(message.summary),
        "links": [{"text": link.text, "url": link.url} for link in message.links],
        "errors": list(message.errors),
    }


def checked_message_name(template: str) -> str:
    """The template, where `message_name` can use it; for a validator of a channel's `Config`.

    Raises:
        ValueError: what is wrong with it.
    """
    try:
        check_template(template, _WORDS)
    except TemplateError as error:
        raise ValueError(str(error)) from error
    return template


def message_name(template: str, message: Message) -> str:
    """A name for a message's folder or file: the same for every try, and no other message has it.

    Args:
        template: over `report.uid`, `report.name`, `run.planned_at` and `range`; a short mark of the message's
            key follows what it gives.
    """
    values = {
        "report": {"uid": message.report or "report", "name": message.title},
        "run": {"planned_at": message.planned_at},
        "range": _range(message),
    }
    name = render_line(template, values, locale=message.locale, zone=message.zone)
    mark = hashlib.sha256(message.key.encode(errors="replace")).hexdigest()[:8]
    return f"{safe_filename(name)}-{mark}"


def _range(message: Message) -> dict[str, object]:
    """The range for templates; of a message without one they are told that it is missing."""
    if message.start is None or message.end is None:
        return {"start": message.start, "end": message.end}
    text = Locale.of(message.locale).time_range(message.start, message.end, message.zone)
    return {"start": message.start, "end": message.end, "text": text}
