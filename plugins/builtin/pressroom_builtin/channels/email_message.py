"""A report as a MIME message: multipart/mixed(alternative(text, related(html, pictures)), attachments)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, Policy
from email.utils import format_datetime
from typing import Any

from pressroom import Attachment, DeliveryError, Document, Message, Recipient, attachments, run_file
from pressroom.templating import one_line
from pressroom_builtin.channels.email_address import Mailbox, header_text, mailbox
from pressroom_builtin.channels.email_body import Body, write_body
from pressroom_builtin.channels.email_pictures import Picture, read_logo, read_picture


class _OneLine(UnstructuredHeader, BaseHeader):
    """A header that stays on one line: Python's `email` folds a long address into encoded words, which break it."""

    def fold(self, *, policy: Policy[Any]) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _OneLine)
# 7 bit on the wire whatever the server offers, so that a mail can be forwarded anywhere
_PLAIN = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)
_INTERNATIONAL = SMTPUTF8.clone(cte_type="7bit", header_factory=_HEADERS)


def encoded_size(size: int) -> int:
    """Bytes that a file takes in a mail: base64 in lines of 76."""
    return -(-size // 57) * 78


class Mail:
    """A message made ready: everything read and drawn, only the addresses are missing.

    Args:
        message: what to send.
        sender: who it comes from.
        limit: bytes that pictures and attachments may take on the wire.

    Raises:
        DeliveryError: a document is missing from the run's folder.
    """

    def __init__(self, message: Message, sender: Mailbox, limit: int) -> None:
        self._message = message
        self.sender = sender
        digest = hashlib.sha256(message.key.encode(errors="replace")).hexdigest()[:32]
        self.reference = f"<{digest}@{sender.domain}>"
        """The Message-ID: the same for every try of the same message."""
        pictures, attached, too_large = self._fit(limit)
        self._attached = attached
        self._pictures = pictures
        self.left_out = tuple(one_line(document.name) for document in too_large)
        """Names of documents that were too large to attach."""
        self._body = write_body(message, pictures, too_large)

    def content(self, recipients: Mapping[Recipient, Mailbox], *, international: bool) -> bytes:
        """The message on the wire, for these recipients.

        Args:
            recipients: who is named in To and Cc, by role; a single one is named in To whatever its role.
            international: write addresses that are not ASCII as SMTPUTF8 has it.
        """
        mail = EmailMessage(policy=_INTERNATIONAL if international else _PLAIN)
        self._write_headers(mail, recipients, international)
        self._write_body(mail, self._body)
        for each in self._attached:
            _attach(mail, each)
        return mail.as_bytes()

    def _fit(self, limit: int) -> tuple[list[Picture], list[Attachment], list[Document]]:
        """Pictures and attachments that fit, in order; smaller ones may still fit after one that did not."""
        message, room = self._message, limit
        pictures: list[Picture] = []
        logo_path = run_file(message.folder, message.branding.email_logo)
        if logo_path is not None and (logo := read_logo(logo_path)):
            pictures.append(logo)
        attached: list[Attachment] = []
        too_large: list[Document] = []
        for each in attachments(message):
            document = each.document
            size = encoded_size(each.path.stat().st_size)
            if size > room:
                too_large.append(document)
                continue
            picture = read_picture(each.path, document) if document.inline else None
            if picture is not None:
                pictures.append(picture)
            elif document.inline:
                continue
            else:
                attached.append(each)
            room -= size
        return pictures, attached, too_large

    def _write_headers(self, mail: EmailMessage, recipients: Mapping[Recipient, Mailbox], international: bool) -> None:
        message = self._message
        mail["From"] = self.sender.header()
        shown = {role: [box.header() for it, box in recipients.items() if it.role == role] for role in ("to", "cc")}
        if len(recipients) == 1:
            shown = {"to": [box.header() for box in recipients.values()], "cc": []}
        mail["To"] = shown["to"] or "undisclosed-recipients:;"
        if shown["cc"]:
            mail["Cc"] = shown["cc"]
        if replies := _reply_to(message.reply_to, international):
            mail["Reply-To"] = replies
        mail["Subject"] = header_text(message.subject) or header_text(message.title) or "Report"
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = self.reference
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        if message.unsubscribe.isascii() and message.unsubscribe and len(recipients) == 1:
            mail["List-Unsubscribe"] = f"<{message.unsubscribe}>"
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"

    def _write_body(self, mail: EmailMessage, body: Body) -> None:
        mail.set_content(body.text, cte="quoted-printable")
        mail.add_alternative(body.html, subtype="html", cte="quoted-printable")
        html = mail.get_body(("html",))
        assert isinstance(html, EmailMessage)
        for picture in self._pictures:
            html.add_related(
                picture.content,
                "image",
                picture.subtype,
                cid=f"<{picture.cid}>",
                filename=picture.name,
                disposition="inline",
            )


def _reply_to(addresses: Sequence[str], international: bool) -> list[Address]:
    boxes: list[Address] = []
    for address in addresses:
        try:
            box = mailbox(address)
        except ValueError as error:
            raise DeliveryError(f"reply_to: {error}") from error
        if international or not box.international:
            boxes.append(box.header())
    return boxes


def _attach(mail: EmailMessage, each: Attachment) -> None:
    maintype, _, subtype = each.document.media_type.partition("/")
    content = each.path.read_bytes()
    mail.add_attachment(content, maintype or "application", subtype or "octet-stream", filename=each.name)
    part = list(mail.iter_parts())[-1]
    # older Outlook reads only this one
    part.set_param("name", each.name, header="Content-Type", charset="utf-8")
