"""Tokens, API clients and users as everybody but the store sees them: without what proves who they are."""

from __future__ import annotations

from datetime import datetime

import msgspec

from pressroom.access.principals import Grant


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """An API token.

    Attributes:
        project: the only project it is good for; empty for all.
        role: name of a role; empty where only `permissions` count.
        permissions: what it may do beyond its role.
        expires_at, revoked_at: in UTC; None for never and not yet.
    """

    id: int
    name: str
    project: str
    role: str
    permissions: tuple[Grant, ...] = ()
    creator: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """A client of the computed-results API.

    Attributes:
        client_id: its public key.
        ai: the account id that its sign-in names.
        revoked_at: in UTC; None while it is good.
    """

    client_id: str
    name: str
    project: str
    ai: str
    creator: str
    created_at: datetime
    revoked_at: datetime | None = None


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who signs in with a password.

    Attributes:
        project: the only project that the user may see; empty for all.
    """

    id: int
    login: str
    project: str
    role: str
    creator: str
    created_at: datetime
    updated_at: datetime
