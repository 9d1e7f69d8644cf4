"""Who may ask what: signing in, and every path of the API against every kind of caller."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from pressroom.access.clients import signature
from servers.results_server import ADMIN, PROJECT, Running

UNAUTHORIZED = {"message": "Unauthorized", "errors": []}
SIGN_IN_FAILED = {"status": "fail", "message": "Unauthorized", "errors": []}
PATHS = {
    "/projects/{project}/dashboards.json": "dashboards.json",
    "/projects/{project}/dashboards/{dashboard}.json": "dashboards/YoX28w7R.json",
    "/projects/{project}/segmentations.json": "segmentations.json",
    "/projects/{project}/segmentations/{segment}/users.csv": "segmentations/s1aB2c3D/users.csv",
    "/projects/{project}/rules.csv": "rules.csv",
    **{
        f"{version}/projects/{{project}}/charts/{{chart}}.{form}": f"{version}:charts/number01.{form}"
        for version in ("", "/v2")
        for form in ("json", "csv", "ndjson", "xlsx")
    },
}
"""Every path of the schema with an example of it, without `/projects/...`; what stands before a colon goes in front."""
PUBLIC = {"/auth/token", "/admin/projects/{project}/dashboard/{dashboard}"}


def example(rest: str, project: str = PROJECT) -> str:
    version, _, rest = rest.rpartition(":")
    return f"{version}/projects/{project}/{rest}"


def test_every_path_has_an_entry_here(server: Running) -> None:
    paths = server.client.get("/schema/openapi.json").json()["paths"]
    mine = {path for path, item in paths.items() if any("results" in way.get("tags", ()) for way in item.values())}
    assert mine - PUBLIC == set(PATHS)


@pytest.fixture(scope="module")
def strangers(server: Running) -> Iterator[dict[str, httpx.Client]]:
    """Callers who may not, by what they lack."""
    nothing = server.token(role="", permissions=[("reports:read", "")])
    found = {
        "nobody": httpx.Client(base_url=server.url, timeout=60),
        "wrong": server.signed_in("prs_" + "x" * 43),
        "absurd": server.signed_in("x" * 3000),
        "ended": server.signed_in(server.ended_token()),
        "revoked": server.signed_in(server.revoked_token()),
        "stranger": server.signed_in(server.token(project="default")),
        "powerless": server.signed_in(nothing),
        "of another client": server.signed_in(server.token(), **{"X-Client-Id": "0" * 32}),
    }
    yield found
    for client in found.values():
        client.close()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["nobody", "wrong", "absurd", "ended", "revoked", "of another client"])
def test_who_is_not_known_gets_401(strangers: dict[str, httpx.Client], path: str, who: str) -> None:
    answer = strangers[who].get(example(PATHS[path]))
    assert (answer.status_code, answer.json()) == (401, UNAUTHORIZED)


@pytest.mark.parametrize("path", PATHS)
def test_another_project_does_not_exist(strangers: dict[str, httpx.Client], path: str) -> None:
    answer = strangers["stranger"].get(example(PATHS[path]))
    invented = strangers["stranger"].get(example(PATHS[path], "invented"))
    assert answer.status_code == invented.status_code == 404
    assert answer.json()["errors"][0]["code"] == "not_found"
    assert answer.text.replace(PROJECT, "") == invented.text.replace("invented", "")


@pytest.mark.parametrize("path", PATHS)
def test_a_token_without_the_permission_gets_403(strangers: dict[str, httpx.Client], path: str) -> None:
    answer = strangers["powerless"].get(example(PATHS[path]))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("path", PATHS)
def test_a_viewer_may(server: Running, path: str) -> None:
    assert server.client.get(example(PATHS[path])).status_code == 200


def test_the_bare_code_is_accepted(server: Running) -> None:
    answer = httpx.get(server.url + server.path("rules.csv"), headers={"Authorization": server.token()})
    assert answer.status_code == 200


def test_the_signature_is_that_of_the_documentation() -> None:
    secret, ai, tm = "0123456789abcdef0123456789abcdef", "0123456789abcdef", "1500000000000"
    wanted = "54bf514d23bfeef1ac15683f99c8dc118e733335f53e537cbf370625c3f5fe50"
    assert signature(secret, "prj12345", ai, tm) == wanted
    text = f"POST\n/auth/token\nproject=prj12345&ai={ai}&tm={tm}"
    assert hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest() == wanted


@pytest.fixture(scope="module")
def signed(server: Running) -> Callable[[], tuple[str, dict[str, str]]]:
    """A client's public key, and parameters that it has just signed."""
    client, secret = server.host.access.create_client(ADMIN, "crm", PROJECT)

    def sign() -> tuple[str, dict[str, str]]:
        tm = str(int(time.time() * 1000))
        auth = signature(secret, PROJECT, client.ai, tm)
        return client.client_id, {"auth": auth, "tm": tm, "ai": client.ai, "project": PROJECT}

    return sign


SENDING = {
    "query": lambda params: {"params": params},
    "form": lambda params: {"data": params},
    "text": lambda params: {"content": raw(params), "headers": {"Content-Type": "text/plain"}},
    "odd": lambda params: {"content": raw(params), "headers": {"Content-Type": "text/plain,text/plain"}},
    "json type": lambda params: {"content": raw(params), "headers": {"Content-Type": "application/json"}},
    "no type": lambda params: {"content": raw(params)},
}


def raw(params: dict[str, str]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in params.items()).encode()


@pytest.mark.parametrize("way", SENDING)
def test_a_client_signs_in_however_it_sends_its_parameters(
    server: Running, signed: Callable[[], tuple[str, dict[str, str]]], way: str
) -> None:
    client_id, params = signed()
    sent = SENDING[way](params)
    headers = {"X-Client-Id": client_id, **sent.pop("headers", {})}
    answer = httpx.post(f"{server.url}/auth/token", headers=headers, **sent)
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["status", "code"]
    assert answer.json()["status"] == "success"
    assert re.fullmatch("[A-Za-z0-9]{64}", answer.json()["code"])
    for authorization in (f"Token {answer.json()['code']}", answer.json()["code"]):
        for more in ({}, {"X-Client-Id": client_id}):
            got = httpx.get(
                server.url + server.path("dashboards.json"), headers={"Authorization": authorization, **more}
            )
            assert got.status_code == 200


def test_a_sign_in_that_fails_never_says_why(server: Running, signed: Callable[[], tuple[str, dict[str, str]]]) -> None:
    client_id, params = signed()
    stale = str(int(params["tm"]) - 301_000)
    for key, changed in (
        (client_id, params | {"auth": "0" * 64}),
        (client_id, params | {"tm": stale}),
        (client_id, params | {"project": "default"}),
        (client_id, {}),
        ("unknown", params),
        ("", params),
    ):
        answer = httpx.post(f"{server.url}/auth/token", headers={"X-Client-Id": key}, params=changed)
        assert (answer.status_code, answer.json()) == (401, SIGN_IN_FAILED)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=x", b"--x\r\nnothing"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--"),
        ("application/x-www-form-urlencoded", b"\xff&=&&;%zz=%"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=%d" % number for number in range(1000))),
        ("application/json", b"{"),
        ("charset", b"tm=1"),
    ],
)
def test_a_sign_in_that_cannot_be_read_fails_as_any(server: Running, kind: str, body: bytes) -> None:
    headers = {"X-Client-Id": "x", "Content-Type": kind}
    answer = httpx.post(f"{server.url}/auth/token", headers=headers, content=body)
    assert (answer.status_code, answer.json()) == (401, SIGN_IN_FAILED)
