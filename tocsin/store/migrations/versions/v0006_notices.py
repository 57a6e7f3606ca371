"""Notices: renderings, their bytes, manifests, approvals."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "notice_file",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "notice_manifest",
        sa.Column("sha256", sa.Text, primary_key=True),
        sa.Column("incident", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
    )
    op.create_table(
        "notice",
        sa.Column("incident", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("customer", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("render", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("manifest", sa.Text, sa.ForeignKey("notice_manifest.sha256"), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("handed_over_at", sa.BigInteger),
    )
    op.create_table(
        "notice_approval",
        sa.Column("manifest", sa.Text, sa.ForeignKey("notice_manifest.sha256"), primary_key=True),
        sa.Column("principal", sa.Text, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
