"""The case: what was decided and said about incidents, and what is owed to whom by when."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "case_entry",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("incident", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("principal", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("ledger", sa.BigInteger, nullable=False, unique=True),
    )
    op.create_index("case_entry_incident", "case_entry", ["incident", "number"])
    op.create_table(
        "case_note",
        sa.Column("entry", sa.BigInteger, sa.ForeignKey("case_entry.number"), primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "original",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("taken_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "obligation",
        sa.Column("incident", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("clause", sa.Text, primary_key=True),
        sa.Column("customer", sa.Text, primary_key=True),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("reminded_until", sa.BigInteger, nullable=False),
        sa.Column("reminded", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
    )
    op.create_index("obligation_is_open", "obligation", ["is_open"])
    op.create_table(
        "obligation_followed",
        sa.Column("incident", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
    )
