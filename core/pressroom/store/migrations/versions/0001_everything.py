"""Everything: projects with the default one, definitions, branding, the ledger, the audit log."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    _projects()
    _definitions()
    _reports()
    _branding()
    _runs()
    _deliveries()
    _default_project()


def _owned() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("creator", sa.String(), nullable=False),
        sa.Column("updater", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    ]


def _projects() -> None:
    op.create_table(
        "projects",
        sa.Column("id", ID, nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("creator", sa.String(), nullable=False),
        sa.Column("updater", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
        sa.UniqueConstraint("uid", name=op.f("uq_projects_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_audit_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_project_id_at"), "audit", ["project_id", "at"], unique=False)


def _definitions() -> None:
    op.create_table(
        "dashboards",
        *_owned(),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_dashboards_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dashboards")),
        sa.UniqueConstraint("project_id", "uid", name=op.f("uq_dashboards_project_id_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "charts",
        sa.Column("project_id", ID, nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("dashboard_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["dashboard_id"], ["dashboards.id"], name=op.f("fk_charts_dashboard_id_dashboards"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_charts_project_id_projects")),
        sa.PrimaryKeyConstraint("project_id", "uid", name=op.f("pk_charts")),
    )
    op.create_index(op.f("ix_charts_dashboard_id"), "charts", ["dashboard_id"], unique=False)
    op.create_table(
        "segments",
        *_owned(),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_segments_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segments")),
        sa.UniqueConstraint("project_id", "uid", name=op.f("uq_segments_project_id_uid")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rules",
        *_owned(),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_rules_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rules")),
        sa.UniqueConstraint("project_id", "uid", name=op.f("uq_rules_project_id_uid")),
        sqlite_autoincrement=True,
    )


def _reports() -> None:
    op.create_table(
        "reports",
        *_owned(),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("schedule_changed_at", MOMENT, nullable=False),
        sa.Column("next_run_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_reports_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("project_id", "uid", name=op.f("uq_reports_project_id_uid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_reports_next_run_at"), "reports", ["next_run_at"], unique=False)
    op.create_table(
        "report_dashboards",
        sa.Column("report_id", ID, nullable=False),
        sa.Column("dashboard_uid", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_dashboards_report_id_reports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", "dashboard_uid", name=op.f("pk_report_dashboards")),
    )
    op.create_index(op.f("ix_report_dashboards_dashboard_uid"), "report_dashboards", ["dashboard_uid"], unique=False)


def _branding() -> None:
    op.create_table(
        "branding",
        sa.Column("project_id", ID, nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("creator", sa.String(), nullable=False),
        sa.Column("updater", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_branding_project_id_projects")),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_branding")),
    )
    op.create_table(
        "images",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("creator", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_images_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_images")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_images_project_id_name")),
        sqlite_autoincrement=True,
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=True),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_runs_project_id_projects")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_runs_report_id_reports"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
        sa.UniqueConstraint("scope", "kind", "key", name=op.f("uq_runs_scope_kind_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_runs_lease_until"), "runs", ["lease_until"], unique=False)
    op.create_index(op.f("ix_runs_project_id_planned_at"), "runs", ["project_id", "planned_at"], unique=False)
    op.create_index(op.f("ix_runs_report_id_planned_at"), "runs", ["report_id", "planned_at"], unique=False)
    op.create_index(op.f("ix_runs_state_due_at"), "runs", ["state", "due_at"], unique=False)


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("message", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("idempotent", sa.Boolean(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("retry_at", MOMENT, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_deliveries_run_id_runs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "run_id",
            "channel",
            "message",
            "recipient",
            "role",
            name=op.f("uq_deliveries_run_id_channel_message_recipient_role"),
        ),
        sqlite_autoincrement=True,
    )


def _default_project() -> None:
    # its id is 1, because it is the first; giving the number would leave PostgreSQL's sequence behind
    columns = ("uid", "definition", "creator", "updater", "created_at", "updated_at")
    types: tuple[sa.types.TypeEngine[Any], ...] = (sa.String(), sa.JSON(), sa.String(), sa.String(), MOMENT, MOMENT)
    projects = sa.table("projects", *(sa.column(name, kind) for name, kind in zip(columns, types, strict=True)))
    # SQLite's values are UTC without saying so
    now = datetime.now(UTC) if op.get_bind().dialect.name != "sqlite" else datetime.now(UTC).replace(tzinfo=None)
    values = ("default", {"uid": "default"}, "pressroom", "pressroom", now, now)
    op.bulk_insert(projects, [dict(zip(columns, values, strict=True))])
