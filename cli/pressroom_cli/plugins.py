"""`pressroom plugins`: what is installed, and what each plugin can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pressroom_cli import console, plugin_new
from pressroom_cli.options import AsJson, Limit, limited

if TYPE_CHECKING:
    import pydantic

    from pressroom.plugins import Plugins

app = typer.Typer()
group = typer.Typer(help="Plugins: what is installed, what each can be told.", no_args_is_help=True)
app.add_typer(group, name="plugins")
group.command("new", epilog=plugin_new.EXAMPLES)(plugin_new.new_plugin)


@group.callback()
def _group() -> None:
    """Plugins: what is installed, what each can be told."""


@group.command("list", epilog=console.examples("pressroom plugins list", "pressroom plugins list --json"))
def list_plugins(as_json: AsJson = False, limit: Limit = None) -> None:
    """List every plugin with where it comes from. Exits with 1 where one cannot be used, and says why."""
    from msgspec import to_builtins

    listed = _plugins().listed()
    shown = limited(listed, limit)
    if as_json:
        console.emit([to_builtins(item) for item in shown])
    else:
        lines = [(item.kind, item.name, item.version, item.origin, item.error or item.summary) for item in shown]
        console.rows(("KIND", "NAME", "VERSION", "ORIGIN", ""), lines, "no plugins; is pressroom installed whole?")
    broken = [item for item in listed if item.error]
    if broken:
        names = ", ".join(item.name for item in broken)
        console.error(f"{len(broken)} of {len(listed)} plugins cannot be used: {names}")
        raise typer.Exit(1)


@group.command("show", epilog=console.examples("pressroom plugins show email", "pressroom plugins show csv --json"))
def show_plugin(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `pressroom plugins list` shows it.")],
    as_json: AsJson = False,
) -> None:
    """Tell the keys of a plugin. Those of pressroom.toml, and its options in definitions."""
    found = [
        {
            "kind": kind,
            "name": name,
            "summary": registry[name].summary,
            "origin": registry.origin(name).distribution,
            "version": registry.origin(name).version,
            "config": _fields(registry[name].Config),
            "options": _fields(registry[name].Options),
        }
        for kind, registry in _named(_plugins(), name).items()
    ]
    if as_json:
        console.emit(found[0] if len(found) == 1 else found)
        return
    for plugin in found:
        console.say(f"{plugin['kind']} {name} ({plugin['origin']} {plugin['version']}): {plugin['summary']}")
        _say_fields(f"in pressroom.toml ({_place(plugin['kind'], name)})", plugin["config"])
        _say_fields(f"options in definitions ({_use(plugin['kind'])})", plugin["options"])


def _plugins() -> Plugins:
    from pressroom.plugins import Plugins
    from pressroom_cli import hookspecs

    return Plugins([hookspecs])


def _named(plugins: Plugins, name: str) -> dict[str, Any]:
    from difflib import get_close_matches

    from pressroom.errors import NotFound

    found = {kind: registry for kind, registry in plugins.registries.items() if name in registry}
    if found:
        return found
    for broken in plugins.broken:
        if broken.name == name:
            raise NotFound(f"the plugin {name!r} cannot be used: {broken.error}")
    near = get_close_matches(name, [key for registry in plugins.registries.values() for key in registry], n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise NotFound(f"no plugin {name!r}{hint} (see: pressroom plugins list)")


def _fields(model: type[pydantic.BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    defined = schema.get("$defs", {})
    required = set(schema.get("required", ()))
    return [
        {
            "name": key,
            "type": _type(field, defined),
            "required": key in required,
            "default": field.get("default"),
            "help": field.get("description", ""),
        }
        for key, field in schema.get("properties", {}).items()
    ]


def _type(field: dict[str, Any], defined: dict[str, Any]) -> str:
    if "$ref" in field:
        target = field["$ref"].rsplit("/", 1)[-1]
        return _type(defined.get(target, {}), defined)
    if "enum" in field:
        return " | ".join(str(value) for value in field["enum"])
    if "const" in field:
        return str(field["const"])
    if "anyOf" in field:
        return " | ".join(dict.fromkeys(_type(part, defined) for part in field["anyOf"]))
    match kind := str(field.get("type", "any")):
        case "array":
            return f"list of {_type(field.get('items', {}), defined)}"
        case "object":
            return _table_type(field, defined)
        case "integer" | "number":
            return kind + _range(field)
        case "string":
            return "secret text" if field.get("format") == "password" else "text"
    return {"null": "none"}.get(kind, kind)


def _table_type(field: dict[str, Any], defined: dict[str, Any]) -> str:
    if "properties" in field:
        return f"table of {', '.join(field['properties'])}"
    inner = next(iter(field.get("patternProperties", {}).values()), field.get("additionalProperties"))
    return f"table of {_type(inner, defined)}" if isinstance(inner, dict) and inner else "table"


def _range(field: dict[str, Any]) -> str:
    """The ends of a number, such as ` 1 to 50`, ` above 0 to 600` or ` up to 9`."""
    low, above = field.get("minimum"), field.get("exclusiveMinimum")
    high = field.get("maximum", field.get("exclusiveMaximum"))
    if low is None and above is None:
        return "" if high is None else f" up to {high:g}"
    if high is not None:
        return f" {low:g} to {high:g}" if low is not None else f" above {above:g} to {high:g}"
    return f" from {low:g}" if low is not None else f" above {above:g}"


def _place(kind: str, name: str) -> str:
    tables = {"source": "sources.NAME", "channel": "channels.NAME", "scheduler": "scheduler", "fetcher": "fetch"}
    table = tables.get(kind, f"{kind}s.{name}")
    return f'[{table}] with type = "{name}"' if kind in tables else f"[{table}]"


def _use(kind: str) -> str:
    places = {"chart": "a chart's options", "renderer": "a report's formats", "channel": "a delivery's options"}
    return places.get(kind, "none are used")


def _say_fields(title: str, fields: list[dict[str, Any]]) -> None:
    if not fields:
        return
    console.say()
    console.say(f"{title}:")
    lines = []
    for field in fields:
        default = "required" if field["required"] else "" if field["default"] is None else f"= {field['default']!r}"
        lines.append((field["name"], field["type"], default, field["help"]))
    console.rows(("KEY", "TYPE", "DEFAULT", ""), lines, "")
