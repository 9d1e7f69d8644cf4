"""Unsubscriptions: addresses that get nothing of a report any more."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "unsubscriptions",
        sa.Column("id", ID, nullable=False),
        sa.Column("project_id", ID, nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_unsubscriptions_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsubscriptions")),
        sa.UniqueConstraint("project_id", "report", "key", name=op.f("uq_unsubscriptions_project_id_report_key")),
        sqlite_autoincrement=True,
    )
