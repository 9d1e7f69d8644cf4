"""A pydantic model's fields as a Markdown table: name, what it takes, default, meaning."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from typing import Any

import pydantic

LONGEST_DEFAULT = 60
_ATTRIBUTE = re.compile(r"^([a-z_]+(?:, [a-z_]+)*): (.*)$")


def summary(thing: object) -> str:
    """A docstring without its sections (Attributes, Args, Raises), as Markdown."""
    text = inspect.getdoc(thing) or ""
    return re.split(r"\n(?:Attributes|Args|Raises|Returns):\n", text)[0].strip()


def attributes(model: type) -> dict[str, str]:
    """What the `Attributes:` section of the docstring says of each field."""
    found: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        text = inspect.cleandoc(cls.__doc__ or "")
        if "Attributes:\n" not in text:
            continue
        names: list[str] = []
        for line in text.partition("Attributes:\n")[2].splitlines():
            if line and not line.startswith(" "):
                break
            started = _ATTRIBUTE.match(line.strip()) if not line.startswith("     ") else None
            if started:
                names = started.group(1).split(", ")
                found.update(dict.fromkeys(names, started.group(2)))
            else:
                found.update({name: f"{found[name]} {line.strip()}".strip() for name in names})
    return found


def table(
    model: type[pydantic.BaseModel],
    leave_out: frozenset[str] = frozenset(),
    more: Mapping[str, str] | None = None,
) -> str:
    """The model's fields as a Markdown table; a sentence where it has none.

    Args:
        model: what is described.
        leave_out: fields that nobody writes.
        more: meanings by field, where they win over the model's own.
    """
    schema = model.model_json_schema(by_alias=True)
    definitions = schema.get("$defs", {})
    notes = {**attributes(model), **(more or {})}
    rows = []
    for name, field in model.model_fields.items():
        if name in leave_out:
            continue
        key = field.alias or name
        shape = schema["properties"].get(key, {})
        meaning = field.description or notes.get(name, "")
        meaning = meaning[:1].upper() + meaning[1:]
        rows.append(f"| `{key}` | {cell(kind(shape, definitions))} | {cell(default(field, shape))} | {cell(meaning)} |")
    if not rows:
        return "It has no keys of its own.\n"
    return "\n".join(["| key | takes | default | meaning |", "| --- | --- | --- | --- |", *rows, ""])


def cell(text: str) -> str:
    """Text that fits a table's cell; outside of code, `<` begins no HTML."""
    parts = re.sub(r"\s+", " ", text).replace("|", "\\|").split("`")
    return "`".join(part if index % 2 else part.replace("<", "&lt;") for index, part in enumerate(parts))


def default(field: Any, shape: dict[str, Any]) -> str:
    """The default as it would be written; empty where a value is needed or the default is empty."""
    if field.is_required():
        return "*needed*"
    value = shape.get("default")
    if value in (None, "", [], {}) or value is None or "writeOnly" in shape:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"`{text}`" if len(text) <= LONGEST_DEFAULT else ""


def kind(shape: dict[str, Any], definitions: dict[str, Any]) -> str:
    """What a field takes, in words, from its JSON schema."""
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        target = definitions.get(name, {})
        return kind(target, definitions) if target.get("type") != "object" else _named(name)
    for union in ("anyOf", "oneOf"):
        if union in shape:
            parts = [kind(part, definitions) for part in shape[union] if part.get("type") != "null"]
            return " or ".join(dict.fromkeys(parts))
    if "enum" in shape:
        return " ".join(f"`{value}`" for value in shape["enum"] if value != "")
    if "const" in shape:
        return f"`{shape['const']}`"
    return _simple(shape, definitions)


def _simple(shape: dict[str, Any], definitions: dict[str, Any]) -> str:
    match shape.get("type"):
        case "array":
            items = kind(shape.get("items", {}), definitions)
            return f"list of {items}"
        case "object":
            values = shape.get("additionalProperties")
            return f"table of {kind(values, definitions)}" if isinstance(values, dict) and values else "table"
        case "string":
            return {"date-time": "moment", "date": "date", "password": "secret text"}.get(
                shape.get("format", ""), "text"
            )
        case "integer" | "number" as number:
            low, high = shape.get("minimum", shape.get("exclusiveMinimum")), shape.get("maximum")
            word = "whole number" if number == "integer" else "number"
            if low is not None and high is not None:
                return f"{word}, {low:g} to {high:g}"
            return f"{word}, at least {low:g}" if low is not None else word
        case "boolean":
            return "`true` or `false`"
    return "anything"


NAMES = {
    "ReportDashboard": "[dashboards of a report](#dashboard-of-a-report)",
    "VariableQuery": "`{source, query}`",
    "GridDefinition": "[a place](#place-on-the-grid)",
    "TimeRange": "[a time range](#time-range)",
    "RecipientQuery": "[recipients from a query](#recipients-from-a-query)",
    "RecipientSample": "[a test](#test-of-such-recipients)",
    "Stretch": "`{start, color}`",
    "PluginUse": "a format's name, or `{name: {option: value}}`",
    "DimensionDefinition": "a column's name, or `{name, label}`",
}


def _named(name: str) -> str:
    return NAMES.get(name, f"[{name.lower()}](#{name.lower()})")
