"""The data map's versions. The store's migrations create the table."""

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

metadata = MetaData()

datamap_version = Table(
    "datamap_version",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("principal", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""One row per version: 1, 2, 3 … without gaps, with the file's text."""
