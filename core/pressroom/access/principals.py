"""Who asks, and what they may do: every service method takes a Principal first and authorises there."""

from __future__ import annotations

from dataclasses import dataclass

from pressroom.errors import AccessDenied, NotFound
from pressroom.models.projects import DEFAULT_PROJECT

READ = frozenset({"dashboards:read", "reports:read", "reports.settings:read", "segments:read", "rules:read"})
EDIT = READ | {
    "dashboards:write",
    "reports:create",
    "reports:write",
    "reports:delete",
    "reports:send",
    "runs:read",
    "runs:write",
}
ADMIN = EDIT | {"reports.settings:write", "projects:write", "access:write"}
ROLES = {"viewer": READ, "editor": EDIT, "admin": ADMIN}
"""A role is a set of permissions, each over everything of the principal's project."""


@dataclass(frozen=True)
class Grant:
    """A permission with its scope: `reports:*`, `reports:id:*`, `reports:id:7`; empty for everything."""

    action: str
    scope: str = ""

    def covers(self, action: str, scope: str) -> bool:
        """Whether this grant allows the action on the thing that the scope names."""
        if self.action != action:
            return False
        # `reports:7` is what old clients write for `reports:id:7`
        if not self.scope or not scope or self.scope in (scope, scope.replace(":id:", ":", 1)):
            return True
        return self.scope.endswith("*") and scope.startswith(self.scope[:-1])


@dataclass(frozen=True)
class Principal:
    """Somebody who asks for something.

    Attributes:
        name: for creators' names and the audit log.
        user_id: the reporting API's `userId`; 0 for none.
        project: uid of the only project that it may see; empty for all.
        grants: what it may do.
        client_id: public key of the API client whose code it came with; empty for everybody else.
    """

    name: str
    grants: frozenset[Grant]
    user_id: int = 0
    project: str = ""
    client_id: str = ""

    @classmethod
    def local_admin(cls, name: str = "pressroom") -> Principal:
        """The person at the machine's own command line: everything in every project."""
        return cls(name, frozenset(Grant(action) for action in ADMIN))

    @classmethod
    def with_role(cls, name: str, role: str, project: str = DEFAULT_PROJECT, user_id: int = 0) -> Principal:
        """A principal with a role's permissions in one project."""
        return cls(name, frozenset(Grant(action) for action in ROLES[role]), user_id, project)

    def may(self, action: str, scope: str = "") -> bool:
        """Whether it may do this to the thing that the scope names (any thing where the scope is empty)."""
        return any(grant.covers(action, scope) for grant in self.grants)

    def require(self, action: str, scope: str = "") -> None:
        """Go on only where it may.

        Raises:
            AccessDenied: it may not; the message ends in the permission's name.
        """
        if not self.may(action, scope):
            raise AccessDenied(f"{self.name} may not do this. Permissions needed: {action}")

    def enter(self, project: str) -> str:
        """The project's uid, where this principal belongs to it.

        Raises:
            NotFound: it does not, or there is none: the two cannot be told apart from outside.
        """
        if self.project and project != self.project:
            raise NotFound(f"no project {project!r}")
        return project
