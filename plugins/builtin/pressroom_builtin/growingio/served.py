"""An answer as it goes out: its headers, its bytes where they are few, and whether a client has it already."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import cached_property

from pressroom_builtin.growingio.answers import MEDIA_TYPES

PACKED_BYTES = 1000
"""Smaller bodies are not worth packing."""
PACKING = 4
MOST_TOLD, MOST_OF_ONE = 4000, 400
"""Characters of all warnings, as JSON, and of one of them."""
Message = tuple[list[tuple[bytes, bytes]], bytes]
"""Headers and body, as ASGI wants them."""


@dataclass(frozen=True)
class Served:
    """An answer's headers, and its bytes where they are few.

    Attributes:
        tag: of exactly these bytes, weak.
        made_at: when the source was asked.
        body: None where the rows are to be streamed.
        form: of a chart's data, see `MEDIA_TYPES`.
    """

    tag: str
    made_at: datetime
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    form: str = "json"

    def known_to(self, tags: str | None, since: str | None) -> bool:
        """Whether a client that sends these conditions (`If-None-Match`, `If-Modified-Since`) has the answer."""
        if tags is not None:
            mine = self.tag.removeprefix("W/")
            return any(each.strip().removeprefix("W/") in {mine, "*"} for each in tags.split(","))
        if since is None:
            return False
        try:
            return self.made_at.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False

    @cached_property
    def plain(self) -> Message:
        """Headers as they go out, and the body."""
        return self._message(self.body or b"", {})

    @cached_property
    def packed(self) -> Message:
        """The same for who takes gzip; small bodies go as they are."""
        if len(self.body or b"") < PACKED_BYTES:
            return self.plain
        body = gzip.compress(self.body or b"", PACKING, mtime=0)
        return self._message(body, {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})

    def _message(self, body: bytes, more: dict[str, str]) -> Message:
        media_type = MEDIA_TYPES[self.form]
        full = f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
        headers = {**self.all_headers(), "Content-Type": full, "Content-Length": str(len(body)), **more}
        return [(name.lower().encode(), value.encode()) for name, value in headers.items()], body

    def all_headers(self) -> dict[str, str]:
        """With those that a cache reads."""
        return {
            **self.headers,
            "ETag": self.tag,
            "Last-Modified": format_datetime(self.made_at, usegmt=True),
            "Cache-Control": "private, no-cache",
        }


def told(warnings: list[str]) -> dict[str, str]:
    """The header for what a body cannot say: a JSON list, ASCII only and no longer than clients read."""
    kept: list[str] = []
    for index, warning in enumerate(warnings):
        sentence = warning if len(warning) <= MOST_OF_ONE else f"{warning[:MOST_OF_ONE]}..."
        if len(json.dumps([*kept, sentence])) > MOST_TOLD:
            kept.append(f"and {len(warnings) - index} more")
            break
        kept.append(sentence)
    return {"X-Warnings": json.dumps(kept)} if kept else {}
