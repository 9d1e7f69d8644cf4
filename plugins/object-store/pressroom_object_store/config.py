"""What `pressroom.toml` says of a place for objects."""

from __future__ import annotations

from urllib.parse import urlsplit

import pydantic

from pressroom import MESSAGE_NAME, PluginConfig, checked_message_name

SCHEMES = ("s3", "s3a", "gs", "az", "adl", "azure", "abfs", "abfss", "file")


class ObjectStoreConfig(PluginConfig):
    """`[channels.NAME]` with `type = "object-store"`."""

    url: str = pydantic.Field(
        description="`s3://bucket/prefix`, `gs://bucket/prefix`, `az://container/prefix`, or `file:///folder`."
    )
    options: dict[str, pydantic.SecretStr] = pydantic.Field(
        {},
        description="What the place wants to know: `region`, `endpoint`, `access_key_id`, `secret_access_key` for S3; "
        "`service_account` for Google; `account_name`, `account_key` for Azure. What is missing comes from the "
        "environment or the machine's role.",
    )
    name: str = pydantic.Field(
        MESSAGE_NAME,
        description="Template of a message's place below the address, over `report`, `run.planned_at` and `range`. "
        "A short mark of the message follows it, so that two messages never share one.",
    )
    timeout: float = pydantic.Field(60, gt=0, le=3600, description="Seconds for one request.")

    @property
    def scheme(self) -> str:
        """The kind of place."""
        return urlsplit(self.url).scheme

    @pydantic.field_validator("url")
    @classmethod
    def _known(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES:
            raise ValueError(f"must begin with one of {' '.join(f'{scheme}://' for scheme in SCHEMES)}")
        if parts.username or parts.password:
            raise ValueError("may hold no password; write it into `options`")
        if not (parts.path.strip("/") if parts.scheme == "file" else parts.netloc):
            raise ValueError("must name a bucket, a container or a folder")
        return url

    @pydantic.field_validator("name")
    @classmethod
    def _template(cls, name: str) -> str:
        return checked_message_name(name)
