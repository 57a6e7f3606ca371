"""The database: opened, brought to this version's schema, and its transactions.

SQLite in a file (WAL, ``synchronous=FULL``) or PostgreSQL. On both there is one writer at a time
and readers do not wait: on SQLite by ``BEGIN IMMEDIATE``, on PostgreSQL by an advisory lock. So
two writers cannot block each other for ever, and numbers that are counted up in a transaction
appear in the order of commits.

Source: SQLite, "Write-Ahead Logging", "PRAGMA synchronous"; SQLAlchemy 2 documentation, SQLite
dialect, "Enabling Non-Legacy SQLite Transactional Modes"; PostgreSQL, "Advisory Locks".
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from tocsin.errors import ConfigError
from tocsin.paths import make_private

HEAD = "0007"
"""The newest version of the schema; see ``tocsin.store.migrations``."""

WAIT_S = 60
"""How long a writer waits for the writer before it."""

_LOCK = 0x746F6373  # "tocs": the number of our advisory lock on PostgreSQL
_BEGIN = "tocsin_begin"


class Store:
    """The state of one installation. Threads may share it; processes open their own."""

    def __init__(self, where: str | Path) -> None:
        """Open the database and bring its schema to this version.

        Args:
            where: Path of a SQLite file, made if it is not there, or the URL of a database.

        Raises:
            ConfigError: It cannot be opened, is no database of ours, or was written by a newer
                version. Nothing in it was changed.
        """
        url = _url_of(where)
        self.name = url.render_as_string(hide_password=True)
        self.is_file = url.get_backend_name() == "sqlite"
        if self.is_file:
            self.name = str(url.database)
            _check_file(Path(self.name))
        self._engine = _engine(url)
        try:
            self._open()
        except SQLAlchemyError as error:
            self.close()
            cause = error.orig if isinstance(error, DBAPIError) else error
            if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_NOTADB:
                raise ConfigError(
                    f"{self.name}: this file is not a database of Tocsin's",
                    hint="Name another path in `[store]`, or move the file away.",
                ) from error
            raise ConfigError(
                f"{self.name}: the database cannot be opened: {cause}",
                hint="Check `[store]`: the path or URL, and who may read and write there.",
            ) from error
        except ConfigError:
            self.close()
            raise

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Yield a transaction that may write; there is one at a time.

        It is committed when the block ends, and rolled back when it raises.
        """
        options = {_BEGIN: "BEGIN IMMEDIATE"} if self.is_file else {}
        with self._engine.execution_options(**options).begin() as db:
            if not self.is_file:
                db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            yield db

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a view of the state as it was at the first question; writers do not disturb it."""
        snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self._engine.execution_options(**({} if self.is_file else snapshot)).begin() as db:
            yield db

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def _open(self) -> None:
        with self.read() as db:
            if self._version(db) == HEAD:
                return
        if self.is_file:
            with closing(self._engine.raw_connection()) as raw:
                # Of the file, not of the connection: it stays.
                (mode,) = raw.cursor().execute("PRAGMA journal_mode=WAL").fetchone()
            if mode != "wal":
                raise ConfigError(
                    f"{self.name}: the file system cannot keep a write-ahead log (got {mode})",
                    hint="Put `[store]` on a local disk.",
                )
        with self.begin() as db:
            # Another process may have been quicker.
            if self._version(db) != HEAD:
                _migrate(db)

    def _version(self, db: Connection) -> str:
        """Return the version of the schema; "" for an empty database.

        Raises:
            ConfigError: It is newer than this program, or none of ours.
        """
        tables = inspect(db).get_table_names()
        if not tables:
            return ""
        if "alembic_version" not in tables or "source_object" not in tables:
            raise ConfigError(
                f"{self.name}: this database holds something else (table {tables[0]})",
                hint="Name an empty database or a new file in `[store]`.",
            )
        version = str(db.scalar(text("SELECT version_num FROM alembic_version")))
        if version > HEAD:
            raise ConfigError(
                f"{self.name}: written by a newer version of Tocsin "
                f"(schema {version}, this one knows {HEAD})",
                hint="Install that version again, or restore a backup made with this one.",
            )
        return version


def _url_of(where: str | Path) -> URL:
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(where))
    try:
        url = make_url(where)
        backend = url.get_backend_name()
    except SQLAlchemyError as error:
        raise ConfigError(
            "the database's URL cannot be read",
            hint="Write `[store]` as a path or as postgresql+psycopg://user@host/name.",
        ) from error
    if backend not in ("sqlite", "postgresql") or (backend == "sqlite" and not url.database):
        raise ConfigError(
            f"no database of the kind {url.drivername}",
            hint="Write `[store]` as a path or as postgresql+psycopg://user@host/name.",
        )
    return url


def _check_file(path: Path) -> None:
    """Say early what SQLite would say less clearly.

    Without opening the file: closing it again would take the locks of every connection this
    process has to it, and another process would then remove the log this one writes to.
    Source: SQLite, "How To Corrupt An SQLite Database File", 2.2.
    """
    try:
        make_private(path.parent)
        if not path.exists():
            return
        why = "it is no file" if not path.is_file() else ""
        why = why or ("Permission denied" if not os.access(path, os.R_OK | os.W_OK) else "")
    except OSError as error:
        why = error.strerror or str(error)
    if why:
        raise ConfigError(
            f"{path}: the database cannot be opened: {why}",
            hint="Check the path in `[store]` and who may read and write there.",
        )


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        try:
            return create_engine(url)
        except (ModuleNotFoundError, NoSuchModuleError) as error:
            raise ConfigError(
                f"the driver of {url.drivername} is not installed",
                hint="Install it, e.g. `pip install psycopg`.",
            ) from error
    engine = create_engine(url, connect_args={"timeout": WAIT_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(db: Connection) -> None:
        db.exec_driver_sql(db.get_execution_options().get(_BEGIN, "BEGIN"))

    return engine


def _migrate(db: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - slow to load, and hardly ever needed
    from alembic.config import Config  # noqa: PLC0415 - the same

    config = Config()
    config.set_main_option("script_location", "tocsin.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = db
    command.upgrade(config, HEAD)
