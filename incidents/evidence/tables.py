"""What was captured for which incident; the bytes lie in the evidence folder by their hash."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text

metadata = MetaData()

evidence = Table(
    "evidence",
    metadata,
    Column("incident", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
    Column("captured_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("sha256", Text),
    Column("size", BigInteger, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("leaf", Text, nullable=False),
    Column("object_sha256", Text, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Index("evidence_sha256", "sha256"),
)
"""One row per event of an incident. ``entry`` is the ledger's that holds the record's leaf."""
