"""A broken plugin is left out with its error and the fix; everything else goes on."""

from __future__ import annotations

import types
from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Any

import pytest

from pressroom import Context, Document, Edition, MissingDependency, PluginError, PluginOptions, Renderer, hookimpl
from pressroom.plugins import Plugins


class Here:
    """An entry point to an object of this process."""

    dist = None

    def __init__(self, name: str, plugin: object) -> None:
        self.name = name
        self.value = f"here:{name}"
        self._plugin = plugin

    def load(self) -> object:
        if isinstance(self._plugin, Exception):
            raise self._plugin
        return self._plugin


class Plain(Renderer[Any, Any]):
    """A renderer that works."""

    name = "plain"

    def render(self, edition: Edition, options: PluginOptions, context: Context) -> list[Document]:
        return []


def renderers(*classes: object) -> object:
    class Plugin:
        @hookimpl
        def register_renderers(self) -> Sequence[object]:
            return classes

    return Plugin()


def load(**plugins: object) -> Plugins:
    here: list[Any] = [Here(name, plugin) for name, plugin in plugins.items()]
    return Plugins(entry_points=[*entry_points(group="pressroom"), *here])


def only_error(plugins: Plugins) -> str:
    assert len(plugins.broken) == 1
    assert "pdf" in plugins.renderers
    return plugins.broken[0].error


def test_the_built_ins_are_whole() -> None:
    plugins = load()
    assert plugins.broken == []
    assert {"pdf", "csv", "image"} <= set(plugins.renderers)
    assert {"line", "vertical-bar", "horizontal-bar", "two-way-bar", "table", "number", "bubble"} <= set(plugins.charts)
    assert {"files", "sql"} <= set(plugins.sources)
    assert {"email", "folder"} <= set(plugins.channels)
    assert all(row.origin.startswith("pressroom") and row.version for row in plugins.listed())


def test_one_that_cannot_be_loaded() -> None:
    error = only_error(load(bad=ImportError("No module named 'nowhere'"), good=renderers(Plain)))
    assert "cannot be loaded: ImportError: No module named 'nowhere'" in error
    assert "PRESSROOM_DISABLE_PLUGINS=bad" in error


def test_one_with_an_unknown_hook_names_the_nearest() -> None:
    class Plugin:
        @hookimpl
        def register_renderer(self) -> list[object]:
            return []

    error = only_error(load(bad=Plugin()))
    assert "unknown hook register_renderer" in error
    assert "did you mean register_renderers?" in error


def test_one_with_wrong_arguments() -> None:
    class Plugin:
        @hookimpl
        def run_finished(self, run: object, colour: object) -> None:
            return None

    assert "colour" in only_error(load(bad=Plugin()))


def test_one_whose_hook_raises() -> None:
    class Plugin:
        @hookimpl
        def register_charts(self) -> list[object]:
            raise ZeroDivisionError("oops")

    assert "register_charts raised ZeroDivisionError: oops" in only_error(load(bad=Plugin()))


def test_one_that_needs_a_newer_host() -> None:
    plugin = types.SimpleNamespace(NEEDS_PRESSROOM="99.1")
    assert "needs Pressroom 99.1; this is" in only_error(load(bad=plugin))


def test_a_name_that_two_claim_names_both_and_the_built_in_stays() -> None:
    mine = type("Mine", (Plain,), {"name": "pdf"})
    plugins = load(mine=renderers(mine))
    error = only_error(plugins)
    assert "pressroom (renderers)" in error
    assert "here:mine" in error
    assert plugins.renderers["pdf"] is not mine


@pytest.mark.parametrize(
    ("candidate", "message"),
    [
        (object, "not a subclass of Renderer"),
        (type("Half", (Renderer,), {"name": "half"}), "lacks render"),
        (type("NoName", (Plain,), {"name": "No Name"}), "lower-case"),
    ],
)
def test_classes_that_cannot_be_used(candidate: object, message: str) -> None:
    assert message in only_error(load(bad=renderers(candidate, Plain)))


def test_a_missing_library_is_listed_with_the_command() -> None:
    lacking = type("Lacking", (Plain,), {"name": "lacking", "requires": ("no_such_lib",), "install": "pip install x"})
    plugins = load(lacking=renderers(lacking))
    row = next(row for row in plugins.listed() if row.name == "lacking")
    assert row.error == "lacking: no_such_lib is not installed; run: pip install x"
    with pytest.raises(MissingDependency, match="pip install x"):
        plugins.renderers.need("lacking")


def test_disabled_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRESSROOM_DISABLE_PLUGINS", "mine, other")
    assert "plain" not in load(mine=renderers(Plain)).renderers


def test_an_unknown_name_names_the_nearest() -> None:
    with pytest.raises(PluginError, match="did you mean 'table'"):
        load().charts.need("tabel")


def test_an_observer_that_raises_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[object] = []

    class Bad:
        @hookimpl
        def run_finished(self, run: object) -> None:
            raise ValueError("oops")

    class Good:
        @hookimpl
        def run_finished(self, run: object) -> None:
            seen.append(run)

    plugins = load(bad=Bad(), good=Good())
    plugins.run_finished("run")  # type: ignore[arg-type]
    assert seen == ["run"]
    assert "run_finished" in caplog.text
