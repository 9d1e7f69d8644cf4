"""`pressroom plugins new`: what it writes installs, passes its tests and works, for every kind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pressroom_cli import scaffold
from pressroom_cli.main import main

BIN = Path(sys.executable).parent
# as long as a name may be: lines get longest there
NAMES = {
    "channel": "pigeonholes-of-everybody",
    "renderer": "outline-of-every-section",
    "chart": "dots-for-all-that-counts",
    "source": "folder-of-dropped-things",
    "scheduler": "threads-in-this-process1",
}
SETTINGS = """
[scheduler]
type = "SCHEDULER"
[sources.drop]
type = "SOURCE"
[channels.holes]
type = "CHANNEL"
"""
DEFINITIONS = """
dashboards:
  - uid: files
    name: Files
    time_range: {from: "2000-01-01", to: "2100-01-01"}
    charts:
      - {uid: files, name: All, type: table, source: drop, query: "*"}
      - {uid: sizes, name: Sizes, type: CHART, source: drop, query: "*.toml", dimensions: [name], metrics: [METRIC]}
reports:
  - uid: weekly
    name: Weekly
    dashboards: [{uid: files}]
    formats: [RENDERER, pdf]
    deliveries: [{channel: holes, to: [ann]}]
"""


SCRIPT = """
from pressroom_cli.main import main

for words in ("plugins list --json", "db upgrade", "apply weekly.yaml", "reports send weekly", "doctor"):
    assert main(words.split()) == 0, words
"""


def run(*command: str | Path, folder: Path, library: Path) -> str:
    path = f"{BIN}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(library), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PRESSROOM_CONFIG", None)
    # those of this project's own tests cost more than the tests
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a new plugin of every kind, all installed into `library` in it."""
    folder = tmp_path_factory.mktemp("plugins")
    for kind, name in NAMES.items():
        assert main(["plugins", "new", name, "--kind", kind, "--dir", str(folder)]) == 0
    made = sorted(folder.glob("pressroom-*"))
    install = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-deps",
        "--no-build-isolation",
    ]
    library = folder / "library"
    run(*install, "--python", sys.executable, "--target", library, *made, folder=folder, library=library)
    return folder


@pytest.mark.timeout(300)
def test_their_tests_pass(plugins: Path) -> None:
    made = sorted(plugins.glob("pressroom-*"))
    assert len(made) == len(scaffold.KINDS)
    # together, because what takes long is to read Pressroom
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib"]
    command += ["-p", "pressroom.testing.plugin"]
    passed = run(*command, "-c", made[0] / "pyproject.toml", *made, folder=plugins, library=plugins / "library")
    assert " passed" in passed
    assert "warning" not in passed


def test_they_are_clean(plugins: Path) -> None:
    for folder in plugins.glob("pressroom-*"):
        run("ruff", "check", "--no-cache", folder=folder, library=plugins)
        run("ruff", "format", "--check", "--no-cache", folder=folder, library=plugins)


@pytest.mark.timeout(300)
def test_their_types_are_strict(plugins: Path) -> None:
    made = sorted(plugins.glob("pressroom-*"))
    command: list[str] = ["mypy", "--strict", "--no-incremental", "--cache-dir", os.devnull]
    for folder in made:
        command += ["-p", folder.name.replace("-", "_"), *(f"-m{test.stem}" for test in folder.glob("tests/*.py"))]
    places = [str(folder / part) for folder in made for part in ("src", "tests")]
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(places)}
    done = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=plugins, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.timeout(300)
def test_a_report_is_made_and_sent_by_all_of_them(plugins: Path, tmp_path: Path) -> None:
    settings, definitions = SETTINGS, DEFINITIONS.replace("METRIC", "{name: bytes}")
    for kind, name in NAMES.items():
        settings = settings.replace(kind.upper(), name)
        definitions = definitions.replace(kind.upper(), name)
    (tmp_path / "pressroom.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "weekly.yaml").write_text(definitions, encoding="utf-8")
    said = run(sys.executable, "-c", SCRIPT, folder=tmp_path, library=plugins / "library")
    listed = json.loads(said.partition("\n]")[0] + "\n]")
    rows = {(row["kind"], row["name"]): row["origin"] for row in listed}
    assert {item: rows.get(item) for item in NAMES.items()} == {
        (kind, name): f"pressroom-{name}" for kind, name in NAMES.items()
    }
    (arrived,) = (tmp_path / NAMES["channel"] / "ann").iterdir()
    assert {path.suffix for path in arrived.iterdir()} == {".pdf", ".txt"}
    text = (arrived / "Weekly.txt").read_text(encoding="utf-8")
    assert "-- Sizes" in text
    assert "pressroom.toml" in text


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("Post Card", "channel", "such as post-card"),
        ("1st", "channel", "lower-case letters"),
        ("", "channel", "such as postcard"),
        ("../up", "channel", "such as up"),
        ("a--b", "chart", "such as a-b"),
        ("x" * 25, "channel", "at most 24"),
        ("plugin", "channel", "says too little"),
        ("postcard", "chanel", "channel, renderer, chart, source, scheduler"),
    ],
)
def test_names_that_cannot_be(
    name: str, kind: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugins", "new", name, "--kind", kind, "--dir", str(tmp_path)]) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pressroom-postcard").mkdir()
    assert main(["plugins", "new", "postcard", "--kind", "channel", "--dir", str(tmp_path)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert list((tmp_path / "pressroom-postcard").iterdir()) == []
    assert main(["plugins", "new", "email", "--kind", "channel", "--dir", str(tmp_path)]) == 1
    assert "there is a channel 'email' already, of pressroom" in capsys.readouterr().err


def test_the_prefix_may_be_typed(tmp_path: Path) -> None:
    assert main(["plugins", "new", "pressroom-post-card", "--kind", "channel", "--dir", str(tmp_path)]) == 0
    assert (tmp_path / "pressroom-post-card/src/pressroom_post_card/channel.py").is_file()
