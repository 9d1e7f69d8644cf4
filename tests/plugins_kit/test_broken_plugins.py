"""Installed plugins that are broken in every way: told with distribution, hook and fix, while everything else works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pressroom_server.hookspecs
from pressroom import Host
from pressroom.compat import Distribution, misfit, too_old
from pressroom.plugins import Plugins
from pressroom_cli.main import main
from pressroom_server.app import create_app

METADATA = (
    "Metadata-Version: 2.4\nName: pressroom-{name}\nVersion: 1.2\nRequires-Dist: pressroom{needs}\n\nName: nobody\n"
)
GOOD = """
from pressroom import Document, Renderer, hookimpl

class Good(Renderer):
    name = "{name}"
    summary = "Good"
    media_type = "text/plain"
    suffix = ".txt"

    def render(self, edition, options, context):
        return []

@hookimpl
def register_renderers():
    return [Good]
"""
HOOK = "from pressroom import hookimpl\n\n@hookimpl\ndef {0}:\n    {1}\n"
BROKEN = {
    "imports": ("import no_such_library_anywhere", "cannot be loaded: ModuleNotFoundError: No module named"),
    "syntax": ("def (", "cannot be loaded: SyntaxError"),
    "leaves": ("import sys\nsys.exit(3)", "cannot be loaded: SystemExit: 3"),
    "unknown": (
        HOOK.format("register_chart()", "return []"),
        "unknown hook register_chart; did you mean register_charts?",
    ),
    "wrong": (HOOK.format("run_finished(run, colour)", "return None"), "Argument(s) {'colour'} are declared"),
    "raises": (HOOK.format("register_sources()", "raise KeyError('x')"), "register_sources raised KeyError: 'x'"),
    "single": (HOOK.format("register_charts()", "return object"), "register_charts must give a list of classes"),
    "breaks": (HOOK.format("register_charts()", "yield 1 / 0"), "register_charts must give a list of classes: Zero"),
    "other": (HOOK.format("register_channels()", "return [object]"), "register_channels gives what cannot be used"),
    "clash": (
        GOOD.format(name="csv"),
        "the report format 'csv' is claimed by pressroom (renderers) and by pressroom-clash",
    ),
    "commands": (HOOK.format("register_commands(host_factory)", "return 7"), ""),
    "routes": (HOOK.format("register_routes(host)", "return 7"), ""),
}
NEEDS = {"newer": ">=99", "older": "<0.1", "extra": '>=99; extra == "x"', "fits": ">=0.1,<1"}


def install(library: Path, name: str, code: str, needs: str = "") -> None:
    """What pip would leave behind."""
    info = library / f"pressroom_{name}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(METADATA.format(name=name, needs=needs), encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[pressroom]\n{name} = pressroom_{name}\n", encoding="utf-8")
    (library / f"pressroom_{name}.py").write_text(code, encoding="utf-8")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    for name, (code, _) in BROKEN.items():
        install(folder, name, code)
    for name, needs in NEEDS.items():
        install(folder, name, GOOD.format(name=name), needs)
    return folder


def pressroom(library: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(library), "COLUMNS": "300"}
    command = [Path(sys.executable).with_name("pressroom"), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_each_is_told_and_the_rest_goes_on(library: Path, tmp_path: Path) -> None:
    done = pressroom(library, tmp_path, "plugins", "list", "--json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    listed = json.loads(done.stdout)
    errors = {row["origin"]: row["error"] for row in listed if row["error"]}
    for name, (_, words) in BROKEN.items():
        error = errors.get(f"pressroom-{name}", "")
        assert words in error
        assert not words or f"pressroom-{name} ({name}): " in error
        assert not words or error.endswith(f"PRESSROOM_DISABLE_PLUGINS={name}"), error
        assert not words or "; fix: " in error
    assert {row["kind"] for row in listed if row["origin"] == "pressroom-clash"} == {"renderer"}
    usable = {row["name"] for row in listed if not row["error"]}
    assert {"csv", "pdf", "extra", "fits", "email", "line"} <= usable
    assert not {"newer", "older"} & usable
    assert "needs Pressroom >=99; this is 0.1.0; fix: pip install --upgrade pressroom," in errors["pressroom-newer"]
    assert (
        "needs Pressroom <0.1; this is 0.1.0; fix: pip install --upgrade pressroom-older," in errors["pressroom-older"]
    )


def test_commands_go_on_without_theirs(library: Path, tmp_path: Path) -> None:
    done = pressroom(library, tmp_path, "--help")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "commands" in done.stderr


def test_showing_a_broken_one_gives_its_error(
    library: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(library))
    assert main(["plugins", "show", "raises"]) == 1
    assert "register_sources raised KeyError" in capsys.readouterr().err
    assert main(["plugins", "show", "emial"]) == 1
    assert "did you mean 'email'" in capsys.readouterr().err


def test_the_server_goes_on_without_their_routes(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(library))
    (tmp_path / "pressroom.toml").write_text("", encoding="utf-8")
    with Host.open(tmp_path, Plugins([pressroom_server.hookspecs])) as host:
        host.store.upgrade()
        paths = {route.path for route in create_app(host).routes}
        (error,) = [row.error for row in host.plugins.broken if row.origin == "pressroom-routes"]
    assert "/health" in paths
    assert error.startswith("pressroom-routes (routes): register_routes gives what cannot be used: TypeError")
    assert "fix: mend or uninstall pressroom-routes" in error


@pytest.mark.parametrize(
    ("needs", "version", "fits", "old"),
    [
        ("", "0.1.0", True, False),
        ("0.1", "0.1.0", True, False),
        ("0.2", "0.1.9", False, True),
        (">=0.1,<0.2", "0.1.7", True, False),
        (">=0.1,<0.2", "0.2.0", False, False),
        (">=0.1,<0.2", "0.2.0rc1", False, False),
        (">0.1", "0.1.0", False, True),
        ("~=0.1.2", "0.1.9", True, False),
        ("~=0.1.2", "0.2", False, False),
        ("~=0.1.2", "0.1.1", False, True),
        ("==0.1.*", "0.1.5", True, False),
        ("==0.1.*", "0.10.5", False, False),
        ("!=0.1.3", "0.1.3", False, False),
        ("==0.1", "0.1.0", True, False),
        ("<=0.1", "0.1.1", False, False),
        (">=0.10", "0.9", False, True),
        ("something new", "0.1", True, False),
    ],
)
def test_versions(needs: str, version: str, fits: bool, old: bool) -> None:
    reason = misfit(needs, version)
    assert (reason == "") is fits
    assert fits or (needs in reason and version in reason)
    assert too_old(needs, version) is old


@pytest.mark.parametrize(
    ("required", "needs"),
    [
        ("pressroom (>=0.1,<0.3)", ">=0.1,<0.3"),
        ('pressroom[x]>=0.1 ; python_version >= "3.11"', ">=0.1"),
        ("Pressroom", ""),
        ("pressroom-celery>=4", ""),
        ("pressroom @ https://example.org/pressroom.whl", "@ https://example.org/pressroom.whl"),
    ],
)
def test_requirements(required: str, needs: str, tmp_path: Path) -> None:
    from importlib.metadata import PathDistribution

    (tmp_path / "METADATA").write_text(f"Name: mine\nVersion: 3\nRequires-Dist: {required}\n", encoding="utf-8")
    found = Distribution.of(PathDistribution(tmp_path))
    assert found == Distribution("mine", "3", needs)
    assert misfit(found.needs) == ""
