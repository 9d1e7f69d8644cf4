"""A webhook's request: the JSON, the documents with it, and the signature over both."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pressroom import Attachment, Message, attachments, message_facts

PREFIX = "whsec_"
"""Of a secret that is written as base64."""
TYPE = "report.ready"


@dataclass(frozen=True)
class Body:
    """A request, without its address.

    Attributes:
        id: the same for every try of a message; it is the `webhook-id` and the `Idempotency-Key`.
        content: the same bytes for every try.
    """

    id: str
    media_type: str
    content: bytes

    def headers(self, secret: str, now: int) -> dict[str, str]:
        """The request's headers.

        Args:
            secret: what to sign with; empty for no signature.
            now: Unix seconds of this try, which are signed too.
        """
        headers = {
            "Content-Type": self.media_type,
            "User-Agent": "Pressroom",
            "Idempotency-Key": self.id,
            "webhook-id": self.id,
            "webhook-timestamp": str(now),
        }
        if secret:
            signed = f"{self.id}.{now}.".encode() + self.content
            mark = hmac.digest(signing_key(secret), signed, "sha256")
            headers["webhook-signature"] = f"v1,{base64.b64encode(mark).decode()}"
        return headers


def signing_key(secret: str) -> bytes:
    """The bytes of a secret.

    Raises:
        ValueError: what follows `whsec_` is not base64.
    """
    if not secret.startswith(PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError(f"what follows {PREFIX} must be base64") from error


def write_body(message: Message, documents: Literal["links", "inline", "multipart"], limit: int) -> Body:
    """A message as a request.

    Args:
        documents: how they go along.
        limit: bytes that they may take, as they are in their files.

    Raises:
        DeliveryError: a document is gone.
    """
    files = list(attachments(message))
    carried = _fitting(files, limit) if documents != "links" else []
    urls = {download.name: download.url for download in message.downloads}
    about = [_about(each, urls) for each in files]
    if documents == "inline":
        for each in carried:
            about[files.index(each)]["content"] = base64.b64encode(each.path.read_bytes()).decode()
    event = {
        "type": TYPE,
        "timestamp": message.planned_at.isoformat(),
        "data": {**message_facts(message), "documents": about},
    }
    content = json.dumps(event, ensure_ascii=False).encode(errors="replace")
    name = f"msg_{hashlib.sha256(message.key.encode(errors='replace')).hexdigest()[:32]}"
    if documents != "multipart":
        return Body(name, "application/json", content)
    boundary = f"pressroom-{name}"
    return Body(name, f"multipart/form-data; boundary={boundary}", _multipart(boundary, content, carried))


def _fitting(files: Sequence[Attachment], limit: int) -> list[Attachment]:
    """Those that fit, in order; a smaller one may still fit after one that did not."""
    fitting: list[Attachment] = []
    for each in files:
        size = each.path.stat().st_size
        if size <= limit:
            fitting.append(each)
            limit -= size
    return fitting


def _about(each: Attachment, urls: dict[str, str]) -> dict[str, Any]:
    document = each.document
    return {
        "name": each.name,
        "media_type": document.media_type,
        "format": document.format,
        "size": each.path.stat().st_size,
        "url": urls.get(document.name),
    }


def _multipart(boundary: str, event: bytes, files: Sequence[Attachment]) -> bytes:
    """RFC 7578; the boundary is the message's, so that every try has the same bytes."""
    parts = [_part(boundary, 'name="message"', "application/json", event)]
    for each in files:
        # as browsers write names: in UTF-8; a safe name holds nothing that would end the quotes
        disposition = f'name="file"; filename="{each.name}"'
        parts.append(_part(boundary, disposition, each.document.media_type, each.path.read_bytes()))
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def _part(boundary: str, disposition: str, media_type: str, content: bytes) -> bytes:
    head = f"--{boundary}\r\nContent-Disposition: form-data; {disposition}\r\nContent-Type: {media_type}\r\n\r\n"
    return head.encode() + content + b"\r\n"
