"""Tables of the ledger: runs, their deliveries, and the clocks. Private to the store and the ledger."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from pressroom.models.columns import Identifier, UtcDateTime
from pressroom.models.tables import KEPT, Base


class RunRow(Base, table=True):
    """A run.

    Attributes:
        scope: `report:<id>` or `project:<id>`: what `key` is unique in; `once:<project id>` for a caller's own key.
            It stays when the report is deleted, and unlike `report_id` it is never null, which a unique constraint
            would ignore.
        asked, retried: see `pressroom.press.once`: the request that planned the run by a caller's key, and the last
            one that retried it by such a key.
        nonce: makes message keys unique over stores that count from 1 again.
        priority: the snapshot's, for the order of what is due.
        due_at: not to be claimed before; the planned moment, later the next try.
        attempt, owner, lease_until: the fence; every write of an owner names owner and attempt.
        addressed_at: when the recipients' queries were asked; what they gave stays the run's from then on.
        tries: how often it failed, or its owner died, since it came so far; a claim that did well is none.
        entered_at: when it came into its state.
        timings: seconds spent in each state that was worked in, over all tries.
    """

    __tablename__ = "runs"
    __table_args__ = (
        sa.UniqueConstraint("scope", "kind", "key"),
        sa.Index(None, "project_id", "planned_at"),
        sa.Index(None, "report_id", "planned_at"),
        sa.Index(None, "state", "due_at"),
        KEPT,
    )
    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    project_id: int = Field(foreign_key="projects.id", sa_type=Identifier)
    report_id: int | None = Field(default=None, foreign_key="reports.id", ondelete="SET NULL", sa_type=Identifier)
    report: str
    title: str
    scope: str
    kind: str
    key: str
    nonce: str
    asked: str | None = None
    retried: str | None = None
    state: str
    priority: int
    planned_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    due_at: datetime = Field(sa_type=UtcDateTime)
    started_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, index=True, sa_type=UtcDateTime)
    entered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    addressed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    timings: dict[str, float] | None = Field(default=None, sa_type=sa.JSON)
    attempt: int = 0
    tries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    owner: str | None = None
    lease_until: datetime | None = Field(default=None, index=True, sa_type=UtcDateTime)
    step: str = ""
    progress: float = 0.0
    snapshot: dict[str, Any] = Field(sa_type=sa.JSON)
    warnings: list[str] = Field(default=[], sa_type=sa.JSON)
    errors: list[str] = Field(default=[], sa_type=sa.JSON)
    documents: list[dict[str, Any]] = Field(default=[], sa_type=sa.JSON)


class DeliveryRow(Base, table=True):
    """One recipient of one message.

    Attributes:
        entry, variables: see `pressroom.models.runs.Delivery`.
        attempt, owner: whose claim it is in, as in the run's row when it was claimed.
        idempotent: whether the claiming channel may be asked twice; kept here so that whoever finds the claim
            abandoned need not know the channel.
    """

    __tablename__ = "deliveries"
    __table_args__ = (sa.UniqueConstraint("run_id", "channel", "message", "recipient", "role"), KEPT)
    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    run_id: int = Field(foreign_key="runs.id", ondelete="CASCADE", sa_type=Identifier)
    channel: str
    message: int
    recipient: str
    role: str
    entry: int | None = None
    variables: dict[str, list[str]] | None = Field(default=None, sa_type=sa.JSON)
    state: str
    attempts: int = 0
    attempt: int = 0
    owner: str | None = None
    idempotent: bool = False
    code: int = 0
    answer: str = ""
    reference: str = ""
    retry_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class HeartbeatRow(Base, table=True):
    """A process whose clock ticks.

    Attributes:
        process: its name, different for every start.
        at: when it ticked last, to a few seconds.
    """

    __tablename__ = "heartbeats"
    process: str = Field(primary_key=True)
    started_at: datetime = Field(sa_type=UtcDateTime)
    at: datetime = Field(sa_type=UtcDateTime)
