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
    yield from (f"`{_argument(each)}`\n: {each.help}\n" for each in arguments if each.help)
    for option in command.params:
        if option.param_type_name == "option" and not option.hidden:
            yield f"`{_option(option)}`\n: {option.help or ''}{_default(option)}\n"
    if command.epilog:
        yield f"```text\n{_examples(command.epilog)}\n```\n"


def _option(option: Any) -> str:
    """Such as `--format json|csv`."""
    names = ", ".join((*option.opts, *option.secondary_opts))
    choices = "|".join(map(str, option.type_descriptor.choices or ()))
    value = option.metavar or choices or "NUMBER"
    return names if option.is_flag else f"{names} {value}"


def _default(option: Any) -> str:
    shown = not option.is_flag and option.default not in (None, "") and not callable(option.default)
    return f" Default: `{getattr(option.default, 'value', option.default)}`." if shown else ""


def _examples(epilog: str) -> str:
    return "\n".join(line.removeprefix("  ") for line in epilog.partition("Examples:")[2].strip("\n").splitlines())


def _argument(argument: Any) -> str:
    name = (argument.metavar or argument.name.upper()).strip("[]").removesuffix("...").strip("[]")
    name = f"{name}..." if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"
