"""A request that comes twice is done once: what a caller's idempotency key makes of a run's key."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import msgspec

from pressroom.errors import KeyReused, UsageError

if TYPE_CHECKING:
    from pressroom.access import Principal

LONGEST_KEY = 255


class Once(msgspec.Struct, frozen=True):
    """A request that may be sent again. In a project, each caller's keys are its own; a key is known as long as
    the run that it started is kept.

    Attributes:
        key: the same for all requests of one caller with one key.
        asked: the same for equal requests.
    """

    key: str
    asked: str

    @classmethod
    def of(cls, principal: Principal, key: str, *asked: Any) -> Once:
        """What a caller's key stands for.

        Args:
            key: as the caller chose it, printable ASCII.
            asked: what the request is about and what it says, as JSON data.

        Raises:
            UsageError: the key is empty, too long or not printable.
        """
        if not 0 < len(key) <= LONGEST_KEY or not (key.isascii() and key.isprintable()):
            raise UsageError(f"an idempotency key is 1 to {LONGEST_KEY} printable ASCII characters")
        return cls(_digest(principal.name, principal.user_id, principal.client_id, key), _digest(*asked))

    def compare(self, asked: str) -> None:
        """See that an earlier request with the same key was the same.

        Raises:
            KeyReused: it was another.
        """
        if asked != self.asked:
            raise KeyReused("this idempotency key was used for another request; choose a new one for each request")


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
