"""What `pressroom.toml` says of the scheduler."""

from __future__ import annotations

from typing import Annotated

import pydantic

from pressroom import PluginConfig

SCHEMES = ("amqp://", "amqps://", "redis://", "rediss://")


class CeleryConfig(PluginConfig):
    """`[scheduler]` with `type = "celery"`."""

    broker: pydantic.SecretStr = pydantic.Field(
        description="RabbitMQ as `amqp://user:password@host//`, or Redis as `redis://:password@host/0`; "
        "`amqps://` and `rediss://` with TLS."
    )
    queues: Annotated[str, pydantic.Field(pattern=r"^[A-Za-z0-9_.-]{1,80}$")] = pydantic.Field(
        "pressroom", description="What the names of the queues begin with: `pressroom.make` and `pressroom.deliver`."
    )
    ahead: Annotated[int, pydantic.Field(ge=1, le=100_000)] = pydantic.Field(
        1000, description="Jobs that wait in the broker at most; the ledger keeps the others."
    )
    offer_again_seconds: Annotated[float, pydantic.Field(ge=1, le=3600)] = pydantic.Field(
        60.0, description="A job that no worker has taken for so long is given to the broker again."
    )
    recycle_after: Annotated[int, pydantic.Field(ge=1)] = pydantic.Field(
        200, description="Reports after which a worker's child process is replaced."
    )
    recycle_above_mb: Annotated[int, pydantic.Field(ge=100)] = pydantic.Field(
        900, description="Resident memory above which a child process is replaced, in MB."
    )

    @pydantic.field_validator("broker")
    @classmethod
    def _known(cls, broker: pydantic.SecretStr) -> pydantic.SecretStr:
        if not broker.get_secret_value().startswith(SCHEMES):
            raise ValueError(f"must begin with one of {' '.join(SCHEMES)}")
        return broker

    @property
    def over_redis(self) -> bool:
        """Whether the broker is Redis."""
        return self.broker.get_secret_value().startswith("redis")

    def queue(self, step: str) -> str:
        """The name of a step's queue."""
        return f"{self.queues}.{step}"
