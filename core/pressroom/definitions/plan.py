"""What applying definitions would change."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from functools import cached_property
from typing import Any, Literal

from pressroom.definitions.check import KINDS, MODELS, Checked, Item, key_of
from pressroom.definitions.export import emit_item, plain, repository_of
from pressroom.errors import Problem
from pressroom.models.projects import Project
from pressroom.models.values import Definition
from pressroom.store.repositories import Repositories

_KEYS = {KINDS[section]: key_of(section) for section in MODELS}
Action = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True)
class Change:
    """What happens, or would happen, to one definition.

    Attributes:
        project: uid of the project it belongs to.
        kind: `project`, `dashboard`, `segment`, `rule` or `report`.
        uid: its name; a rule's id.
        name: for people.
        action: created, updated or unchanged.
        fields: what differs, such as `time_range` or `charts[rQ4zVd81].query`; empty unless updated.
        before, after: the definitions; `before` is None where it is new.
    """

    project: str
    kind: str
    uid: str
    name: str
    action: Action
    fields: tuple[str, ...]
    before: Definition | None
    after: Definition

    @cached_property
    def diff(self) -> str:
        """The difference of both definitions as YAML, in the form of a unified diff; empty where unchanged."""
        if self.action == "unchanged":
            return ""
        title = f"{self.kind} {self.uid}"
        after = plain(self.after, _KEYS.get(self.kind, "uid"))
        if self.before is None:
            return _difference(title, None, after)
        before = plain(self.before, _KEYS.get(self.kind, "uid"))
        old, new = _charts(before), _charts(after)
        parts = [_difference(title, before, after)]
        # chart by chart: readable, and a difference of a hundred thousand lines would take a minute
        for uid in dict.fromkeys((*old, *new)):
            parts.append(_difference(f"chart {uid} of {title}", old.get(uid), new.get(uid)))
        return "".join(parts)


def _charts(data: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The charts of a dashboard's data by uid; in the data, their uids stand for them from now on."""
    charts = {chart["uid"]: chart for chart in data.get("charts", ())}
    if charts:
        data["charts"] = list(charts)
    return charts


def _difference(title: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> str:
    if same(before, after):
        return ""
    old, new = ([] if data is None else emit_item(data).splitlines() for data in (before, after))
    names = (
        "/dev/null" if before is None else f"{title} (stored)",
        "/dev/null" if after is None else f"{title} (file)",
    )
    return "".join(f"{line}\n" for line in unified_diff(old, new, *names, lineterm=""))


@dataclass(frozen=True)
class Plan:
    """What an `apply` does: projects first, then everything else in the order in which it is stored.

    Attributes:
        changes: one for each definition in the files, and one for each project that is new or said something of.
        warnings: from the check.
    """

    changes: tuple[Change, ...]
    warnings: tuple[Problem, ...] = ()

    def count(self, action: Action) -> int:
        """How many definitions have this action."""
        return sum(change.action == action for change in self.changes)

    @property
    def diff(self) -> str:
        """All differences."""
        return "\n".join(change.diff for change in self.changes if change.diff)


def plan(checked: Checked, store: Repositories) -> Plan:
    """Compare checked definitions with what is stored; writes nothing."""
    changes = [change for project in checked.projects if (change := _project(project, store)) is not None]
    for project in dict.fromkeys(item.project for item in checked.items):
        items = [item for item in checked.items if item.project == project]
        new = store.projects.find(project) is None
        for section in MODELS:
            mine = [item for item in items if item.section == section]
            if mine:
                changes += _section(mine, {} if new else _stored(store, project, section))
    return Plan(tuple(changes), checked.warnings)


def _project(said: Project, store: Repositories) -> Change | None:
    """A project keeps what the files do not say of it."""
    found = store.projects.find(said.uid)
    if found is None:
        return Change(said.uid, "project", said.uid, said.name, "created", (), None, said)
    if said.model_fields_set <= {"uid"}:
        return None
    kept = found.value.model_dump(exclude_unset=True)
    after = Project.model_validate(kept | said.model_dump(exclude_unset=True))
    return _change(said.uid, "project", said.uid, found.value, after)


def _stored(store: Repositories, project: str, section: str) -> Mapping[str, Definition]:
    return {item.uid: item.value for item in repository_of(store, project, section).list()}


def _section(items: list[Item], stored: Mapping[str, Definition]) -> Iterator[Change]:
    for item in items:
        yield _change(item.project, KINDS[item.section], item.uid, stored.get(item.uid), item.value)


def _change(project: str, kind: str, uid: str, before: Definition | None, after: Definition) -> Change:
    name = str(getattr(after, "name", ""))
    if before is None:
        return Change(project, kind, uid, name, "created", (), None, after)
    fields = tuple(_fields(_data(before), _data(after)))
    return Change(project, kind, uid, name, "updated" if fields else "unchanged", fields, before, after)


def _data(value: Definition) -> dict[str, Any]:
    return value.model_dump(mode="json", by_alias=True)


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What differs at the top; of charts, which key of which."""
    for key in after:
        if same(before.get(key), after[key]):
            continue
        if key != "charts":
            yield key
            continue
        old, new = ({chart["uid"]: chart for chart in data["charts"]} for data in (before, after))
        for uid in dict.fromkeys((*old, *new)):
            if uid not in old or uid not in new:
                yield f"charts[{uid}]"
            else:
                yield from (f"charts[{uid}].{name}" for name in _fields(old[uid], new[uid]))
        if [uid for uid in old if uid in new] != [uid for uid in new if uid in old]:
            yield "charts"


def same(one: Any, other: Any) -> bool:
    """Whether two pieces of JSON data are equal; 1, 1.0 and true are three things."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
