"""What `tokens`, `clients` and `users` share."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pressroom.access import Principal

EVERY = "*"
"""Stands for all projects."""
ProjectOrAll = Annotated[
    str, typer.Option("--project", metavar="UID", help="The only project that it is good for; `*` for all.")
]


def me() -> Principal:
    """Whoever is at this machine's command line."""
    from pressroom.access import Principal

    return Principal.local_admin()


def shown(thing: Any) -> dict[str, Any]:
    """A token, client or user as plain data; no project means all of them."""
    import msgspec

    data: dict[str, Any] = msgspec.to_builtins(thing)
    return {**data, "project": data["project"] or EVERY}


def project_uid(project: str) -> str:
    """As the core wants it."""
    return "" if project == EVERY else project


def ends(text: str) -> datetime | None:
    """When something ends, of `30d`, `12h`, `8w`, `never` or a moment.

    Raises:
        UsageError: it is none of these.
    """
    from pressroom.errors import UsageError
    from pressroom.settings import age

    if text == "never":
        return None
    try:
        found = age(text)
        return None if found is None else datetime.now(UTC) + found
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(
            f"--expires {text!r}: write hours, days or weeks such as 12h, 90d, 8w, a day such as 2027-01-31, or never"
        ) from None


def ask_password() -> str:
    """A password: asked for twice at a terminal, else the first line of standard input.

    Raises:
        UsageError: the two differ, or there is none.
    """
    from pressroom.errors import UsageError

    if sys.stdin.isatty():
        from getpass import getpass

        first = getpass("Password: ")
        if getpass("Once more: ") != first:
            raise UsageError("the two passwords differ")
        return first
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise UsageError(
            "no password on standard input; write it there, as in: pass show ann | pressroom users create ann"
        )
    return line


def state(thing: Any) -> str:
    """`good`, `revoked` or `expired`."""
    if thing.revoked_at is not None:
        return "revoked"
    expires = getattr(thing, "expires_at", None)
    return "expired" if expires is not None and expires <= datetime.now(UTC) else "good"
