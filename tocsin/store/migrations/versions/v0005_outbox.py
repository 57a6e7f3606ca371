"""The outbox: messages, attempts, what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "outbox_content",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("incident", sa.BigInteger),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("queued_at", sa.BigInteger, nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("give_up_at", sa.BigInteger, nullable=False),
        sa.Column("leased_until", sa.BigInteger, nullable=False),
        sa.Column("lease", sa.Text, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_index("outbox_due", "outbox", ["state", "due_at"])
    op.create_index("outbox_incident", "outbox", ["incident"])
    op.create_table(
        "attempt",
        sa.Column("key", sa.Text, sa.ForeignKey("outbox.key"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reference", sa.Text, nullable=False, unique=True),
        sa.Column("worker", sa.Text, nullable=False),
        sa.Column("begun_at", sa.BigInteger, nullable=False),
        sa.Column("content", sa.Text, sa.ForeignKey("outbox_content.sha256")),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("settled_at", sa.BigInteger),
        sa.Column("provider_id", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
    )
    op.create_index("attempt_open", "attempt", ["open"])
    op.create_table(
        "receipt",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("happened_at", sa.BigInteger),
        sa.Column("received_at", sa.BigInteger, nullable=False),
    )
