"""`/health`: whether the process lives, and whether it can do its work. `/metrics`: figures for Prometheus."""

from __future__ import annotations

from typing import Any

from litestar import HttpMethod, MediaType, Response, get, route
from litestar.types import ControllerRouterHandler

from pressroom import __version__
from pressroom.errors import PressroomError
from pressroom.host import Host
from pressroom.press.metrics import CONTENT_TYPE, registry, text
from pressroom_server.auth import PUBLIC, CurrentHost
from pressroom_server.door_threads import at_the_door

LOOK = [HttpMethod.GET, HttpMethod.HEAD]
"""Monitors often want to know the status only."""


def health_routes(host: Host) -> list[ControllerRouterHandler]:
    """The handlers."""
    figures = registry(host)

    @get(
        "/metrics",
        opt=PUBLIC,
        media_type=CONTENT_TYPE.removesuffix("; charset=utf-8"),
        tags=["operations"],
        summary="Figures for Prometheus",
    )
    async def metrics() -> bytes:
        """How the press is doing, as the ledger tells it."""
        return await at_the_door(text, figures)

    return [live, ready, metrics]


@route(
    "/health/live",
    http_method=LOOK,
    opt=PUBLIC,
    sync_to_thread=False,
    tags=["operations"],
    summary="Whether the process lives",
)
def live() -> dict[str, str]:
    """200 as long as the process answers at all; looks at nothing."""
    return {"status": "ok", "version": __version__}


@route("/health", http_method=LOOK, opt=PUBLIC, tags=["operations"], summary="Whether requests can be answered")
async def ready(host: CurrentHost) -> Response[dict[str, Any]]:
    """200 when the store can be read and has this version's schema, else 503."""
    try:
        await at_the_door(host.store.check)
    except PressroomError:
        return Response({"status": "not ready", "version": __version__}, status_code=503, media_type=MediaType.JSON)
    return Response({"status": "ok", "version": __version__}, media_type=MediaType.JSON)
