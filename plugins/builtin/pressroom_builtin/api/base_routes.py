"""What the operations of `/api/v1` share: who calls about which project, pages, tags, and what may go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, JSONBody, QueryParameter

from pressroom import Host, Principal
from pressroom_builtin.api.paging import DEFAULT_LIMIT, MOST
from pressroom_builtin.api.previews import Previews
from pressroom_builtin.api.reports import Reports
from pressroom_builtin.api.runs import Runs
from pressroom_builtin.api.service import Studio
from pressroom_server.errors import MEDIA_TYPE, Problem
from pressroom_server.long_work import LongWork

T = TypeVar("T")
DEFAULT = "default"
ASKING = 4
"""Queries of charts that are answered at the same time."""
SAID = {
    400: "Something in the request cannot be; `errors` names the fields.",
    401: "No token or password, or none that is good.",
    403: "A permission is missing.",
    404: "No such thing, or not for this caller.",
    409: "A uid is taken, or the thing does not stand where this can be done.",
    410: "It was there, and is not kept any more.",
    412: "It was changed since it was read.",
    422: "It cannot be made, or the idempotency key was used for another request.",
    429: "Too much at once; `Retry-After` says when to come back.",
    502: "The source failed.",
    503: "The store cannot be reached.",
    504: "It took too long.",
}
ALWAYS = (400, 401, 403, 404, 429, 503)
Asking = Request[Any, Any, Any]
Definition = JSONBody[dict[str, Any]]
Of = Annotated[str, QueryParameter(name="project", description="Uid of the project; the caller's own if absent.")]
Limit = Annotated[int, QueryParameter(description="Entries of a page.", ge=1, le=MOST)]
Cursor = Annotated[str, QueryParameter(description="`next` of the page before.")]
IfMatch = Annotated[
    str, HeaderParameter(name="If-Match", description="The `ETag` that was read: go on only where it still is so.")
]


class Caller(NamedTuple):
    """Who asks, and about which project."""

    principal: Principal
    project: str


class Page(NamedTuple):
    """Which part of a list is asked for."""

    limit: int
    cursor: str


@dataclass(frozen=True)
class Services:
    """What answers; and the turns of what takes long.

    Attributes:
        drawing: of reports that are rendered.
        asking: of queries.
    """

    studio: Studio
    reports: Reports
    runs: Runs
    previews: Previews
    drawing: LongWork
    asking: LongWork

    @classmethod
    def of(cls, host: Host) -> Services:
        """Those of a workspace."""
        return cls(
            Studio(host),
            Reports(host),
            Runs(host),
            Previews(host),
            LongWork("previews", host.closing),
            LongWork("queries", host.closing, at_once=ASKING),
        )


Me = NamedDependency[Caller]
"""Type of a handler's parameter `me`."""
Office = NamedDependency[Services]
"""Type of a handler's parameter `office`."""
Part = NamedDependency[Page]
"""Type of a handler's parameter `page`."""


def caller(principal: NamedDependency[Principal], of: Of = "") -> Caller:
    """The dependency `me`."""
    return Caller(principal, of or principal.project or DEFAULT)


def page(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = "") -> Page:
    """The dependency `page`."""
    return Page(limit, cursor)


def errors(*more: int) -> Mapping[int, ResponseSpec]:
    """What may go wrong with an operation, for its schema: what always may, and these statuses."""
    return {
        status: ResponseSpec(Problem, description=SAID[status], media_type=MEDIA_TYPE, generate_examples=False)
        for status in sorted({*ALWAYS, *more})
    }


def tagged(body: Any, **headers: str) -> Response[Any]:
    """A thing with its revision as `ETag`."""
    return Response(body, headers={"ETag": f'"{body.revision}"', **headers})


def linked(request: Asking, body: Any) -> Response[Any]:
    """A page with the address of the next one as `Link`."""
    headers = {}
    if body.next is not None:
        query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        headers["Link"] = f'<{request.url.path}?{urlencode([*query, ("cursor", body.next)])}>; rel="next"'
    return Response(body, headers=headers)
