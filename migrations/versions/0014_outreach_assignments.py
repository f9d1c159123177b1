"""Who asks after a patient who stays away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from clinic.data.building import append_only

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outreach_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("assigned_to", sa.Uuid(), nullable=True),
        sa.Column("assigned_to_name", sa.String(length=200), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("number >= 1", name=op.f("ck_outreach_assignment_number")),
        sa.ForeignKeyConstraint(
            ["assigned_to"], ["user_account.id"], name=op.f("fk_outreach_assignment_assigned_to")
        ),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_outreach_assignment_patient_id")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["user_account.id"], name=op.f("fk_outreach_assignment_recorded_by")
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["site.id"], name=op.f("fk_outreach_assignment_site_id")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"], ["outreach_task.id"], name=op.f("fk_outreach_assignment_task_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outreach_assignment")),
        sa.UniqueConstraint("site_id", "task_id", "number", name="uq_outreach_assignment"),
    )
    op.create_index(
        "ix_outreach_assignment_patient",
        "outreach_assignment",
        ["site_id", "patient_id", "recorded_at"],
        unique=False,
    )
    append_only("outreach_assignment")


def downgrade() -> None:
    op.drop_table("outreach_assignment")
