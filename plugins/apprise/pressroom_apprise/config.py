"""What `pressroom.toml` says of chat services."""

from __future__ import annotations

from typing import Annotated

import pydantic

from pressroom import PluginConfig

Name = Annotated[str, pydantic.Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$")]
Scheme = Annotated[str, pydantic.Field(pattern=r"^[a-z0-9]{1,20}$")]


class AppriseConfig(PluginConfig):
    """`[channels.NAME]` with `type = "apprise"`."""

    targets: dict[Name, pydantic.SecretStr] = pydantic.Field(
        {}, description='Addresses by the name that reports use: `ops = {env = "SLACK_URL"}`.'
    )
    schemes: tuple[Scheme, ...] = pydantic.Field(
        (), description="Kinds of address that a report may write itself, such as `ntfys`; none by default."
    )
    max_attachment_bytes: pydantic.ByteSize = pydantic.Field(
        pydantic.ByteSize(10_000_000),
        ge=0,
        description="What the files of one message may take; those that do not fit are links only.",
    )
    timeout: float = pydantic.Field(60, gt=0, le=600, description="Seconds until a service must have answered.")

    @pydantic.model_validator(mode="after")
    def _someone(self) -> AppriseConfig:
        if not self.targets and not self.schemes:
            raise ValueError("needs `targets`, or `schemes` that reports may use")
        return self
