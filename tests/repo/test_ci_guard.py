"""A skipped test fails in CI, and only there."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SUITE = """
import pytest

@pytest.mark.skip(reason="no server")
def test_skipped(): ...

@pytest.mark.may_skip
@pytest.mark.skip(reason="another system")
def test_allowed(): ...

@pytest.mark.xfail(reason="known")
def test_known(): assert False
"""
MODULE = "import pytest\npytest.importorskip('no_such_module_anywhere')\n"


def outcome(folder: Path, ci: str) -> str:
    shutil.copy(ROOT / "conftest.py", folder / "conftest.py")
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = may_skip: may be skipped in CI\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PRESSROOM_CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{done.stdout}\nexit {done.returncode}"


@pytest.mark.parametrize("suite", [SUITE, MODULE], ids=["test", "module"])
def test_skips_fail_in_ci_only(suite: str, tmp_path: Path) -> None:
    (tmp_path / "test_suite.py").write_text(suite, encoding="utf-8")
    (tmp_path / "test_fine.py").write_text("def test_fine(): ...\n", encoding="utf-8")
    assert outcome(tmp_path, "").endswith("exit 0")
    strict = outcome(tmp_path, "1")
    assert not strict.endswith("exit 0")
    assert "CI must run everything" in strict
    assert "another system" not in strict.partition("CI must run everything")[2].partition("\n")[0]
