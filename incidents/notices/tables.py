"""What is kept of notices: every rendering, its bytes, manifests, approvals.

Instants are µs since 1970 UTC. Nothing here is changed but ``handed_over_at``.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

metadata = MetaData()

notice_file = Table(
    "notice_file",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
"""Bytes by their SHA-256: what is approved is what is sent."""

manifest = Table(
    "notice_manifest",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("incident", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("made_by", Text, nullable=False),
)
"""Canonical JSON of the notices of one preview; its SHA-256 is what is approved."""

notice = Table(
    "notice",
    metadata,
    Column("incident", BigInteger, primary_key=True, autoincrement=False),
    Column("customer", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("render", Integer, primary_key=True, autoincrement=False),
    Column("manifest", Text, ForeignKey("notice_manifest.sha256"), nullable=False),
    Column("facts", Text, nullable=False),
    Column("handed_over_at", BigInteger),
)
"""One rendering of one notice; the one with the highest number counts."""

approval = Table(
    "notice_approval",
    metadata,
    Column("manifest", Text, ForeignKey("notice_manifest.sha256"), primary_key=True),
    Column("principal", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
"""A person's yes to a manifest."""
