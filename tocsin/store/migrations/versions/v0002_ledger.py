"""The ledger, its payloads and checkpoints, and where captured evidence lies.

The database refuses to change or remove entries and checkpoints, and changes a payload only to
erase it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SAID = "the ledger is append-only"


def upgrade() -> None:
    """Create the tables and what guards them."""
    op.create_table(
        "ledger",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("principal", sa.Text, nullable=False),
        sa.Column("payload_hash", sa.Text, nullable=False),
        sa.Column("prev_hash", sa.Text, nullable=False),
        sa.Column("entry_hash", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_payload",
        sa.Column(
            "entry",
            sa.BigInteger,
            sa.ForeignKey("ledger.number"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("incident", sa.BigInteger),
        sa.Column("salt", sa.LargeBinary),
        sa.Column("body", sa.Text),
    )
    op.create_index("ledger_payload_incident", "ledger_payload", ["incident"])
    op.create_table(
        "ledger_checkpoint",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "evidence",
        sa.Column("incident", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("captured_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("leaf", sa.Text, nullable=False),
        sa.Column("object_sha256", sa.Text, nullable=False),
        sa.Column("entry", sa.BigInteger, nullable=False),
    )
    op.create_index("evidence_sha256", "evidence", ["sha256"])
    guard = _guard_sqlite if op.get_bind().dialect.name == "sqlite" else _guard_postgresql
    guard("ledger", "UPDATE")
    guard("ledger", "DELETE")
    guard("ledger_checkpoint", "UPDATE")
    guard("ledger_checkpoint", "DELETE")
    guard("ledger_payload", "UPDATE", "NEW.body IS NOT NULL OR NEW.salt IS NOT NULL")
    guard("ledger_payload", "DELETE")


def _guard_sqlite(table: str, deed: str, when: str = "1") -> None:
    op.execute(
        f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
    )


def _guard_postgresql(table: str, deed: str, when: str = "true") -> None:
    op.execute(
        "CREATE OR REPLACE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_SAID}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_{deed.lower()} BEFORE {deed} ON {table} FOR EACH ROW "
        f"WHEN ({when}) EXECUTE FUNCTION ledger_guard()"
    )
