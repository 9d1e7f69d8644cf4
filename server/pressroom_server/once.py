"""`Idempotency-Key`, as the IETF's draft of that name has it: a client may send a request again without harm.

    @post("/send")
    def send(principal: CurrentPrincipal, data: Body, key: IdempotencyKey = "") -> ...:
        host.press.plan(..., key=once(principal, key, "send", uid, data) or a_new_name)

The same key with the same request gives the same run; with another request it is a 422.
"""

from __future__ import annotations

from typing import Annotated, Any

from litestar.params import HeaderParameter

from pressroom import Once, Principal

IdempotencyKey = Annotated[
    str,
    HeaderParameter(
        name="Idempotency-Key",
        description="Any text of the client's, with or without quotes; the same request with the same key works once.",
    ),
]
"""Type of a handler's parameter; empty where the client sends none."""


def once(principal: Principal, key: str, *asked: Any) -> Once | None:
    """What a header stands for; None where there is none.

    Args:
        key: the header's value, a structured field's string or without its quotes.
        asked: what the request is about and what it says, as JSON data.

    Raises:
        UsageError: it is too long or not printable ASCII.
    """
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return Once.of(principal, key, *asked) if key else None
