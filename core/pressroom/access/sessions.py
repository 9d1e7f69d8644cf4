"""Sessions of users in a browser: a signed cookie instead of the password with every request."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property

from pressroom.access.desk import Desk, digest
from pressroom.access.principals import Principal
from pressroom.errors import Gone, NotFound, Unauthenticated
from pressroom.signing import Signer

LIFE = timedelta(hours=12)
"""How long one lasts."""


class Sessions(Desk):
    """Starts and reads sessions; none is kept, so they end by themselves, with the password, or with the user."""

    def start_session(self, login: str) -> tuple[str, datetime]:
        """A session of a user whose password was right.

        Returns:
            What the browser keeps, and when it ends.

        Raises:
            Unauthenticated: there is no such user any more.
        """
        found = self._store.access.user(login)
        if found is None:
            raise Unauthenticated
        until = self._signer.now() + LIFE
        return self._signer.sign("session", [login, _mark(found[1])], until), until

    def by_session(self, text: str) -> Principal | None:
        """Whose session it is; None where it has ended, was made with an earlier password, or is none of ours."""
        key = digest(f"session {text}").encode()
        known = self._known.get(key)
        if known is not None:
            return known
        try:
            login, mark = self._signer.read("session", text)
        except (NotFound, Gone):
            return None
        found = self._store.access.user(login)
        if found is None or _mark(found[1]) != mark:
            return None
        user = found[0]
        principal = Principal.with_role(user.login, user.role, user.project, user.id)
        self._known.put(key, principal)
        return principal

    @cached_property
    def _signer(self) -> Signer:
        return Signer(self.keys)


def _mark(hashed: str) -> str:
    """Tells one password of a user from the next."""
    return digest(hashed)[:16]
