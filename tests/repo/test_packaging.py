"""The wheel holds everything that the packages need, and works where nothing else is."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("core", "server", "cli", "plugins/builtin")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("pressroom-*.whl"))


def test_wheel_holds_every_tracked_file(wheel: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z", *ROOMS], cwd=ROOT, capture_output=True, check=True).stdout
    expected = set()
    for name in filter(None, listed.decode().split("\0")):
        room = next(room for room in ROOMS if name.startswith(f"{room}/"))
        if (ROOT / name).is_file():
            expected.add(name.removeprefix(f"{room}/"))
    packed = zipfile.ZipFile(wheel).namelist()
    assert expected - set(packed) == set()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in packed)


def test_wheel_names_plugins_and_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    name = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
    text = archive.read(name).decode()
    assert "pressroom = pressroom_cli.main:main" in text
    assert "[pressroom]" in text


@pytest.mark.timeout(600)
def test_demo_runs_from_the_installed_wheel(wheel: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    python = tmp_path / "venv/bin/python"
    uv = [sys.executable, "-m", "uv"]
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv"], check=True, env=environment)
    install = [*uv, "pip", "install", "--quiet", "--python", python, "-c", ROOT / "constraints.txt", wheel]
    subprocess.run(install, check=True, env=environment)
    command = [tmp_path / "venv/bin/pressroom", "demo", "--dir", tmp_path / "demo"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "demo/outbox").glob("*.eml"))
    assert list((tmp_path / "demo/reports").rglob("*.pdf"))
