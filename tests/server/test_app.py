"""The application from the outside, without a socket."""

from __future__ import annotations

import base64
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from litestar import get
from litestar.testing import TestClient

from pressroom import StoreError, hookimpl
from pressroom.access import Principal
from pressroom.host import Host
from pressroom.plugins import Origin
from pressroom_server.app import create_app

ADMIN = Principal.local_admin()
Client = TestClient[Any]


def basic(login: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()}


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


HEALTH = ("/health", "/health/live")


def test_health_tells_ready_and_live_apart(client: Client, host: Host) -> None:
    assert client.get("/health").json()["status"] == "ok"
    assert [(each.status_code, each.content) for each in map(client.head, HEALTH)] == [(200, b"")] * 2
    host.close()
    assert host.store.file is not None
    host.store.file.rename(host.store.file.with_suffix(".away"))
    assert client.get("/health").status_code == 503
    assert client.get("/health/live").status_code == 200


def test_metrics_are_prometheus_text(client: Client) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "pressroom_store_up 1.0" in answer.text


def test_the_schema_is_openapi_with_local_scripts(client: Client) -> None:
    schema = client.get("/schema").json()
    assert schema["openapi"].startswith("3.1")
    assert {"/health", "/metrics", "/me"} <= set(schema["paths"])
    assert client.get("/schema/openapi.yaml").text.startswith("components:")
    page = client.get("/schema", headers={"Accept": "text/html,*/*"})
    assert "http:" not in page.text
    assert "https:" not in page.text
    for name, kind in (("swagger-ui-bundle.js", "javascript"), ("swagger-ui.css", "css"), ("start.js", "javascript")):
        assert f"/schema/assets/{name}" in page.text
        asset = client.get(f"/schema/assets/{name}")
        assert kind in asset.headers["content-type"]
        assert asset.status_code == 200
    assert client.get("/schema/assets/..%2f__init__.py").status_code == 404


def test_the_schema_says_who_must_sign_in(client: Client) -> None:
    schema = client.get("/schema").json()
    assert {each for known in schema["security"] for each in known} == set(schema["components"]["securitySchemes"])
    # the viewer sends what was given to its "Authorize" to operations of the first kind only
    assert "security" not in schema["paths"]["/me"]["get"]
    assert schema["paths"]["/health"]["get"]["security"] == [{}]


def test_tokens_users_and_codes_come_in(client: Client, host: Host) -> None:
    _, secret = host.access.create_token(ADMIN, "reader", role="viewer", project="default")
    host.access.create_user(ADMIN, "ann", "long enough", role="editor")
    assert client.get("/me", headers=bearer(secret)).json() == {"name": "reader", "project": "default"}
    assert client.get("/me", headers={"Authorization": f"Token {secret}"}).status_code == 200
    assert client.get("/me", headers=basic("ann", "long enough")).json()["name"] == "ann"


def test_nobody_else_comes_in(client: Client, host: Host) -> None:
    soon = datetime.now(UTC) + timedelta(milliseconds=50)
    _, expired = host.access.create_token(ADMIN, "expired", role="viewer", expires=soon)
    token, revoked = host.access.create_token(ADMIN, "revoked", role="viewer")
    assert client.get("/me", headers=bearer(revoked)).status_code == 200
    host.access.revoke_token(ADMIN, str(token.id))
    host.access.create_user(ADMIN, "ann", "long enough")
    while datetime.now(UTC) <= soon:
        pass
    wrong = [
        {},
        bearer(""),
        bearer("prs_" + "x" * 43),
        bearer("x" * 10_000),
        bearer(expired),
        bearer(revoked),
        {"Authorization": revoked},
        {"Authorization": "Digest abc"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic " + base64.b64encode(b"\xff\xfe").decode()},
        basic("ann", "wrong"),
        basic("nobody", "long enough"),
        basic("ann\0", "long enough"),
    ]
    for headers in wrong:
        answer = client.get("/me", headers=headers)
        assert answer.status_code == 401, headers
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


def test_too_small_a_role_is_a_403_and_in_the_audit_log(client: Client, host: Host) -> None:
    _, secret = host.access.create_token(ADMIN, "reader", role="viewer")
    answer = client.get("/admins", headers=bearer(secret))
    assert answer.status_code == 403
    assert answer.json()["detail"].endswith("access:write")
    client.get("/me", headers=bearer("prs_wrong"))
    entries = {(entry.actor, entry.action, entry.target) for entry in host.repositories.audit.list()}
    assert {("reader", "access:write", "/admins"), ("?", "sign-in", "/me")} <= entries


def test_a_refusal_that_cannot_be_written_is_still_one(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr("pressroom.store.audit.AuditLog.record", full)
    assert client.get("/me", headers=bearer("prs_wrong")).status_code == 401
    assert "the disk is full" in caplog.text


def test_who_guesses_passwords_is_slowed(client: Client, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.access.create_user(ADMIN, "ann", "long enough")
    monkeypatch.setattr("pressroom.access.users.Users._verify", lambda *_: False)
    monkeypatch.setattr("pressroom.access.slowing.LONGEST", -1)
    statuses = [client.get("/me", headers=basic("ann", f"guess {number}")).status_code for number in range(12)]
    assert statuses == [401] * 9 + [429] * 3
    assert int(client.get("/me", headers=basic("ann", "x")).headers["retry-after"]) >= 1
    assert client.get("/me", headers=basic("bob", "x")).status_code == 401


def test_an_unexpected_error_tells_its_id_and_nothing_else(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "pressroom.server"):
        answer = client.get("/boom", headers={"X-Request-Id": "my-id.1"})
    assert answer.status_code == 500
    assert answer.json() == {"title": "Internal Server Error", "status": 500, "request_id": "my-id.1"}
    assert "the inside of the server" in caplog.text


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>"])
def test_request_ids_are_ours_where_a_caller_gives_a_bad_one(client: Client, given: str) -> None:
    answer = client.get("/nothing", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] not in ("", given)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_every_answer_has_security_headers(client: Client) -> None:
    for path in ("/health", "/nothing", "/boom", "/me"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["content-security-policy"].startswith("default-src 'none'")
    assert (
        "script-src 'self'" in client.get("/schema", headers={"Accept": "text/html"}).headers["content-security-policy"]
    )


def test_gzip_only_where_it_is_asked_for(client: Client) -> None:
    assert client.get("/schema", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/schema", headers={"Accept-Encoding": "identity"}).headers


def test_wrong_methods_and_bodies_are_problems(client: Client) -> None:
    assert client.post("/me").status_code == 405
    assert client.post("/size", content=b"x" * 100_001).status_code == 413
    assert client.post("/size", content=b"x" * 100_000).json() == {"size": 100_000}


def test_a_broken_plugin_leaves_the_others_alone(host: Host) -> None:
    class Raises:
        @hookimpl
        def register_routes(self) -> list[Any]:
            raise RuntimeError("no routes today")

    class Clashes:
        @hookimpl
        def register_routes(self) -> list[Any]:
            @get("/me", sync_to_thread=False)
            def me() -> str:
                return "taken over"

            return [me]

    host.plugins.add(Raises(), Origin("raises", "raises", "1"))
    host.plugins.add(Clashes(), Origin("clashes", "clashes", "1"))
    with TestClient(create_app(host)) as client:
        assert client.get("/me").status_code == 401
        assert client.get("/health").status_code == 200
    assert [listed.name for listed in host.plugins.broken] == ["raises", "clashes"]
