"""Tables of who may come in: API tokens, API clients, users. Private to the store, as all tables are."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from pressroom.models.columns import Identifier, UtcDateTime
from pressroom.models.tables import KEPT, Base


class ClientRow(Base, table=True):
    """A client of the computed-results API.

    Attributes:
        client_id: its public key.
        ai: the account id that its sign-in names.
        secret: sealed with the workspace's key.
    """

    __tablename__ = "clients"
    __table_args__ = (KEPT,)
    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    client_id: str = Field(unique=True)
    name: str
    project_id: int = Field(foreign_key="projects.id", index=True, sa_type=Identifier)
    ai: str
    secret: bytes = Field(sa_type=sa.LargeBinary)
    creator: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class TokenRow(Base, table=True):
    """A token of which only the digest is known; also the codes that clients sign in for.

    Attributes:
        digest: SHA-256 in hex.
        project_id: the only project it is good for; empty for all.
        role: name of a role; empty where only `grants` count.
        grants: lists of action and scope.
        client_row: the client whose code it is; empty for tokens that people made.
        moment: the signed moment of the code, in epoch ms; unique for a client where sign-in is strict.
    """

    __tablename__ = "tokens"
    __table_args__ = (KEPT,)
    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    name: str
    digest: str = Field(unique=True)
    project_id: int | None = Field(default=None, foreign_key="projects.id", index=True, sa_type=Identifier)
    role: str
    grants: list[Any] = Field(sa_type=sa.JSON)
    client_row: int | None = Field(
        default=None, foreign_key="clients.id", ondelete="CASCADE", index=True, sa_type=Identifier
    )
    moment: int | None = Field(default=None, sa_type=sa.BigInteger)
    creator: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, index=True, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class UserRow(Base, table=True):
    """Somebody who signs in with a password.

    Attributes:
        password: an argon2id hash.
        project_id: the only project that the user may see; empty for all.
    """

    __tablename__ = "users"
    __table_args__ = (KEPT,)
    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    login: str = Field(unique=True)
    password: str
    project_id: int | None = Field(default=None, foreign_key="projects.id", index=True, sa_type=Identifier)
    role: str
    creator: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
