"""`/api/reports/settings` and the logos that were uploaded with them."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import PathParameter

from pressroom import DefinitionError, Problem
from pressroom_builtin.grafana import wire
from pressroom_builtin.grafana.branding import MAX_IMAGE_BYTES
from pressroom_builtin.grafana.door_routes import Asking, Caller, check_json
from pressroom_builtin.grafana.operation_routes import ImageOperation, OrganisationOperation, SettingsOperation
from pressroom_builtin.grafana.refusal_routes import documented

Me = NamedDependency[Caller]
Name = Annotated[str, PathParameter(name="image", description="As it ends a logo's address in the settings.")]
LOGOS = ("reportLogo", "emailLogo")
WHOLE = ("settings", "config")
"""Names of a part that holds all of the settings as JSON."""
MOST = 2 * MAX_IMAGE_BYTES + 1_000_000


@get(
    "/settings",
    sync_to_thread=True,
    operation_class=OrganisationOperation,
    summary="Get report settings",
    responses=documented(),
)
def settings(me: Me) -> wire.Settings:
    """The defaults where nobody has saved any."""
    return me.api.settings(*me.at())


@post(
    "/settings",
    status_code=200,
    request_max_body_size=MOST,
    operation_class=SettingsOperation,
    summary="Save report settings",
    responses=documented(400, 413),
)
async def save_settings(me: Me, request: Asking) -> wire.Done:
    """Merges field by field: what is absent stays, an empty text clears."""
    if request.content_type[0] == RequestEncodingType.MULTI_PART:
        body, logos = await _parts(request)
    else:
        check_json(request)
        body, logos = await request.body(), {}
    return await sync_to_thread(lambda: me.api.save_settings(*me.at(), body, logos))


@get(
    "/images/{image:str}",
    sync_to_thread=True,
    operation_class=ImageOperation,
    summary="Get an uploaded logo",
    responses=documented(404),
)
def image(me: Me, name: Name) -> Response[bytes]:
    """Its bytes."""
    found = me.api.image(*me.at(), name)
    headers = {"ETag": f'"{found.sha256}"', "Cache-Control": "private, max-age=300"}
    return Response(found.data, media_type=found.media_type, headers=headers)


async def _parts(request: Asking) -> tuple[bytes | dict[str, Any], dict[str, bytes]]:
    """Settings and logos of a form: the logos as files, the rest as JSON in one part, or a field each."""
    body: bytes | dict[str, Any] = {}
    logos: dict[str, bytes] = {}
    for name, value in (await request.form()).multi_items():
        if name in LOGOS and isinstance(value, UploadFile):
            logos[name] = await value.read()
        elif name in WHOLE:
            body = await value.read() if isinstance(value, UploadFile) else str(value).encode()
        else:
            raise DefinitionError([Problem(f"must be one of {', '.join((*LOGOS, *WHOLE))}", name)])
    if not body and not logos:
        raise DefinitionError([Problem(f"the form has none of its parts: {', '.join((*LOGOS, *WHOLE))}")])
    return body, logos
