"""Render: an Edition becomes documents, one format after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from pressroom.context import Context
from pressroom.errors import Cancelled, LeaseLost, PressroomError, StepError
from pressroom.models.values import PluginUse
from pressroom.panics import contained
from pressroom.plugins import read_options
from pressroom.press.retries import may_pass
from pressroom.press.scenes import explain
from pressroom.renderers import Document, Edition

if TYPE_CHECKING:
    from pathlib import Path

    from pressroom.host import Host

EDITION = "edition.json"
RENDERED = "rendered.json"
"""In a run's folder: the edition, and its documents. A retry goes on from them."""


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """What rendering gave.

    Attributes:
        errors: formats that could not be made, with the reason.
    """

    documents: tuple[Document, ...]
    warnings: tuple[str, ...]
    errors: tuple[str, ...]


def render(host: Host, edition: Edition, formats: Sequence[PluginUse], context: Context) -> Rendered:
    """Make every format; one that fails is told and the others go on.

    Raises:
        StepError: none could be made; transient where one of them may be made later.
        Cancelled, TimedOut: as `context` says.
    """
    documents: list[Document] = []
    warnings: list[str] = []
    errors: list[str] = []
    again = False
    for index, use in enumerate(formats):
        context.check()
        context.progress(f"rendering {use.name}", index / len(formats))
        try:
            made = _format(host, edition, use, context)
            if any(other.name == use.name for other in formats[index + 1 :]):
                made = [_aside(document, index, context.folder) for document in made]
        except (Cancelled, LeaseLost):
            raise
        except Exception as error:
            context.check()
            if not isinstance(error, PressroomError):
                context.log.exception("format %s failed", use.name)
            errors.append(f"format {use.name}: {explain(error)}")
            again = again or may_pass(error)
            continue
        if made and edition.password and not host.renderer(use.name).protects:
            warnings.append(f"format {use.name}: anybody can open it; the report's password protects no such document")
        if not made:
            warnings.append(f"format {use.name}: there was nothing to put into it")
        documents += made
        warnings += [f"{document.name}: {warning}" for document in made for warning in document.warnings]
    if formats and not documents and errors:
        raise StepError("; ".join(errors), transient=again)
    return Rendered(documents=tuple(unique_names(documents)), warnings=tuple(warnings), errors=tuple(errors))


def _format(host: Host, edition: Edition, use: PluginUse, context: Context) -> list[Document]:
    renderer = host.renderer(use.name)
    options = read_options(type(renderer), use.options, f"format {use.name}")
    with contained("drawing"):
        return list(renderer.render(edition, options, context))


def _aside(document: Document, index: int, folder: Path) -> Document:
    """A document out of the way of the same format with other options, which writes to the same path."""
    path = f"{index + 1}-{document.path}"
    (folder / document.path).replace(folder / path)
    return msgspec.structs.replace(document, path=path)


def unique_names(documents: Sequence[Document]) -> list[Document]:
    """The documents with a number in the names that would come twice in one message."""
    seen: set[str] = set()
    result: list[Document] = []
    for document in documents:
        name, number = document.name, 1
        stem, dot, suffix = document.name.rpartition(".")
        while name.casefold() in seen:
            number += 1
            name = f"{stem} ({number}){dot}{suffix}" if dot else f"{document.name} ({number})"
        seen.add(name.casefold())
        result.append(document if name == document.name else msgspec.structs.replace(document, name=name))
    return result


def save_made(edition: Edition, rendered: Rendered, folder: Path) -> None:
    """Keep what a retry goes on from; the file with the documents comes last and proves that all is there."""
    for name, value in ((EDITION, edition), (RENDERED, rendered)):
        temporary = folder / f"{name}.part"
        temporary.write_bytes(msgspec.json.encode(value))
        temporary.replace(folder / name)


def load_made(folder: Path) -> tuple[Edition, Rendered] | None:
    """What `save_made` kept; None where it is not there or a document is not whole."""
    try:
        rendered = msgspec.json.decode((folder / RENDERED).read_bytes(), type=Rendered)
        edition = msgspec.json.decode((folder / EDITION).read_bytes(), type=Edition)
        whole = all((folder / document.path).stat().st_size == document.size for document in rendered.documents)
    except (OSError, msgspec.DecodeError):
        return None
    return (edition, rendered) if whole else None
