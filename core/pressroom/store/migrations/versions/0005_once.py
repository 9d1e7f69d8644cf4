"""Requests that come twice: what a run was asked for with, and which request retried it last."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    for name in ("asked", "retried"):
        op.add_column("runs", sa.Column(name, sa.String(), nullable=True))
