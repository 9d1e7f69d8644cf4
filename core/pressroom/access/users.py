"""Users, who sign in with a password."""

from __future__ import annotations

import hmac
import threading
from functools import cached_property
from typing import TYPE_CHECKING

from pressroom.access.desk import MANAGE, TOKEN_SECONDS, Desk, check_name, grants_of, owner
from pressroom.access.principals import Principal
from pressroom.access.slowing import Memory
from pressroom.errors import NotFound, TooManyRequests, Unauthenticated, UsageError
from pressroom.models.access import User
from pressroom.models.projects import DEFAULT_PROJECT

if TYPE_CHECKING:
    from pwdlib import PasswordHash

    from pressroom.settings import Workspace
    from pressroom.store import Store

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 512
PASSWORD_SECONDS = 300.0
"""How long a password that was right is believed without computing its hash again, while that hash is in the store."""
AT_ONCE = 2
"""Hashes that are computed at the same time: each takes 64 MiB and most of a processor."""
PATIENCE = 10.0
"""Seconds that a password waits for its turn."""


class Users(Desk):
    """Users and their passwords."""

    def __init__(self, workspace: Workspace, store: Store) -> None:
        super().__init__(workspace, store)
        self._seen = Memory[Principal](TOKEN_SECONDS)
        self._right = Memory[bool](PASSWORD_SECONDS)
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def create_user(
        self, principal: Principal, login: str, password: str, *, role: str = "viewer", project: str = DEFAULT_PROJECT
    ) -> User:
        """Make a user.

        Args:
            principal: who does it; it can give only what it has.
            login: the name to sign in with; without a colon.
            password: 8 characters or more.
            role: viewer, editor or admin.
            project: the only project that the user may see; empty for all.

        Raises:
            UsageError, AccessDenied, NotFound: wrong name, password, role or project.
            Conflict: there is one of that name.
        """
        principal.require(MANAGE)
        login, of = check_name(login, "a login"), owner(principal, project)
        if ":" in login:
            raise UsageError("a login has no colon: it is written as login:password when signing in")
        if not role:
            raise UsageError("a user needs a role: viewer, editor, admin")
        grants_of(principal, role, [])
        hashed = self._hash(password)
        with self._changing(principal, "users:create", of, f"user {login}") as store:
            return store.access.save_user(login, hashed, project=of, role=role, by=principal.name)

    def users(self, principal: Principal) -> list[User]:
        """Those that the principal may see, oldest first."""
        principal.require(MANAGE)
        return self._store.access.users(principal.project)

    def set_password(self, principal: Principal, login: str, password: str) -> User:
        """Give a user another password; the earlier one is forgotten at once.

        Raises:
            NotFound: no such user, or none that the principal may see.
            UsageError: it is too short or too long.
        """
        user, hashed = self._user(principal, login), self._hash(password)
        grants_of(principal, user.role, [])
        with self._changing(principal, "users:password", user.project, f"user {login}") as store:
            store.access.set_password(login, hashed)
        self._seen.clear()
        return user

    def delete_user(self, principal: Principal, login: str) -> User:
        """Remove a user; raises as `set_password` does."""
        user = self._user(principal, login)
        with self._changing(principal, "users:delete", user.project, f"user {login}") as store:
            store.access.delete_user(login)
        self._seen.clear()
        return user

    def recall_password(self, login: str, password: str) -> Principal | None:
        """The user of a password that was right a moment ago; never computes a hash."""
        return self._seen.get(self._remembered(login, password))

    def password_turn(self, login: str, address: str) -> float:
        """How many seconds to wait before `by_password`; raises as `sign_in_turn` does."""
        return self._slowing.turn(f"user:{login[:LONGEST_PASSWORD]}", address)

    def by_password(self, login: str, password: str, address: str = "") -> Principal:
        """The user of that name and password. Takes some 0.4 s and 64 MiB: call it in a thread.

        Raises:
            Unauthenticated: one of them is wrong; never says which.
            TooManyRequests: too many passwords wait to be looked at.
        """
        found = self._store.access.user(login) if len(login) <= LONGEST_PASSWORD else None
        # an unknown user's password is computed as well, so that the time it takes does not say who is one
        hashed = found[1] if found else self._nobody
        right = self._remembered(login, password, hashed)
        known = found is not None and self._right.get(right) is not None
        if not known and (not self._verify(password[: LONGEST_PASSWORD + 1], hashed) or found is None):
            self._slowing.failed(f"user:{login[:LONGEST_PASSWORD]}", address)
            raise Unauthenticated("sign in first: wrong name or password")
        assert found is not None
        user = found[0]
        principal = Principal.with_role(user.login, user.role, user.project, user.id)
        if not known:
            self._right.put(right, True)
        self._seen.put(self._remembered(login, password), principal)
        return principal

    def _user(self, principal: Principal, login: str) -> User:
        found = next((user for user in self.users(principal) if user.login == login), None)
        if found is None:
            raise NotFound(f"no user {login!r}; see: pressroom users list")
        return found

    def _remembered(self, login: str, password: str, hashed: str = "") -> bytes:
        text = f"{login}\0{password}\0{hashed}".encode("utf-8", "surrogatepass")
        return hmac.digest(self._remembering, text, "sha256")

    @cached_property
    def _remembering(self) -> bytes:
        return self.keys.key("remembered passwords")

    @cached_property
    def _hasher(self) -> PasswordHash:
        from pwdlib import PasswordHash

        return PasswordHash.recommended()

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")

    def _hash(self, password: str) -> str:
        if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
            raise UsageError(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
        try:
            return self._hasher.hash(password)
        except UnicodeEncodeError:
            raise UsageError("a password must be text that UTF-8 can hold") from None

    def _verify(self, password: str, hashed: str) -> bool:
        if not self._turns.acquire(timeout=PATIENCE):
            raise TooManyRequests("too many passwords to look at; wait a while", retry_after=PATIENCE)
        try:
            return self._hasher.verify(password, hashed)
        except UnicodeEncodeError:
            return False
        finally:
            self._turns.release()
