"""Tables about runs: the ledger, retries, alerts, and what they keep and fetch."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pydantic

from pressroom.settings.base import Age, Section


class LedgerSettings(Section):
    """`[ledger]`: how the processes that work on runs share them."""

    lease_seconds: Annotated[
        float, pydantic.Field(ge=0.5, description="A run whose process is not heard of for so long is taken over.")
    ] = 30.0
    tick_seconds: Annotated[
        float, pydantic.Field(gt=0, le=60, description="Seconds between two looks at what is due.")
    ] = 1.0


class RetriesSettings(Section):
    """`[retries]`: what is tried again where it may pass: a mail server that says later, a report that failed."""

    waits: Annotated[
        list[Annotated[float, pydantic.Field(ge=0)]],
        pydantic.Field(
            description="Seconds before each further try; by default some 20 hours in all, about as long as mail "
            "servers themselves keep trying."
        ),
    ] = [60, 300, 900, 1800, 3600, 7200, 14400, 14400, 28800]
    tries: Annotated[
        int, pydantic.Field(ge=1, description="How often a report is made where that fails, or kills its process.")
    ] = 4
    channel_failures: Annotated[
        int,
        pydantic.Field(ge=1, description="Times in a row that a channel's other side fails before the channel rests."),
    ] = 5
    channel_rest_seconds: Annotated[
        float, pydantic.Field(gt=0, description="Seconds that such a channel rests before it is tried once again.")
    ] = 60.0


class AlertsSettings(Section):
    """`[alerts]`: who is told of final failures where neither report nor project says."""

    to: list[str] = pydantic.Field(default=[], description="Mail addresses.")
    channel: str = pydantic.Field(
        default="",
        description="Channel that they go out by where the report has no mail channel of its own; else the only one "
        "of type email.",
    )


class FetchSettings(Section):
    """`[fetch]`: how logos are had that are named by address, with the fetcher plugin's own keys."""

    model_config = pydantic.ConfigDict(extra="allow", frozen=True)

    type: str = pydantic.Field(default="http", description="Name of the fetcher plugin.")
    fresh_seconds: Annotated[
        float,
        pydantic.Field(
            ge=0,
            description="How long a picture counts before its address is asked again; one that is "
            "older is still used where the address cannot be asked.",
        ),
    ] = 3600.0

    @property
    def own(self) -> dict[str, Any]:
        """The plugin's own keys."""
        return dict(self.model_extra or {})


class CacheSettings(Section):
    """`[cache]`: answers of queries that are kept for the next one who asks; all processes share them."""

    path: str = pydantic.Field(default="cache", description="Folder; it may be emptied at any time.")
    megabytes: Annotated[
        int, pydantic.Field(ge=1, description="Size of the folder; what was not asked for longest goes first.")
    ] = 1024
    open_seconds: Annotated[
        float, pydantic.Field(ge=0, description="How long an answer counts whose range is not over, or has none.")
    ] = 30.0
    closed_seconds: Annotated[
        float, pydantic.Field(ge=0, description="How long an answer counts whose range is over.")
    ] = 3600.0


class LogSettings(Section):
    """`[log]`: what is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = pydantic.Field(
        default="info", description="Least severity that is written."
    )
    format: Literal["text", "json"] = pydantic.Field(
        default="text", description="One line a record for people, or one JSON object a line for machines."
    )


class RetentionSettings(Section):
    """`[retention]`: how long what is over is kept; written as `12h`, `30d`, `8w` or `forever`."""

    files: Age = pydantic.Field(default="30d", description="Data and documents of runs, after they ended.")
    runs: Age = pydantic.Field(default="365d", description="Runs with their deliveries, after they ended.")
    audit: Age = pydantic.Field(default="365d", description="Who did what.")
    cache: Age = pydantic.Field(default="7d", description="What plugins keep in `.pressroom` and can make again.")
