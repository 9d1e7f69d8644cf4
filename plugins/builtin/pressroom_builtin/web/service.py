"""A dashboard composed for one reader, and the list of them; the principal comes first and is authorised here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import ValidationError

from pressroom import (
    Cancellation,
    Context,
    DefinitionError,
    Host,
    NotFound,
    Principal,
    Problem,
    Report,
    StepError,
    UsageError,
)
from pressroom.locales import Locale
from pressroom.templating import one_line
from pressroom_builtin.web.listing import Entry, Shelf, listing
from pressroom_builtin.web.page import Asked, page

READ, WRITE = "dashboards:read", "dashboards:write"
FAILED = "the query failed"


class Pages:
    """Pages of a workspace's dashboards.

    Args:
        host: the workspace.
    """

    def __init__(self, host: Host) -> None:
        self.host = host

    def listing(self, principal: Principal, locale: Locale, *, who: str = "") -> bytes:
        """The page of all stored dashboards that the principal may read, as HTML in UTF-8.

        Args:
            who: see `dashboard`.

        Raises:
            AccessDenied: it may read none at all.
        """
        principal.require(READ)
        projects, mine = self.host.repositories.projects, principal.project
        found = [projects.find(mine)] if mine else projects.list()
        shelves = [self._shelf(principal, project.uid, project.value.name) for project in found if project is not None]
        return listing(shelves, locale, who=who)

    def _shelf(self, principal: Principal, project: str, name: str) -> Shelf:
        known = self.host.repositories.project(project).dashboards.described()
        readable = [(uid, *said) for uid, said in known.items() if principal.may(READ, f"dashboards:uid:{uid}")]
        return Shelf(one_line(name) or project, [Entry.of(project, *each) for each in readable])

    def dashboard(
        self,
        principal: Principal,
        project: str,
        uid: str,
        asked: Asked,
        *,
        fixed: bool = False,
        who: str = "",
        cancellation: Cancellation | None = None,
    ) -> bytes:
        """The page of a dashboard, as HTML in UTF-8.

        Args:
            fixed: the reader may see this range and this choice of values only.
            who: name of the user who is signed in and can sign out; may be empty.
            cancellation: stops the work.

        Raises:
            NotFound: the project has no such dashboard, or is not the principal's.
            UsageError: one end of the range without the other, or an empty range.
            DefinitionError: an end that is no moment.
        """
        principal.require(READ, f"dashboards:uid:{uid}")
        principal.enter(project)
        if self.host.repositories.projects.find(project) is None:
            raise NotFound(f"no project {project!r}")
        report = _ad_hoc(uid, asked.start, asked.end, asked.variables)
        with TemporaryDirectory(prefix="pressroom-") as name:
            folder = Path(name)
            limit = self.host.settings.limits.query_seconds
            context = Context(folder, timeout=limit, cancellation=cancellation or self.host.closing)
            try:
                edition = self.host.press.preview(project, report, folder, formats=[], context=context).edition
            except StepError as error:
                raise _explained(error, uid) from error
            # an editor may read what a source says; a viewer sees that it failed
            hidden = "" if principal.may(WRITE) else FAILED
            return page(edition, context.within(folder=folder), hidden=hidden, asked=None if fixed else asked, who=who)


def _ad_hoc(uid: str, start: str, end: str, variables: Mapping[str, Sequence[str]]) -> Report:
    if bool(start) != bool(end):
        raise UsageError("from and to go together; leave both out for the dashboard's own range")
    chosen: dict[str, Any] = {"uid": uid, "variables": {name: list(values) for name, values in variables.items()}}
    if start:
        chosen["time_range"] = {"from": start, "to": end}
    try:
        return Report.model_validate({"name": "page", "dashboards": [chosen], "formats": []})
    except ValidationError as error:
        found = [(str(each["loc"][-1]), each["msg"].removeprefix("Value error, ")) for each in error.errors()]
        if any(field == "uid" for field, _ in found):
            raise NotFound(f"no dashboard {uid!r}") from error
        raise DefinitionError([Problem(message, field) for field, message in found]) from error


def _explained(error: StepError, uid: str) -> Exception:
    """What a reader can do about it: a step's error is about a report, which is not there."""
    if isinstance(error.__cause__, NotFound):
        return NotFound(f"no dashboard {uid!r}")
    return UsageError(error.message) if isinstance(error.__cause__, ValueError) else error
