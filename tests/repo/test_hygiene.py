"""What must not lie in the repository: paths of a machine, hosts of registries, large files."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
FORBIDDEN = re.compile(
    "|".join(
        [
            r"/(?:home|Users)/[a-z]",
            r"/root/",
            r"files\.pythonhosted\.",
            r"(?<![\w.])pypi\.(?:org|python)",
            r"registry\.npmjs\.",
            r"deb\.debian\.",
            r"--(?:extra-)?index-url[ =]h",
        ]
    )
)
LARGEST = 3_000_000


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [path for name in listed.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_no_machine_and_no_registry_is_named() -> None:
    wrong = []
    for path in tracked():
        if path == Path(__file__):
            continue
        data = path.read_bytes()
        if b"\0" in data[:8000]:
            continue
        for number, line in enumerate(data.decode("utf-8").splitlines(), 1):
            if FORBIDDEN.search(line):
                wrong.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    assert not wrong, "\n".join(wrong)


def test_no_file_is_large() -> None:
    assert [str(path) for path in tracked() if path.stat().st_size > LARGEST] == []


def test_only_named_packages_lie_on_the_path() -> None:
    """An editable install puts these folders on sys.path, so anything in them could be imported by mistake."""
    found = {}
    for folder in ("core", "server", "cli", "plugins/builtin"):
        found[folder] = sorted(
            {path.relative_to(ROOT / folder).parts[0] for path in tracked() if path.is_relative_to(ROOT / folder)}
        )
    assert found == {
        "core": ["pressroom"],
        "server": ["pressroom_server"],
        "cli": ["pressroom_cli"],
        "plugins/builtin": ["pressroom_builtin"],
    }


def test_constraints_name_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines
    wrong = [line for line in lines if not re.fullmatch(r"[a-z0-9-]+==[^ /@]+(?: ; [^/@]+)?", line)]
    assert not wrong
