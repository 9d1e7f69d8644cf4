"""What plugins may use, as text: every public name with its signature. `make api` writes it to `public_api.txt`."""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

FILE = Path(__file__).with_name("public_api.txt")
MODULES = (
    "pressroom",
    "pressroom.testing",
    "pressroom.testing.plugin",
    "pressroom.locales",
    "pressroom.macros",
    "pressroom.templating",
    "pressroom.timerange",
)
HEAD = """\
# What plugins may use. Written by `make api` and compared by the tests: a change here is a change of the promise.
# Say in CHANGELOG.md what changed, and see docs/plugins/compatibility.md for what may.
"""
_SIMPLE = (str, int, float, bool, tuple, type(None))


def public_api() -> str:
    """All of it."""
    lines = [HEAD]
    for name in MODULES:
        lines.append(f"\n[{name}]\n")
        module = import_module(name)
        lines += [f"{line}\n" for public in public_names(module) for line in described(public, getattr(module, public))]
    return "".join(lines)


def public_names(module: ModuleType) -> list[str]:
    """`__all__`, else what the module itself defines."""
    if hasattr(module, "__all__"):
        return sorted(module.__all__)
    own = vars(module).items()
    return sorted(
        name
        for name, value in own
        if not name.startswith("_") and (getattr(value, "__module__", None) == module.__name__ or _is_fixture(value))
    )


def described(name: str, value: Any) -> Iterator[str]:
    """The lines of one name."""
    if inspect.isclass(value):
        bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
        yield f"class {name}({bases})" if bases else f"class {name}"
        yield from sorted(f"    {line}" for line in members(value))
    elif inspect.isfunction(value):
        yield f"def {name}{signature(value)}"
    elif isinstance(value, _SIMPLE):
        yield f"{name} = {value!r}"
    elif _is_fixture(value):
        yield f"fixture {name}"
    else:
        yield f"{name}: {type(value).__name__}"


def members(cls: type) -> Iterator[str]:
    """Fields and methods that a class has of its own."""
    annotations = vars(cls).get("__annotations__", {})
    defaults = dict(_defaults(cls))
    for name, annotation in annotations.items():
        if not name.startswith("_"):
            text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
            yield f"{name}: {text}{defaults.get(name, '')}"
    for name, value in vars(cls).items():
        # what a suite proves may grow; what its subclasses set and call is the promise
        if (name.startswith("_") and name != "__init__") or name.startswith("test_"):
            continue
        function = value.__func__ if isinstance(value, classmethod | staticmethod) else value
        if inspect.isfunction(function) and not _generated(cls, name):
            yield f"{_marks(value)}def {name}{signature(function)}"
        elif isinstance(value, property):
            yield f"property {name}{signature(value.fget)}"
        elif _is_fixture(value):
            yield f"fixture {name}"
        elif isinstance(value, Enum) and type(value) is cls:
            yield f"{name} = {value.value!r}"


def signature(function: Any) -> str:
    """Its arguments and what it gives, as they are written."""
    found = inspect.signature(function)
    parameters = [
        each.replace(annotation=_written(each.annotation), default=_short(each.default))
        for each in found.parameters.values()
    ]
    return str(found.replace(parameters=parameters, return_annotation=_written(found.return_annotation)))


class Written:
    """Stands for a text that is no literal."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _written(annotation: Any) -> Any:
    return Written(annotation) if isinstance(annotation, str) else annotation


def _short(default: Any) -> Any:
    return default if isinstance(default, (*_SIMPLE, type)) else Written("...")


def _defaults(cls: type) -> Iterator[tuple[str, str]]:
    if issubclass(cls, msgspec.Struct):
        found = {
            each.name: each.default for each in msgspec.structs.fields(cls) if each.default is not msgspec.NODEFAULT
        }
    elif dataclasses.is_dataclass(cls):
        found = {each.name: each.default for each in dataclasses.fields(cls) if each.default is not dataclasses.MISSING}
    else:
        fields = getattr(cls, "model_fields", {})
        found = {name: each.default for name, each in fields.items() if not each.is_required()}
        found |= {name: value for name, value in vars(cls).items() if name not in fields}
    for name, value in found.items():
        yield name, f" = {value!r}" if isinstance(value, _SIMPLE) else " = ..."


def _generated(cls: type, name: str) -> bool:
    """Whether a library wrote it: the fields say the same."""
    libraries = dataclasses.is_dataclass(cls) or hasattr(cls, "model_fields") or getattr(cls, "_is_protocol", False)
    return name == "__init__" and libraries


def _is_fixture(value: Any) -> bool:
    return type(value).__name__ == "FixtureFunctionDefinition"


def _marks(value: Any) -> str:
    marks = [kind.__name__ for kind in (classmethod, staticmethod) if isinstance(value, kind)]
    if getattr(value, "__isabstractmethod__", False):
        marks.append("abstract")
    return "".join(f"{mark} " for mark in marks)


if __name__ == "__main__":
    FILE.write_text(public_api(), encoding="utf-8")
    sys.stdout.write(f"{FILE} written\n")
