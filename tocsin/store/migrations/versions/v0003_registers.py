"""Versions of the registers and of the data map; impact runs."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "register_version",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("principal", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
    )
    op.create_table(
        "register_content",
        sa.Column(
            "version", sa.BigInteger, sa.ForeignKey("register_version.number"), primary_key=True
        ),
        sa.Column("register", sa.Text, primary_key=True),
        sa.Column("entries", sa.Text, nullable=False),
    )
    op.create_table(
        "datamap_version",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("principal", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "impact_run",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("incident", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("principal", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
    )
    op.create_index("impact_run_incident", "impact_run", ["incident", "number"])
