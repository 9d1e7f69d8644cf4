"""Writes a new plugin from the templates beside this file: a distribution that works before a line is changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pressroom.errors import Conflict, UsageError

KINDS = ("channel", "renderer", "chart", "source", "scheduler")
PREFIX = "pressroom-"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 24
_TAKEN = ("pressroom", "plugin")
"""The classes of these would hide those that they build on."""


@dataclass(frozen=True)
class Blueprint:
    """What a new plugin is called.

    Attributes:
        kind: one of `KINDS`.
        name: what definitions and configuration call it, such as `post-card`.
    """

    kind: str
    name: str

    @property
    def distribution(self) -> str:
        """What pip installs."""
        return f"{PREFIX}{self.name}"

    @property
    def module(self) -> str:
        """What Python imports."""
        return self.distribution.replace("-", "_")

    @property
    def title(self) -> str:
        """Beginning of its classes' names."""
        return "".join(part.capitalize() for part in self.name.split("-"))

    @property
    def values(self) -> dict[str, str]:
        """What the templates name."""
        from pressroom import __version__

        suffix = self.kind.capitalize()
        major, minor = (int(part) for part in __version__.split(".")[:2])
        return {
            "kind": self.kind,
            "name": self.name,
            "distribution": self.distribution,
            "module": self.module,
            "title": self.title,
            "cls": self.title if self.title.endswith(suffix) and self.title != suffix else f"{self.title}{suffix}",
            "host": f"{major}.{minor}",
            # until 1.0 a minor release may change interfaces, see the page on compatibility
            "next_host": f"{major}.{minor + 1}" if major == 0 else str(major + 1),
        }


def blueprint(name: str, kind: str) -> Blueprint:
    """A name that was typed, checked.

    Raises:
        UsageError: it cannot be one; says what would be right.
    """
    short = name.removeprefix(PREFIX)
    if not _NAME.fullmatch(short):
        near = re.sub(r"[^a-z0-9]+", "-", short.lower()).strip("-0123456789")
        hint = f", such as {near}" if _NAME.fullmatch(near) else ", such as postcard"
        raise UsageError(f"{name!r} cannot be a plugin's name; use lower-case letters, digits and dashes{hint}")
    if len(short) > _LONGEST:
        raise UsageError(f"{name!r} is too long for a plugin's name; use at most {_LONGEST} characters")
    if short in _TAKEN:
        raise UsageError(f"{name!r} says too little; choose a name of its own, such as postcard")
    if kind not in KINDS:
        raise UsageError(f"there is no kind of plugin {kind!r} to begin with; choose one of {', '.join(KINDS)}")
    return Blueprint(kind, short)


def write(plan: Blueprint, parent: Path) -> tuple[Path, list[Path]]:
    """Write the distribution into a new folder of `parent`.

    Returns:
        The folder, and its files.

    Raises:
        Conflict: something of that name is there; nothing was changed.
    """
    import jinja2

    folder = parent / plan.distribution
    if folder.exists() or folder.is_symlink():
        raise Conflict(f"{folder} is there already; remove it, choose another name, or another folder with --dir")
    templates = files(__name__)
    # Python and TOML, no HTML
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)  # noqa: S701
    written: list[Path] = []
    for name, template in {**_templates(templates / "common"), **_templates(templates / plan.kind)}.items():
        path = folder / name.replace("MODULE", plan.module)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(environment.from_string(template).render(plan.values), encoding="utf-8")
        written.append(path)
    return folder, sorted(written)


def _templates(folder: Traversable, prefix: str = "") -> dict[str, str]:
    """Texts by path; `MODULE` in a path stands for the plugin's."""
    found: dict[str, str] = {}
    for item in folder.iterdir():
        if item.is_dir():
            found |= _templates(item, f"{prefix}{item.name}/")
        elif item.name.endswith(".j2"):
            found[prefix + item.name.removesuffix(".j2")] = item.read_text(encoding="utf-8")
    return found
