"""What the tests of the channels share: a run's folder, messages, an email channel that is closed again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pressroom import Cancellation, Channel, Context, Document, Message, PluginOptions, Receipt, Recipient, Setup
from pressroom_builtin.channels.email import EmailChannel, EmailConfig

logging.getLogger("mail.log").setLevel(logging.ERROR)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    run = tmp_path / "run"
    run.mkdir()
    return run


@pytest.fixture
def message(folder: Path) -> Callable[..., Message]:
    """Makes a message with one small PDF; keywords replace its fields."""
    (folder / "report.pdf").write_bytes(b"%PDF-1.7 a report")

    def make(**fields: Any) -> Message:
        document = Document(name="Report.pdf", media_type="application/pdf", path="report.pdf", size=17, format="pdf")
        values: dict[str, Any] = {
            "key": "run-1/message-1",
            "subject": "Weekly flights",
            "text": "The week in flights.",
            "report": "weekly-flights",
            "title": "Weekly flights",
            "locale": "en",
            "zone": "Europe/Warsaw",
            "planned_at": datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
            "folder": folder,
            "documents": (document,),
        }
        return Message(**{**values, **fields})

    return make


@dataclass
class Delivered:
    """What came of a call of `deliver`: receipts by address, and how often it was handed over."""

    receipts: dict[str, Receipt] = field(default_factory=dict)
    handovers: int = 0
    error: BaseException | None = None

    def outcomes(self) -> dict[str, str]:
        return {address: receipt.outcome.value for address, receipt in self.receipts.items()}


def deliver(
    channel: Channel[Any, Any],
    message: Message,
    *recipients: Recipient | str,
    on_handover: Callable[[], None] = lambda: None,
    cancellation: Cancellation | None = None,
) -> Delivered:
    """Deliver, and keep what happened instead of raising."""
    result = Delivered()

    def handover() -> None:
        result.handovers += 1
        on_handover()

    chosen = [Recipient(address=it) if isinstance(it, str) else it for it in recipients]
    context = Context(message.folder, timeout=60, cancellation=cancellation)
    try:
        receipts = channel.deliver(message, chosen, PluginOptions(), handover, context)
    except Exception as error:
        result.error = error
    else:
        assert [receipt.recipient for receipt in receipts] == chosen
        result.receipts = {receipt.recipient.address: receipt for receipt in receipts}
    return result


@pytest.fixture
def send() -> Callable[..., Delivered]:
    return deliver


@pytest.fixture
def email(tmp_path: Path) -> Iterator[Callable[..., EmailChannel]]:
    """Makes email channels; all are closed at the end."""
    made: list[EmailChannel] = []

    def make(port: int, **config: Any) -> EmailChannel:
        values = {"host": "127.0.0.1", "port": port, "sender": "Pressroom <reports@example.org>", **config}
        channel = EmailChannel(EmailConfig.model_validate(values), Setup("email", tmp_path, tmp_path / "scratch"))
        made.append(channel)
        return channel

    yield make
    for channel in made:
        channel.close()
