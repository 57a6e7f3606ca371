"""The rows that make files exist. The store's migrations create the tables.

Instants are µs since 1970 UTC. Paths are relative to the folder, so that it can be moved.
"""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, MetaData, Table, Text

metadata = MetaData()

segment = Table(
    "segment",
    metadata,
    # An Integer on SQLite, because only that grows by itself there. A number is never used
    # twice, also when the newest segments are gone: positions count on it.
    Column(
        "number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    Column("source", Text, nullable=False),
    Column("path", Text, nullable=False, unique=True),
    Column("day", Date, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Index("segment_last_at", "last_at", "first_at"),
    sqlite_autoincrement=True,
)
"""The manifest: one row per segment file."""

id_hour = Table(
    "id_hour",
    metadata,
    Column("hour", Integer, primary_key=True, autoincrement=False),
    Column("path", Text, nullable=False, unique=True),
    Column("rows", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
)
"""One row per event hour (hours since 1970 UTC) that has ids: the file that holds them."""
