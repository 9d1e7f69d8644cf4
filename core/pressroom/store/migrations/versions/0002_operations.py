"""Operations: signs of life of the clocks, how long a run spent in each state, and a way to the runs that ended."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "heartbeats",
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeats")),
    )
    # added in place: both may be null, so that no table is copied
    op.add_column("runs", sa.Column("entered_at", MOMENT, nullable=True))
    op.add_column("runs", sa.Column("timings", sa.JSON(), nullable=True))
    op.create_index(op.f("ix_runs_finished_at"), "runs", ["finished_at"], unique=False)
