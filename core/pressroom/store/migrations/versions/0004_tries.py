"""Tries: how often a run failed where it stands, apart from how often it was claimed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("runs", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
