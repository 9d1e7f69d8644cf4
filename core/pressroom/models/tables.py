"""Tables of the definitions: projects and what belongs to them.

Private to the store: everybody else sees the value types in this package. No `from __future__ import
annotations` here, because SQLModel reads the annotations when a class is made.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from pressroom.models.columns import Identifier, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, so that a migration can drop it on SQLite as well."""

KEPT = {"sqlite_autoincrement": True}
"""An id is never given twice, not even after its row was deleted."""


class Base(SQLModel):
    """Base of all tables, with metadata of its own beside those of plugins."""

    metadata = sa.MetaData(naming_convention=NAMING)


class ProjectRow(Base, table=True):
    """A tenant; the default project has id 1."""

    __tablename__ = "projects"
    __table_args__ = (KEPT,)
    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    uid: str = Field(unique=True)
    definition: dict[str, Any] = Field(sa_type=sa.JSON)
    creator: str
    updater: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class OwnedRow(Base):
    """What the definitions of a project have in common.

    Attributes:
        definition: as it was written: keys that nobody set are absent.
    """

    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    project_id: int = Field(foreign_key="projects.id", sa_type=Identifier)
    uid: str
    name: str
    definition: dict[str, Any] = Field(sa_type=sa.JSON)
    creator: str
    updater: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class DashboardRow(OwnedRow, table=True):
    """A dashboard with its charts."""

    __tablename__ = "dashboards"
    __table_args__ = (sa.UniqueConstraint("project_id", "uid"), KEPT)


class ChartRow(Base, table=True):
    """Which dashboard a chart is on; its definition is in the dashboard's.

    A chart's uid is unique in the project, whatever the dashboard.
    """

    __tablename__ = "charts"
    project_id: int = Field(foreign_key="projects.id", primary_key=True, sa_type=Identifier)
    uid: str = Field(primary_key=True)
    dashboard_id: int = Field(foreign_key="dashboards.id", ondelete="CASCADE", index=True, sa_type=Identifier)


class SegmentRow(OwnedRow, table=True):
    """A segment of users."""

    __tablename__ = "segments"
    __table_args__ = (sa.UniqueConstraint("project_id", "uid"), KEPT)


class RuleRow(OwnedRow, table=True):
    """An event rule; its `uid` is the rule's id."""

    __tablename__ = "rules"
    __table_args__ = (sa.UniqueConstraint("project_id", "uid"), KEPT)


class ReportRow(OwnedRow, table=True):
    """A report; its id is unique over all projects.

    Attributes:
        state: the definition's.
        schedule_changed_at: moments at or before it never run.
        next_run_at: the next planned moment; empty where there is none.
    """

    __tablename__ = "reports"
    __table_args__ = (sa.UniqueConstraint("project_id", "uid"), KEPT)
    state: str
    schedule_changed_at: datetime = Field(sa_type=UtcDateTime)
    next_run_at: datetime | None = Field(default=None, index=True, sa_type=UtcDateTime)


class ReportDashboardRow(Base, table=True):
    """Which reports show a dashboard; by uid, for the dashboard may live in a source."""

    __tablename__ = "report_dashboards"
    report_id: int = Field(foreign_key="reports.id", ondelete="CASCADE", primary_key=True, sa_type=Identifier)
    dashboard_uid: str = Field(primary_key=True, index=True)


class BrandingRow(Base, table=True):
    """A project's branding."""

    __tablename__ = "branding"
    project_id: int = Field(foreign_key="projects.id", primary_key=True, sa_type=Identifier)
    definition: dict[str, Any] = Field(sa_type=sa.JSON)
    creator: str
    updater: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class ImageRow(Base, table=True):
    """An uploaded logo."""

    __tablename__ = "images"
    __table_args__ = (sa.UniqueConstraint("project_id", "name"), KEPT)
    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    project_id: int = Field(foreign_key="projects.id", sa_type=Identifier)
    name: str
    media_type: str
    sha256: str
    data: bytes = Field(sa_type=sa.LargeBinary)
    creator: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class AuditRow(Base, table=True):
    """Who did what; kept when the project's things are gone."""

    __tablename__ = "audit"
    __table_args__ = (sa.Index(None, "project_id", "at"), KEPT)
    id: int | None = Field(default=None, primary_key=True, sa_type=Identifier)
    project_id: int | None = Field(default=None, foreign_key="projects.id", sa_type=Identifier)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    action: str
    target: str
    detail: dict[str, Any] = Field(sa_type=sa.JSON)
