"""Room for the tables of the ledger."""

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create nothing yet."""
