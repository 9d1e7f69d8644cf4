"""What `--help` says: every command and option is explained, with an example, in words that fit the list."""

from collections.abc import Iterator
from typing import Any

import pytest

from pressroom_cli.main import build
from pressroom_cli.session import Session


def every(command: Any, path: str = "pressroom") -> Iterator[tuple[str, Any]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from every(child, f"{path} {name}")


COMMANDS = dict(every(build(Session())))
GROUPS = [path for path, command in COMMANDS.items() if hasattr(command, "commands")]
LEAVES = [path for path in COMMANDS if path not in GROUPS]


@pytest.mark.parametrize("path", GROUPS)
def test_lists_of_commands_are_not_cut_on_80_columns(path: str) -> None:
    group = COMMANDS[path]
    room = 80 - 2 - 6 - max(map(len, group.commands))
    assert [name for name, each in group.commands.items() if each.get_short_help_str(room).endswith("...")] == []


@pytest.mark.parametrize("path", LEAVES)
def test_help_explains_each_parameter_with_an_example(path: str) -> None:
    command = COMMANDS[path]
    assert [each.name for each in command.params if not each.help and each.name != "help"] == []
    assert f"  {path}" in command.epilog or f"| {path}" in command.epilog
