"""`pressroom plugins new`: a plugin of your own, ready to be changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pressroom_cli import console
from pressroom_cli.options import AsJson

EXAMPLES = console.examples(
    "pressroom plugins new postcard --kind channel",
    "pressroom plugins new outline --kind renderer --dir ~/plugins",
    "then, in its folder: pip install -e '.[dev]' && pytest",
)


def new_plugin(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What definitions will call it, such as postcard or post-card.")
    ],
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help="channel, renderer, chart, source or scheduler.")],
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where its folder pressroom-NAME is made.")
    ] = Path(),
    as_json: AsJson = False,
) -> None:
    """Write a plugin that works, to be changed.

    A package with one class, its configuration and its tests. It can be installed, passes its tests and does
    something small before a line is changed.
    """
    from pressroom.errors import Conflict
    from pressroom_cli import scaffold

    plan = scaffold.blueprint(name, kind)
    if origin := _taken(plan.kind, plan.name):
        raise Conflict(f"there is a {plan.kind} {plan.name!r} already, of {origin}; choose another name")
    made, files = scaffold.write(plan, folder)
    if as_json:
        console.emit({"folder": str(made), "distribution": plan.distribution, "files": [str(path) for path in files]})
        return
    for path in files:
        console.say(str(path))
    console.say()
    console.say(f"the {plan.kind} {plan.name!r} is in {made}; try it:")
    console.say(f"  cd {made}")
    console.say("  pip install -e '.[dev]'")
    console.say("  pytest")


def _taken(kind: str, name: str) -> str:
    """The distribution whose plugin has that name; empty where none has."""
    from pressroom.plugins import Plugins

    registry = Plugins().registries[kind]
    return registry.origin(name).distribution if name in registry else ""
