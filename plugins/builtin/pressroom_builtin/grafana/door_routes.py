"""Who asks the reporting API, and what its handlers share."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request
from litestar.params import PathParameter

from pressroom import DefinitionError, Host, Principal, Problem, UsageError
from pressroom_builtin.grafana.service import Reporting
from pressroom_builtin.grafana.workroom import Workroom

ORGANISATION = "X-Grafana-Org-Id"
SENDS, SENDS_WAITING = 8, 200
RENDERS_WAITING = 50
Asking = Request[Any, Any, Any]
Number = Annotated[
    str, PathParameter(name="id", description="The report's id.", schema_extra={"type": "integer", "format": "int64"})
]


class Desk:
    """The API of one process.

    Args:
        host: the workspace.
    """

    def __init__(self, host: Host) -> None:
        self.api = Reporting(host)
        self.sends = Workroom("sends", SENDS, SENDS_WAITING)
        self.renders = Workroom("renders", max(2, os.cpu_count() or 1), RENDERS_WAITING)


@dataclass(frozen=True)
class Caller:
    """Somebody who asks.

    Attributes:
        organisation: the number that the request names; empty for the caller's own.
    """

    desk: Desk
    principal: Principal
    organisation: str

    @property
    def api(self) -> Reporting:
        """The service."""
        return self.desk.api

    def at(self) -> tuple[Principal, str]:
        """The caller, and the uid of the project that is meant; asks the store.

        Raises:
            AccessDenied: see `Reporting.organisation`.
        """
        return self.principal, self.api.organisation(self.principal, self.organisation)


def report_number(text: str) -> int:
    """The id in a path.

    Raises:
        UsageError: it is no number.
    """
    if not (text.isascii() and text.isdecimal()) or len(text) > 19:
        raise UsageError(f"{text[:40]!r} is no id of a report; it must be a number")
    return int(text)


def check_json(request: Asking) -> None:
    """Go on only where the body says that it is JSON.

    Raises:
        DefinitionError: it does not.
    """
    kind = request.content_type[0].lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        said = f"not {kind}" if kind else "and the request names none"
        raise DefinitionError([Problem(f"the content type must be application/json, {said}", "Content-Type")])
