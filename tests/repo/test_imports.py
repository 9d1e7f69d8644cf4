"""What may be imported where, beyond what import-linter's contracts in pyproject.toml can say."""

import subprocess
import sys
from functools import cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
CORE_MAY_USE = {
    "alembic",
    "babel",
    "cronsim",
    "jinja2",
    "markupsafe",
    "msgspec",
    "pluggy",
    "polars",
    "pydantic",
    "pydantic_core",
    "sqlalchemy",
    "sqlmodel",
    "typing_extensions",
    "tzdata",
    "yaml",
}
CORE_TESTING_MAY_USE = {"pytest", "hypothesis"}
HEAVY = ("polars", "sqlmodel", "sqlalchemy", "litestar", "duckdb", "vl_convert", "typst", "pypdf", "PIL", "alembic")


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("pressroom", "pressroom_builtin", include_external_packages=True, cache_dir=None)


def external(module: str) -> set[str]:
    own = graph().modules
    return {
        found
        for found in graph().find_modules_directly_imported_by(module)
        if found not in own or graph().is_module_squashed(found)
    } - set(sys.stdlib_module_names)


def test_core_uses_only_what_the_design_names() -> None:
    wrong = {}
    for module in sorted(graph().modules):
        if module.partition(".")[0] != "pressroom":
            continue
        allowed = CORE_MAY_USE | (CORE_TESTING_MAY_USE if module.startswith("pressroom.testing") else set())
        if found := external(module) - allowed:
            wrong[module] = found
    assert not wrong


def test_contracts_and_services_of_the_apis_know_no_framework() -> None:
    judged = [name for name in graph().modules if name.rpartition(".")[2] in ("wire", "service")]
    wrong = {name: found for name in judged if (found := external(name) & {"litestar", "typer", "click", "rich"})}
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
