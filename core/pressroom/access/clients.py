"""API clients: a public key and a secret, with which a client signs in for a code."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pressroom.access.desk import MANAGE, Desk, check_name, digest, owner
from pressroom.access.principals import Principal
from pressroom.errors import NotFound, Unauthenticated
from pressroom.models.access import Client
from pressroom.models.projects import DEFAULT_PROJECT, Project

TOLERANCE = timedelta(minutes=5)
"""How far a signed moment may be from now, either way."""
CODE_LIFE = timedelta(days=30)
CODE_LENGTH = 64
CLIENT_ROLE = "viewer"
LONGEST = 512
"""Characters of a sign-in's parameter."""
_ALPHABET = string.ascii_letters + string.digits
_MOMENT = re.compile(r"[0-9]{1,15}")


class Clients(Desk):
    """API clients and their sign-in."""

    def create_client(
        self, principal: Principal, name: str, project: str = DEFAULT_PROJECT, *, missing: Project | None = None
    ) -> tuple[Client, str]:
        """Make a client of the computed-results API.

        Args:
            missing: the project to make where there is none of its uid, which is `project`; None refuses then.

        Returns:
            The client, and its secret, which nobody can see again.

        Raises:
            UsageError, AccessDenied, NotFound: wrong name or project.
        """
        principal.require(MANAGE)
        name, of = check_name(name, "a client's name"), owner(principal, project)
        client_id, secret, ai = secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(8)
        sealed = self.keys.seal(secret, _place(client_id))
        with self._changing(principal, "clients:create", of, f"client {name}") as store:
            if missing is not None and store.projects.find(of) is None:
                store.projects.save(missing, principal.name)
            return store.access.add_client(client_id, name, of, ai=ai, secret=sealed, by=principal.name), secret

    def clients(self, principal: Principal) -> list[Client]:
        """Those that the principal may see, oldest first, ended ones too."""
        principal.require(MANAGE)
        return self._store.access.clients(principal.project)

    def revoke_client(self, principal: Principal, name: str) -> list[Client]:
        """End the clients of that name or public key, with every code that they signed in for.

        Raises:
            NotFound: there is none that the principal may see.
        """
        found = [client for client in self.clients(principal) if name in (client.name, client.client_id)]
        if not found:
            raise NotFound(f"no client {name!r}; see: pressroom clients list")
        for client in found:
            with self._changing(principal, "clients:revoke", client.project, f"client {client.name}") as store:
                store.access.revoke_client(client.client_id)
        return found

    def sign_in_turn(self, client_id: str, address: str) -> float:
        """How many seconds to wait before `sign_in`: whoever failed ten times in a minute goes slowly.

        Raises:
            TooManyRequests: too many attempts of this client and address wait already.
        """
        return self._slowing.turn(client_id[:LONGEST], address)

    def sign_in(self, client_id: str, params: Mapping[str, str], address: str = "") -> str:
        """A code for a client that proves to have its secret.

        Args:
            client_id: its public key.
            params: `project`, `ai`, `tm` (now in epoch ms) and `auth`, the HMAC-SHA256 of them in hex.
            address: where it asks from, to slow down who guesses.

        Returns:
            64 letters and digits, good for 30 days wherever a token is.

        Raises:
            Unauthenticated: anything was wrong; never says what.
        """
        code = self._code(client_id, params)
        if code is None:
            self._slowing.failed(client_id[:LONGEST], address)
            raise Unauthenticated
        return code

    def _code(self, client_id: str, params: Mapping[str, str]) -> str | None:
        project, ai, tm, auth = (params.get(name, "") for name in ("project", "ai", "tm", "auth"))
        if max(map(len, (client_id, project, ai, tm, auth))) > LONGEST:
            return None
        found = self._store.access.client(client_id)
        # an unknown client is computed for as well, so that nothing is to be learnt from the time it takes
        secret = self.keys.open(found[1], _place(client_id)) if found else secrets.token_hex(16)
        good = hmac.compare_digest(signature(secret, project, ai, tm).encode(), auth.encode("utf-8", "replace"))
        now = datetime.now(UTC)
        if found is None or not good or not _near(tm, now):
            return None
        if found[0].project != project or found[0].ai != ai:
            return None
        code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
        strict = self._workspace.settings.security.strict_sign_in
        kept = self._store.access.add_code(
            client_id, digest(code), moment=int(tm), expires_at=now + CODE_LIFE, role=CLIENT_ROLE, strict=strict
        )
        if strict:
            self._known.clear()
        return code if kept else None


def signature(secret: str, project: str, ai: str, tm: str) -> str:
    """What a client of that secret sends as `auth`."""
    text = f"POST\n/auth/token\nproject={project}&ai={ai}&tm={tm}"
    return hmac.new(secret.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _near(tm: str, now: datetime) -> bool:
    return bool(_MOMENT.fullmatch(tm)) and abs(int(tm) / 1000 - now.timestamp()) <= TOLERANCE.total_seconds()


def _place(client_id: str) -> str:
    return f"clients:{client_id}:secret"
