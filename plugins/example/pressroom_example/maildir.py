"""`maildir`: reports as mails in a Maildir, for a mail program or an IMAP server on this machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import ClassVar

import pydantic

from pressroom import (
    Channel,
    Context,
    DeliveryError,
    Handover,
    Message,
    Outcome,
    PluginConfig,
    PluginOptions,
    Receipt,
    Recipient,
    attachments,
)
from pressroom.templating import one_line


class MaildirConfig(PluginConfig):
    """`[channels.NAME]` with `type = "maildir"`."""

    path: str = pydantic.Field("Maildir", min_length=1, description="The Maildir, from the workspace; made if missing.")
    sender: str = pydantic.Field(
        "pressroom@localhost", pattern=r"^[!-~]+@[!-~]+$", description="Who the mails are from."
    )


class MaildirChannel(Channel[MaildirConfig, PluginOptions]):
    """Writes into `tmp` and renames into `new`, so that a reader sees whole mails only."""

    name: ClassVar[str] = "maildir"
    summary: ClassVar[str] = "Mails in a Maildir on this machine"
    Config: ClassVar[type[PluginConfig]] = MaildirConfig
    # a second try of the same message has the same file name
    idempotent: ClassVar[bool] = True

    def admit(self, recipient: Recipient) -> str:
        """Addresses go into a header, so they are one line of plain ASCII."""
        address = recipient.address
        if address.isascii() and address.isprintable() and 0 < len(address) <= 254 and not set(address) & set(' ,;<>"'):
            return ""
        return f"{one_line(address)!r} cannot be put into a header; write a plain address"

    def deliver(
        self,
        message: Message,
        recipients: Sequence[Recipient],
        options: PluginOptions,
        handover: Handover,
        context: Context,
    ) -> Sequence[Receipt]:
        """One mail for all recipients; see `Channel.deliver`."""
        refused = {recipient: reason for recipient in recipients if (reason := self.admit(recipient))}
        admitted = [recipient for recipient in recipients if recipient not in refused]
        name = (
            f"{int(message.planned_at.timestamp())}.{hashlib.sha256(message.key.encode()).hexdigest()[:32]}.pressroom"
        )
        if admitted:
            content = self._mail(message, admitted).as_bytes()
            try:
                part, target = self._place("tmp", name), self._place("new", name)
                part.write_bytes(content)
                context.check()
                handover()
                part.replace(target)
            except OSError as error:
                raise DeliveryError(f"channel {self.setup.instance}: {error}", transient=True) from error
        return [
            Receipt(recipient=recipient, outcome=Outcome.refused, answer=refused[recipient])
            if recipient in refused
            else Receipt(recipient=recipient, outcome=Outcome.sent, reference=name)
            for recipient in recipients
        ]

    def check(self) -> str:
        """Whether the folder, or the one it would be made in, can be written."""
        folder = next(path for path in (self._root, *self._root.parents) if path.exists())
        if not os.access(folder, os.W_OK):
            raise DeliveryError(f"channel {self.setup.instance}: {folder} cannot be written")
        return f"mails go to {self._root}"

    def _mail(self, message: Message, recipients: Sequence[Recipient]) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.config.sender
        for header in ("to", "cc"):
            if found := [recipient.address for recipient in recipients if recipient.role == header]:
                mail[header] = ", ".join(found)
        mail["Subject"] = one_line(message.subject)
        mail["Date"] = format_datetime(message.planned_at)
        mail.set_content("\n".join([message.text, *message.summary, *message.errors]))
        for file in attachments(message):
            mail.add_attachment(
                file.path.read_bytes(), maintype="application", subtype="octet-stream", filename=file.name
            )
        return mail

    def _place(self, part: str, name: str) -> Path:
        for each in ("tmp", "new", "cur"):
            (self._root / each).mkdir(parents=True, exist_ok=True)
        return self._root / part / name

    @property
    def _root(self) -> Path:
        return self.setup.path(self.config.path)
