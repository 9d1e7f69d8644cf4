"""Delivery channels: the interface, `Message` (what is sent), `Recipient` and `Receipt` (what came of it)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, Literal

import msgspec

from pressroom.context import Context
from pressroom.extension import C, Extension, O
from pressroom.renderers import Branding, Document

Handover = Callable[[], None]
"""Call it directly before the irrevocable act (SMTP: before DATA). It records `handing_over` in the ledger
under the owner's lease, and raises LeaseLost where that is gone: then stop without sending."""


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Who gets a message: an address of the channel's own kind, and a mail's role."""

    address: str
    role: Literal["to", "cc", "bcc"] = "to"


class Outcome(StrEnum):
    """What a channel says of one recipient."""

    sent = "sent"
    refused = "refused"
    """Final: trying again will not help (SMTP 5xx, an address that is not allowed)."""
    deferred = "deferred"
    """May pass later (SMTP 4xx, a server that is down); the ledger tries again."""
    ambiguous = "ambiguous"
    """It was handed over and no answer came: it may have arrived."""
    skipped = "skipped"
    """Nothing was sent on purpose (unsubscribed, a condition that was not met)."""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A channel's answer for one recipient.

    Attributes:
        code: the channel's own number (an SMTP reply code, an HTTP status); 0 for none.
        answer: the channel's own words, for people.
        reference: what identifies the message there (Message-ID, a path, an URL).
    """

    recipient: Recipient
    outcome: Outcome
    code: int = 0
    answer: str = ""
    reference: str = ""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link in the message's body."""

    text: str
    url: str


class Download(msgspec.Struct, frozen=True, kw_only=True):
    """Where a document can be had that a channel cannot carry.

    Attributes:
        name: the document's.
        url: good for whoever has it.
        until: when it ends.
    """

    name: str
    url: str
    until: datetime


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A report on its way to one or several recipients.

    Attributes:
        key: the same for every try of the same message, different for every other; a channel that is
            `idempotent` hands it on.
        subject: one line.
        text: the report's own message, plain text; may be empty.
        reply_to: addresses.
        report, title: uid and name of the report.
        locale, zone: for dates and words in the body.
        planned_at: the moment that the report was due.
        start, end: the resolved time range of the first dashboard; None where there is none.
        summary: lines for the body, such as dashboards with their time ranges.
        links: to dashboards.
        documents: attachments, and pictures with `inline`; paths relative to `folder`.
        folder: the run's folder.
        errors: what failed in the report, shown in the body.
        downloads: one for each document, for those that cannot be carried; empty where the server has no address.
        unsubscribe: where the one recipient says that it wants no more of this report, by a POST (RFC 8058) or on
            the page that a GET shows; empty where there are several recipients, or no https address.
    """

    key: str
    subject: str
    text: str
    report: str
    title: str
    locale: str
    zone: str
    planned_at: datetime
    folder: Path
    documents: tuple[Document, ...]
    branding: Branding = Branding()
    reply_to: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    summary: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    errors: tuple[str, ...] = ()
    downloads: tuple[Download, ...] = ()
    unsubscribe: str = ""


class Channel(Extension[C, O]):
    """A way to recipients. Runs outside the killable children, with time-outs of its own."""

    idempotent: ClassVar[bool] = False
    """True where delivering the same `Message.key` twice arrives once: then a crash after the hand-over is
    tried again, else it is shown as ambiguous."""
    addressed: ClassVar[bool] = True
    """False for a channel with no recipients of its own, such as a folder: it gets one, named after the instance."""

    def admit(self, recipient: Recipient) -> str:
        """Why this recipient may not be used, empty where it may; asked when a report is saved and again
        before the hand-over. Names the address and what would be right."""
        return ""

    @abstractmethod
    def deliver(
        self,
        message: Message,
        recipients: Sequence[Recipient],
        options: O,
        handover: Handover,
        context: Context,
    ) -> Sequence[Receipt]:
        """Send one message to all these recipients at once and say what came of it, one receipt each.

        Everything that can be prepared is prepared first; then `handover()` is called, then the irrevocable
        act. An exception before the hand-over counts as deferred where it is transient and as refused
        otherwise; one after it counts as ambiguous unless the channel is idempotent.

        Raises:
            DeliveryError: nothing could be sent to anybody.
            LeaseLost: from `handover`; let it pass.
        """
