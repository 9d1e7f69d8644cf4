"""Settings that the built-in sources share."""

from __future__ import annotations

from typing import Annotated

import pydantic

from pressroom import PluginConfig
from pressroom.macros import TimeFormat
from pressroom.timerange import check_zone

Zone = Annotated[str, pydantic.AfterValidator(check_zone)]


class TimeConfig(PluginConfig):
    """How a source holds times."""

    timezone: Zone = pydantic.Field("UTC", description="IANA zone of times that carry none.")
    time_format: TimeFormat = pydantic.Field(
        "auto",
        description=(
            "How text and number columns hold times: `iso` (ISO 8601 text), `s` or `ms` (since 1970), "
            "or `auto`: ISO text, and numbers below 10^11 as seconds, others as milliseconds."
        ),
    )
    timeout: float = pydantic.Field(
        300, gt=0, le=86_400, description="Seconds after which a query is cancelled, however long the run may take."
    )
