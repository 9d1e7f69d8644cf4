"""The pages for plugin authors: their examples pass the suites, their hooks are the code's, their errors are real."""

from __future__ import annotations

import inspect
import logging
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from litestar.testing import TestClient
from typer.testing import CliRunner

import pressroom_cli.hookspecs
import pressroom_server.hookspecs
from pressroom import Host, PressroomError, Run, SettingsError, hookimpl, hookspecs
from pressroom.plugins import Origin, Plugins, read_options
from pressroom.settings import load_workspace
from pressroom.testing import FrozenClock, Workspace, with_plugins
from pressroom_server.app import create_app

DOCS = Path(__file__).parents[2] / "docs/plugins"
KINDS = ("channel", "renderer", "chart", "source", "scheduler", "calendar")
LAYERS = (pressroom_server.hookspecs, pressroom_cli.hookspecs)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (\w+)\(([^)]*)\)$\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


OBSERVER = """
from pressroom import hookimpl

seen = []

@hookimpl
def run_finished(run):
    seen.append(run.state)
"""


def blocks(text: str, language: str = "python") -> list[str]:
    return [code for name, code in FENCE.findall(text) if name == language]


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def run(code: str, name: str) -> ModuleType:
    # libraries look for types in the module that a function says it is of
    module = sys.modules[name] = ModuleType(name)
    exec(compile(code, f"{name}.md", "exec", dont_inherit=True), module.__dict__)
    return module


def suites() -> Iterator[tuple[str, type]]:
    """The test classes of the pages, over their plugins."""
    for kind in KINDS:
        plugin, test = blocks(page(kind))
        found = re.match(r"# src/(\w+)/__init__\.py", plugin)
        assert found is not None, kind
        run(plugin, found[1])
        yield from ((name, value) for name, value in vars(run(test, f"test_{kind}")).items() if name.startswith("Test"))


globals().update(suites())


def test_each_page_has_a_suite() -> None:
    assert sum(name.startswith("Test") and name.endswith(KIND_CLASSES) for name in globals()) == len(KINDS)


KIND_CLASSES = ("Channel", "Renderer", "Chart", "Source", "Scheduler", "Calendar")


def specs() -> dict[str, str]:
    """Every hook and its arguments, as the code has them."""
    found = {}
    for layer in (hookspecs, *LAYERS):
        for name, function in inspect.getmembers(layer, inspect.isfunction):
            if hasattr(function, "pressroom_spec"):
                found[name] = ", ".join(inspect.signature(function).parameters)
    return found


def documented() -> dict[str, tuple[str, str]]:
    """Every hook of the page: its arguments, and what is said of it."""
    return {name: (arguments, text) for name, arguments, text in HEADING.findall(page("hooks"))}


def test_the_page_has_every_hook_with_its_arguments() -> None:
    assert {name: arguments for name, (arguments, _) in documented().items()} == specs()


def test_the_page_tells_each_argument() -> None:
    for name, (arguments, text) in documented().items():
        told = re.findall(r"^`(\w+)`\n: ", text, re.MULTILINE)
        assert told == [each for each in arguments.split(", ") if each], name


@pytest.mark.parametrize("hook", specs())
def test_the_example_of_each_hook_is_one(hook: str) -> None:
    (code,) = blocks(documented()[hook][1])
    module = run(code, f"hook_{hook}")
    plugins = with_plugins(module)
    assert [caller.name for caller in plugins.manager.get_hookcallers(module) or ()] == [hook]
    kind = hook.removeprefix("register_").removesuffix("s")
    if kind in plugins.registries:
        registry = plugins.registries[kind]
        assert [name for name in registry if registry.origin(name).distribution == "test-0"] != []


def hook_plugin(name: str) -> ModuleType:
    return run(blocks(documented()[name][1])[0], f"hook_{name}")


def test_observers_are_told_in_this_order(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []

    class Watch:
        @hookimpl
        def run_started(self, run: Run) -> None:
            seen.append("started")

        @hookimpl
        def edition_composed(self, run: Run) -> None:
            folder = workspace.folder
            seen.append(f"composed, {len(list(folder.glob('**/csv-*')))} documents")

        @hookimpl
        def run_finished(self, run: Run) -> None:
            seen.append(f"finished {run.state}")
            raise ValueError("an observer that fails")

    observers = ("run_started", "edition_composed", "run_finished")
    plugins = with_plugins(Watch(), *(hook_plugin(hook) for hook in observers))
    caplog.set_level(logging.INFO)
    with Workspace(tmp_path / "site", plugins) as workspace:
        run = workspace.send()
    assert run.state == "succeeded"
    assert seen[:2] == ["started", "composed, 0 documents"]
    assert seen[-1] == "finished succeeded"
    assert seen.count("finished succeeded") == 1
    assert f"run {run.id} is succeeded; sent to archive" in caplog.text
    assert "the observer run_finished of test-0:test-0 failed" in caplog.text


def test_the_example_routes_answer(tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").write_text("", encoding="utf-8")
    plugins = Plugins(LAYERS, entry_points=[])
    plugins.add(hook_plugin("register_routes"), Origin("weather", "pressroom-weather", "1"))
    with Host(load_workspace(tmp_path), plugins) as host:
        host.store.upgrade()
        with TestClient(create_app(host)) as client:
            assert client.get("/weather").json() == {"weather": "fine", "site": "http://127.0.0.1:8000"}


def test_the_example_command_counts(pressroom_workspace: Workspace) -> None:
    app = hook_plugin("register_commands").register_commands(lambda: pressroom_workspace.host)
    done = CliRunner().invoke(app, ["default"])
    assert (done.exit_code, done.output.strip()) == (0, "1")


def flat(text: str) -> str:
    return " ".join(text.split())


def test_errors_are_told_as_the_pages_say(tmp_path: Path) -> None:
    plugins = Plugins(LAYERS, entry_points=[])
    board = Origin("newsboard", "pressroom-newsboard", "1")

    class Broken:
        @hookimpl
        def register_channels(self) -> list[Any]:
            raise KeyError("x")

    plugins.add(Broken(), board)
    plugins.call_each("register_channels")
    assert flat(plugins.broken[0].error) in flat(page("errors"))
    newer = Plugins(entry_points=[])
    newer.add(type("Mine", (), {"NEEDS_PRESSROOM": ">=0.0,<0.0.1"}), board)
    told = newer.broken[0].error.replace(">=0.0,<0.0.1", ">=0.1,<0.2").replace("0.1.0", "0.2.0")
    assert flat(told) in flat(page("compatibility"))


def test_wrong_keys_are_told_as_the_page_says(tmp_path: Path) -> None:
    figures, board = sys.modules["pressroom_figures"], sys.modules["pressroom_newsboard"]
    with pytest.raises(PressroomError) as wrong:
        read_options(figures.FiguresRenderer, {"rows": -1}, "report weekly: formats: figures")
    assert str(wrong.value) in page("errors")
    file = tmp_path / "pressroom.toml"
    file.write_text('[channels.board]\ntype = "newsboard"\npth = "x"\n', encoding="utf-8")
    with Host(load_workspace(file), with_plugins(board)) as host, pytest.raises(SettingsError) as unknown:
        host.channel("board", "default")
    assert str(unknown.value).replace(str(file), "pressroom.toml") in page("errors")


def test_the_page_on_tests_has_tests_that_pass(
    pressroom_workspace: Workspace, pressroom_clock: FrozenClock, tmp_path: Path
) -> None:
    observing = ModuleType("pressroom_ledgerbook")
    exec(OBSERVER, observing.__dict__)
    names = {"Workspace": Workspace, "FrozenClock": FrozenClock, "with_plugins": with_plugins, "Path": Path}
    module = ModuleType("tests_of_the_page")
    module.__dict__.update(names, datetime=datetime, UTC=UTC, pressroom_ledgerbook=observing)
    for code in blocks(page("testing"))[-2:]:
        exec(code, module.__dict__)
    module.__dict__["test_an_observer_is_told"](tmp_path)
    module.__dict__["test_a_report_lies_in_the_archive"](pressroom_workspace)
    module.__dict__["test_yesterday_is_the_day_before"](pressroom_workspace, pressroom_clock)
