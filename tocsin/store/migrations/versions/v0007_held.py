"""Messages that wait for others: a call goes out once a mail of its notice was accepted."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "outbox_after",
        sa.Column("key", sa.Text, sa.ForeignKey("outbox.key"), primary_key=True),
        sa.Column("after", sa.Text, sa.ForeignKey("outbox.key"), primary_key=True),
    )
