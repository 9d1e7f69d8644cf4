"""How much slower the host starts with 50 installed plugins than with none of them, but for their import."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 9
PLUGINS = 50
METADATA = (
    "Metadata-Version: 2.4\nName: {0}\nVersion: 1.0\nRequires-Dist: pressroom>=0.1\nRequires-Dist: pydantic>=2\n\n{1}"
)
MODULE = '''
from typing import ClassVar

import pydantic

from pressroom import Document, PluginConfig, PluginOptions, Renderer, hookimpl


class Options(PluginOptions):
    rows: int = pydantic.Field(10, ge=1, description="Rows of each chart.")


class Config(PluginConfig):
    title: str = pydantic.Field("", description="What it is called.")


class Mine(Renderer[Config, Options]):
    """A format."""

    name: ClassVar[str] = "format-{0}"
    summary: ClassVar[str] = "A format"
    Config: ClassVar[type[PluginConfig]] = Config
    Options: ClassVar[type[PluginOptions]] = Options
    media_type = "text/plain"
    suffix = ".txt"

    def render(self, edition, options, context):
        return []


@hookimpl
def register_renderers():
    return [Mine]
'''
START = (
    "from pathlib import Path; from pressroom import Host; host = Host.open(Path({0!r})); len(host.plugins.renderers)"
)
IMPORT = "import importlib; [importlib.import_module(f'pressroom_many_{number}') for number in range(50)]"


def _install(library: Path, with_metadata: bool) -> None:
    for number in range(PLUGINS):
        name = f"pressroom_many_{number}"
        package = library / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(MODULE.replace("{0}", str(number)), encoding="utf-8")
        if with_metadata:
            info = library / f"{name}-1.0.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(
                METADATA.format(name.replace("_", "-"), "A readme. " * 500), encoding="utf-8"
            )
            (info / "entry_points.txt").write_text(f"[pressroom]\nmany{number} = {name}\n", encoding="utf-8")


def _cpu(code: str, library: Path | None) -> float:
    """CPU seconds of one process."""
    environment = {**os.environ, "PYTHONPATH": str(library) if library else ""}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> list[tuple[str, str]]:
    """Rows of the printed table."""
    with tempfile.TemporaryDirectory() as folder:
        installed, importable, workspace = Path(folder) / "lib", Path(folder) / "modules", Path(folder) / "site"
        _install(installed, True)
        _install(importable, False)
        workspace.mkdir()
        (workspace / "pressroom.toml").touch()
        start, both = START.format(str(workspace)), f"{START.format(str(workspace))}; {IMPORT}"
        cases: dict[str, tuple[str, Path | None]] = {
            "none": (start, None),
            "imported": (both, importable),
            "installed": (start, installed),
        }
        # in turn, so that what else the machine does meets all of them; the first round compiles
        rounds = [{name: _cpu(*case) for name, case in cases.items()} for _ in range(ROUNDS + 1)][1:]
    least = {name: min(each[name] for each in rounds) for name in cases}
    own = least["installed"] - least["imported"]
    return [
        ("host's start, CPU s", f"{least['none']:.3f}"),
        (f"  and importing {PLUGINS} plugins", f"{least['imported']:.3f}"),
        (f"  with {PLUGINS} plugins installed", f"{least['installed']:.3f}"),
        ("  more than start and import (at most 10 %)", f"{100 * own / least['none']:+.1f} %"),
    ]


if __name__ == "__main__":
    for what, figure in main():
        print(f"{what:46} {figure}")
