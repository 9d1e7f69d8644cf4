"""The pages on charts, formats, channels and sources, from the plugins that are built in."""

from __future__ import annotations

from functools import cache
from typing import Any

from fields import summary, table

from pressroom.extension import Extension
from pressroom.plugins import Plugins, Registry


@cache
def _plugins() -> Plugins:
    return Plugins()


def _page(registry: Registry[Any], configured: str, options: str) -> str:
    parts = [_section(registry[name], configured, options) for name in registry if _built_in(registry, name)]
    return "\n".join(parts)


def _built_in(registry: Registry[Any], name: str) -> bool:
    return registry.origin(name).distribution == "pressroom"


def _section(cls: type[Extension[Any, Any]], configured: str, options: str) -> str:
    text = summary(cls) if "__doc__" in vars(cls) else ""
    needs = getattr(cls, "needs", "")
    lines = [f"## `{cls.name}`", "", text or cls.summary, ""]
    if needs:
        lines += [f"Needs {needs}.", ""]
    if cls.Config.model_fields:
        lines += [configured.format(name=cls.name), "", table(cls.Config)]
    if cls.Options.model_fields:
        lines += [options, "", table(cls.Options)]
    return "\n".join(lines)


def charts_page() -> str:
    """Every built-in chart type."""
    return _page(_plugins().charts, "In `[charts.{name}]` of `pressroom.toml`:", "In the chart's `options`:")


def formats_page() -> str:
    """Every built-in report format."""
    return _page(_plugins().renderers, "In `[renderers.{name}]` of `pressroom.toml`:", "Options of one use:")


def channels_page() -> str:
    """Every built-in channel."""
    return _page(
        _plugins().channels,
        'In a `[channels.NAME]` table with `type = "{name}"`:',
        "In `options` of one delivery:",
    )


def sources_page() -> str:
    """Every built-in source."""
    return _page(_plugins().sources, 'In a `[sources.NAME]` table with `type = "{name}"`:', "Options:")


def fetchers_page() -> str:
    """Every built-in fetcher."""
    return _page(_plugins().fetchers, 'In `[fetch]` with `type = "{name}"`:', "Options:").replace("## ", "### ")


def celery_page() -> str:
    """What `[scheduler]` of the Celery plugin takes."""
    return f'In `[scheduler]` with `type = "celery"`:\n\n{table(_plugins().schedulers["celery"].Config)}'
