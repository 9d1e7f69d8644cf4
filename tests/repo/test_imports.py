"""What may be imported where, beyond what import-linter's contracts in pyproject.toml can say."""

import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
CORE_MAY_USE = {
    "alembic",
    "babel",
    "cronsim",
    "cryptography",
    "itsdangerous",
    "jinja2",
    "markupsafe",
    "msgspec",
    "pluggy",
    "polars",
    "pwdlib",
    "prometheus_client",
    "pydantic",
    "pydantic_core",
    "sqlalchemy",
    "sqlmodel",
    "typing_extensions",
    "tzdata",
    "yaml",
}
PACKAGES = ("pressroom", "pressroom_server", "pressroom_cli", "pressroom_builtin")
TESTS_ONLY = CORE_TESTING_MAY_USE = {"pytest", "hypothesis"}
FRAMEWORKS = {"litestar", "typer", "click", "rich", "pressroom_server", "pressroom_cli"}
HEAVY = ("polars", "sqlmodel", "sqlalchemy", "litestar", "duckdb", "vl_convert", "typst", "pypdf", "PIL", "alembic")


@cache
def graph(for_types: bool) -> grimp.ImportGraph:
    return grimp.build_graph(
        "pressroom",
        "pressroom_builtin",
        include_external_packages=True,
        exclude_type_checking_imports=not for_types,
        cache_dir=None,
    )


def external(module: str, *, for_types: bool) -> set[str]:
    """Packages that a module imports; `for_types` counts those under TYPE_CHECKING too."""
    imported = graph(for_types).find_modules_directly_imported_by(module)
    return {found for found in imported if graph(for_types).is_module_squashed(found)} - set(sys.stdlib_module_names)


def test_core_uses_only_what_the_design_names() -> None:
    wrong = {}
    for module in sorted(graph(True).modules):
        if module.partition(".")[0] != "pressroom":
            continue
        allowed = CORE_MAY_USE | (CORE_TESTING_MAY_USE if module.startswith("pressroom.testing") else set())
        if found := external(module, for_types=True) - allowed:
            wrong[module] = found
    assert not wrong


def test_only_routes_and_commands_of_plugins_know_a_framework() -> None:
    wrong = {}
    for module in sorted(graph(True).modules):
        last = module.rpartition(".")[2]
        if not module.startswith("pressroom_builtin.") or last.endswith(("routes", "commands")):
            continue
        if found := external(module, for_types=False) & FRAMEWORKS:
            wrong[module] = found
    assert not wrong


@pytest.mark.parametrize(
    "code",
    [
        "import pressroom",
        "import pressroom_cli.main",
        "from pressroom_cli.main import main; assert main(['--help']) == 0",
    ],
    ids=["package", "command", "help"],
)
def test_starting_is_cheap(code: str) -> None:
    program = f"{code}\nimport sys\nprint('LOADED', *[name for name in {HEAVY!r} if name in sys.modules])\n"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED"


def test_everything_imported_is_declared() -> None:
    """A library that only comes along with another one may be gone with that one's next release."""
    declared = {
        re.split(r"[^A-Za-z0-9._-]", line)[0].lower().replace("_", "-")
        for line in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    }
    shipped = grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)
    providers = packages_distributions()
    wrong = {}
    for module in shipped.modules:
        if shipped.is_module_squashed(module) and module not in sys.stdlib_module_names | TESTS_ONLY:
            distributions = {
                name.lower().replace("_", "-") for name in providers.get(module, [f"nothing for {module}"])
            }
            if not distributions & declared:
                wrong[module] = distributions
    assert not wrong
