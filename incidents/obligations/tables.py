"""Where obligations stand now. The store's migrations create the table.

``payload`` is what the obligation's last entry says (``case_entry``), kept beside it so that the
clocks can be asked without reading every case. ``reminded_until`` is µs since 1970 UTC, and
``reminded`` the instants and names of all reminders that came out, as JSON: they do not come again
when a correction moves the clock.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, Table, Text

metadata = MetaData()

obligation = Table(
    "obligation",
    metadata,
    Column("incident", BigInteger, primary_key=True, autoincrement=False),
    Column("clause", Text, primary_key=True),
    Column("customer", Text, primary_key=True),
    Column("is_open", Boolean, nullable=False),
    Column("reminded_until", BigInteger, nullable=False),
    Column("reminded", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Index("obligation_is_open", "is_open"),
)
"""One row per obligation: incident, clause, and to whom."""

followed = Table(
    "obligation_followed",
    metadata,
    Column("incident", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", BigInteger, nullable=False),
)
"""Up to which entry of its case an incident's obligations are in line with it."""
