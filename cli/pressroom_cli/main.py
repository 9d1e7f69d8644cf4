"""The `pressroom` command: puts the nouns together, runs one, and turns errors into one clear line."""

from __future__ import annotations

import os
import sys
from collections.abc import Container, Sequence
from copy import copy
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, TyperException
from typer.main import get_command

from pressroom_cli import console
from pressroom_cli.discovery import plugin_commands
from pressroom_cli.session import Session

COMPLETE_VARIABLE = "_PRESSROOM_COMPLETE"
HELP = """Turn dashboards into reports and deliver them, without a browser.

A workspace is a folder with a pressroom.toml. Dashboards and reports are YAML files that `pressroom apply`
reads into it.
"""
EPILOG = console.examples(
    "pressroom demo --dir demo                      the whole way on real data",
    "pressroom init                                 a workspace in this folder",
    "pressroom apply dashboards.yaml reports.yaml   read definitions",
    "pressroom reports preview weekly --out out     look at the documents",
    "pressroom reports send weekly                  send it now",
    "pressroom doctor                               find and mend what is wrong",
)


def build(session: Session, words: Container[str] | None = None) -> TyperGroup:
    """The application, with the commands of plugins.

    Args:
        words: the command line's; nouns that are not among them stay without their commands, which would cost
            `pressroom --help` as much time as all the rest. None for the whole application.
    """
    found = plugin_commands(session.host)
    try:
        command = get_command(_asked(_assembled(session, found), words))
    except Exception:
        # looking at each costs time, so it is done only where one of them is broken
        usable = [(name, app) for name, app in found if _usable(name, app)]
        command = get_command(_asked(_assembled(session, usable), words))
    assert isinstance(command, TyperGroup)
    return command


def _asked(app: typer.Typer, words: Container[str] | None) -> typer.Typer:
    """An application whose nouns have commands only where they are among the words."""
    if words is None:
        return app
    shown = copy(app)
    shown.registered_groups = []
    for group in app.registered_groups:
        name = group.name or (group.typer_instance.info.name if group.typer_instance else None)
        part = copy(group)
        if part.typer_instance and not isinstance(name, str):
            # no noun of its own: what it has stands at the top level
            part.typer_instance = _asked(part.typer_instance, words)
        elif part.typer_instance and name not in words:
            part.typer_instance = copy(part.typer_instance)
            part.typer_instance.registered_commands = []
            part.typer_instance.registered_groups = []
        shown.registered_groups.append(part)
    return shown


def _usable(name: str, plugin: typer.Typer) -> bool:
    try:
        get_command(plugin)
    except Exception as error:
        console.note(f"the commands of the plugin {name} are left out: {type(error).__name__}: {error}")
        return False
    return True


def _assembled(session: Session, found: Sequence[tuple[str, typer.Typer]]) -> typer.Typer:
    from pressroom_cli import (
        audit,
        backups,
        clients,
        database,
        definitions,
        demo,
        doctor,
        init,
        plugins,
        projects,
        runs,
        serve,
        tokens,
        users,
        worker,
    )

    app = typer.Typer(
        name="pressroom",
        epilog=EPILOG,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"obj": session, "help_option_names": ["-h", "--help"]},
    )
    app.callback(help=HELP)(global_options)
    first = (init, demo, definitions)
    running, access, upkeep = (runs, serve, worker), (projects, tokens, clients, users, audit), (plugins, database)
    last = (*running, *access, *upkeep, backups, doctor)
    taken = {name: "pressroom" for noun in (*first, *last) for name in _names(noun.app)}
    for noun in first:
        app.add_typer(noun.app)
    for plugin, commands in found:
        clash = next((name for name in _names(commands) if name in taken), None)
        if clash is not None:
            console.note(f"the commands of the plugin {plugin} are left out: {taken[clash]} has {clash!r} already")
            continue
        taken |= dict.fromkeys(_names(commands), plugin)
        app.add_typer(commands)
    for noun in last:
        app.add_typer(noun.app)
    return app


def _names(app: typer.Typer) -> list[str]:
    """What an application adds at the top level."""
    commands = [info.name or getattr(info.callback, "__name__", "") for info in app.registered_commands]
    return [*commands, *(str(info.name) for info in app.registered_groups if info.name)]


def print_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from pressroom import __version__

        console.say(f"pressroom {__version__}")
        raise typer.Exit


def global_options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help="The workspace's pressroom.toml; else PRESSROOM_CONFIG, else the one in this folder or above it.",
        ),
    ] = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and the debug log.")] = False,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=print_version, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before the noun."""
    context.obj.config = config
    context.obj.debug = debug
    context.obj.start_log()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: without the program's name; those of the process where None.

    Returns:
        The exit code: 0 done, 1 failed, 2 wrong usage.
    """
    session = Session()
    try:
        session.start_log()
        words = sys.argv[1:] if arguments is None else arguments
        # a shell that completes says elsewhere what has been typed
        command = build(session, None if COMPLETE_VARIABLE in os.environ else words)
        code = command.main(args=arguments, prog_name="pressroom", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except BaseException as error:
        return _failed(error, session)
    finally:
        session.close()


def _failed(error: BaseException, session: Session) -> int:
    from pressroom.errors import PressroomError, UsageError

    if session.debug and not isinstance(error, TyperException | Abort | SystemExit):
        import traceback

        traceback.print_exception(error)
    match error:
        case TyperException():
            _explain_usage(error)
            return error.exit_code
        case PressroomError():
            console.error(error.message)
            return 2 if isinstance(error, UsageError) else 1
        case SystemExit():
            return error.code if isinstance(error.code, int) else 1
        case BrokenPipeError():
            # who reads, such as `head`, has enough; Python must not complain when it flushes at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        case KeyboardInterrupt() | Abort():
            console.error("interrupted")
        case OSError() if error.filename is not None:
            console.error(f"{error.filename}: {error.strerror}")
        case _:
            kind = type(error).__name__
            console.error(f"unexpected {kind}: {error}; for the details run it again as: pressroom --debug ...")
    return 1


def _explain_usage(error: TyperException) -> None:
    context: typer.Context | None = getattr(error, "ctx", None)
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        console.note(message)
        return
    hint = f" (see: {context.command_path} --help)" if context else ""
    console.error(f"{message}{hint}")
