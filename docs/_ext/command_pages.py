"""The page on commands, from the Typer application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def cli_page() -> str:
    """Every command with its help, arguments and options."""
    from pressroom_cli.main import build
    from pressroom_cli.session import Session

    return "\n".join(_sections(build(Session()), ("pressroom",)))


def _sections(command: Any, path: tuple[str, ...]) -> Iterator[str]:
    children = getattr(command, "commands", {})
    yield from _section(command, path, bool(children))
    for name in children:
        child = children[name]
        if not child.hidden:
            yield from _sections(child, (*path, name))


def _section(command: Any, path: tuple[str, ...], group: bool) -> Iterator[str]:
    depth = "#" * min(len(path) + 1, 4)
    yield f"{depth} {' '.join(path)}\n"
    yield f"{(command.help or '').partition(chr(12))[0].strip()}\n"
    arguments = [parameter for parameter in command.params if parameter.param_type_name == "argument"]
    if not group:
        usage = " ".join([*path, *(_argument(each) for each in arguments), "[OPTIONS]"])
        yield f"```text\n{usage}\n```\n"
    rows = [f"`{_argument(each)}`\n: {each.help or ''}\n" for each in arguments if each.help]
    for option in command.params:
        if option.param_type_name == "option" and not option.hidden:
            rows.append(f"`{', '.join((*option.opts, *option.secondary_opts))}`\n: {option.help or ''}\n")
    yield from rows


def _argument(argument: Any) -> str:
    name = (argument.metavar or argument.name.upper()).strip("[]").removesuffix("...").strip("[]")
    name = f"{name}..." if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"
