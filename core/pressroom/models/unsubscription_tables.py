"""The table of unsubscriptions. Private to the store, as all tables are."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from pressroom.models.columns import Identifier, UtcDateTime
from pressroom.models.tables import KEPT, Base


class UnsubscriptionRow(Base, table=True):
    """An address that gets nothing of a report.

    Attributes:
        report: uid; no reference, for it outlives the report.
        key: the address as it is compared, see `pressroom.models.addresses`.
        address: the same as it was written to, for people.
    """

    __tablename__ = "unsubscriptions"
    __table_args__ = (sa.UniqueConstraint("project_id", "report", "key"), KEPT)
    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    project_id: int = Field(foreign_key="projects.id", sa_type=Identifier)
    report: str
    key: str
    address: str
    since: datetime = Field(sa_type=UtcDateTime)
