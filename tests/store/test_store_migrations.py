"""The schema: made from nothing, raised from before, refused where it does not fit."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from pressroom.errors import StoreError
from pressroom.models import ledger_tables
from pressroom.models.reports import Report
from pressroom.store import Store, schema

HEAD = schema.head()
LATER = '''
"""A later migration, as somebody might write it."""

import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{head}"


def upgrade() -> None:
    # on SQLite as a change that it cannot do in place: the parent of everything is made anew
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("projects", recreate=recreate) as table:
        table.add_column(sa.Column("colour", sa.String(), nullable=False, server_default="red"))
    {more}
'''


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Adds a migration to a copy of the package's; `more` goes to its end."""
    real = Path(schema.__file__).parent / "migrations"

    def add(more: str = "pass") -> None:
        copy = tmp_path / "store 100%" / "migrations"
        (copy / "versions").mkdir(parents=True)
        (copy / "env.py").write_bytes((real / "env.py").read_bytes())
        for version in (real / "versions").glob("0*.py"):
            (copy / "versions" / version.name).write_bytes(version.read_bytes())
        (copy / "versions" / "9000_colour.py").write_text(LATER.format(head=HEAD, more=more))
        monkeypatch.setattr(schema, "MIGRATIONS", copy)

    return add


def differences(store: Store) -> list[Any]:
    with store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, ledger_tables.Base.metadata))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A store that was never upgraded."""
    url = "sqlite:///new.db" if request.param == "sqlite" else request.getfixturevalue("empty_postgres")
    opened = Store(url, tmp_path)
    yield opened
    opened.close()


def test_the_migrations_make_exactly_the_tables_of_the_models(empty: Store) -> None:
    assert empty.revision() == ""
    done = empty.upgrade()
    assert (done.before, done.after, done.backup) == ("", empty.head(), None)
    assert empty.revision() == empty.head()
    assert differences(empty) == []
    empty.check()


def test_upgrading_twice_changes_nothing(empty: Store) -> None:
    empty.upgrade()
    done = empty.upgrade()
    assert (done.before, done.after, done.backup) == (empty.head(), empty.head(), None)
    assert [project.id for project in empty.projects.list()] == [1]


def test_two_upgrades_at_once(empty: Store) -> None:
    errors: list[Exception] = []

    def upgrade() -> None:
        try:
            schema.upgrade(empty._url)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [project.uid for project in empty.projects.list()] == ["default"]


def test_a_populated_store_is_backed_up_and_keeps_everything(empty: Store, later: Any) -> None:
    empty.upgrade()
    saved = empty.project("default").reports.save(
        Report.model_validate({"name": "r", "dashboards": [{"uid": "d"}]}), ""
    )
    later()
    with pytest.raises(StoreError, match=f"has schema {HEAD}, this version needs 9000; run: pressroom db upgrade"):
        empty.check()
    done = empty.upgrade()
    assert (done.before, done.after) == (HEAD, "9000")
    assert empty.project("default").reports.list() == [saved]
    assert [stored.uid for stored in empty.project("default").reports.using("d")] == [saved.uid]
    if empty._url.get_backend_name() == "sqlite":
        assert done.backup is not None
        with closing(sqlite3.connect(done.backup)) as copy:
            assert copy.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,)
            assert copy.execute("SELECT count(*) FROM reports").fetchone() == (1,)


@pytest.mark.parametrize("more", ["1 / 0", 'op.execute("SELECT nonsense FROM nowhere")'])
def test_a_migration_that_fails_leaves_the_store_as_it_was(empty: Store, later: Any, more: str) -> None:
    empty.upgrade()
    later(more)
    with pytest.raises(StoreError if "execute" in more else ZeroDivisionError):
        empty.upgrade()
    assert empty.revision() == HEAD
    with empty._engine.connect() as connection:
        assert "colour" not in [column["name"] for column in sa.inspect(connection).get_columns("projects")]


def test_broken_references_stop_an_upgrade(tmp_path: Path, later: Any) -> None:
    store = Store("sqlite:///s.db", tmp_path)
    store.upgrade()
    store.project("default").reports.save(Report.model_validate({"name": "r", "dashboards": [{"uid": "d"}]}), "ann")
    later('op.execute("DELETE FROM projects")')
    with pytest.raises(StoreError, match="would leave rows of reports without their projects"):
        store.upgrade()
    assert store.revision() == HEAD
    store.close()


def test_a_newer_store_is_refused(empty: Store) -> None:
    empty.upgrade()
    with empty._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for use in (empty.projects.list, empty.upgrade):
        with pytest.raises(StoreError, match="was made by a newer Pressroom"):
            use()
