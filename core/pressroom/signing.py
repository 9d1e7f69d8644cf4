"""Signed texts in addresses and cookies: made by this workspace, for one purpose, good until one moment.

Each purpose has a salt of its own, so that a text of one is worth nothing as another.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pressroom.errors import Gone, NotFound
from pressroom.moments import utc_now

if TYPE_CHECKING:
    from itsdangerous import URLSafeSerializer

    from pressroom.access.keys import Keys

Purpose = Literal["file", "unsubscribe", "view", "session"]
LONGEST = 4096
"""Characters of a signed text; a longer one is not looked at."""


class Signer:
    """Signs and reads.

    Args:
        keys: the workspace's.
        now: the clock; for tests.
    """

    def __init__(self, keys: Keys, now: Callable[[], datetime] = utc_now) -> None:
        self._key = keys.key("signed links")
        self.now = now

    def sign(self, purpose: Purpose, value: Any, until: datetime | None) -> str:
        """A value as a text of letters, digits, `-`, `_` and `.`, which anybody can read and nobody can change.

        Args:
            value: plain data.
            until: when it ends; None for never.
        """
        return str(self._serializer(purpose).dumps([0 if until is None else math.ceil(until.timestamp()), value]))

    def read(self, purpose: Purpose, text: str) -> Any:
        """The value of a signed text.

        Raises:
            NotFound: it was not signed here for that purpose, or was changed.
            Gone: it has ended.
        """
        from itsdangerous import BadData

        try:
            if len(text) > LONGEST:
                raise BadData("too long")
            until, value = self._serializer(purpose).loads(text)
            # base64 has several ways to write one thing, and ignores what it does not know: only ours is good
            if self._serializer(purpose).dumps([until, value]) != text:
                raise BadData("written in another way")
        except (BadData, UnicodeError, RecursionError):
            raise NotFound("the link is not whole or not from here; copy all of it from the mail") from None
        if until and until <= self.now().timestamp():
            raise Gone("the link has ended")
        return value

    def _serializer(self, purpose: Purpose) -> URLSafeSerializer:
        from itsdangerous import URLSafeSerializer

        signing = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        return URLSafeSerializer(self._key, salt=f"pressroom.{purpose}", signer_kwargs=signing)
