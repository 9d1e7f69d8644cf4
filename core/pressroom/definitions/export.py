"""Stored definitions as files: what `apply` reads back as exactly the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pressroom.definitions.check import MODELS, key_of
from pressroom.definitions.emit import emit
from pressroom.errors import NotFound
from pressroom.models.projects import DEFAULT_PROJECT, Project
from pressroom.models.values import Definition
from pressroom.store.repositories import Repositories
from pressroom.store.repository import Repository

_BLOCK = ("dashboards", "dashboards.charts", "segments", "reports")


def export(
    store: Repositories,
    project: str | None = None,
    *,
    sections: Collection[str] = tuple(MODELS),
    uids: Collection[str] | None = None,
) -> str:
    """Definitions as YAML.

    Args:
        store: where they are kept.
        project: uid of a project; None for all, as one YAML document each.
        sections: which of `dashboards`, `segments`, `rules`, `reports`.
        uids: only these; None for all.

    Raises:
        NotFound: no such project, or none of the sections has one of the uids.
    """
    chosen = [store.projects.get(project)] if project is not None else store.projects.list()
    found: set[str] = set()
    documents: list[str] = []
    for one in chosen:
        values = {section: _values(store, one.uid, section, uids) for section in MODELS if section in sections}
        found |= {getattr(value, key_of(section)) for section, items in values.items() for value in items}
        text = document(one.value, values)
        if text and (uids is None or any(values.values())):
            documents.append(text)
    missing = sorted(set(uids or ()) - found)
    if missing:
        raise NotFound(f"nothing to export is named {', '.join(missing)}")
    return "---\n".join(documents)


def _values(store: Repositories, project: str, section: str, uids: Collection[str] | None) -> list[Definition]:
    stored = repository_of(store, project, section).list()
    return [item.value for item in stored if uids is None or item.uid in uids]


def repository_of(store: Repositories, project: str, section: str) -> Repository[Any]:
    """The repository of a section of files."""
    repository: Repository[Any] = getattr(store.project(project), section)
    return repository


def document(project: Project, values: Mapping[str, Iterable[Definition]]) -> str:
    """One project's YAML document; empty where it would say nothing."""
    said = plain(project, "uid")
    data: dict[str, Any] = {} if said == {"uid": DEFAULT_PROJECT} else {"project": said}
    for section, items in values.items():
        if written := [plain(value, key_of(section)) for value in items]:
            data[section] = written
    return emit(data, _BLOCK) if data else ""


def emit_item(data: Mapping[str, Any]) -> str:
    """The data of one definition as YAML, for a difference that people read."""
    # a list of mere uids may stand on one line
    whole = any(isinstance(chart, Mapping) for chart in data.get("charts", ()))
    return emit(data, ("charts",) if whole else ())


def plain(value: Definition, key: str = "uid") -> dict[str, Any]:
    """A definition as data without its defaults, in the model's order."""
    data = value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    kept = {key: getattr(value, key), **data}
    for chart, of in zip(kept.get("charts", ()), getattr(value, "charts", ()), strict=True):
        chart.update({"uid": of.uid})
    return kept
