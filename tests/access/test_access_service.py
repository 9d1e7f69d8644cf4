"""Tokens, clients and users through `Host.access`."""

from __future__ import annotations

import hmac
import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from pressroom import AccessDenied, Conflict, NotFound, SettingsError, TooManyRequests, Unauthenticated, UsageError
from pressroom.access import ROLES, Grant, Principal
from pressroom.access.clients import signature
from pressroom.access.keys import KEY_FILE, KEY_VARIABLE, Keys, load_keys
from pressroom.access.slowing import Memory, Slowing
from pressroom.host import Host
from pressroom.models.access import Client
from pressroom.models.projects import Project
from pressroom.plugins import Plugins

ADMIN = Principal.local_admin()
SHOP = Principal.with_role("shop-admin", "admin", "shop")


def open_host(folder: Path, text: str = "") -> Host:
    (folder / "pressroom.toml").write_text(text, encoding="utf-8")
    host = Host.open(folder, Plugins(entry_points=[]))
    host.store.upgrade()
    host.repositories.projects.save(Project(uid="shop", name="Shop"), by="test")
    return host


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with open_host(tmp_path) as opened:
        yield opened


def signed(client: Client, secret: str, moment: float | None = None, **other: str) -> dict[str, str]:
    tm = str(int((time.time() if moment is None else moment) * 1000))
    params = {"project": client.project, "ai": client.ai, "tm": tm} | other
    return {"auth": signature(secret, params["project"], params["ai"], params["tm"])} | params


def test_the_signature_is_the_documented_one() -> None:
    found = signature("0123456789abcdef0123456789abcdef", "prj12345", "0123456789abcdef", "1500000000000")
    assert found == "54bf514d23bfeef1ac15683f99c8dc118e733335f53e537cbf370625c3f5fe50"


def test_a_token_is_shown_once_and_good_for_its_project_and_role(host: Host) -> None:
    token, secret = host.access.create_token(ADMIN, "reader", role="viewer", project="shop")
    principal = host.access.by_token(secret)
    assert principal == Principal("reader", frozenset(Grant(action) for action in ROLES["viewer"]), project="shop")
    assert host.access.recall(secret) == principal
    assert host.access.tokens(ADMIN) == [token]
    assert host.store.file is not None
    assert secret.encode() not in host.store.file.read_bytes()


def test_permissions_keep_their_scopes(host: Host) -> None:
    _, secret = host.access.create_token(ADMIN, "one", permissions=[("reports:send", "reports:id:7")])
    principal = host.access.by_token(secret)
    assert principal is not None
    assert principal.may("reports:send", "reports:id:7")
    assert not principal.may("reports:send", "reports:id:8")
    assert not principal.may("reports:read")


def test_ended_tokens_are_forgotten_at_once(host: Host) -> None:
    _, revoked = host.access.create_token(ADMIN, "a", role="viewer")
    assert host.access.by_token(revoked)
    host.access.revoke_token(ADMIN, "a")
    assert host.access.recall(revoked) is None
    assert host.access.by_token(revoked) is None
    soon = datetime.now(UTC) + timedelta(milliseconds=20)
    _, expired = host.access.create_token(ADMIN, "b", role="viewer", expires=soon)
    while datetime.now(UTC) <= soon:
        pass
    assert host.access.by_token(expired) is None


@given(secret=st.text(max_size=600))
@hypothesis_settings(max_examples=50, deadline=None)
def test_no_other_text_is_a_token(host_of_module: Host, secret: str) -> None:
    assert host_of_module.access.by_token(secret) is None


@pytest.fixture(scope="module")
def host_of_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with open_host(tmp_path_factory.mktemp("site")) as opened:
        yield opened


def test_nobody_gives_more_than_they_have_or_reaches_another_project(host: Host) -> None:
    manager = Principal(
        "manager", frozenset({Grant("access:write"), Grant("reports:send", "reports:id:*")}), project="shop"
    )
    host.access.create_token(manager, "fine", permissions=[("reports:send", "reports:id:7")])
    for role, permissions in (("viewer", []), ("", [("reports:send", "")]), ("", [("reports:send", "reports:*")])):
        with pytest.raises(AccessDenied):
            host.access.create_token(manager, "more", role=role, permissions=permissions)
    with pytest.raises(NotFound):
        host.access.create_token(SHOP, "away", role="viewer", project="default")
    with pytest.raises(AccessDenied):
        host.access.tokens(Principal.with_role("reader", "viewer"))
    token, secret = host.access.create_token(SHOP, "own", role="viewer")
    assert token.project == "shop"
    _, others = host.access.create_token(ADMIN, "other", role="viewer", project="default")
    assert "other" not in {each.name for each in host.access.tokens(SHOP)}
    with pytest.raises(NotFound):
        host.access.revoke_token(SHOP, "other")
    assert host.access.by_token(others)
    assert host.access.by_token(secret)


@pytest.mark.parametrize(
    ("name", "role", "permissions", "project"),
    [
        ("", "viewer", [], ""),
        ("a\nb", "viewer", [], ""),
        ("x" * 101, "viewer", [], ""),
        ("a", "", [], ""),
        ("a", "root", [], ""),
        ("a", "", [("reports:rule", "")], ""),
        ("a", "viewer", [], "nowhere"),
    ],
)
def test_wrong_tokens_are_not_made(
    host: Host, name: str, role: str, permissions: list[tuple[str, str]], project: str
) -> None:
    with pytest.raises((UsageError, NotFound)):
        host.access.create_token(ADMIN, name, role=role, permissions=permissions, project=project)
    assert host.access.tokens(ADMIN) == []


def test_a_client_signs_in_for_a_code(host: Host) -> None:
    client, secret = host.access.create_client(ADMIN, "warehouse", "shop")
    codes = [host.access.sign_in(client.client_id, signed(client, secret)) for _ in range(2)]
    assert codes[0] != codes[1]
    for code in codes:
        assert len(code) == 64
        assert code.isalnum()
        principal = host.access.by_token(code)
        assert principal is not None
        assert (principal.project, principal.client_id) == ("shop", client.client_id)
    assert host.access.tokens(ADMIN) == []
    assert host.store.file is not None
    for hidden in (secret, *codes):
        assert hidden.encode() not in host.store.file.read_bytes()


def test_a_revoked_client_ends_with_its_codes(host: Host) -> None:
    client, secret = host.access.create_client(ADMIN, "warehouse", "shop")
    code = host.access.sign_in(client.client_id, signed(client, secret))
    host.access.revoke_client(SHOP, "warehouse")
    assert host.access.by_token(code) is None
    with pytest.raises(Unauthenticated):
        host.access.sign_in(client.client_id, signed(client, secret))


def test_every_wrong_sign_in_fails_alike(host: Host) -> None:
    client, secret = host.access.create_client(ADMIN, "warehouse", "shop")
    good = signed(client, secret)
    messages = set()
    for params in (
        {},
        good | {"auth": "0" * 64},
        good | {"auth": good["auth"].upper()},
        good | {"auth": "é" * 64},
        good | {"auth": ""},
        good | {"tm": str(int(good["tm"]) + 1)},
        signed(client, secret, time.time() - 301),
        signed(client, secret, time.time() + 310),
        signed(client, secret, tm=""),
        signed(client, secret, tm="١" * 13),
        signed(client, secret, tm="9" * 400),
        signed(client, secret, project="default"),
        signed(client, secret, ai="other"),
        signed(client, "f" * 32),
        good | {"project": "x" * 10_000},
    ):
        with pytest.raises(Unauthenticated) as caught:
            host.access.sign_in(client.client_id, params)
        messages.add(caught.value.message)
    for unknown in ("", "nobody", "a\0b", "\ud800", "x" * 10_000):
        with pytest.raises(Unauthenticated) as caught:
            host.access.sign_in(unknown, good)
        messages.add(caught.value.message)
    assert len(messages) == 1
    assert host.access.sign_in(client.client_id, good)


def test_signatures_are_compared_in_constant_time(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return real(one, other)

    real = hmac.compare_digest
    monkeypatch.setattr("pressroom.access.clients.hmac.compare_digest", compare)
    client, secret = host.access.create_client(ADMIN, "warehouse", "shop")
    good = signed(client, secret)
    host.access.sign_in(client.client_id, good)
    with pytest.raises(Unauthenticated):
        host.access.sign_in("nobody", good)
    assert [len(one) for one, _ in compared] == [64, 64]


def test_strict_sign_in_takes_a_moment_once_and_ends_earlier_codes(tmp_path: Path) -> None:
    with open_host(tmp_path, "[security]\nstrict_sign_in = true\n") as host:
        client, secret = host.access.create_client(ADMIN, "warehouse", "shop")
        first = signed(client, secret, time.time() - 1)
        early = host.access.sign_in(client.client_id, first)
        with pytest.raises(Unauthenticated):
            host.access.sign_in(client.client_id, first)
        late = host.access.sign_in(client.client_id, signed(client, secret))
        assert host.access.by_token(early) is None
        assert host.access.by_token(late)
        with pytest.raises(Unauthenticated):
            host.access.sign_in(client.client_id, first)


def test_a_moved_or_changed_secret_is_noticed(host: Host) -> None:
    one, secret = host.access.create_client(ADMIN, "one", "shop")
    two, _ = host.access.create_client(ADMIN, "two", "shop")
    assert host.store.file is not None
    with sqlite3.connect(host.store.file) as store:
        store.execute("UPDATE clients SET secret = (SELECT secret FROM clients WHERE client_id = ?)", [one.client_id])
    store.close()
    with pytest.raises(SettingsError, match="cannot be read with the key"):
        host.access.sign_in(two.client_id, signed(two, secret))
    assert host.access.sign_in(one.client_id, signed(one, secret))


def test_users_sign_in_with_a_password(host: Host) -> None:
    user = host.access.create_user(ADMIN, "ann", "long enough", role="editor", project="shop")
    principal = host.access.by_password("ann", "long enough")
    assert (principal.user_id, principal.project) == (user.id, "shop")
    assert host.access.recall_password("ann", "long enough") == principal
    assert host.access.recall_password("ann", "long enougH") is None
    host.access.set_password(SHOP, "ann", "longer still")
    assert host.access.recall_password("ann", "long enough") is None
    with pytest.raises(Unauthenticated):
        host.access.by_password("ann", "long enough")
    assert host.access.by_password("ann", "longer still") == principal
    host.access.delete_user(ADMIN, "ann")
    with pytest.raises(Unauthenticated):
        host.access.by_password("ann", "longer still")
    assert host.access.users(ADMIN) == []


@pytest.mark.parametrize(
    ("login", "password"),
    [("", "long enough"), ("a:b", "long enough"), ("ann", "short"), ("ann", "x" * 513), ("ann", "\ud800" * 10)],
)
def test_wrong_users_are_not_made(host: Host, login: str, password: str) -> None:
    with pytest.raises(UsageError):
        host.access.create_user(ADMIN, login, password)


def test_a_login_is_unique(host: Host) -> None:
    host.access.create_user(ADMIN, "ann", "long enough")
    with pytest.raises(Conflict):
        host.access.create_user(ADMIN, "ann", "long enough")


def test_changes_are_in_the_audit_log_and_secrets_are_not(host: Host) -> None:
    _, token = host.access.create_token(ADMIN, "reader", role="viewer")
    _, secret = host.access.create_client(SHOP, "warehouse", "shop")
    host.access.create_user(ADMIN, "ann", "long enough")
    entries = host.repositories.audit.list()
    assert {(entry.actor, entry.action, entry.target) for entry in entries} == {
        ("pressroom", "tokens:create", "token reader"),
        ("shop-admin", "clients:create", "client warehouse"),
        ("pressroom", "users:create", "user ann"),
    }
    assert not [hidden for hidden in (token, secret, "long enough") if hidden in repr(entries)]


def test_refusals_are_written_once_and_not_without_end(host: Host) -> None:
    for _ in range(3):
        host.access.refused("ann", "reports:send", target="/reports/7")
    assert len(host.repositories.audit.list()) == 1
    for number in range(300):
        host.access.refused(f"\ud800{number}", "sign-in")
    assert len(host.repositories.audit.list()) == 100


def test_the_key_is_made_once_whoever_comes_first(host: Host) -> None:
    found: list[bytes] = []

    def load() -> None:
        found.append(load_keys(host.workspace, host.store.file).key("x"))

    threads = [threading.Thread(target=load) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    file = host.workspace.folder / KEY_FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in host.workspace.folder.glob(f".{KEY_FILE}*")] == []


def test_the_environment_comes_before_the_settings_and_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with open_host(tmp_path, '[security]\nkey = "of the settings file"\n') as host:
        configured = load_keys(host.workspace, host.store.file).key("x")
        assert configured == Keys("of the settings file", "").key("x")
        monkeypatch.setenv(KEY_VARIABLE, "of the environment")
        assert load_keys(host.workspace, host.store.file).key("x") != configured
        monkeypatch.setenv(KEY_VARIABLE, "short")
        with pytest.raises(SettingsError, match="too short"):
            load_keys(host.workspace, host.store.file)
        assert not (tmp_path / KEY_FILE).exists()


def test_the_tenth_failure_in_a_minute_waits_and_nobody_else() -> None:
    now = [0.0]
    slowing = Slowing(lambda: now[0])
    for _ in range(9):
        assert slowing.turn("key", "there") == 0
        slowing.failed("key", "there")
    waits = [slowing.turn("key", "there") for _ in range(10)]
    assert waits == [float(seconds) for seconds in range(1, 11)]
    with pytest.raises(TooManyRequests) as caught:
        slowing.turn("key", "there")
    assert caught.value.retry_after > 10
    assert slowing.turn("key", "elsewhere") == slowing.turn("other", "there") == 0
    now[0] = 61
    assert slowing.turn("key", "there") == 0


def test_a_memory_forgets_in_time_and_in_number() -> None:
    now = [0.0]
    memory = Memory[int](5, most=2, now=lambda: now[0])
    for number in range(3):
        memory.put(str(number).encode(), number)
    assert [memory.get(str(number).encode()) for number in range(3)] == [None, 1, 2]
    assert memory.full()
    now[0] = 5
    assert memory.get(b"2") is None
    assert not memory.full()
