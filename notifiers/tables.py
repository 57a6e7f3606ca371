"""The tables of the outbox. The store's migrations create them.

Instants are µs since 1970 UTC.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

content = Table(
    "outbox_content",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)
"""Attachments, and what was handed over: each once, by its hash."""

outbox = Table(
    "outbox",
    metadata,
    Column("key", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("incident", BigInteger),
    Column("customer", Text, nullable=False),
    # As JSON; attachments are named by their hash.
    Column("message", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("queued_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("give_up_at", BigInteger, nullable=False),
    Column("leased_until", BigInteger, nullable=False),
    Column("lease", Text, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Index("outbox_due", "state", "due_at"),
    Index("outbox_incident", "incident"),
)
"""One row per message."""

after = Table(
    "outbox_after",
    metadata,
    Column("key", Text, ForeignKey("outbox.key"), primary_key=True),
    Column("after", Text, ForeignKey("outbox.key"), primary_key=True),
)
"""What a message waits for: one of these has to be accepted before it leaves."""

attempt = Table(
    "attempt",
    metadata,
    Column("key", Text, ForeignKey("outbox.key"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("reference", Text, nullable=False, unique=True),
    Column("worker", Text, nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("content", Text, ForeignKey("outbox_content.sha256")),
    Column("outcome", Text, nullable=False),
    Column("settled_at", BigInteger),
    Column("provider_id", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Index("attempt_open", "open"),
)
"""One row per try, committed before the call leaves."""

receipt = Table(
    "receipt",
    metadata,
    Column("key", Text, primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    # Of what it is taken from: the same report twice is one.
    Column("sha256", Text, primary_key=True),
    Column("detail", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("happened_at", BigInteger),
    Column("received_at", BigInteger, nullable=False),
)
"""What became of an accepted attempt."""
