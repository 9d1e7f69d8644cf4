"""`pressroom tokens`, `clients` and `users`."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pressroom.host import Host
from pressroom.plugins import Plugins


@pytest.fixture
def site(tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PRESSROOM_SECRET_KEY", raising=False)
    assert run("init").code == 0
    return tmp_path


def test_tokens_are_made_listed_and_revoked(run: Any, site: Path) -> None:
    made = run(
        "tokens", "create", "reader", "--role", "viewer", "--project", "default", "--expires", "90d", "--json"
    ).json
    assert made["token"].startswith("prs_")
    ends = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=89) < ends <= timedelta(days=90)
    scoped = run("tokens", "create", "sender", "--permission", "reports:send=reports:id:7", "--permission", "runs:read")
    assert scoped.code == 0
    listed = run("tokens", "list", "--json").json
    assert [(token["name"], token["project"], token["role"]) for token in listed] == [
        ("reader", "default", "viewer"),
        ("sender", "*", ""),
    ]
    assert listed[1]["permissions"][0] == {"action": "reports:send", "scope": "reports:id:7"}
    assert made["token"] not in run("tokens", "list").out
    with Host.open(site, Plugins(entry_points=[])) as host:
        assert host.access.by_token(made["token"])
        assert host.access.by_token(scoped.out.strip())
    assert run("tokens", "revoke", "reader").code == 0
    with Host.open(site, Plugins(entry_points=[])) as host:
        assert host.access.by_token(made["token"]) is None
    assert [token["state"] for token in run("tokens", "list", "--json").json] == ["revoked", "good"]


def test_clients_are_made_listed_and_revoked(run: Any, site: Path) -> None:
    made = run("clients", "create", "warehouse", "--json").json
    assert {"client_id", "secret", "project", "ai"} <= set(made)
    shown = run("clients", "list")
    assert made["client_id"] in shown.out
    assert made["secret"] not in shown.out
    assert run("clients", "revoke", made["client_id"]).code == 0
    assert run("clients", "list", "--json").json[0]["state"] == "revoked"
    assert (site / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_client_brings_its_project(run: Any, site: Path) -> None:
    assert run("clients", "create", "a", "--project", "nxog09md", "--new-project").code == 0
    assert run("clients", "create", "b", "--project", "told", "--new-project", "--timezone", "Europe/Warsaw").code == 0
    assert run("clients", "create", "c", "--project", "told", "--new-project").code == 0
    zones = {project["uid"]: project["timezone"] for project in run("projects", "list", "--json").json}
    assert (zones["nxog09md"], zones["told"]) == ("Asia/Shanghai", "Europe/Warsaw")
    assert [client["project"] for client in run("clients", "list", "--json").json] == ["nxog09md", "told", "told"]


def test_users_are_made_listed_changed_and_deleted(run: Any, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, password in (
        (("create", "ann", "--role", "editor"), "long enough"),
        (("password", "ann"), "longer still"),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        assert run("users", *arguments).code == 0
        with Host.open(site, Plugins(entry_points=[])) as host:
            assert host.access.by_password("ann", password).project == "default"
    assert [user["login"] for user in run("users", "list", "--json").json] == ["ann"]
    assert "argon2" not in run("users", "list", "--json").out
    assert run("users", "delete", "ann").code == 0
    assert run("users", "list", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("tokens", "create", "x"), 2, "needs a role"),
        (("tokens", "create", "x", "--role", "root"), 2, "viewer, editor, admin"),
        (("tokens", "create", "x", "--permission", "reports:sent"), 2, "did you mean reports:send?"),
        (("tokens", "create", "x", "--role", "viewer", "--expires", "soon"), 2, "--expires 'soon'"),
        (("tokens", "create", "x", "--role", "viewer", "--expires", "2001-01-01"), 2, "in the future"),
        (("tokens", "create", "x", "--role", "viewer", "--project", "nowhere"), 1, "no project 'nowhere'"),
        (("tokens", "revoke", "x"), 1, "no token 'x'"),
        (("clients", "create", "x", "--project", "nowhere"), 1, "no project 'nowhere'"),
        (("clients", "create", "x", "--project", "new", "--timezone", "UTC"), 2, "goes with --new-project"),
        (("clients", "create", "x", "--project", "new", "--new-project", "--timezone", "Mars"), 2, "--timezone: "),
        (("clients", "create", "x", "--project", "a b", "--new-project"), 2, "--project: "),
        (("clients", "revoke", "x"), 1, "no client 'x'"),
        (("users", "create", "ann"), 2, "no password"),
        (("users", "delete", "ann"), 1, "no user 'ann'"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else str(value),
)
def test_what_was_wrong_is_said(
    run: Any, site: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, said: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    result = run(*arguments)
    assert result.code == code
    assert said in result.err
