"""Where the ledger lies. Entries and checkpoints are never changed: the database refuses it.

``ledger`` holds what is hashed and nothing else; what may have to be erased lies in
``ledger_payload``. Its ``incident`` is for searching: it stays when the payload is erased.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, MetaData, Table, Text

metadata = MetaData()

ledger = Table(
    "ledger",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("principal", Text, nullable=False),
    Column("payload_hash", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("entry_hash", Text, nullable=False),
)
"""One row per entry."""

payload = Table(
    "ledger_payload",
    metadata,
    Column("entry", BigInteger, ForeignKey(ledger.c.number), primary_key=True, autoincrement=False),
    Column("incident", BigInteger),
    Column("salt", LargeBinary),
    Column("body", Text),
    Index("ledger_payload_incident", "incident"),
)
"""What an entry says: canonical JSON, and the salt its hash was made with. Erased: both null."""

checkpoint = Table(
    "ledger_checkpoint",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("key_id", Text, primary_key=True),
    Column("message", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
"""Signed checkpoints: the signed bytes as they are."""
