"""Tokens, API clients and users of the whole workspace: rows in and out, nothing of what they mean."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from pressroom.access.principals import Grant
from pressroom.errors import Conflict, NotFound
from pressroom.models.access import Client, Token, User
from pressroom.models.access_tables import ClientRow, TokenRow, UserRow
from pressroom.models.tables import ProjectRow
from pressroom.store.definitions import nearest, possible
from pressroom.store.repository import Clock
from pressroom.store.sessions import Sessions


class AccessRepository:
    """Who may come in.

    Args:
        sessions: where to work.
        clock: gives the moment of a change.
    """

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    def add_token(
        self,
        digest: str,
        name: str,
        project: str,
        *,
        role: str,
        grants: Iterable[Grant],
        expires_at: datetime | None,
        by: str,
    ) -> Token:
        """Keep a token's digest; raises NotFound for an unknown project."""
        with self._sessions.write() as session:
            row = TokenRow(
                name=name,
                digest=digest,
                project_id=_project_id(session, project),
                role=role,
                grants=[[grant.action, grant.scope] for grant in grants],
                creator=by,
                created_at=self._clock(),
                expires_at=expires_at,
            )
            session.add(row)
            session.flush()
            return _token(row, project)

    def tokens(self, project: str = "") -> list[Token]:
        """Those that people made, oldest first; of one project where it is named."""
        found = (
            select(TokenRow, ProjectRow.uid).join(ProjectRow, isouter=True).where(col(TokenRow.client_row).is_(None))
        )
        with self._sessions.read() as session:
            rows = session.exec(_of(found, project).order_by(col(TokenRow.id))).all()
            return [_token(row, uid) for row, uid in rows]

    def revoke_token(self, id_: int) -> None:
        """End it now; one that has ended already stays as it is. Codes end with their client only."""
        with self._sessions.write() as session:
            row = session.get(TokenRow, id_)
            if row is not None and row.client_row is None and row.revoked_at is None:
                row.revoked_at = self._clock()
                session.add(row)

    def by_digest(self, digest: str) -> tuple[Token, str] | None:
        """The living token or code with that digest, and the public key of the client whose code it is."""
        now = self._clock()
        found = (
            select(TokenRow, ProjectRow.uid, ClientRow.client_id)
            .join(ProjectRow, col(ProjectRow.id) == col(TokenRow.project_id), isouter=True)
            .join(ClientRow, col(ClientRow.id) == col(TokenRow.client_row), isouter=True)
            .where(
                col(TokenRow.digest) == digest,
                col(TokenRow.revoked_at).is_(None),
                sa.or_(col(TokenRow.expires_at).is_(None), col(TokenRow.expires_at) > now),
                col(ClientRow.revoked_at).is_(None),
            )
        )
        with self._sessions.read() as session:
            answer = session.exec(found).first()
            return None if answer is None else (_token(answer[0], answer[1]), answer[2] or "")

    def add_client(self, client_id: str, name: str, project: str, *, ai: str, secret: bytes, by: str) -> Client:
        """Keep a client with its sealed secret; raises NotFound for an unknown project."""
        with self._sessions.write() as session:
            owner = _project_id(session, project)
            assert owner is not None
            row = ClientRow(
                client_id=client_id,
                name=name,
                project_id=owner,
                ai=ai,
                secret=secret,
                creator=by,
                created_at=self._clock(),
            )
            session.add(row)
            return _client(row, project)

    def clients(self, project: str = "") -> list[Client]:
        """All of them, oldest first; of one project where it is named."""
        found = select(ClientRow, ProjectRow.uid).join(ProjectRow)
        with self._sessions.read() as session:
            return [_client(row, uid) for row, uid in session.exec(_of(found, project).order_by(col(ClientRow.id)))]

    def client(self, client_id: str) -> tuple[Client, bytes] | None:
        """A living client and its sealed secret."""
        if not possible(client_id):
            return None
        found = select(ClientRow, ProjectRow.uid).join(ProjectRow).where(col(ClientRow.client_id) == client_id)
        with self._sessions.read() as session:
            answer = session.exec(found.where(col(ClientRow.revoked_at).is_(None))).first()
            return None if answer is None else (_client(*answer), answer[0].secret)

    def revoke_client(self, client_id: str) -> None:
        """End it, and every code that it signed in for."""
        with self._sessions.write() as session:
            row = session.exec(select(ClientRow).where(col(ClientRow.client_id) == client_id)).one()
            row.revoked_at = row.revoked_at or self._clock()
            session.add(row)
            session.exec(sa.delete(TokenRow).where(col(TokenRow.client_row) == row.id))

    def add_code(
        self, client_id: str, digest: str, *, moment: int, expires_at: datetime, role: str, strict: bool
    ) -> bool:
        """Keep a code's digest, and forget the client's codes that have run out.

        Args:
            moment: that the client signed, in epoch ms.
            strict: end the client's other codes, and take each moment once.

        Returns:
            Whether it was kept: not where it is strict and the moment was used before, or the client is gone.
        """
        now = self._clock()
        with self._sessions.write() as session:
            alive = select(ClientRow).where(col(ClientRow.client_id) == client_id, col(ClientRow.revoked_at).is_(None))
            client = session.exec(alive.with_for_update()).first()
            if client is None:
                return False
            mine = col(TokenRow.client_row) == client.id
            session.exec(sa.delete(TokenRow).where(mine, col(TokenRow.expires_at) <= now))
            if strict:
                if session.exec(select(TokenRow.id).where(mine, col(TokenRow.moment) == moment)).first() is not None:
                    return False
                session.exec(sa.update(TokenRow).where(mine, col(TokenRow.revoked_at).is_(None)).values(revoked_at=now))
            session.add(
                TokenRow(
                    name=client.name,
                    digest=digest,
                    project_id=client.project_id,
                    role=role,
                    grants=[],
                    client_row=client.id,
                    moment=moment,
                    creator=client.creator,
                    created_at=now,
                    expires_at=expires_at,
                )
            )
            return True

    def save_user(self, login: str, password: str, *, project: str, role: str, by: str) -> User:
        """Make a user.

        Raises:
            Conflict: the login is taken.
            NotFound: no such project.
        """
        now = self._clock()
        with self._sessions.write() as session:
            if session.exec(select(UserRow.id).where(col(UserRow.login) == login)).first() is not None:
                raise Conflict(f"there is a user {login!r} already")
            row = UserRow(
                login=login,
                password=password,
                project_id=_project_id(session, project),
                role=role,
                creator=by,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            session.flush()
            return _user(row, project)

    def users(self, project: str = "") -> list[User]:
        """All of them, oldest first; of one project where it is named."""
        found = select(UserRow, ProjectRow.uid).join(ProjectRow, isouter=True)
        with self._sessions.read() as session:
            return [_user(row, uid) for row, uid in session.exec(_of(found, project).order_by(col(UserRow.id)))]

    def user(self, login: str) -> tuple[User, str] | None:
        """A user and the password's hash."""
        if not possible(login):
            return None
        found = select(UserRow, ProjectRow.uid).join(ProjectRow, isouter=True).where(col(UserRow.login) == login)
        with self._sessions.read() as session:
            answer = session.exec(found).first()
            return None if answer is None else (_user(*answer), answer[0].password)

    def set_password(self, login: str, password: str) -> None:
        """Replace the hash."""
        changed = sa.update(UserRow).where(col(UserRow.login) == login)
        with self._sessions.write() as session:
            session.exec(changed.values(password=password, updated_at=self._clock()))

    def delete_user(self, login: str) -> None:
        """Remove a user."""
        with self._sessions.write() as session:
            session.exec(sa.delete(UserRow).where(col(UserRow.login) == login))


def _of(statement: Any, project: str) -> Any:
    return statement.where(col(ProjectRow.uid) == project) if project else statement


def _project_id(session: Session, uid: str) -> int | None:
    if not uid:
        return None
    known = {row.uid: row.id for row in session.exec(select(ProjectRow))}
    if uid not in known:
        ways = "`pressroom apply` and `clients create --new-project` make some"
        raise NotFound(f"no project {uid!r}{nearest(uid, known)}; {ways}")
    return known[uid]


def _token(row: TokenRow, project: str | None) -> Token:
    return Token(
        id=int(row.id or 0),
        name=row.name,
        project=project or "",
        role=row.role,
        permissions=tuple(Grant(action, scope) for action, scope in row.grants),
        creator=row.creator,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )


def _client(row: ClientRow, project: str) -> Client:
    return Client(
        client_id=row.client_id,
        name=row.name,
        project=project,
        ai=row.ai,
        creator=row.creator,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )


def _user(row: UserRow, project: str | None) -> User:
    return User(
        id=int(row.id or 0),
        login=row.login,
        project=project or "",
        role=row.role,
        creator=row.creator,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
