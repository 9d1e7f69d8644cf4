"""Plain data as YAML that people would write: literal blocks for long texts, short mappings on one line, quotes
only where YAML 1.2 would read something else."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

import yaml

from pressroom.definitions.scalars import resolve

FLOW_WIDTH = 100
"""Mappings and lists up to this many characters stand on one line."""
_TAG = "tag:yaml.org,2002:"
_TAGS = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str"}
# line ends in YAML 1.1 and text in 1.2: escaped, they mean the same to every reader
_ESCAPED = re.compile("[\r\x85\u2028\u2029\ufeff]")
_INNER_TABS = re.compile(r"[^\s].*\n")


class _Dumper(yaml.SafeDumper):
    """Decides by YAML 1.2's core schema what needs quotes, and indents lists below their key."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode:
            return _TAG + (_TAGS[type(resolve(value))] if implicit[0] else "str")
        return _TAG + ("seq" if kind is yaml.SequenceNode else "map")

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def analyze_scalar(self, scalar: str) -> Any:
        # PyYAML would write every text with a tab in double quotes, with \n for its line ends
        if "\t" in scalar and _INNER_TABS.match(scalar) and not re.search(r"[\t ](\n|\Z)", scalar):
            analysis = super().analyze_scalar(scalar.replace("\t", " "))
            analysis.scalar = scalar
            analysis.allow_flow_plain = analysis.allow_block_plain = analysis.allow_single_quoted = False
            return analysis
        return super().analyze_scalar(scalar)


def emit(data: Mapping[str, Any], block: Collection[str] = ()) -> str:
    """One YAML document, without a line of dashes before it.

    Args:
        data: mappings with text keys, lists, text, numbers, truth values, None.
        block: dotted keys of lists whose items stand on lines of their own, however short they are.
    """
    node = _node(data, "", frozenset(block), flow=False)
    return str(yaml.serialize(node, Dumper=_Dumper, allow_unicode=True, width=2**31))


def _node(value: Any, path: str, block: frozenset[str], *, flow: bool) -> yaml.Node:
    if isinstance(value, Mapping):
        pairs = []
        for key, item in value.items():
            below = f"{path}.{key}".lstrip(".")
            short = flow or (below not in block and _short(item))
            pairs.append((_scalar(key), _node(item, below, block, flow=short)))
        return yaml.MappingNode(_TAG + "map", pairs, flow_style=flow or not value)
    if isinstance(value, list | tuple):
        items = [_node(item, path, block, flow=flow or (path not in block and _short(item))) for item in value]
        return yaml.SequenceNode(_TAG + "seq", items, flow_style=flow or not value)
    return _scalar(value)


def _scalar(value: Any) -> yaml.ScalarNode:
    if isinstance(value, str):
        style = '"' if _ESCAPED.search(value) else "|" if "\n" in value else None
        return yaml.ScalarNode(_TAG + "str", value, style=style)
    return yaml.ScalarNode(_TAG + _TAGS[type(value)], "null" if value is None else json.dumps(value))


def _short(value: Any) -> bool:
    """Whether a mapping or a list reads well on one line."""
    if _depth(value) > 3:
        return False
    text = json.dumps(value, ensure_ascii=False)
    return len(text) <= FLOW_WIDTH and "\\n" not in text


def _depth(value: Any) -> int:
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else None
    return 0 if items is None else 1 + max((_depth(item) for item in items), default=0)
