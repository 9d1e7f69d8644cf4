"""The schema, step by step: alembic revisions 0001, 0002 ... in `versions`."""
