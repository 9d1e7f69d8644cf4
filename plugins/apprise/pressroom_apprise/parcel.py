"""A message as chat services take it: a title, plain text, and files that are read beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pressroom import Attachment, Message, attachments
from pressroom.templating import one_line, prose


@dataclass(frozen=True)
class File:
    """A document that fits.

    Attributes:
        media_type: without parameters, which Apprise does not take.
        path: of the run's file, for the services that open one.
    """

    name: str
    media_type: str
    content: bytes
    path: Path


@dataclass(frozen=True)
class Parcel:
    """What is sent to every service.

    Attributes:
        text: without the links to documents.
        files: those that fit.
        links: a line for each document that has a link, by its name.
    """

    title: str
    text: str
    files: tuple[File, ...]
    links: dict[str, str]

    def body(self, *, carried: bool) -> str:
        """The text, with links to the documents that do not go along."""
        along = {file.name for file in self.files} if carried else set()
        links = [line for name, line in self.links.items() if name not in along]
        return "\n".join(part for part in (self.text, *links) if part) or self.title


def pack(message: Message, limit: int) -> Parcel:
    """A message made ready.

    Args:
        limit: bytes that files may take.

    Raises:
        DeliveryError: a document is gone.
    """
    found = list(attachments(message))
    urls = {download.name: download.url for download in message.downloads}
    links = {each.name: f"{each.name}: {urls[each.document.name]}" for each in found if each.document.name in urls}
    lines = [
        prose(message.text).strip(),
        *(one_line(line) for line in message.summary),
        *(one_line(f"{link.text}: {link.url}") for link in message.links),
        *(one_line(f"! {error}") for error in message.errors),
    ]
    text = "\n".join(line for line in lines if line)
    return Parcel(one_line(message.subject) or one_line(message.title), text, _fitting(found, limit), links)


def _fitting(found: list[Attachment], limit: int) -> tuple[File, ...]:
    """Files that fit, in order; a smaller one may still fit after one that did not."""
    files: list[File] = []
    for each in found:
        size = each.path.stat().st_size
        if size <= limit:
            media_type = each.document.media_type.partition(";")[0].strip()
            files.append(File(each.name, media_type, each.path.read_bytes(), each.path))
            limit -= size
    return tuple(files)
