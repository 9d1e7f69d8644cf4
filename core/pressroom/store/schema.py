"""The schema's version: which one the store has, which one this version needs, and the way between."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from pressroom.errors import StoreError
from pressroom.store.engine import UPGRADE, make_engine, show, store_errors

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x50726573
"""Key of the advisory lock that lets one process at a time migrate on PostgreSQL."""


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade did.

    Attributes:
        before: the revision found; empty for a new store.
        after: the revision now.
        backup: copy of the SQLite file from before; None where there was nothing to keep.
    """

    before: str
    after: str
    backup: Path | None = None


def head() -> str:
    """The revision that this version needs."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9][0-9][0-9][0-9]_*.py"))


def revision(engine: sa.Engine) -> str:
    """The store's revision; empty where it has none yet.

    Raises:
        StoreError: it cannot be opened.
    """
    if _missing(engine.url):
        return ""
    with store_errors(engine.url), engine.execution_options(pressroom_begin="BEGIN").connect() as connection:
        return _revision(connection)


def check(engine: sa.Engine) -> None:
    """See that the store is there and has the schema that this version needs.

    Raises:
        StoreError: it cannot be opened, is older (says what to run) or newer.
    """
    found, needed = revision(engine), head()
    if found == needed:
        return
    where = show(engine.url)
    if not found:
        raise StoreError(f"there is no store at {where} yet; {UPGRADE}")
    if found > needed:
        raise StoreError(
            f"the store {where} was made by a newer Pressroom (schema {found}, this one knows {needed}); "
            "install that version, or restore a backup"
        )
    raise StoreError(f"the store {where} has schema {found}, this version needs {needed}; {UPGRADE}")


def make_at(url: sa.URL, wanted: str) -> None:
    """Make a new SQLite store with the schema of an earlier revision, as a backup of that time needs."""
    engine = make_engine(url, foreign_keys=False)
    try:
        with store_errors(url), engine.connect() as connection, connection.begin():
            _migrate(connection, wanted)
    finally:
        engine.dispose()


def upgrade(url: sa.URL) -> Upgrade:
    """Bring a store to `head`, from nothing or from any earlier revision; two at once are fine.

    Raises:
        StoreError: it cannot be opened or is newer. A migration that fails leaves the store as it was
            (PostgreSQL: as it was before that migration).
    """
    sqlite = url.get_backend_name() == "sqlite"
    engine = make_engine(url, foreign_keys=False)
    try:
        with store_errors(url), engine.connect() as connection:
            return _upgrade_sqlite(connection) if sqlite else _upgrade_postgres(connection)
    finally:
        engine.dispose()


def _upgrade_sqlite(connection: sa.Connection) -> Upgrade:
    # The transaction is IMMEDIATE: whoever comes second waits here and then finds nothing to do.
    with connection.begin():
        before, backup = _revision(connection), None
        if _wanted(connection, before):
            if before:
                backup = _back_up(Path(str(connection.engine.url.database)), before)
            _migrate(connection)
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken is not None:
                raise StoreError(f"the upgrade would leave rows of {broken[0]} without their {broken[2]}; undone")
    return Upgrade(before, head(), backup)


def _upgrade_postgres(connection: sa.Connection) -> Upgrade:
    connection.execute(sa.select(sa.func.pg_advisory_lock(_LOCK)))
    connection.commit()
    try:
        before = _revision(connection)
        connection.commit()
        if _wanted(connection, before):
            _migrate(connection)
            connection.commit()
    finally:
        connection.rollback()
        connection.execute(sa.select(sa.func.pg_advisory_unlock(_LOCK)))
        connection.commit()
    return Upgrade(before, head())


def _wanted(connection: sa.Connection, before: str) -> bool:
    if before > head():
        raise StoreError(
            f"the store {show(connection.engine.url)} was made by a newer Pressroom (schema {before}, this one "
            f"knows {head()}); install that version"
        )
    return before != head()


def _migrate(connection: sa.Connection, target: str = "head") -> None:
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, target)


def _revision(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or "")


def _missing(url: sa.URL) -> bool:
    return url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists()


def _back_up(path: Path, before: str) -> Path:
    target = next(
        name
        for number in range(1, 10_000)
        if not (name := path.with_name(f"{path.name}.{before}{f'-{number}' if number > 1 else ''}.bak")).exists()
    )
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target
