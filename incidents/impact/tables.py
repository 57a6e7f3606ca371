"""The impact runs that were made. The store's migrations create the table."""

from sqlalchemy import BigInteger, Column, Index, MetaData, Table, Text

metadata = MetaData()

impact_run = Table(
    "impact_run",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("incident", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("principal", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Index("impact_run_incident", "incident", "number"),
)
"""One row per run: 1, 2, 3 … without gaps; nothing is ever changed in it."""
