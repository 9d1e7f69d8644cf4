"""`/api/reports/email` and `/test-email`: they answer once the mail server has the message."""

from __future__ import annotations

from litestar import post
from litestar.di import NamedDependency
from litestar.params import RawBody

from pressroom_builtin.grafana import wire
from pressroom_builtin.grafana.door_routes import Asking, Caller, check_json
from pressroom_builtin.grafana.operation_routes import EmailOperation, ReportOperation
from pressroom_builtin.grafana.refusal_routes import documented
from pressroom_server.once import IdempotencyKey, once

Me = NamedDependency[Caller]


@post(
    "/email",
    status_code=200,
    operation_class=EmailOperation,
    summary="Send a report",
    responses=documented(400, 404, 413),
)
async def email(me: Me, request: Asking, body: RawBody, key: IdempotencyKey = "") -> wire.Done:
    """Waits until it is made and handed over, which goes on where the client leaves."""
    check_json(request)
    asked = once(me.principal, key, "email", me.organisation, body.decode(errors="replace"))
    return await me.desk.sends.do(lambda: me.api.email(*me.at(), body, asked or ""))


@post(
    "/test-email",
    status_code=200,
    operation_class=ReportOperation,
    summary="Send a report that is not stored",
    responses=documented(400, 404, 413),
)
async def send_test(me: Me, request: Asking, body: RawBody, key: IdempotencyKey = "") -> wire.Done:
    """Waits as `/email`; nothing but the run is kept."""
    check_json(request)
    asked = once(me.principal, key, "test-email", me.organisation, body.decode(errors="replace"))
    return await me.desk.sends.do(lambda: me.api.test_email(*me.at(), body, asked or ""))
