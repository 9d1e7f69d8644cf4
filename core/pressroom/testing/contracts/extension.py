"""What every plugin class must keep, whatever its kind."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any, ClassVar, TypeVar

import pydantic
import pytest

from pressroom.errors import PressroomError
from pressroom.extension import Extension, PluginOptions, Setup
from pressroom.registry import Origin, Registry

R = TypeVar("R")
THREADS = 4


class ExtensionContract:
    """Base of the suites. Subclass the one of your kind, name your class, override the fixtures that do not fit.

    Attributes:
        plugin: the class to test.
    """

    plugin: ClassVar[type[Extension[Any, Any]]]

    @pytest.fixture
    def workspace(self, tmp_path: Path) -> Path:
        """The folder that relative paths of the configuration are taken from."""
        folder = tmp_path / "workspace"
        folder.mkdir(exist_ok=True)
        return folder

    @pytest.fixture
    def config(self) -> dict[str, Any]:
        """Keys of `pressroom.toml` that an instance works with; override it where the defaults do not do."""
        return {}

    @pytest.fixture
    def options(self) -> PluginOptions:
        """The options of one use; override it to test others."""
        return self.plugin.Options()

    @pytest.fixture
    def make(self, workspace: Path, config: dict[str, Any]) -> Iterator[Callable[[], Any]]:
        """Makes instances, and closes each at the end of the test."""
        made: list[Extension[Any, Any]] = []

        def one() -> Extension[Any, Any]:
            setup = Setup(
                instance=f"{self.plugin.name}-here",
                workspace=workspace,
                scratch=workspace / ".pressroom" / self.plugin.name,
                public_url="http://127.0.0.1:8000",
            )
            made.append(self.plugin(self.plugin.Config.model_validate(config), setup))
            return made[-1]

        yield one
        for instance in made:
            instance.close()

    @pytest.fixture
    def instance(self, make: Callable[[], Any]) -> Any:
        """An instance of the class."""
        return make()

    def test_it_can_be_registered(self) -> None:
        """A name, a summary, no abstract method left, libraries installed."""
        base = next(cls for cls in self.plugin.__mro__ if cls.__module__.startswith("pressroom."))
        Registry[Any]("plugin", base).add(self.plugin, Origin("test", "test", "1"))
        assert self.plugin.summary, "summary is what `pressroom plugins list` shows"
        assert "\n" not in self.plugin.summary
        assert self.plugin.missing() is None

    @pytest.mark.parametrize("model", ["Config", "Options"])
    def test_its_keys_explain_themselves(self, model: str) -> None:
        """Each field has a description, which is its documentation, and unknown keys are told."""
        found: type[pydantic.BaseModel] = getattr(self.plugin, model)
        silent = [name for name, field in found.model_fields.items() if not field.description]
        assert not silent, f"fields of {model} without a description"
        with pytest.raises(pydantic.ValidationError) as caught:
            found.model_validate({"no_such_key": 1})
        told = {error["type"] for error in caught.value.errors() if error["loc"] == ("no_such_key",)}
        assert told == {"extra_forbidden"}, f"{model} must refuse keys that it does not know"

    def test_it_is_made_and_closed_without_being_used(self, make: Callable[[], Any]) -> None:
        """Making one does no work: it must be cheap and cannot fail because another system is down."""
        first, second = make(), make()
        assert first is not second

    def test_check_says_what_it_found(self, instance: Any) -> None:
        """`pressroom doctor` prints one line, or the error."""
        found = instance.check()
        assert isinstance(found, str)
        assert found
        assert "\n" not in found


def at_once(*work: Callable[[], R]) -> list[R]:
    """Do each in a thread of its own, all at the same time; gives their results in order."""
    barrier = Barrier(len(work))

    def together(one: Callable[[], R]) -> R:
        barrier.wait(60)
        return one()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(together, work))


def crosses_processes(error: PressroomError) -> None:
    """Children hand their errors to the host, so an error must survive that."""
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    assert type(copy) is type(error)
    assert str(copy) == str(error)
