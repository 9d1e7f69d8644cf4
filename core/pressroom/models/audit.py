"""Audit entries: who did what, when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One deed.

    Attributes:
        actor: who did it, as principals are named.
        action: what, as permissions are named, such as `reports:write`.
        project: uid; empty for what concerns the whole workspace.
        target: what it was done to, such as `report weekly-flights`.
        detail: more, as plain data; never a secret.
    """

    at: datetime
    actor: str
    action: str
    project: str = ""
    target: str = ""
    detail: dict[str, Any] = {}
