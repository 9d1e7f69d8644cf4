"""Messages for the tests of channels, and what a channel did with one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from pressroom.channels import Channel, Message, Receipt, Recipient
from pressroom.context import Cancellation, Context
from pressroom.errors import DeliveryError
from pressroom.extension import PluginOptions
from pressroom.renderers import Document
from pressroom.testing.hostile import TEXTS

PDF = b"%PDF-1.7 a report\n"


@dataclass
class Delivered:
    """What came of a call of `deliver`.

    Attributes:
        handovers: how often it was handed over.
        error: what was raised instead.
    """

    receipts: Sequence[Receipt] = ()
    handovers: int = 0
    error: Exception | None = None

    def check_answer(self) -> None:
        """A receipt for everybody, or an error that people understand."""
        assert self.error is None or isinstance(self.error, DeliveryError), repr(self.error)
        assert self.error is not None or self.receipts


class Post:
    """Makes messages, each with a run's folder of its own, and delivers them.

    Args:
        folder: where the runs' folders are made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count(1)

    def message(self, **changes: Any) -> Message:
        """A message with a small PDF, a table and a picture for its body; `changes` are other values of its fields."""
        number = next(self._numbers)
        run = self.folder / f"run-{number}"
        run.mkdir(parents=True)
        documents = (
            self.document(run, "Weekly.pdf", PDF),
            self.document(run, "Flights.csv", b"carrier,flights\n", media_type="text/csv; charset=utf-8", format="csv"),
            self.document(run, "Flights.png", _png(), media_type="image/png", inline=True, width=1, height=1),
        )
        values: dict[str, Any] = {
            "key": f"run-{number}/message-1",
            "subject": "Weekly flights",
            "text": "The week in flights.",
            "report": "weekly",
            "title": "Weekly flights",
            "locale": "en",
            "zone": "Europe/Warsaw",
            "planned_at": datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
            "folder": run,
            "documents": documents,
        }
        return Message(**{**values, **changes})

    def hostile(self) -> Message:
        """Hostile text wherever a message has text, and two documents of one name."""
        message = self.message()
        documents = [
            self.document(message.folder, f"hostile-{number}.txt", b"x", name=text.replace("\n", " ") or "none")
            for number, text in enumerate((*TEXTS, TEXTS[5]))
        ]
        values: dict[str, Any] = {name: getattr(message, name) for name in message.__struct_fields__}
        values |= {
            "subject": " ".join(TEXTS[4].split()),
            "text": "\n".join(TEXTS),
            "title": TEXTS[4],
            "summary": TEXTS,
            "errors": TEXTS,
            "documents": tuple(documents),
        }
        return Message(**values)

    def document(self, folder: Path, path: str, content: bytes, **changes: Any) -> Document:
        """A file in a run's folder, as a document."""
        (folder / path).write_bytes(content)
        values = {"name": path, "media_type": "application/pdf", "path": path, "size": len(content), "format": "pdf"}
        return Document(**{**values, **changes})

    def deliver(
        self,
        channel: Channel[Any, Any],
        message: Message,
        recipients: Sequence[Recipient],
        options: PluginOptions,
        *,
        handover: Callable[[], None] = lambda: None,
        cancellation: Cancellation | None = None,
        timeout: float = 60,
    ) -> Delivered:
        """Call the channel as the host does, and keep what happened instead of raising."""
        result = Delivered()

        def handing_over() -> None:
            result.handovers += 1
            handover()

        context = Context(message.folder, timeout=timeout, cancellation=cancellation)
        try:
            result.receipts = list(channel.deliver(message, recipients, options, handing_over, context))
        except Exception as error:
            result.error = error
        return result

    def files(self) -> dict[str, str]:
        """Every file of every run, with what is in it."""
        return {
            str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
        }


def _png() -> bytes:
    """A picture of one pixel."""
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")
