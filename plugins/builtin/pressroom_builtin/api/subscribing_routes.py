"""`/api/v1/reports/{uid}/unsubscribed` over HTTP."""

from __future__ import annotations

from datetime import datetime

import msgspec
from litestar import Router, delete, get, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath

from pressroom import Host
from pressroom_builtin.api.base_routes import Me, errors
from pressroom_builtin.api.subscribing import Subscribing

ONE = "/{address:str}"
Service = NamedDependency[Subscribing]


class Unsubscribed(msgspec.Struct, kw_only=True):
    """A recipient who wants no more of a report.

    Attributes:
        since: RFC 3339.
    """

    address: str
    since: datetime


def router(host: Host) -> Router:
    """All of them."""
    service = Subscribing(host)
    return Router(
        "/reports/{uid:str}/unsubscribed",
        route_handlers=[unsubscribed, unsubscribe, resubscribe],
        dependencies={"subscribing": Provide(lambda: service, sync_to_thread=False)},
        tags=["reports"],
    )


@get("/", sync_to_thread=True, summary="Who has unsubscribed from a report", responses=errors())
def unsubscribed(subscribing: Service, me: Me, uid: FromPath[str]) -> list[Unsubscribed]:
    """Oldest first. They are skipped when it goes out."""
    return [Unsubscribed(address=each.address, since=each.since) for each in subscribing.unsubscribed(*me, uid)]


@put(ONE, status_code=204, sync_to_thread=True, summary="Unsubscribe a recipient", responses=errors())
def unsubscribe(subscribing: Service, me: Me, uid: FromPath[str], address: FromPath[str]) -> None:
    """Send nothing of the report to an address any more, whoever names it."""
    subscribing.unsubscribe(*me, uid, address)


@delete(ONE, sync_to_thread=True, summary="Send a report to a recipient again", responses=errors())
def resubscribe(subscribing: Service, me: Me, uid: FromPath[str], address: FromPath[str]) -> None:
    """Undo it."""
    subscribing.resubscribe(*me, uid, address)
