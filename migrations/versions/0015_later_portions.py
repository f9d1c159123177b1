"""A schedule may send the later portions of a split dose home."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "take_home_schedule",
        sa.Column("later_portions_home", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("take_home_schedule", "later_portions_home")
