"""The registers' versions. The store's migrations create the tables."""

from sqlalchemy import BigInteger, Column, ForeignKey, MetaData, Table, Text

metadata = MetaData()

register_version = Table(
    "register_version",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("principal", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("sha256", Text, nullable=False),
)
"""One row per import: 1, 2, 3 … without gaps."""

register_content = Table(
    "register_content",
    metadata,
    Column("version", BigInteger, ForeignKey("register_version.number"), primary_key=True),
    Column("register", Text, primary_key=True),
    Column("entries", Text, nullable=False),
)
"""The registers an import replaced, whole, as JSON; others go on as they were."""
