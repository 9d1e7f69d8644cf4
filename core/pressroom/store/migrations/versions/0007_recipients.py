"""Recipients from a query: when a run took them, and what each of them gets to see."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    # added in place: all may be null, so that no table is copied
    op.add_column("runs", sa.Column("addressed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deliveries", sa.Column("entry", sa.Integer(), nullable=True))
    op.add_column("deliveries", sa.Column("variables", sa.JSON(), nullable=True))
