"""What tokens, clients and users share: the store, who may change them, the audit log."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from pressroom.access.keys import Keys, load_keys
from pressroom.access.principals import ADMIN, ROLES, Grant, Principal
from pressroom.access.slowing import Memory, Slowing
from pressroom.errors import AccessDenied, UsageError
from pressroom.models.values import clean
from pressroom.settings import Workspace

if TYPE_CHECKING:
    from pressroom.store import Store, Transaction

MANAGE = "access:write"
"""The permission to list, make and revoke."""
TOKEN_SECONDS = 5.0
"""How long a token is believed without a look into the store, and so how long another process may still take a
revoked one."""


class Desk:
    """Base of the three.

    Args:
        workspace: for its settings and key.
        store: where they are kept.
    """

    def __init__(self, workspace: Workspace, store: Store) -> None:
        self._workspace = workspace
        self._store = store
        self._known = Memory[Principal](TOKEN_SECONDS)
        self._slowing = Slowing()

    @cached_property
    def keys(self) -> Keys:
        """The workspace's keys; the file is made at first need.

        Raises:
            SettingsError: see `load_keys`.
        """
        return load_keys(self._workspace, self._store.file)

    @contextmanager
    def _changing(self, principal: Principal, action: str, project: str, target: str) -> Iterator[Transaction]:
        """A transaction in which somebody changes who may come in, with its entry in the audit log."""
        principal.require(MANAGE)
        with self._store.transaction() as transaction:
            yield transaction
            transaction.audit.record(principal.name, action, project=project, target=target)
        self._known.clear()


def digest(secret: str) -> str:
    """What is kept of a secret that nobody can guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def owner(principal: Principal, project: str) -> str:
    """The project that a new thing belongs to: the named one, else the principal's own; empty for all.

    Raises:
        NotFound: it is another one than the principal's.
    """
    return principal.enter(project or principal.project)


def check_name(name: str, what: str) -> str:
    """A name for people.

    Raises:
        UsageError: it is empty, longer than 100 characters, or holds control characters.
    """
    if not 0 < len(name.strip()) <= 100 or clean(name) != name or len(name.splitlines()) > 1:
        raise UsageError(f"{what} is 1 to 100 characters on one line, without control characters")
    return name.strip()


def grants_of(principal: Principal, role: str, permissions: Iterator[Grant] | list[Grant]) -> frozenset[Grant]:
    """What a role and further permissions allow.

    Raises:
        UsageError: an unknown role or permission.
        AccessDenied: more than the principal itself may do.
    """
    if role and role not in ROLES:
        raise UsageError(f"no role {role!r}; there are: {', '.join(ROLES)}")
    extra = list(permissions)
    for grant in extra:
        if grant.action not in ADMIN:
            near = get_close_matches(grant.action, ADMIN, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(sorted(ADMIN))}"
            raise UsageError(f"no permission {grant.action!r}; {hint}")
    wanted = frozenset([*(Grant(action) for action in ROLES.get(role, ())), *extra])
    for grant in wanted:
        # a scoped grant of the giver must not become an unscoped one
        if not any(mine.action == grant.action and _within(grant.scope, mine.scope) for mine in principal.grants):
            raise AccessDenied(f"{principal.name} may not give what it lacks. Permissions needed: {grant.action}")
    return wanted


def _within(scope: str, wider: str) -> bool:
    return not wider or scope == wider or (wider.endswith("*") and scope.startswith(wider[:-1]) and scope != "")
