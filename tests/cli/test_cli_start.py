"""Help, versions, errors and start-up of the command line."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from pressroom_cli import discovery

HEAVY = ("polars", "sqlmodel", "sqlalchemy", "litestar", "pydantic", "rich", "duckdb", "msgspec", "yaml")
NOUNS = {
    "reports": "list show create update delete send test preview runs",
    "settings": "show set image",
    "dashboards": "list show render",
    "charts": "data",
    "segments": "list users",
    "rules": "list",
    "runs": "list show retry cancel",
    "projects": "list",
    "plugins": "list show",
    "db": "upgrade",
}
COMMANDS = [
    *(["init"], ["demo"], ["apply"], ["export"], ["doctor"]),
    *([noun, verb] for noun, verbs in NOUNS.items() for verb in verbs.split()),
]


def test_help_lists_all_nouns_with_examples_and_what_comes_next(run: Any) -> None:
    result = run("--help")
    assert result.code == 0
    for noun in {command[0] for command in COMMANDS}:
        assert f"  {noun} " in result.out
    assert "pressroom reports send weekly" in result.out


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_s_help_has_examples(run: Any, command: list[str]) -> None:
    result = run(*command, "--help")
    assert result.code == 0
    assert f"pressroom {' '.join(command)}" in result.out.split("Examples:")[1]


def test_help_loads_nothing_heavy_and_no_workspace(tmp_path: Path) -> None:
    code = (
        "import sys; from pressroom_cli.main import main; code = main(['--help']); "
        f"print(code, [name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"


def test_the_installed_command_says_its_version() -> None:
    program = Path(sys.executable).with_name("pressroom")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("pressroom 0.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nosuch"], "No such command 'nosuch'"),
        (["report"], "reports"),
        (["reports", "lst"], "list"),
        (["reports", "list", "--jsn"], "--json"),
        (["apply"], "FILE"),
        (["runs", "list", "--limit", "0"], "--limit"),
        (["charts", "data", "x", "--format", "doc"], "xlsx"),
    ],
)
def test_wrong_usage_is_one_line_on_stderr_and_exit_2(run: Any, arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert result.err.count("\n") == 1
    assert "--help" in result.err


def test_a_group_without_a_command_shows_its_help(run: Any) -> None:
    result = run("runs")
    assert result.code == 2
    assert "retry" in result.err


def test_without_a_workspace_the_way_to_one_is_told(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments in (["reports", "list"], ["doctor"], ["runs", "list", "--json"], ["db", "upgrade"]):
        result = run(*arguments)
        assert result.code == 1
        assert "pressroom init" in result.out + result.err
    named = run("--config", "nothing.toml", "reports", "list")
    assert named.code == 1
    assert "nothing.toml" in named.err


def test_without_a_store_the_way_to_one_is_told(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pressroom.toml").write_text("")
    result = run("reports", "list")
    assert result.code == 1
    assert "pressroom db upgrade" in result.err


def test_broken_settings_name_file_and_key(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pressroom.toml").write_text("[stor]\nurl = 1\n")
    result = run("reports", "list")
    assert result.code == 1
    assert "pressroom.toml: stor: unknown key; did you mean store?" in result.err
    (tmp_path / "pressroom.toml").write_text("[store\n")
    assert "not valid TOML" in run("projects", "list").err


def test_debug_shows_the_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = Path(sys.executable).with_name("pressroom")
    shown = subprocess.run([program, "--debug", "projects", "list"], cwd=tmp_path, capture_output=True, text=True)
    assert shown.returncode == 1
    assert "Traceback" in shown.stderr


def test_a_reader_that_has_enough_is_no_error(workspace: Path) -> None:
    program = Path(sys.executable).with_name("pressroom")
    done = subprocess.run(
        f"{program} reports show weekly --project nxog09md | head -c 1; exit ${{PIPESTATUS[1]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""


PLUGIN = """
import typer
from pressroom import hookimpl
app = typer.Typer()
@app.command("{command}")
def command() -> None:
    print("it works")
@hookimpl
def register_commands(host_factory):
    {body}
"""


def _install(monkeypatch: pytest.MonkeyPatch, folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(folder)
    entry = EntryPoint(name, name, "pressroom")
    found = discovery.importlib.metadata.entry_points

    def entry_points(**wanted: str) -> list[EntryPoint]:
        return [*found(**wanted), entry]

    monkeypatch.setattr(discovery.importlib.metadata, "entry_points", entry_points)


def test_a_plugin_adds_commands(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, tmp_path, "plugin_good", PLUGIN.format(command="extra", body="return app"))
    assert "extra" in run("--help").out
    assert run("extra").out == "it works\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plugin_raises", PLUGIN.format(command="extra", body="raise RuntimeError('broken')")),
        ("plugin_syntax", "register_commands = ("),
        ("plugin_nothing", PLUGIN.format(command="extra", body="return None")),
        ("plugin_clash", PLUGIN.format(command="doctor", body="return app")),
        ("plugin_clash_with_plugin", PLUGIN.format(command="reports", body="return app")),
    ],
)
def test_a_broken_plugin_s_commands_are_left_out(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    _install(monkeypatch, tmp_path, name, text)
    result = run("--help")
    assert result.code == 0
    assert "  extra" not in result.out
    assert run("reports", "list", "--help").code == run("doctor", "--help").code == 0
