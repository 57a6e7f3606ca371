"""Room for the tables of the registers."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create nothing yet."""
