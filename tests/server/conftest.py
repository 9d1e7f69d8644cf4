"""Workspaces to serve, and one server for the tests that leave it as it was."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from litestar.testing import TestClient

import pressroom_server.hookspecs
from pressroom.host import Host
from pressroom.plugins import Origin, Plugins
from pressroom_server.app import create_app
from servers.http_server import PLUGIN, Running, install_plugin, serving

SETTINGS = """
[server]
read_seconds = 1
write_seconds = 1
max_body_bytes = 100000
max_header_bytes = 20000
trusted_proxies = ["127.0.0.1"]
"""


def make_site(folder: Path, settings: str = SETTINGS) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pressroom.toml").write_text(settings, encoding="utf-8")
    install_plugin(folder)
    with Host.open(folder, Plugins(entry_points=[])) as host:
        host.store.upgrade()
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_site(tmp_path / "site")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(make_site(tmp_path_factory.mktemp("served")), "--no-worker") as running:
        yield running


@pytest.fixture(scope="session")
def routes(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The plugin's module in this process."""
    file = tmp_path_factory.mktemp("plugin") / "held_routes_here.py"
    file.write_text(PLUGIN, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("held_routes_here", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def host(site: Path, routes: ModuleType) -> Iterator[Host]:
    plugins = Plugins([pressroom_server.hookspecs], entry_points=[])
    plugins.add(routes, Origin("held", "held-routes", "1"))
    with Host.open(site, plugins) as opened:
        yield opened


@pytest.fixture
def client(host: Host) -> Iterator[TestClient]:  # type: ignore[type-arg]
    with TestClient(create_app(host)) as made:
        yield made
