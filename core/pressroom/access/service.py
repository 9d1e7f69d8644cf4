"""`Host.access`: everything about who may come in."""

from __future__ import annotations

from functools import cached_property

from pressroom.access.clients import Clients
from pressroom.access.sessions import Sessions
from pressroom.access.slowing import Memory
from pressroom.access.tokens import Tokens
from pressroom.access.users import Users

REFUSAL_SECONDS = 60.0
MOST_REFUSALS = 100


class Access(Tokens, Clients, Users, Sessions):
    """Tokens, API clients and users of a workspace. Used from several threads."""

    @cached_property
    def _refusals(self) -> Memory[bool]:
        # whoever is refused again and again must not fill the store: what does not fit here is not written
        return Memory[bool](REFUSAL_SECONDS, most=MOST_REFUSALS)

    def refused(self, actor: str, action: str, *, project: str = "", target: str = "", address: str = "") -> None:
        """Write a refusal into the audit log: once a minute for the same one, 100 a minute in all.

        Args:
            actor: who asked, as far as that is known.
            action: what was refused, such as `sign-in` or the permission's name.
            target: what it was about, such as a path.
            address: where it came from.
        """
        key = repr((actor, action, project, target)).encode("utf-8", "surrogatepass")
        if self._refusals.get(key) or self._refusals.full():
            return
        self._refusals.put(key, True)
        detail = {"refused": True, "address": address}
        self._store.audit.record(actor[:200], action, project=project, target=target[:500], detail=detail)
