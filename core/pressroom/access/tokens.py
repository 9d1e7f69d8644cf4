"""API tokens: random, shown once, kept as digests."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime

from pressroom.access.desk import MANAGE, Desk, check_name, digest, grants_of, owner
from pressroom.access.principals import ROLES, Grant, Principal
from pressroom.errors import NotFound, UsageError
from pressroom.models.access import Token

PREFIX = "prs_"
"""Begins every token, so that a scanner of logs and repositories can find one."""
LONGEST_SECRET = 512


class Tokens(Desk):
    """API tokens, and the codes of clients, which are tokens that end by themselves."""

    def create_token(
        self,
        principal: Principal,
        name: str,
        *,
        role: str = "",
        permissions: Iterable[tuple[str, str]] = (),
        project: str = "",
        expires: datetime | None = None,
    ) -> tuple[Token, str]:
        """Make a token.

        Args:
            principal: who makes it; it can give only what it has.
            name: for people: who or what will use it.
            role: viewer, editor or admin.
            permissions: further actions, each with a scope or with an empty one for everything.
            project: the only project that it is good for; the principal's own where empty, else all.
            expires: when it ends.

        Returns:
            The token, and its secret, which nobody can see again.

        Raises:
            UsageError, AccessDenied, NotFound: wrong name, role, permission, moment or project.
        """
        principal.require(MANAGE)
        extra = [Grant(action, scope) for action, scope in permissions]
        if not role and not extra:
            raise UsageError("a token needs a role (viewer, editor, admin) or permissions")
        if expires is not None and (expires.tzinfo is None or expires <= datetime.now(UTC)):
            raise UsageError("a token must end in the future; give a moment with its zone")
        grants_of(principal, role, extra)
        name, of = check_name(name, "a token's name"), owner(principal, project)
        secret = PREFIX + secrets.token_urlsafe(32)
        with self._changing(principal, "tokens:create", of, f"token {name}") as store:
            token = store.access.add_token(
                digest(secret), name, of, role=role, grants=extra, expires_at=expires, by=principal.name
            )
        return token, secret

    def tokens(self, principal: Principal) -> list[Token]:
        """Those that the principal may see, oldest first, ended ones too."""
        principal.require(MANAGE)
        return self._store.access.tokens(principal.project)

    def revoke_token(self, principal: Principal, name: str) -> list[Token]:
        """End the tokens of that name or number at once; other processes follow within seconds.

        Raises:
            NotFound: there is none that the principal may see.
        """
        found = [token for token in self.tokens(principal) if name in (token.name, str(token.id))]
        if not found:
            raise NotFound(f"no token {name!r}; see: pressroom tokens list")
        for token in found:
            with self._changing(principal, "tokens:revoke", token.project, f"token {token.name}") as store:
                store.access.revoke_token(token.id)
        return found

    def recall(self, secret: str) -> Principal | None:
        """The principal of a token that was looked up a moment ago; never waits for the store."""
        return self._known.get(digest(secret).encode()) if len(secret) <= LONGEST_SECRET else None

    def by_token(self, secret: str) -> Principal | None:
        """Who a token or a client's code belongs to; None for one that is wrong, ended or revoked.

        The store looks for a digest: how long that takes tells nothing of the secret, of which an attacker would
        have to know the digest's beginning.
        """
        if not 0 < len(secret) <= LONGEST_SECRET:
            return None
        key = digest(secret)
        known = self._known.get(key.encode())
        if known is not None:
            return known
        found = self._store.access.by_digest(key)
        if found is None:
            return None
        token, client_id = found
        grants = frozenset([*(Grant(action) for action in ROLES.get(token.role, ())), *token.permissions])
        principal = Principal(token.name, grants, project=token.project, client_id=client_id)
        self._known.put(key.encode(), principal)
        return principal
