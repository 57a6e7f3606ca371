"""What the state holds. The same on SQLite and PostgreSQL.

Instants (``…_at``, ``judged_until``) are µs since 1970 UTC: they compare and sort the same on
both. The manifest's tables are the archive's; see ``tocsin.archive.manifest``. A change here
needs a migration; a test compares the two.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

source_object = Table(
    "source_object",
    metadata,
    Column("source", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
)
"""The object ledger: which objects of a source were taken, in which version, and how it went."""

reject = Table(
    "reject",
    metadata,
    Column("source", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("sample", Text, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
)
"""What could not be read, once each, and how often it was tried."""

finding = Table(
    "finding",
    metadata,
    Column("id", Text, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
    Index("finding_at", "at"),
)
"""Findings: what is searched for as columns, all of it as JSON in ``payload``."""

incident = Table(
    "incident",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", BigInteger, nullable=False, unique=True),
    Column("level", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("score", Float, nullable=False),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    Column("payload", Text, nullable=False),
)
"""Incidents: what is searched for as columns, all of it as JSON in ``payload``."""

incident_finding = Table(
    "incident_finding",
    metadata,
    Column("incident", Text, ForeignKey(incident.c.id), primary_key=True),
    Column("finding", Text, ForeignKey(finding.c.id), primary_key=True),
    Index("incident_finding_finding", "finding"),
)
"""Which findings an incident is made of."""

detector_state = Table(
    "detector_state",
    metadata,
    Column("name", Text, primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("saved_at", BigInteger, nullable=False),
)
"""What FOLLOW and grouping remember between two passes."""

position = Table(
    "position",
    metadata,
    Column("name", Text, primary_key=True),
    Column("segment", BigInteger, nullable=False),
    Column("judged_until", BigInteger, nullable=False),
    Column("saved_at", BigInteger, nullable=False),
)
"""How far the archive was judged: segments up to a number, events before an instant."""

fault = Table(
    "fault",
    metadata,
    Column("rule", Text, primary_key=True),
    Column("what", Text, nullable=False),
    Column("first_at", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
)
"""Rules that raised: a broken rule is shown, never counted as "no match"."""
