"""The case's tables. The store's migrations create them.

Instants are µs since 1970 UTC. The store's own ``incident`` table, which detection writes, gives
each incident its number.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, MetaData, Table, Text

metadata = MetaData()

case_entry = Table(
    "case_entry",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("incident", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("ledger", BigInteger, nullable=False, unique=True),
    Index("case_entry_incident", "incident", "number"),
)
"""What was done and said about incidents: 1, 2, 3 … over all of them; rows are only added."""

case_note = Table(
    "case_note",
    metadata,
    Column("entry", BigInteger, ForeignKey(case_entry.c.number), primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("text", Text, nullable=False),
)
"""The texts of working and privileged notes: erasable, and outside every export."""

original = Table(
    "original",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
)
"""What people sent us, byte for byte, by its SHA-256."""
