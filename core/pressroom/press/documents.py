"""A run's documents, while they are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from pressroom.errors import Gone, NotFound
from pressroom.messages import Attachment, run_file, safe_names
from pressroom.models.runs import Run
from pressroom.press.folders import owned
from pressroom.press.queries import run_folder
from pressroom.renderers import Document

if TYPE_CHECKING:
    from pressroom.host import Host

NOT_KEPT = "the document is not kept any more; ask whoever sends the report for it"


def kept_document(host: Host, run: Run, index: int) -> Attachment:
    """A document of a run, ready to be read.

    Args:
        index: which, from 0.

    Raises:
        NotFound: the run has not so many.
        Gone: it is not kept any more.
    """
    if not 0 <= index < len(run.documents):
        raise NotFound(f"run {run.id} has no document {index + 1}; it has {len(run.documents)}")
    documents = [msgspec.convert(each, Document) for each in run.documents]
    document = documents[index]
    folder = run_folder(host.workspace.files, run.id)
    path = run_file(folder, document.path) if owned(folder, run) else None
    if path is None:
        raise Gone(NOT_KEPT)
    return Attachment(name=list(safe_names(documents))[index], path=path, document=document)
