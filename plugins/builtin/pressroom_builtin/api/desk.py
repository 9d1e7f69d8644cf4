"""What the services of `/api/v1` share: entering a project, folders that do not stay, changes of what was seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from pressroom import AccessDenied, Cancellation, Changed, Context, Host, NotFound, Principal, ProjectStore, Report

if TYPE_CHECKING:
    import pydantic

READ_DASHBOARDS = "dashboards:read"
WRITE_DASHBOARDS = "dashboards:write"


class Desk:
    """Base of the services.

    Args:
        host: the workspace.
    """

    def __init__(self, host: Host) -> None:
        self.host = host

    def _enter(self, principal: Principal, project: str) -> ProjectStore:
        """The project's store.

        Raises:
            NotFound: there is none, or it is not the principal's.
        """
        if self.host.repositories.projects.find(principal.enter(project)) is None:
            raise NotFound(f"no project {project!r}")
        return self.host.repositories.project(project)

    @contextmanager
    def _context(self, seconds: float, cancellation: Cancellation | None = None) -> Iterator[Context]:
        """For work in a folder that is removed when the block ends."""
        # no TemporaryDirectory: who goes away may leave one to the garbage collector, which then warns
        folder = Path(mkdtemp(prefix="pressroom-"))
        try:
            yield Context(folder, timeout=seconds, cancellation=cancellation or self.host.closing)
        finally:
            rmtree(folder, ignore_errors=True)


def report_scope(number: int | None) -> str:
    """The scope of one report, and of its runs, in permissions; of runs without a stored report where None."""
    return "reports:unsaved" if number is None else f"reports:id:{number}"


def require_dashboards(principal: Principal, uids: Sequence[str]) -> None:
    """Go on only where the principal may read all of these dashboards.

    Raises:
        AccessDenied: names the first that it may not.
    """
    for uid in uids:
        if not principal.may(READ_DASHBOARDS, f"dashboards:uid:{uid}"):
            raise AccessDenied(
                f"{principal.name} may not read the dashboard {uid}, which is shown. "
                f"Permissions needed: {READ_DASHBOARDS}"
            )


def require_queries(principal: Principal, report: Report, before: Report | None = None) -> None:
    """Go on only where the principal may write queries, or the report asks for its recipients as it did before.

    Raises:
        AccessDenied: somebody may change reports, but not write queries to the sources.
    """
    known = [each.recipients for each in (before.deliveries if before else ())]
    asked = [each.recipients.model_copy(update={"sample": None}) for each in report.deliveries if each.recipients]
    if any(recipients not in known for recipients in asked):
        principal.require(WRITE_DASHBOARDS)


def revision_of(value: pydantic.BaseModel) -> str:
    """A name of exactly this definition; another one after every change."""
    data = value.model_dump(mode="json", exclude_unset=True)
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:32]


def check_seen(match: str, revision: str, what: str) -> None:
    """Go on only where a thing still is what somebody who would change it has seen.

    Args:
        match: the header `If-Match`: revisions in quotes, or `*`; empty where nobody asks.
        revision: of the thing as it is stored.
        what: the thing, for the message.

    Raises:
        Changed: it is not.
    """
    seen = {tag.strip().removeprefix("W/").strip('"') for tag in match.split(",")}
    if match.strip() and not seen & {"*", revision}:
        raise Changed(f"{what} was changed since it was read; read it again, and change what it is now")


def plain(value: Any) -> dict[str, Any]:
    """A definition as data, with what somebody wrote."""
    data: dict[str, Any] = value.model_dump(mode="json", exclude_unset=True)
    return data
