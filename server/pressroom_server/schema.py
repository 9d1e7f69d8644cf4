"""`/schema`: OpenAPI 3.1 of everything, as JSON for programs and as a page for people, whose scripts come from here."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.params import FromPath
from litestar.response import File
from litestar.routes import BaseRoute, HTTPRoute

from pressroom import __version__
from pressroom_server.auth import PUBLIC
from pressroom_server.endings import EndingsConfig

ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
"""Files of the package and their media types."""
START = """\
window.onload = () => {
  SwaggerUIBundle({url: "/schema/openapi.json", dom_id: "#viewer", deepLinking: true, validatorUrl: null});
};
"""
PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pressroom's HTTP API</title>
<link rel="icon" href="/schema/assets/favicon-32x32.png">
<link rel="stylesheet" href="/schema/assets/swagger-ui.css">
<script src="/schema/assets/swagger-ui-bundle.js" defer></script>
<script src="/schema/assets/start.js" defer></script>
</head>
<body>
<div id="viewer"></div>
<noscript>The schema is at <a href="/schema/openapi.json">/schema/openapi.json</a>.</noscript>
</body>
</html>
"""
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def schema_config() -> OpenAPIConfig:
    """Where the schema is served, and what it says of the whole."""
    return EndingsConfig(
        title="Pressroom",
        version=__version__,
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", description="An API token, or a client's code."),
                "password": SecurityScheme(type="http", scheme="basic", description="A user's name and password."),
            }
        ),
        security=[{"token": []}, {"password": []}],
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin(), YamlRenderPlugin()],
        openapi_router=Router(
            "/schema",
            route_handlers=[asset],
            include_in_schema=False,
            opt=PUBLIC,
            before_request=_page_for_people,
        ),
    )


def mark_public(routes: Sequence[BaseRoute]) -> None:
    """Let the schema say which operations are for everybody; the others are for who is signed in."""
    for route in routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            if handler.opt.get("public"):
                handler.security = [{}]


@get("/assets/{name:str}", sync_to_thread=True)
def asset(name: FromPath[str]) -> File | Response[str]:
    """The scripts of the page; from the installed package that holds them."""
    if name == "start.js":
        return Response(START, media_type="text/javascript")
    folder = _assets()
    if folder is None or name not in ASSETS:
        raise NotFoundException
    return File(
        folder / name,
        media_type=ASSETS[name],
        filename=name,
        content_disposition_type="inline",
        headers={"Cache-Control": "max-age=86400"},
    )


def _page_for_people(request: Request[Any, Any, Any]) -> Response[str] | None:
    wanted = request.headers.get("accept", "")
    if request.url.path.rstrip("/") != "/schema" or "text/html" not in wanted or _assets() is None:
        return None
    return Response(PAGE, media_type="text/html", headers={"Content-Security-Policy": PAGE_POLICY, "Vary": "Accept"})


@cache
def _assets() -> Path | None:
    # found, not imported: the package is there for its files, and importing it would import Flask
    found = importlib.util.find_spec("flask_swagger_ui")
    folder = Path(found.origin).parent / "dist" if found is not None and found.origin else None
    return folder if folder is not None and (folder / next(iter(ASSETS))).is_file() else None
