"""Room for the tables of the case."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create nothing yet."""
